"""Kappa and corrected shares: published values, values by hand, and what must hold for any table."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.stats.agreement import Table, cohen_kappa, rogan_gladen
from chalicelib.stats.f1 import Estimate


def test_kappa_and_its_interval_as_published():
    """Fleiss & Paik (2003) as R's statpsych::ci.kappa(.05, 31, 12, 4, 58) gives them."""
    found = cohen_kappa([[31, 12], [4, 58]])
    assert found == pytest.approx(Estimate(0.6756757, 0.5317210, 0.8196303), abs=1e-7)


@pytest.mark.parametrize(
    ("table", "agreed", "chance"),
    [
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], "89/100", "66/100"),  # .80*.80 + .10*.05 + .10*.15
        ([[20, 5], [10, 15]], "7/10", "1/2"),  # .5*.6 + .5*.4
        ([[0, 10], [10, 0]], "0", "1/2"),
        ([[5, 5], [5, 5]], "1/2", "1/2"),
    ],
)
def test_kappa_by_hand(table, agreed, chance):
    by_hand = (Fraction(agreed) - Fraction(chance)) / (1 - Fraction(chance))
    assert cohen_kappa(table).value == pytest.approx(float(by_hand))


def test_perfect_agreement_is_not_certainty():
    few, many = cohen_kappa([[10, 0], [0, 90]]), cohen_kappa([[100, 0], [0, 900]])
    assert (few.value, few.high) == (many.value, many.high) == (1, 1)
    assert 0.7 < few.low < 0.9 < many.low < 1
    chance = 0.1 * 0.1 + 0.9 * 0.9
    assert few.low == pytest.approx((100 / (100 + 1.959963984540054**2) - chance) / (1 - chance))


@pytest.mark.parametrize("table", [[[7, 0], [0, 0]], [[0, 0], [0, 7]], [[0, 0], [0, 0]]])
def test_one_label_always_has_no_kappa(table):
    with pytest.raises(ValueError, match="two labels"):
        cohen_kappa(table)


CELLS = st.integers(0, 300)
TABLES = st.builds(Table, CELLS, CELLS, CELLS, CELLS)


@given(TABLES)
def test_kappa_is_symmetric_and_inside_its_interval(t):
    square, turned = [[t.both, t.first], [t.second, t.neither]], [[t.both, t.second], [t.first, t.neither]]
    flipped = [[t.neither, t.second], [t.first, t.both]]
    try:
        found = cohen_kappa(square)
    except ValueError:
        assert t.both == t.first == t.second == 0 or t.neither == t.first == t.second == 0
        return
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    assert cohen_kappa(turned) == pytest.approx(found)
    assert cohen_kappa(flipped) == pytest.approx(found)


@pytest.mark.parametrize(
    ("positive", "n", "errors", "share"),
    [
        (23, 150, Table(96, 11, 4, 89), 0.0509804),  # the example of R's epiR::epi.prev: 5.1 in 100
        (10, 100, Table(9, 5, 1, 95), 0.05 / 0.85),
        (6, 151, Table(964, 73, 36, 927), 0.0),  # epi.prev's second one: fewer than false alarms alone
        (100, 100, Table(9, 5, 1, 95), 1.0),
        (30, 100, Table(10, 0, 0, 10), 0.3),
    ],
)
def test_the_corrected_share(positive, n, errors, share):
    found = rogan_gladen(positive, n, errors)
    assert found.value == pytest.approx(share, abs=1e-6)
    assert found.low <= found.value <= found.high


def test_its_interval_by_hand():
    """Lang & Reiczigel (2014): 40 of 200 labels, 45 of 50 found, 190 of 200 left alone; z = 2 for the hand."""
    apparent, found, clean = 42 / 204, 46 / 52, 191 / 202
    share = (apparent + clean - 1) / (found + clean - 1)
    shift = 8 * (share * found * (1 - found) / 52 - (1 - share) * clean * (1 - clean) / 202)
    spread = apparent * (1 - apparent) / 204 + share**2 * found * (1 - found) / 52
    half = 2 * math.sqrt(spread + (1 - share) ** 2 * clean * (1 - clean) / 202) / (found + clean - 1)
    by_hand = Estimate((40 / 200 - 0.05) / 0.85, share + shift - half, share + shift + half)
    assert rogan_gladen(40, 200, Table(45, 10, 5, 190), z=2.0) == pytest.approx(by_hand)


def test_labels_seen_without_error_are_not_taken_for_perfect():
    low, high = rogan_gladen(300, 1_000, Table(20, 0, 0, 60))[1:]
    assert low < 0.26
    assert high > 0.34


@pytest.mark.parametrize(
    ("positive", "n", "errors", "why"),
    [
        (0, 0, Table(9, 1, 1, 9), "needs"),
        (11, 10, Table(9, 1, 1, 9), "needs"),
        (1, 10, Table(0, 1, 0, 9), "needs"),
        (1, 10, Table(9, 0, 1, 0), "needs"),
        (1, 10, Table(5, 5, 5, 5), "chance"),
        (1, 10, Table(1, 9, 9, 1), "chance"),
    ],
)
def test_what_cannot_be_corrected(positive, n, errors, why):
    with pytest.raises(ValueError, match=why):
        rogan_gladen(positive, n, errors)


@given(TABLES, st.integers(0, 500), st.integers(0, 500))
def test_a_corrected_share_lies_in_its_interval_and_rises_with_the_labels(errors, one, other):
    low, high = sorted((one, other))
    try:
        less, more = (rogan_gladen(positive, 500, errors) for positive in (low, high))
    except ValueError:
        return
    assert 0 <= less.low <= less.value <= less.high <= 1
    assert less.value <= more.value
