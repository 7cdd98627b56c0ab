"""Fusing out-of-fold evidence: one logistic model for all labels, with leave for each to differ.

Every label has its own intercept; its own deviation from the shared weights is penalised, so that labels
with few examples lean on what all labels have in common.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Floats
from chalicelib.nlp.fusion import Fusion

OWN, SHARED, BASE = 6.0, 0.5, 0.05
"""Penalties on a label's own deviation, on shared weights, and on intercepts."""

Wide = npt.NDArray[np.float64]


def fit_fusion(evidence: Floats, truth: Marks, weight: Floats) -> Fusion:
    """`evidence` is (texts, features, labels), `truth` (texts, labels), `weight` (texts,)."""
    spread = np.maximum(evidence.std(axis=(0, 2)), 1e-6).astype(np.float64)
    scaled = evidence / spread[:, None]
    _, many, labels = evidence.shape
    start = np.zeros(many + (many + 1) * labels)
    target = truth.astype(np.float64)

    def loss(flat: Wide) -> tuple[float, Wide]:
        shared, own, base = _unpack(flat, many, labels)
        margin = np.einsum("nkl,kl->nl", scaled, shared[:, None] + own) + base
        error = (expit(margin) - target) * weight[:, None]
        value = (weight[:, None] * (np.logaddexp(0, margin) - target * margin)).sum()
        by_weight = np.einsum("nkl,nl->kl", scaled, error)
        value += 0.5 * (OWN * (own**2).sum() + SHARED * (shared**2).sum() + BASE * (base**2).sum())
        slopes = (by_weight.sum(1) + SHARED * shared, by_weight + OWN * own, error.sum(0) + BASE * base)
        return float(value), np.concatenate([part.ravel() for part in slopes])

    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    shared, own, base = _unpack(best, many, labels)
    return Fusion(((shared[:, None] + own) / spread[:, None]).astype(np.float32), base.astype(np.float32))


def _unpack(flat: Wide, many: int, labels: int) -> tuple[Wide, Wide, Wide]:
    shared, own, base = np.split(flat, [many, many + many * labels])
    return shared, own.reshape(many, labels), base
