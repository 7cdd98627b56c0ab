"""Exact Poisson limits for small counts, where normal limits would reach below 0 and miss the skew."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALL = 5.0
"""Below this expected count per period the exact limits are used."""
LIMIT_TAIL = math.erfc(3 / math.sqrt(2)) / 2
NEAR_TAIL = math.erfc(2 / math.sqrt(2)) / 2
"""What a normal chart leaves beyond 3 and beyond 2 sigma on one side: 0.00135 and 0.02275."""
Floats = NDArray[np.float64]


def count_limits(expected: ArrayLike, tail: float = LIMIT_TAIL) -> tuple[Floats, Floats]:
    """Quantiles tail and 1 - tail of the Poisson counts with these means (R: qpois).

    A count above the upper, or below the lower, has a probability below `tail` (probability limits; Montgomery
    2013, chapter 7.3). Sums of probabilities; meant for means up to some hundreds.
    """
    mean = np.atleast_1d(np.asarray(expected, float))
    top = float(mean.max(initial=0.0))
    k = np.arange(math.ceil(top + 12 * math.sqrt(top) + 20))
    logs = np.log(np.maximum(mean, 1e-300))[:, None] * k - _log_factorials(len(k)) - mean[:, None]
    # A sum that should be 1 may end a rounding error below it.
    at_most = np.cumsum(np.exp(logs), axis=1) * (1 + 1e-12)
    return _first(at_most >= tail), _first(at_most >= 1 - tail)


def _first(reached: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.argmax(reached, axis=1), float)


def _log_factorials(n: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, n)))])
