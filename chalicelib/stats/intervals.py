"""Intervals for rates, counts and means, and the exact split of a change. Pure Python: no NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

Z95 = 1.959963984540054


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson score interval of the share successes / n (Wilson 1927); 45 of 60 gives 0.627679 .. 0.842235.

    Raises ValueError without a denominator: "no denominator" must be said, never shown as 0.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("a share needs 0 <= successes <= n and n > 0")
    share, zz = successes / n, z * z
    centre = share + zz / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + zz / (4 * n * n))
    low, high = (centre - half) / (1 + zz / n), (centre + half) / (1 + zz / n)
    # Both ends are exact on paper here, and off by a rounding error in floating point.
    return (0.0 if successes == 0 else low), (1.0 if successes == n else high)


def poisson_rate(count: int, exposure: float, z: float = Z95) -> tuple[float, float]:
    """Interval of count / exposure for a Poisson count, per unit of exposure.

    Byar's approximation (Breslow & Day 1987), within 1 % of the exact limits from a count of 5. Below 5
    its lower limit is too low (by half at a count of 1), so there the exact limits (Garwood 1936) are used.
    """
    if count < 0 or not exposure > 0:
        raise ValueError("a rate needs count >= 0 and exposure > 0")
    low, high = _garwood(count, z) if count < 5 else _byar(count, z)
    return low / exposure, high / exposure


def mean_interval(n: int, total: int, squares: int) -> tuple[float, float, float]:
    """(mean, low, high): the mean and its normal 95 % interval from n, the sum and the sum of squares.

    Integer sums keep the variance exact however large the values are (no cancellation).
    """
    spread = n * squares - total * total
    if n < 2 or spread < 0:
        raise ValueError("a mean's interval needs n >= 2 and sums that belong together")
    mean = total / n
    half = Z95 * math.sqrt(spread / (n * n * (n - 1)))
    return mean, mean - half, mean + half


def bounds(good: int, known: int, missing: int) -> tuple[float, float]:
    """The share of good if all the missing were bad, and if all of them were good."""
    everyone = known + missing
    if not 0 <= good <= known or missing < 0 or everyone == 0:
        raise ValueError("bounds need 0 <= good <= known, missing >= 0 and somebody asked")
    return good / everyone, (good + missing) / everyone


def split_change(n0: int, x0: int, n1: int, x1: int) -> tuple[Fraction, Fraction]:
    """(volume, friction): dN = CPX0 * dX + X1 * dCPX for CPX = N / X; their sum is n1 - n0 exactly."""
    if x0 <= 0 or x1 <= 0:
        raise ValueError("the split needs a denominator in both periods")
    before, after = Fraction(n0, x0), Fraction(n1, x1)
    return before * (x1 - x0), x1 * (after - before)


def median_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float] | None:
    """Interval of the median between two of the values (sign test; Conover 1999, chapter 3.2): at least so sure,
    whatever the distribution. None below six values, where even the extremes are not sure enough."""
    ordered, n = sorted(values), len(values)
    below, place = 0.0, -1
    while (below := below + math.comb(n, place + 1) / 2**n) <= (1 - level) / 2:
        place += 1
    return (ordered[place], ordered[n - 1 - place]) if place >= 0 else None


def _byar(count: int, z: float) -> tuple[float, float]:
    above = count + 1
    low = count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3
    return max(0.0, low), above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3


@lru_cache(maxsize=64)
def _garwood(count: int, z: float) -> tuple[float, float]:
    """Exact limits: the means at which a count this high, or this low, has just the tail probability."""
    tail = math.erfc(z / math.sqrt(2)) / 2
    low = 0.0 if count == 0 else _mean_where_at_most(count - 1, 1 - tail)
    return low, _mean_where_at_most(count, tail)


def _mean_where_at_most(count: int, probability: float) -> float:
    """The Poisson mean at which P(X <= count) falls to this probability, by halving (it falls steadily)."""
    low, high = 0.0, count + 40.0
    for _ in range(60):
        mean = (low + high) / 2
        at_most = math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(count + 1))
        low, high = (mean, high) if at_most > probability else (low, mean)
    return (low + high) / 2
