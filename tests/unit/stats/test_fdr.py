"""False discovery control: against adjusted p-values worked out by hand, and with tests not made."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.stats.fdr import benjamini_hochberg

P = st.lists(st.floats(0, 1), min_size=1, max_size=30)
# The 15 p-values of Benjamini & Hochberg (1995), section 3.1: at q = 0.05 the first four are discoveries.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_published_example() -> None:
    assert (benjamini_hochberg(PUBLISHED) <= 0.05).tolist() == [True] * 4 + [False] * 11


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [([0.01, 0.02, 0.03], [0.03, 0.03, 0.03]), ([0.5, 0.01], [0.5, 0.02]), ([1.0], [1.0]), ([], []), ([0.04, 0.04, 0.9], [0.06, 0.06, 0.9])],
)  # fmt: skip
def test_by_hand(p: list[float], adjusted: list[float]) -> None:
    assert benjamini_hochberg(p).tolist() == pytest.approx(adjusted)


def test_a_test_not_made_counts_in_nothing() -> None:
    found = benjamini_hochberg([0.02, math.nan, 0.01])
    assert found[[0, 2]].tolist() == pytest.approx([0.02, 0.02])
    assert math.isnan(found[1])


@given(P, st.randoms())
def test_the_order_does_not_matter_and_nothing_gets_smaller(p: list[float], random) -> None:
    order = list(range(len(p)))
    random.shuffle(order)
    found = benjamini_hochberg(p)
    assert benjamini_hochberg([p[i] for i in order]).tolist() == found[order].tolist()
    assert (found >= np.array(p) - 1e-15).all()


def test_a_p_value_is_from_0_to_1() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        benjamini_hochberg([1.1])
