"""From which probability on a label is given, and below which a contact should not decide alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Floats, Ints
from chalicelib.nlp.fusion import Thresholds, confidence

STEADY = 1000.0
"""Positive examples at which a label's own threshold counts as much as the global one."""
LOWEST, HIGHEST = 0.05, 0.95
BINS = 15


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
    right, made = _decisions(np.asarray(probabilities >= assign), truth)
    order = np.argsort(-(sure := confidence(probabilities, assign)), kind="stable")
    share = np.cumsum(right[order]) / np.cumsum(made[order])
    enough = np.flatnonzero(share >= precision)
    return float(sure[order][enough[-1]]) if len(enough) else 1.0


def figures(probabilities: Floats, truth: Marks, thresholds: Thresholds) -> dict[str, float]:
    """How good it is on texts it was not trained on: F1, calibration error, share decided and its precision."""
    given = thresholds.given(probabilities)
    hits, said, real = (given & truth).sum(axis=0), given.sum(axis=0), truth.sum(axis=0)
    decided = thresholds.decided(probabilities)
    right, made = _decisions(given[decided], truth[decided])
    each = 2 * hits / np.maximum(1, said + real)
    found = {
        "micro_f1": 2 * hits.sum() / max(1, said.sum() + real.sum()),
        "macro_f1": each[real > 0].mean() if real.any() else 0.0,
        "calibration_error": calibration_error(probabilities, truth),
        "decided": decided.mean(),
        "precision_of_decided": right.sum() / max(1, made.sum()),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def calibration_error(probabilities: Floats, truth: Marks) -> float:
    """Expected calibration error over all texts and labels, in BINS bins of equal width."""
    chances, real = probabilities.ravel(), truth.ravel()
    bins = np.minimum((chances * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, chances - real, BINS)
    return float(np.abs(gaps).sum() / max(1, len(chances)))


def _decisions(given: Marks, truth: Marks) -> tuple[Ints, Ints]:
    """(texts,) how many decisions are right, and how many are made: a label given, or that there is none."""
    none = ~given.any(axis=1)
    right = (given & truth).sum(axis=1) + (none & ~truth.any(axis=1))
    return right, given.sum(axis=1) + none
