"""F1 and its intervals: by hand where that is possible, against plain resampling where it is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.stats.f1 import Counts, added, f1, f1_change, f1_interval, poisson_table

RIGHT, WRONG, MISSED, NOTHING = Counts(1, 0, 0), Counts(0, 1, 0), Counts(0, 0, 1), Counts(0, 0, 0)


@pytest.mark.parametrize(
    ("counts", "value"),
    [((0, 0, 0), 0.0), ((3, 0, 0), 1.0), ((0, 2, 2), 0.0), ((6, 2, 4), 12 / 18), ((1, 0, 1), 2 / 3)],
)
def test_f1_by_hand(counts, value):
    assert f1(*counts) == pytest.approx(value)


def test_counts_add_up():
    assert added([RIGHT, WRONG, Counts(2, 3, 4)]) == (3, 4, 4)
    assert added([]) == (0, 0, 0)


def test_a_tagger_without_a_fault_has_no_spread():
    assert f1_interval([RIGHT] * 30) == (1.0, 1.0, 1.0)


def test_the_same_tagger_twice_does_not_differ():
    pairs = [(one, one) for one in [RIGHT, WRONG, MISSED, NOTHING] * 20]
    assert f1_change(pairs) == (0.0, 0.0, 0.0)


def _resampled(pairs: list[tuple[Counts, Counts]], times: int = 1_500) -> tuple[float, float]:
    """The textbook's way: draw whole texts again, as many as there are."""
    draw = random.Random(5)
    found = []
    for _ in range(times):
        some = draw.choices(pairs, k=len(pairs))
        found.append(f1(*added(after for _, after in some)) - f1(*added(before for before, _ in some)))
    found.sort()
    return found[int(0.025 * times)], found[int(0.975 * times)]


@pytest.mark.parametrize(
    "pairs",
    [
        [(RIGHT, RIGHT)] * 150 + [(MISSED, RIGHT)] * 12 + [(RIGHT, MISSED)] * 8 + [(WRONG, NOTHING)] * 9,
        [(RIGHT, RIGHT)] * 60 + [(RIGHT, Counts(0, 1, 1))] * 10 + [(NOTHING, NOTHING)] * 100,
        [(MISSED, RIGHT)] * 25 + [(MISSED, MISSED)] * 25 + [(RIGHT, WRONG)] * 10,
    ],
    ids=["a wash", "a loss", "a gain"],
)
def test_the_interval_is_that_of_plain_resampling(pairs):
    low, high = _resampled(pairs)
    found = f1_change(pairs)
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)
    assert found.low < found.value < found.high


def test_more_certainty_takes_more_room():
    pairs = [(RIGHT, RIGHT)] * 40 + [(RIGHT, MISSED)] * 5 + [(MISSED, RIGHT)] * 4
    usual, wide = f1_change(pairs), f1_change(pairs, 0.998)
    assert wide.low < usual.low < usual.high < wide.high


@settings(max_examples=20, deadline=None)
@given(st.permutations([(RIGHT, MISSED), (RIGHT, RIGHT), (NOTHING, WRONG), (MISSED, RIGHT)] * 2))
def test_the_order_of_texts_makes_no_difference(pairs):
    assert f1_change(pairs) == f1_change(sorted(pairs))


@pytest.mark.parametrize("mean", [1, 3, 40, 5_000])
def test_poisson_draws_have_the_mean_and_the_end_they_should(mean):
    table = poisson_table(mean)
    assert sum(1 - reached for reached in table) == pytest.approx(mean, rel=1e-6)
    assert table[-1] == pytest.approx(1, abs=1e-9)
