"""What would have happened without the project: a line with a band, and the contacts that were avoided."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from chalicelib.stats.glm import Array, Fit
from chalicelib.stats.its import Design
from chalicelib.stats.robust import Whitened

LEVEL = 0.90
"""Share of the counts that the band is to hold."""


class Line(NamedTuple):
    """(..., m): the count expected without the project and the band of what would have been counted."""

    expected: Array
    low: Array
    high: Array


def line(plan: Design, fit: Fit, white: Whitened, level: float = LEVEL) -> Line:
    """For every row of the fitted design: the same weeks, with the same luck, had the project never begun.

    The fitted line without level and slope, so that what came after the start is exactly the rate ratio times
    it. The band's variance is that of a count about its fitted line plus that of the effect which was taken off
    (both are uncorrelated in generalised least squares): dispersion x mean x (1 - leverage) +
    mean^2 x variance of the effect. A gamma distribution of that mean and variance stands for the counts
    (Wilson & Hilferty 1931 give its quantiles); normal ones, because the counts are those that gave the dispersion.
    """
    rows = plan.without()
    expected = np.exp(fit.coefficients @ rows.T) * plan.series.exposure
    taken = plan.matrix - rows
    leverage = white.spread(plan.matrix) * fit.mean  # times the dispersion, as covariances hold it
    noise = np.maximum(white.scale[..., None] - leverage, 0.0)
    deviation = white.average(np.sqrt(expected * noise + expected**2 * white.spread(taken)))
    shape = (expected / np.maximum(deviation, 1e-6)) ** 2
    z = NormalDist().inv_cdf((1 + level) / 2)
    low, high = (_gamma(expected, shape, side * z) for side in (-1, 1))
    return Line(expected, np.maximum(np.ceil(low - 0.5), 0.0), np.floor(high + 0.5))


def _gamma(mean: Array, shape: Array, z: float) -> Array:
    root = 1 - 1 / (9 * shape) + z / (3 * np.sqrt(shape))
    quantile: Array = mean * np.maximum(root, 0.0) ** 3
    return quantile


def avoided(observed: float, ratio: float, low: float, high: float) -> tuple[float, float, float]:
    """Contacts that did not come, with their interval; negative when more came than without the project.

    What came is `ratio` times what would have come, so observed x (1 / ratio - 1) did not.
    """
    return (
        observed * (1 / ratio - 1),
        observed * (1 / high - 1),
        observed * (1 / max(low, 1e-9) - 1),
    )
