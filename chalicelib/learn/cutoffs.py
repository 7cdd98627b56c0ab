"""From which probability on a label is given, and below which a contact should not decide alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Floats
from chalicelib.nlp.fusion import Thresholds, confidence

STEADY = 200.0
"""Positive examples at which a label's own threshold counts as much as the global one."""
LOWEST, HIGHEST = 0.05, 0.95


def choose(probabilities: Floats, truth: Marks, precision: float) -> Thresholds:
    """F1-best thresholds, each label's own shrunk to the global one, and the abstaining one."""
    everywhere = best_cut(probabilities.ravel(), truth.ravel())
    assign = np.array(
        [_shrunk(p, y, everywhere) for p, y in zip(probabilities.T, truth.T, strict=True)], np.float32
    )
    return Thresholds(assign, sure_from(probabilities, truth, assign, precision))


def best_cut(scores: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """The cut of largest F1, midway to the next score; 0.5 where nothing is true."""
    if not truth.any():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], np.cumsum(truth[order])
    f1 = 2 * right / (np.arange(1, len(scores) + 1) + truth.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = 0  # a cut cannot part equal scores
    at = int(np.argmax(f1))
    return float((ranked[at] + ranked[min(at + 1, len(ranked) - 1)]) / 2)


def _shrunk(scores: Floats, truth: npt.NDArray[np.bool_], everywhere: float) -> float:
    own, many = best_cut(scores, truth), float(truth.sum())
    return float(np.clip((many * own + STEADY * everywhere) / (many + STEADY), LOWEST, HIGHEST))


def sure_from(probabilities: Floats, truth: Marks, assign: Floats, precision: float) -> float:
    """The least confidence at which what decides alone is right in `precision` of its decisions.

    A decision is a label given, or that a text has none.
    """
    given = probabilities >= assign
    none = ~given.any(axis=1)
    right = (given & truth).sum(axis=1) + (none & ~truth.any(axis=1))
    made = given.sum(axis=1) + none
    order = np.argsort(-(sure := confidence(probabilities, assign)), kind="stable")
    share = np.cumsum(right[order]) / np.cumsum(made[order])
    enough = np.flatnonzero(share >= precision)
    return float(sure[order][enough[-1]]) if len(enough) else 1.0
