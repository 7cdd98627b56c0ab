"""Chances of labels that know of each other are those of counting all sets of labels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.nlp.counts import infer

odds = st.floats(-6, 6)


def by_hand(margins: list[float], potentials: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Chances of labels and of counts from every set there is."""
    chances, shares = np.zeros(len(margins)), np.zeros(len(potentials))
    for chosen in product([0, 1], repeat=len(margins)):
        count = min(sum(chosen), len(potentials) - 1)
        weight = np.exp(np.dot(chosen, margins) + potentials[count])
        chances += weight * np.array(chosen)
        shares[count] += weight
    return chances / shares.sum(), shares / shares.sum()


@given(st.lists(odds, min_size=1, max_size=5), st.lists(odds, min_size=1, max_size=4))
def test_it_is_as_if_all_sets_were_counted(margins, potentials):
    said = infer(np.array([margins, [0.0] * len(margins)]), np.array(potentials))
    chances, shares = by_hand(margins, potentials)
    assert np.allclose(said.chances[0], chances)
    assert np.allclose(said.shares[:, 0], shares)


@pytest.mark.parametrize("potentials", [[0.0], [2.0, 2.0], [0.0, 0.0, 0.0]])
def test_labels_are_independent_where_no_count_is_likelier(potentials):
    margins = np.array([[-1.0, 0.0, 3.0]])
    assert np.allclose(infer(margins, np.array(potentials)).chances, 1 / (1 + np.exp(-margins)))


def test_one_label_each_is_a_softmax():
    margins = np.array([[1.0, -2.0, 0.5]])
    said = infer(margins, np.array([-80.0, 0.0, -80.0]))
    assert np.allclose(said.chances, np.exp(margins) / np.exp(margins).sum())


def test_extremes_stay_numbers():
    said = infer(np.array([[-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4]]), np.array([-9.0, 3.0, -9.0]))
    assert np.isfinite(said.chances).all()
    assert np.isfinite(said.log_total).all()
    assert infer(np.zeros((0, 3)), np.zeros(2)).chances.shape == (0, 3)
