"""Alarms: honest p-values on made-up weeks, a rise found, and what is no evidence left out of account."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from chalicelib.stats.alarms import WINDOWS, Alarm, Watched, alarms, combine, judge, tail
from chalicelib.stats.dispersion import MOST_PRIOR, dispersion
from chalicelib.stats.expectation import SEASON_AFTER, expectation

WEEKS = 20


def made(seed: int, causes: int = 50, weeks: int = WEEKS, extra: float = 0.05, lag: float = 0.0):
    """Counts of quiet causes around 5 to 500 a week."""
    rng = np.random.default_rng(seed)
    means = np.exp(rng.uniform(np.log(5), np.log(500), (causes, 1)))
    noise = rng.standard_normal((causes, weeks))
    for week in range(1, weeks):
        noise[:, week] = lag * noise[:, week - 1] + math.sqrt(1 - lag**2) * noise[:, week]
    return rng.poisson(means * np.exp(extra * noise - extra**2 / 2)).astype(float)


def watched(counts, **more) -> list[Watched]:
    return [Watched(f"c{i}", row.tolist(), **more) for i, row in enumerate(counts)]


def judged(counts, reference="quiet"):
    return judge(counts, np.ones_like(counts), np.ones_like(counts, bool), reference=reference)


@pytest.mark.parametrize(("weeks", "lag"), [(13, 0.0), (20, 0.3), (80, 0.3)])
def test_p_values_are_what_they_say(weeks: int, lag: float) -> None:
    p = np.concatenate([judged(made(seed, weeks=weeks, lag=lag)).p for seed in range(40)])
    for level in (0.2, 0.05, 0.01):
        error = math.sqrt(level / p.size)
        assert level - 4 * error < (p < level).mean() < 1.2 * level + 4 * error


def test_a_lasting_rise_of_a_third_is_found_in_three_weeks() -> None:
    found = 0
    for seed in range(20):
        counts = made(seed, extra=0.03)
        counts[7] = np.random.default_rng(seed).poisson([150.0] * 17 + [200.0] * 3)
        one = alarms(watched(counts))[7]
        found += one.state == "alarm"
        assert one.ratio is not None
        assert 1.1 < one.ratio < 1.6
    assert found >= 18


def test_a_jump_of_one_week_is_found_at_once() -> None:
    counts = made(1)
    counts[3, -1] = 2.5 * counts[3, :12].mean() + 10
    assert [a.name for a in alarms(watched(counts)) if a.state == "alarm"] == ["c3"]


def test_a_fall_is_no_alarm() -> None:
    counts = made(2)
    counts[:5, -3:] *= 0.2
    assert all(a.state == "quiet" for a in alarms(watched(counts))[:5])


def test_more_exposure_explains_more_contacts() -> None:
    counts, exposures = made(3), np.full(WEEKS, 1000.0)
    counts[:, -3:] = np.round(counts[:, -3:] * 1.5)
    exposures[-3:] = 1500
    assert sum(a.state == "alarm" for a in alarms(watched(counts))) > 30
    assert not any(a.state == "alarm" for a in alarms(watched(counts, exposures=exposures.tolist())))


def test_the_order_of_the_series_does_not_matter() -> None:
    counts = made(4)
    counts[8, -3:] *= 2
    there = {a.name: a for a in alarms(watched(counts))}
    back = {a.name: a for a in alarms(watched(counts)[::-1])}
    for name, one in there.items():
        assert (one.state, one.p) == (back[name].state, pytest.approx(back[name].p))


def test_a_bigger_unit_of_exposure_changes_nothing() -> None:
    counts = made(5, causes=10)
    small, large = (alarms(watched(counts, exposures=[x] * WEEKS)) for x in (1.0, 1e4))
    assert [a.p for a in small] == pytest.approx([a.p for a in large], rel=1e-6)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"start": 9}, "trial"),
        ({"counts": [*[5.0] * 19, None]}, "no_data"),
        ({"exposures": [*[5.0] * 19, 0.0]}, "no_data"),
        ({"counts": [*[None] * 8, *[5.0] * 12]}, "trial"),
        ({"counts": [*[None] * 7, *[5.0] * 13]}, "quiet"),
        ({"counts": [0.0] * 20}, "quiet"),
    ],
)
def test_what_cannot_be_judged_says_so(change, state: str) -> None:
    series = watched(made(6))
    series[0] = replace(series[0], **change)
    first, *rest = alarms(series)
    assert first.state == state
    assert (first.p is None) == (state in ("trial", "no_data"))
    assert all(isinstance(a, Alarm) and a.p is not None and 0 < a.p <= 1 for a in rest)


def test_weeks_under_an_alarm_are_no_reference() -> None:
    counts = np.full((1, 30), 100.0)
    counts[0, 15:] = 150
    ratio = alarms([Watched("c", counts[0].tolist())])[0].ratio
    kept = alarms([Watched("c", counts[0].tolist(), left_out=frozenset(range(15, 30)))])[0].ratio
    assert ratio is not None
    assert ratio < 1.3
    assert kept == pytest.approx(1.5)


def test_a_new_segment_forgets_the_weeks_before() -> None:
    counts = [30.0] * 10 + [100.0] * 15
    before = alarms([Watched("c", counts)])[0].ratio
    assert before is not None
    assert before > 1.2
    after = alarms([Watched("c", counts, start=10)])[0]
    assert (after.state, after.ratio) == ("quiet", pytest.approx(1))


def test_the_first_weeks_after_the_baseline_do_not_reach_into_it() -> None:
    (one,) = alarms([Watched("c", [20.0] * 12 + [30.0])])
    assert {w.observed for w in one.windows} == {30}
    assert [w.weeks for w in one.windows] == list(WINDOWS)
    assert one.windows[0].expected == pytest.approx(20)


def test_few_series_are_judged_as_strictly_as_many() -> None:
    counts = made(11)
    counts[0, -1] = counts[0, :12].mean() + 2.2 * math.sqrt(counts[0, :12].var(ddof=1))
    (alone,) = alarms(watched(counts[:1]))
    assert alone.p is not None
    assert alone.q_value == pytest.approx(min(1.0, 50 * alone.p))


def test_nothing_watched_and_uneven_series() -> None:
    assert alarms([]) == ()
    with pytest.raises(ValueError, match="same weeks"):
        alarms([Watched("a", [1.0]), Watched("b", [1.0, 2.0])])


def test_the_tail_is_the_poisson_mid_p_where_nothing_else_varies() -> None:
    observed, mean = np.array([0.0, 3.0, 12.0, 130.0]), np.array([2.0, 2.0, 5.0, 100.0])
    p = tail(observed, mean, mean, np.full(4, 1e7))
    expected = stats.poisson.sf(observed, mean) + stats.poisson.pmf(observed, mean) / 2
    assert p == pytest.approx(expected, rel=1e-3)


def test_cauchy_of_equal_p_values_is_that_p_value() -> None:
    weights = np.array([0.2, 0.3, 0.5])
    p = np.array([[0.03] * 3, [1e-9] * 3, [0.8] * 3])
    assert combine(p, weights) == pytest.approx([0.03, 1e-9, 0.8])
    assert combine(np.array([[1e-6, 0.5, 0.5]]), weights) == pytest.approx([5e-6], rel=1e-3)


def test_the_shared_dispersion_is_found() -> None:
    counts = made(8, causes=200, weeks=40, extra=0.08, lag=0.4)
    found = dispersion(counts, expectation(counts, np.ones_like(counts), np.ones_like(counts, bool)))
    assert found.extra == pytest.approx(0.08**2, rel=0.15)
    assert found.lag == pytest.approx(0.4, abs=0.1)
    assert found.scale.mean() == pytest.approx(1, abs=0.05)
    quiet = made(9, extra=0.0)
    none = dispersion(quiet, expectation(quiet, np.ones_like(quiet), np.ones_like(quiet, bool)))
    assert none.extra < 0.03**2
    assert none.degrees.max() <= MOST_PRIOR + WEEKS


def test_one_wild_series_widens_its_own_scale_most() -> None:
    counts = made(10)
    counts[0] = np.random.default_rng(1).poisson(
        200 * np.exp(0.5 * np.random.default_rng(2).standard_normal(WEEKS))
    )
    found = dispersion(counts, expectation(counts, np.ones_like(counts), np.ones_like(counts, bool)))
    assert found.scale[0] > 3 * np.median(found.scale)


def test_a_season_is_learnt_after_a_year() -> None:
    weeks = np.arange(104)
    wave = 200 * np.exp(0.3 * np.sin(2 * np.pi * weeks * 7 / 365.2425))
    counts, ones = np.stack([wave, wave]), np.ones((2, 104))
    reference = np.stack([weeks < 90, weeks < SEASON_AFTER - 1])
    found = expectation(counts, ones, reference)
    assert found.mean[0, 90:] == pytest.approx(wave[90:], rel=1e-4)
    assert np.ptp(found.mean[1]) == 0
    assert found.parameters.tolist() == [3, 1]
    window = np.broadcast_to(weeks >= 101, (2, 104))
    assert found.uncertainty(window)[1] == pytest.approx((3 * 200) ** 2 / wave[:51].sum(), rel=0.2)
