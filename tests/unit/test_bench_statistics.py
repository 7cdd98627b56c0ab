"""What `bench statistics` simulates with, and shows."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest

from chalicelib.bench.statistics import passed
from chalicelib.bench.statistics_power import measure as measure_power
from chalicelib.bench.statistics_verdict import (
    Plan,
    Truth,
    cell,
    drawn,
    foretold,
    naive,
    summary,
)
from chalicelib.cli.bench_statistics import bench, show_power, show_verdict
from chalicelib.model.errors import Invalid
from chalicelib.stats.estimate import Promise
from chalicelib.stats.its import Model, design
from chalicelib.stats.verdict import Word, verdict

PLAN = Plan(26, 26)


@pytest.mark.parametrize("truth", [Truth(50, 1, 0), Truth(50, 3, 0.5), Truth(20, 5, 0.25)])
def test_the_counts_have_the_mean_dispersion_and_correlation_asked_for(truth):
    plan = Plan(200, 200)
    counts = drawn(plan.series(), plan, truth, 150, np.random.default_rng(1))
    trend = np.exp(0.002 * (np.arange(1, 401) - 200))
    residuals = (counts - truth.mean * trend) / np.sqrt(truth.mean * trend)
    assert residuals.mean() == pytest.approx(0, abs=0.05)
    assert residuals.var() == pytest.approx(truth.dispersion, rel=0.05)
    near = (residuals[:, 1:] * residuals[:, :-1]).mean() / residuals.var()
    assert near == pytest.approx(truth.correlation, abs=0.03)


def test_the_naive_rule():
    counts = np.full((3, 20), 10.0)
    counts[1, 12:] = 9
    counts[2, 12:] = 9.1
    assert naive(counts, 12).tolist() == [False, True, False]


@pytest.mark.parametrize("ratio", [1.0, 0.75])
def test_a_cell_counts_what_the_verdict_says_one_by_one(ratio):
    truth, many = Truth(60, 2, 0.3, ratio), 24
    found = cell(PLAN, truth, many, np.random.default_rng(7))
    series = PLAN.series()
    counts = drawn(series, PLAN, truth, many, np.random.default_rng(7))
    words = [verdict(replace(series, count=one), Promise()).word for one in counts]
    for name, word in (("improved", Word.IMPROVED), ("worsened", Word.WORSENED), ("no_change_shown", Word.NO_CHANGE_SHOWN)):  # fmt: skip
        assert found[name] == pytest.approx(words.count(word) / many)


def test_the_smallest_simulation_keeps_what_is_asked():
    """A fraction of what the bench runs: wide bounds, but the naive rule and plain Newey-West fail them."""
    rows = [cell(Plan(26, 26, 26), Truth(100, phi, rho), 300, np.random.default_rng(3)) for phi, rho in ((1, 0), (5, 0.5))]  # fmt: skip
    for row in rows:
        assert row["improved"] <= 0.045
        assert 0.92 <= row["covered"] <= 0.985
        assert 0.86 <= row["line"] <= 0.95
    assert rows[1]["usual_covered"] < 0.9
    assert rows[1]["naive"] > 0.15


@pytest.mark.parametrize(
    ("plan", "truth", "spread"),
    [
        (PLAN, Truth(150, 2, 0.2, 0.7), 0.18),
        (Plan(12, 8), Truth(100, 1, 0, 0.7), 0.09),
        (Plan(12, 8), Truth(300, 2, 0.25, 0.8), 0.18),
    ],
)
def test_power_is_foretold_about_as_it_comes_and_alike_by_series_of_one_kind(plan, truth, spread):
    rng = np.random.default_rng(5)
    series = plan.series()
    counts = drawn(series, plan, truth, 30, rng)
    found = foretold(design(series, Model()), Model(), counts, truth.ratio)
    assert found.mean() == pytest.approx(cell(plan, truth, 400, rng)["improved"], abs=0.12)
    assert found.std() <= spread


def test_what_comes_after_the_start_foretells_nothing():
    series = PLAN.series()
    counts = drawn(series, PLAN, Truth(100, 2, 0.2), 2, np.random.default_rng(5))
    other = np.where(series.after == 1, counts[:, ::-1], counts)
    first, second = (foretold(design(series, Model()), Model(), c, 0.8) for c in (counts, other))
    assert first.tolist() == second.tolist()


def test_foretold_and_reached_power_stand_side_by_side(capsys):
    found = measure_power(1, plans=[Plan(12, 8)], truths=[Truth(40, 1, 0, 0.8), Truth(300, 1, 0, 0.7)])
    (row,) = found["lengths"]
    assert row["series"] == sum(group["series"] for group in found["groups"]) == 8
    assert found["passed"] is (abs(row["foretold"] - row["reached"]) <= 0.05)
    assert [g["reached"] for g in found["groups"]] == sorted(g["reached"] for g in found["groups"])
    show_power(found)
    out = capsys.readouterr().out
    assert all(text in out for text in ("12+8", f"{row['reached']:.1%}", "80%–100%"))


ROW = {"weeks": "26+26", "mean": 20.0, "dispersion": 1.0, "correlation": 0.0, "fall": 0.0, "series": 1000, "improved": 0.02,
       "covered": 0.95, "line": 0.9, "naive": 0.2, "usual_improved": 0.1, "usual_covered": 0.8, "foretold": None}  # fmt: skip


def test_the_report_shows_every_cell_and_what_is_asked(capsys):
    found = summary([ROW, {**ROW, "improved": 0.03, "covered": 0.94}])
    assert (found["false_improved"], found["passed"]) == (0.025, True)
    assert found["covered_cells"] == [0.94, 0.95]
    show_verdict(
        {
            "nulls": [ROW],
            "effects": [{**ROW, "line": None, "foretold": 0.4}],
            "summary": {**found, "seconds": 9.0},
            "early": found,
        }
    )
    out = capsys.readouterr().out
    assert all(text in out for text in ("2.50%", "40.0%", "92–97 %", "26+26"))


@pytest.mark.parametrize(
    ("change", "good"),
    [({}, True), ({"improved": 0.026}, False), ({"covered": 0.98}, False), ({"line": 0.85}, False)],
)
def test_what_is_asked_is_held(change, good):
    assert summary([{**ROW, **change}])["passed"] is good


@pytest.mark.parametrize(
    ("false", "found", "good"), [(1.9, 0.95, True), (2.1, 0.95, False), (1.0, 0.89, False)]
)
def test_the_alarms_count_too(false, found, good):
    alarms = {"seed": 1, "later": {"ours": {"false_alarms": false, "found_usual": found}}}
    for verdicts, power in ((True, True), (False, True), (True, False)):
        parts = {"verdict": {"summary": {"passed": verdicts}}, "power": {"passed": power}}
        assert passed({**parts, "alarms": alarms}) is (good and verdicts and power)


def test_rounds_are_at_least_one():
    with pytest.raises(Invalid):
        bench(Namespace(args=Namespace(rounds=0)))
