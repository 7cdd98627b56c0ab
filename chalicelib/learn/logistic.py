"""Logistic models of many labels over the same sparse features, fitted together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Floats

ROUNDS = 80
"""Of L-BFGS: early stopping costs nothing measurable here, and halves the time."""

Wide = npt.NDArray[np.float64]


def logistic(x: sparse.csr_matrix, truth: Marks, weight: Floats, cost: float) -> tuple[Floats, Floats]:
    """(features, labels) weights and (labels,) biases of one-against-rest models with an L2 penalty.

    `truth` is (texts, labels), `weight` (texts,); `cost` is C as scikit-learn has it. One product with the
    sparse matrix serves all labels, which is many times faster than fitting them one by one.
    """
    x, target = x.astype(np.float32), truth.astype(np.float32)
    turned, each = x.T.tocsr(), (cost * weight)[:, None]
    features, labels = x.shape[1], truth.shape[1]

    def loss(flat: Wide) -> tuple[float, Wide]:
        table = flat.reshape(features + 1, labels).astype(np.float32)
        margin = x @ table[:-1] + table[-1]
        error = each * (expit(margin) - target)
        value = (each * (np.logaddexp(0, margin) - target * margin)).sum() + 0.5 * (table[:-1] ** 2).sum()
        slope = np.concatenate([turned @ error + table[:-1], error.sum(axis=0, keepdims=True)])
        return float(value), slope.ravel().astype(np.float64)

    start = np.zeros((features + 1, labels))
    start[-1] = _base(truth, weight)
    with threadpool_limits(1):  # sums in another order would make other bytes
        found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    table = found.reshape(features + 1, labels).astype(np.float32)
    return table[:-1], table[-1]


def _base(truth: Marks, weight: Floats) -> Wide:
    """Where the biases start: the log odds of each label, as if of one text more."""
    share = (weight @ truth + 0.5) / (weight.sum() + 1)
    return np.asarray(np.log(share / (1 - share)), np.float64)
