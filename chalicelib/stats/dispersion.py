"""How much more than Poisson counts many series vary: what they share, what each has of its own, how long it lasts.

A dozen weeks say little about the spread of one series, but the same weeks of fifty series say a lot. So the
extra variation that all share is taken from all (a coefficient of variation, as in negative binomial models),
and each series' own is drawn towards it as far as the series differ no more than chance makes them (Smyth 2004,
Statistical Applications in Genetics 3, 3; Robinson & Smyth 2008, Biostatistics 9, 321-332).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chalicelib.stats.expectation import Expectation

MOST_PRIOR = 200.0
"""Degrees of freedom that all series lend to one where they do not differ at all."""
MOST_EXTRA, MOST_LAG = 4.0, 0.7
LONGEST = 12
"""Weeks over which extra variation is followed: beyond them even the strongest has died away."""
Floats = NDArray[np.float64]


class Dispersion(NamedTuple):
    """Var = scale * (mean + extra * mean^2): `extra` is the squared coefficient of variation all share.

    `degrees` of freedom stand behind each scale; `lag` is the correlation of the extra part from week to week.
    """

    extra: float
    lag: float
    scale: Floats
    degrees: Floats

    def factor(self, total: Floats, squares: Floats, weeks: int) -> Floats:
        """Variance over mean, at least 1, of a sum over consecutive weeks: `total` and `squares` of its means."""
        mean = np.maximum(total, 1e-300)
        return np.maximum(self.scale * (1 + self.extra * squares / mean * _lasting(self.lag, weeks)), 1.0)


def dispersion(counts: Floats, expected: Expectation) -> Dispersion:
    """The dispersion of the series around what was expected of them, over their reference weeks."""
    used = expected.reference & (expected.parameters < expected.reference.sum(axis=1))[:, None]
    mean = np.where(used, np.maximum(expected.mean, 0.05), 1.0)
    square = np.where(used, np.where(used, counts, 0.0) - mean, 0.0) ** 2
    free = np.where(used.any(axis=1), used.sum(axis=1) - expected.parameters, 0)
    extra = _shared(square, mean, float(free.sum()))
    own = (square / (mean + extra * mean**2)).sum(axis=1) / np.maximum(free, 1)
    prior = _prior(own[free > 0], free[free > 0])
    scale = (prior + free * own) / (prior + free)
    lag = _lag(counts, mean, used, extra, expected.parameters)
    return Dispersion(extra, lag, scale, prior + free)


def _shared(square: Floats, mean: Floats, free: float) -> float:
    """The extra at which Pearson's chi-square of all series equals its degrees of freedom.

    Chi-square falls with the extra along a convex curve, so that Newton's steps from 0 never pass the root.
    """
    extra, there = 0.0, square > 0
    square, mean = square[there], mean[there]
    for _ in range(50):
        variance = mean + extra * mean**2
        above = float((square / variance).sum()) - free
        if above <= 1e-9 * free:
            break
        extra = min(MOST_EXTRA, extra + above / float((square * (mean / variance) ** 2).sum()))
    return extra


def _prior(own: Floats, free: NDArray[np.intp]) -> float:
    """Degrees of freedom of the prior: what is left of the spread of log variances beyond chance (Smyth 2004, 6.2)."""
    from scipy.special import digamma, polygamma

    if len(own) < 3:
        return MOST_PRIOR
    half = free / 2
    logs = np.log(np.maximum(own, 0.05)) - digamma(half) + np.log(half)
    more = float(logs.var(ddof=1) - polygamma(1, half).mean())
    return MOST_PRIOR if more <= 0 else min(MOST_PRIOR, 2 * _trigamma_inverse(more))


def _trigamma_inverse(value: float) -> float:
    """Where trigamma has this value: Newton's steps on its reciprocal, which is almost a line."""
    from scipy.special import polygamma

    at = 0.5 + 1 / value
    for _ in range(20):
        now = float(polygamma(1, at))
        step = now * (1 - now / value) / float(polygamma(2, at))
        at += step
        if abs(step) < 1e-8 * at:
            break
    return at


def _lag(
    counts: Floats, mean: Floats, used: NDArray[np.bool_], extra: float, parameters: NDArray[np.intp]
) -> float:
    """Lag-1 correlation of the extra part over all series, the pull of their fitted levels put back."""
    pairs = used[:, 1:] & used[:, :-1]
    if extra <= 0 or not pairs.any():
        return 0.0
    residual = np.where(used, np.where(used, counts, 0.0) / mean - 1, 0.0)
    weight = np.where(pairs, (mean / (1 + extra * mean))[:, 1:] ** 2, 0.0)
    pull = (1 / mean[:, 1:] + extra) * (parameters / np.maximum(used.sum(axis=1), 1))[:, None]
    together = (weight * (residual[:, 1:] * residual[:, :-1] + pull)).sum() / weight.sum()
    return float(np.clip(together / extra, 0.0, MOST_LAG))


def _lasting(lag: float, weeks: int) -> float:
    """How much larger than without correlation the variance of a mean over so many weeks is."""
    weeks = min(weeks, LONGEST)
    return 1 + 2 * sum((1 - k / weeks) * lag**k for k in range(1, weeks))
