"""The alarm bench: seeded, its peers' rules as described, its two promises on a small scale."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.bench import statistics_alarms as bench
from chalicelib.stats.chart import Series, chart


@pytest.fixture(scope="module")
def figures():
    return bench.figures(3, runs=3, risen_runs=4)


def test_the_same_seed_gives_the_same(figures):
    assert bench.figures(3, runs=3, risen_runs=4) == figures


def test_ours_cries_wolf_far_less_than_the_usual_rules(figures):
    for situation in bench.SITUATIONS:
        found = figures[situation.name]
        assert set(found) == {"ours", "two_sd", "nhs"}
        assert (
            found["ours"]["false_alarms"] < 5 < found["nhs"]["false_alarms"] < found["two_sd"]["false_alarms"]
        )
        assert all(0 <= found["ours"][f"found_{name}"] <= 1 for name in bench.SPREADS)


def test_the_table_has_a_row_a_rule(figures):
    title, rows, columns = bench.table(figures)
    assert "30%" in title
    assert len(rows) == len(bench.SITUATIONS) * len(bench.RULES)
    assert all({name for name, _ in columns} == set(row) for row in rows)


def test_the_nhs_rules_are_those_of_the_chart():
    """A week raises an alarm where the chart drawn up to that week flags its newest point for a rise."""
    rng = np.random.default_rng(4)
    counts = rng.poisson(60 + 12 * rng.standard_normal((12, 30)).cumsum(axis=1).clip(-3, 3)).astype(float)
    found = bench._nhs(counts, np.ones(30), 12)
    for row, flags in zip(counts, found, strict=True):
        for week in range(12, 30):
            drawn = chart(Series(row[: week + 1].tolist()))
            newest, before = drawn.points[-1], drawn.points[-2]
            assert newest is not None
            assert before is not None
            rules = set(newest.signals)
            rises = {"trend"} if newest.value > before.value else set()
            rises |= {"outside", "side", "near"} if newest.value > newest.mean else set()
            assert bool(rules & rises) == flags[week - 12]


def test_a_standing_alarm_is_one_alarm():
    alarms = np.array([[False, True, True, False, False, True, False, False, False, False, True]])
    assert np.flatnonzero(bench._raised(alarms)[0]).tolist() == [1, 10]
