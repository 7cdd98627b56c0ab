"""Poisson and quasi-Poisson regression with an offset, for one series or many of one design at once. NumPy only."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
MOST_STEPS, CLOSE, FURTHEST = 60, 1e-12, 40.0
"""Newton steps; the relative change of the linear predictor that ends them; its largest absolute value."""


class Fit(NamedTuple):
    """A fitted model; `...` stands for the series, when there are several."""

    coefficients: Array
    """(..., p)"""
    covariance: Array
    """(..., p, p), for a dispersion of 1: the inverse of X'WX."""
    mean: Array
    """(..., n), in counts"""
    residuals: Array
    """(..., n), Pearson: (y - mean) / sqrt(mean)"""
    dispersion: Array
    """(...), the sum of squared residuals over n - p"""
    freedom: int
    """n - p"""


def poisson(design: Array, counts: Array, exposure: Array) -> Fit:
    """log E[Y] = log exposure + design @ b by iteratively reweighted least squares.

    McCullagh & Nelder (1989), Generalized Linear Models, 2.5 (the steps) and 4.5, 6.2.3 (the dispersion); what
    R's glm() computes with family = poisson or quasipoisson. `design` is (n, p), `counts` (..., n). Raises
    ValueError where the columns cannot be told apart or there are no more rows than columns.
    """
    rows, columns = design.shape
    if rows <= columns or not distinct(design):
        raise ValueError("the design needs more rows than columns, and columns that differ")
    offset = np.log(exposure)
    eta = np.log(counts + 0.1)
    for _ in range(MOST_STEPS):
        mean = np.exp(eta)
        working = eta - offset + (counts - mean) / mean
        coefficients = _solve(design, mean, working)
        after = np.clip(coefficients @ design.T + offset, -FURTHEST, FURTHEST)
        moved = np.max(np.abs(after - eta) / (np.abs(after) + 1), initial=0.0)
        eta = after
        if moved < CLOSE:
            break
    mean = np.exp(eta)
    residuals = (counts - mean) / np.sqrt(mean)
    freedom = rows - columns
    return Fit(
        coefficients,
        np.linalg.inv(_information(design, mean)),
        mean,
        residuals,
        np.sum(residuals**2, axis=-1) / freedom,
        freedom,
    )


def _information(design: Array, mean: Array) -> Array:
    """X'WX, which for the log link is X' diag(mean) X."""
    weighted: Array = np.swapaxes(design * mean[..., None], -1, -2) @ design
    return weighted


def _solve(design: Array, mean: Array, working: Array) -> Array:
    right = (mean * working) @ design
    solved: Array = np.linalg.solve(_information(design, mean), right[..., None])[..., 0]
    return solved


def distinct(design: Array) -> bool:
    """Whether no column is a sum of others; how large a column is written does not matter."""
    lengths = np.sqrt(np.sum(design**2, axis=0))
    return bool(np.linalg.matrix_rank(design / np.where(lengths > 0, lengths, 1.0)) == design.shape[1])
