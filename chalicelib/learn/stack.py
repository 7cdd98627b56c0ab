"""Fusing out-of-fold evidence: one logistic model for all labels, with leave for each to differ.

Every label has its own intercept; its own deviation from the shared weights is penalised, so that labels
with few examples lean on what all labels have in common. How many labels texts have is learnt with it.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from chalicelib.learn.examples import Marks
from chalicelib.nlp.counts import Wide, infer
from chalicelib.nlp.features import Floats
from chalicelib.nlp.fusion import Fusion

OWN, SHARED, BASE, COUNT = 30.0, 0.5, 0.05, 0.5
"""Penalties on a label's own deviation, on shared weights, on intercepts, and on potentials of counts."""
COUNTS = 4
"""Texts with none, one, two, and three or more labels are told apart."""


def fit_fusion(evidence: Floats, truth: Marks, weight: Floats) -> Fusion:
    """`evidence` is (texts, features, labels), `truth` (texts, labels), `weight` (texts,)."""
    spread = np.maximum(evidence.std(axis=(0, 2)), 1e-6).astype(np.float64)
    scaled = evidence / spread[:, None]
    _, many, labels = evidence.shape
    target = truth.astype(np.float64)
    sizes = np.minimum(truth.sum(axis=1), COUNTS - 1)
    by_size = np.bincount(sizes, weight, COUNTS)

    def loss(flat: Wide) -> tuple[float, Wide]:
        shared, own, base, counts = _unpack(flat, many, labels)
        margin = np.einsum("nkl,kl->nl", scaled, shared[:, None] + own) + base
        said = infer(margin, counts)
        error = (said.chances - target) * weight[:, None]
        value = (weight[:, None] * (np.logaddexp(0, margin) - target * margin)).sum()
        value += (weight * (said.log_total - counts[sizes])).sum()
        by_weight = np.einsum("nkl,nl->kl", scaled, error)
        value += 0.5 * (OWN * (own**2).sum() + SHARED * (shared**2).sum())
        value += 0.5 * (BASE * (base**2).sum() + COUNT * (counts**2).sum())
        slopes = (by_weight.sum(1) + SHARED * shared, by_weight + OWN * own, error.sum(0) + BASE * base)
        of_counts = said.shares @ weight - by_size + COUNT * counts
        return float(value), np.concatenate([*(part.ravel() for part in slopes), of_counts])

    start = np.zeros(many + (many + 1) * labels + COUNTS)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    shared, own, base, counts = _unpack(best, many, labels)
    weights = (shared[:, None] + own) / spread[:, None]
    return Fusion(*(part.astype(np.float32) for part in (weights, base, counts)))


def _unpack(flat: Wide, many: int, labels: int) -> tuple[Wide, Wide, Wide, Wide]:
    shared, own, base, counts = np.split(flat, np.cumsum([many, many * labels, labels]))
    return shared, own.reshape(many, labels), base, counts
