"""F1 from counts, its interval, and how far F1 differs between two taggers on the same texts. Pure Python."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import NamedTuple

RESAMPLES = 2_000
SEED = 20_060_101


class Counts(NamedTuple):
    """Labels of one text: rightly given, wrongly given, missed."""

    right: int
    wrong: int
    missed: int


class Estimate(NamedTuple):
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


def f1(right: int, wrong: int, missed: int) -> float:
    """Harmonic mean of precision and recall; 0 where there is nothing to find and nothing was given."""
    return 2 * right / max(2 * right + wrong + missed, 1)


def added(counts: Iterable[Counts]) -> Counts:
    """The counts of many texts together."""
    return Counts(*map(sum, zip(Counts(0, 0, 0), *counts, strict=True)))


def f1_interval(texts: Iterable[Counts], level: float = 0.95) -> Estimate:
    """F1 of a tagger; whole texts are drawn again for the interval."""
    return _bootstrap(Counter(map(tuple, texts)), 3, level)


def f1_change(pairs: Iterable[tuple[Counts, Counts]], level: float = 0.95) -> Estimate:
    """F1 after minus F1 before, where each pair is (before, after) for one text; texts are drawn in pairs."""
    return _bootstrap(Counter((*before, *after) for before, after in pairs), 6, level)


def _bootstrap(patterns: Counter[tuple[int, ...]], width: int, level: float) -> Estimate:
    """Percentile interval (Efron 1979) over resamples; the same texts in any order give the same interval."""
    value = _value(_total(patterns.items(), width))
    drawn = sorted(_value(total) for total in _resampled(patterns, width))
    tail = (1 - level) / 2
    return Estimate(value, _quantile(drawn, tail), _quantile(drawn, 1 - tail))


def _value(total: Sequence[int]) -> float:
    """F1 of one set of counts, or the last one's F1 less the first one's."""
    return f1(*total) if len(total) == 3 else f1(*total[3:]) - f1(*total[:3])


def _resampled(patterns: Counter[tuple[int, ...]], width: int) -> Iterator[list[int]]:
    """Each text counts Poisson(1) times (Hanley & MacGibbon 2006), so n alike count Poisson(n) times: texts
    that bear nothing need no draw, and the time goes with the kinds of texts instead of their number."""
    kinds = [(pattern, poisson_table(n)) for pattern, n in sorted(patterns.items()) if any(pattern)]
    uniform = Random(SEED).random
    for _ in range(RESAMPLES):
        yield _total(((pattern, bisect_left(table, uniform())) for pattern, table in kinds), width)


def _total(weighted: Iterable[tuple[tuple[int, ...], int]], width: int) -> list[int]:
    total = [0] * width
    for pattern, times in weighted:
        if times:
            for place, n in enumerate(pattern):
                total[place] += n * times
    return total


def poisson_table(mean: int) -> list[float]:
    """P(X <= k) for k = 0, 1, … as far as it matters; the place of a uniform draw in it is a Poisson draw."""
    table, reached = [], 0.0
    for k in range(int(mean + 12 * math.sqrt(mean)) + 12):
        reached += math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
        table.append(reached)
    return table


def _quantile(ranked: Sequence[float], share: float) -> float:
    """Linear between neighbours."""
    place = share * (len(ranked) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])
