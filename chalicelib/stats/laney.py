"""Laney's u' and p' charts: rates whose spread is not what Poisson or binomial counts alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

D2 = 1.128
"""Mean range of two standard normal values, as rounded in the tables (Montgomery 2013, appendix VI)."""
Floats = NDArray[np.float64]
Kind = Literal["u", "p"]


class Laney(NamedTuple):
    """The figures of a baseline; `sigma_z` is the one in use, `sigma_z_raw` what the data gave."""

    kind: Kind
    mean: float
    z: tuple[float, ...]
    sigma_z_raw: float
    sigma_z: float

    def sigma(self, exposures: ArrayLike) -> Floats:
        """One standard deviation of the rate at each exposure, sigma_z included."""
        return self.sigma_z * _sampling(self.kind, self.mean, np.asarray(exposures, float))

    def limits(self, exposures: ArrayLike, sigmas: float = 3.0) -> tuple[Floats, Floats]:
        """mean -/+ so many sigma, as they come out: neither cut at 0 nor at 1."""
        half = sigmas * self.sigma(exposures)
        return self.mean - half, self.mean + half


def laney(
    kind: Kind, counts: Sequence[float] | Floats, exposures: Sequence[float] | Floats, clamp: bool = True
) -> Laney:
    """u' (counts per X) or p' (share of X) of a baseline (Laney 2002, Quality Engineering 14, 531-537).

    u = sum(x)/sum(n), z_i = (x_i/n_i - u) / sqrt(u/n_i), sigma_z = mean|z_i - z_(i-1)| / 1.128; p' has
    sqrt(p(1-p)/n_i) for sqrt(u/n_i). sigma_z is clamped at >= 1: a baseline of a dozen points that happens to
    lie closer together than Poisson counts do is luck, and limits taken from it would cry wolf. `clamp=False`
    gives Laney's own. Raises ValueError for fewer than two points, no exposure, or more counts than exposure
    in a share.
    """
    x, n = np.asarray(counts, float), np.asarray(exposures, float)
    if x.size != n.size or x.size < 2 or not (n > 0).all() or not (x >= 0).all():
        raise ValueError("a rate chart needs two points or more, each with count >= 0 and exposure > 0")
    if kind == "p" and (x > n).any():
        raise ValueError("a share needs counts <= exposure")
    mean = float(x.sum() / n.sum())
    spread = _sampling(kind, mean, n)
    z = np.divide(x / n - mean, spread, out=np.zeros_like(x), where=spread > 0)
    raw = float(np.abs(np.diff(z)).mean() / D2)
    return Laney(kind, mean, tuple(z.tolist()), raw, max(raw, 1.0) if clamp else raw)


def _sampling(kind: Kind, mean: float, exposures: Floats) -> Floats:
    return np.asarray(np.sqrt(mean * (1 - mean if kind == "p" else 1.0) / exposures))
