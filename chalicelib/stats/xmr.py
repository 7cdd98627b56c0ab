"""XmR charts (individuals and moving ranges) as in NHS England, Making Data Count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LIMIT = 2.66
"""3 / d2 with d2 = 1.128 for ranges of two, as rounded there (Wheeler 2000, Understanding Variation)."""
SCREEN = 3.267
"""D4 for ranges of two: a moving range of so many mean ranges is itself out of control."""
NEAR = 2 / 3


class Xmr(NamedTuple):
    """The figures of a baseline; `first_range` is the mean range before ranges in `dropped` were taken out."""

    mean: float
    ranges: tuple[float, ...]
    first_range: float
    screen: float
    dropped: tuple[int, ...]
    mean_range: float

    @property
    def limits(self) -> tuple[float, float]:
        """mean +/- 2.66 mean ranges."""
        return self._around(1.0)

    @property
    def near_limits(self) -> tuple[float, float]:
        """At two thirds of the way to the limits."""
        return self._around(NEAR)

    def _around(self, share: float) -> tuple[float, float]:
        half = share * LIMIT * self.mean_range
        return self.mean - half, self.mean + half


def xmr(baseline: Sequence[float] | NDArray[np.float64]) -> Xmr:
    """Mean and mean moving range of a baseline; ranges of 3.267 mean ranges or more are dropped, once.

    Raises ValueError for fewer than two values or one that is no number.
    """
    values = np.asarray(baseline, float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError("an XmR chart needs two finite values or more")
    ranges = np.abs(np.diff(values))
    first = float(ranges.mean())
    # Where nothing varies every range is 0 = 3.267 * 0, and none is out of control.
    kept = (ranges < SCREEN * first) | (first == 0)
    return Xmr(
        math.fsum(values) / values.size,  # exact where nothing varies: else every point would lie beside it
        tuple(ranges.tolist()),
        first,
        SCREEN * first,
        tuple(np.flatnonzero(~kept).tolist()),
        float(ranges[kept].mean()),
    )
