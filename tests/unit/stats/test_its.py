"""Fits: published and independently computed figures, and what must hold for any series."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.stats.estimate import Promise, Ratio, measure
from chalicelib.stats.glm import poisson
from chalicelib.stats.its import LEVEL, Model, Series, design
from chalicelib.stats.robust import generalised, lag_one, newey_west, whiten

SICILY = Path(__file__).resolve().parents[4] / "shared" / "data" / "sicily.csv"
COUNTS = [52, 61, 47, 58, 66, 55, 49, 63, 57, 60, 51, 64, 59, 68, 41, 38, 50, 36, 44, 47, 33, 45, 40, 49]
CUSTOMERS = [980, 1010, 995, 1005, 1040, 1000, 970, 1020, 1015, 1030, 990, 1025, 1035, 1060, 1045, 1050, 1080,
             1030, 1065, 1090, 1020, 1075, 1055, 1100]  # fmt: skip


def authored(**more: object) -> Series:
    """24 made-up periods, the last ten after the start, four seasons."""
    time = np.arange(1.0, 25)
    parts = {"time": time, "count": np.array(COUNTS, float), "exposure": np.array(CUSTOMERS, float),
             "after": (time > 14).astype(float), "season": (time - 1) % 4 + 1}  # fmt: skip
    return Series(**{**parts, **more})  # type: ignore[arg-type]


def sicily() -> Series:
    """The monthly table of the smoking ban."""
    if not SICILY.is_file():
        pytest.skip(f"no {SICILY.name} here")  # others' data, not ours to hand on
    with SICILY.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    return Series(*map(column, ("time", "aces", "stdpop", "smokban", "month")))


def figures(series: Series, model: Model, family: str, robust: str = "none"):
    promise = Promise(model=model, family=family, robust=robust)  # type: ignore[arg-type]
    return measure(design(series, model), promise)


def rounded(ratio: Ratio | None) -> list[float]:
    assert ratio
    return [round(end, 6) for end in (ratio.value, ratio.low, ratio.high)]


@pytest.mark.parametrize(
    ("model", "family", "ratio", "dispersion"),
    [
        (Model(), "poisson", [0.894377, 0.864686, 0.925086], 3.559187),
        (Model(), "quasipoisson", [0.894377, 0.839189, 0.953193], 3.559187),
        (Model(harmonics=2), "quasipoisson", [0.885072, 0.839401, 0.933227], 2.262183),
    ],
)
def test_the_smoking_ban(model, family, ratio, dispersion):
    found = figures(sicily(), model, family)
    assert rounded(found.level) == ratio
    assert round(float(found.fit.dispersion), 6) == dispersion
    assert found.mean_effect == found.level


def test_the_smoking_ban_with_a_change_of_slope():
    found = figures(sicily(), Model(harmonics=2, slope_change=True), "quasipoisson")
    assert rounded(found.level)[0] == 0.876464
    assert rounded(found.slope)[0] == 1.001483
    level, slope = found.level.value, found.slope.value
    assert found.mean_effect.value == pytest.approx(level * slope**12)  # (1 + … + 23) / 23


# Of the authored series, by statsmodels 0.14: GLM(family=Poisson(), offset=log(exposure)).fit(), scale="X2" for the
# dispersion, cov_type="HAC" with maxlags=2 and use_correction=False for Newey-West.
@pytest.mark.parametrize(
    ("model", "ratio", "own", "quasi", "robust", "dispersion"),
    [
        (Model(), 0.64313789, (0.51843229, 0.79784063), (0.55388404, 0.74677426), (0.59216899, 0.69849377), 0.48042804),
        (Model(1), 0.64587911, (0.52014798, 0.80200221), (0.55662306, 0.74944762), (0.59721534, 0.69850823), 0.47190086),
        (
            Model(slope_change=True),
            0.64768822, (0.50754869, 0.82652174), (0.54476112, 0.77006234), (0.59395670, 0.70628049), 0.50382123,
        ),
    ],
)  # fmt: skip
def test_the_authored_series(model, ratio, own, quasi, robust, dispersion):
    series = authored()
    for family, ends in (("poisson", own), ("quasipoisson", quasi)):
        assert figures(series, model, family).level == pytest.approx(Ratio(ratio, *ends), abs=1e-8)
    found = figures(series, model, "quasipoisson")
    assert found.fit.dispersion == pytest.approx(dispersion, abs=1e-8)
    covariance = newey_west(found.plan.matrix, found.fit, 2)
    assert found.by_error(found.plan.pick(LEVEL), covariance) == pytest.approx(
        Ratio(ratio, *robust), abs=1e-8
    )


def test_its_slope():
    found = figures(authored(), Model(slope_change=True), "poisson")
    assert found.slope.value == pytest.approx(0.99771238, abs=1e-8)
    assert np.exp(found.fit.coefficients[1]) == pytest.approx(1.00732404, abs=1e-8)


def test_the_score_of_a_fit_is_zero():
    """At the maximum of the likelihood fitted and counted agree in every column (McCullagh & Nelder, 2.5)."""
    plan = design(authored(), Model(harmonics=1, slope_change=True))
    fit = poisson(plan.matrix, plan.series.count, plan.series.exposure)
    assert plan.matrix.T @ (plan.series.count - fit.mean) == pytest.approx(
        np.zeros(plan.matrix.shape[1]), abs=1e-8
    )


def test_many_series_at_once_are_fitted_as_one_by_one():
    plan, rng = design(authored(), Model(harmonics=1)), np.random.default_rng(1)
    counts = rng.poisson(50, (5, 24)).astype(float)
    together = poisson(plan.matrix, counts, plan.series.exposure)
    ends = whiten(plan.matrix, together, plan.series.time).effect(plan.contrast()).interval()
    for at, one in enumerate(counts):
        alone = poisson(plan.matrix, one, plan.series.exposure)
        assert together.coefficients[at] == pytest.approx(alone.coefficients)
        own = whiten(plan.matrix, alone, plan.series.time).effect(plan.contrast()).interval()
        assert [end[at] for end in ends] == pytest.approx(list(own))


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e4), st.integers(-500, 500))
def test_the_unit_of_the_exposure_and_the_origin_of_time_do_not_matter(unit, later):
    series = authored()
    moved = authored(time=series.time + later, exposure=series.exposure * unit)
    for model in (Model(), Model(harmonics=1, slope_change=True)):
        ours, theirs = (figures(one, model, "quasipoisson", "newey-west") for one in (series, moved))
        assert theirs.mean_effect == pytest.approx(ours.mean_effect, rel=1e-6)
        assert theirs.fit.dispersion == pytest.approx(ours.fit.dispersion, rel=1e-6)


def test_the_wash_in_is_left_out_and_time_goes_on():
    plan = design(authored(), Model(wash_in=3, slope_change=True))
    assert len(plan.series.time) == 21
    assert plan.matrix[14:, plan.names.index("slope_change")].tolist() == list(range(4, 11))
    spoilt = authored(count=np.array([*COUNTS[:14], 500, 500, 500, *COUNTS[17:]], float))
    model = Model(wash_in=3)
    assert figures(spoilt, model, "poisson").level == figures(authored(), model, "poisson").level


def test_a_control_takes_out_what_both_share():
    rng = np.random.default_rng(3)
    time = np.arange(1.0, 53)
    storm = np.exp(0.4 * rng.standard_normal(52) + 0.5 * (time > 26))
    parts = {
        "time": time,
        "exposure": np.full(52, 1000.0),
        "after": (time > 26).astype(float),
        "season": None,
    }
    count, control = rng.poisson(100 * storm).astype(float), rng.poisson(400 * storm).astype(float)
    alone = figures(authored(**parts, count=count), Model(), "quasipoisson", "newey-west").level
    beside = figures(
        authored(**parts, count=count, control=control), Model(), "quasipoisson", "newey-west"
    ).level
    assert alone.high / alone.low > 2 * beside.high / beside.low
    assert beside.low < 1 < beside.high


def test_prewhitening_by_hand():
    """At r = 0 a generalised step from the maximum does not move; the mixture's weights sum to 1."""
    plan = design(authored(), Model())
    fit = poisson(plan.matrix, plan.series.count, plan.series.exposure)
    white = whiten(plan.matrix, fit, plan.series.time)
    assert white.weight.sum() == pytest.approx(1)
    assert white.coefficients[5] == pytest.approx(fit.coefficients, abs=1e-9)  # GRID[5] is 0
    assert white.covariance[5] == pytest.approx(fit.covariance)  # a dispersion of 0.48 is taken as 1
    certain = white._replace(
        weight=np.eye(len(white.weight))[5]
    )  # all weight on r = 0: Student t, 21 degrees
    half = certain.effect(plan.contrast()).quantile(0.975) - fit.coefficients[2]
    assert half == pytest.approx(2.0796138 * fit.covariance[2, 2] ** 0.5)


@pytest.mark.parametrize("r", [0.0, 0.5, -0.4])
def test_a_step_at_one_autocorrelation_is_generalised_least_squares(r):
    """b + (A'R^-1 A)^-1 A'R^-1 e with A = W^1/2 X, e the Pearson residuals and R the AR(1) matrix, gaps and all."""
    series = authored().at(np.arange(24) % 7 != 5)
    plan = design(series, Model(harmonics=1))
    fit = poisson(plan.matrix, series.count, series.exposure)
    _, moved, inverse, dispersion = generalised(
        np.sqrt(fit.mean)[:, None] * plan.matrix, fit, np.diff(series.time), r
    )
    inside = np.linalg.inv(r ** np.abs(np.subtract.outer(series.time, series.time)))
    weighted = np.sqrt(fit.mean)[:, None] * plan.matrix
    by_hand = np.linalg.inv(weighted.T @ inside @ weighted)
    step = by_hand @ weighted.T @ inside @ fit.residuals
    rest = fit.residuals - weighted @ step
    assert inverse == pytest.approx(by_hand)
    assert moved == pytest.approx(step, abs=1e-9)
    assert dispersion == pytest.approx(rest @ inside @ rest / fit.freedom)


def test_autocorrelation_is_of_neighbours():
    residuals = np.array([1.0, 1.0, -1.0, -1.0])
    assert lag_one(residuals, np.arange(4.0)) == pytest.approx(0.25)
    assert lag_one(residuals, np.array([0.0, 1.0, 5.0, 6.0])) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"exposure": np.zeros(24)}, "denominator"),
        ({"count": np.full(24, -1.0)}, "negative"),
        ({"time": np.arange(24.0)[::-1]}, "rise"),
        ({"after": np.arange(24.0) % 2}, "stay"),
        ({"season": np.ones(3)}, "one length"),
    ],
)
def test_a_series_that_is_none(more, why):
    with pytest.raises(ValueError, match=why):
        authored(**more)


def test_columns_that_cannot_be_told_apart():
    series = authored(others={"P-2": authored().after})
    with pytest.raises(ValueError, match="differ"):
        measure(design(series, Model()), Promise())
