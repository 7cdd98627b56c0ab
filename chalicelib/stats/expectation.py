"""What the coming weeks of many series should bring if nothing changes: level, exposure and, after a year, season."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

YEAR = 365.2425 / 7
SEASON_AFTER = 52
"""Reference weeks a series needs before its season can be told from its level."""
ROUNDS = 8
FEWEST = 0.5
"""A reference without a single contact is taken for half a one: its mean is small, not known to be 0."""
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Expectation(NamedTuple):
    """Series by week: the expected count of each week, and how surely each series' parameters are known."""

    mean: Floats
    reference: Flags
    design: Floats
    covariance: Floats
    parameters: NDArray[np.intp]

    def uncertainty(self, window: Flags) -> Floats:
        """Variance of each series' expected sum over the window (series by week), for Poisson counts."""
        slope = (self.mean * window) @ self.design
        return np.asarray(np.einsum("si,sij,sj->s", slope, self.covariance, slope))


def expectation(counts: Floats, exposures: Floats, reference: Flags) -> Expectation:
    """Fit log E = log exposure + level + one yearly wave to the reference weeks of each series (rows).

    Newton's method for a Poisson regression (McCullagh & Nelder 1989, chapter 6.3), all series at once; the wave
    only where SEASON_AFTER reference weeks are there. Weeks outside the reference may hold anything, NaN too.
    """
    weeks = np.arange(counts.shape[1]) * 2 * np.pi / YEAR
    design = np.stack([np.ones_like(weeks), np.sin(weeks), np.cos(weeks)], axis=1)
    seasonal = reference.sum(axis=1) >= SEASON_AFTER
    y = np.where(reference, counts, 0.0)
    n = np.where(reference, exposures, 0.0)
    beta = np.zeros((len(y), 3))
    beta[:, 0] = np.log(np.maximum(y.sum(axis=1), FEWEST) / np.maximum(n.sum(axis=1), 1e-300))
    enough = seasonal & (y.sum(axis=1) > 0)
    if enough.any():
        beta[enough] = _newton(y[enough], n[enough], design, beta[enough])
    mean = np.where(np.isfinite(exposures), exposures, 0.0) * np.exp(beta @ design.T)
    information = _information(np.where(reference, mean, 0.0), design)
    covariance = np.zeros_like(information)
    covariance[:, 0, 0] = 1 / np.maximum(information[:, 0, 0], 1e-300)
    if enough.any():
        covariance[enough] = np.linalg.inv(information[enough])
    return Expectation(mean, reference, design, covariance, np.where(enough, 3, 1))


def _newton(y: Floats, n: Floats, design: Floats, beta: Floats) -> Floats:
    for _ in range(ROUNDS):
        mean = n * np.exp(beta @ design.T)
        step = np.linalg.solve(_information(mean, design), ((y - mean) @ design)[:, :, None])[:, :, 0]
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-8:
            break
    return beta


def _information(mean: Floats, design: Floats) -> Floats:
    size = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(-1, size * size)
    found: Floats = (mean @ products).reshape(-1, size, size)
    # A breath of ridge: a cause with contacts in one month only has no finite season.
    return found + 1e-3 * np.diag([0.0, 1.0, 1.0])
