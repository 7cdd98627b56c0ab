"""False discovery control over many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p_values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values in the order given: those <= q are the discoveries at a false discovery rate of q.

    Benjamini & Hochberg (1995), JRSS B 57, 289-300; p_(i) m / i, made monotone from the largest down (R:
    p.adjust(method="BH")). A NaN is a test that was not made: it counts in no number and stays NaN.
    """
    p = np.asarray(p_values, float)
    made = np.flatnonzero(~np.isnan(p))
    if made.size and not ((p[made] >= 0) & (p[made] <= 1)).all():
        raise ValueError("a p-value needs to be from 0 to 1")
    adjusted = np.full(p.shape, np.nan)
    order = made[np.argsort(p[made], kind="stable")]
    scaled = p[order] * made.size / np.arange(1, made.size + 1)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted
