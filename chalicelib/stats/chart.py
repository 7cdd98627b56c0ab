"""One control chart of one series: the right limits for what it holds, and the signals of each point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from chalicelib.stats.baseline import LOCKED_AFTER, Rebase, Seam, Segment, segments
from chalicelib.stats.laney import Laney, laney
from chalicelib.stats.poisson import LIMIT_TAIL, NEAR_TAIL, SMALL, count_limits
from chalicelib.stats.signals import Rule, named, signals
from chalicelib.stats.xmr import Xmr, xmr

Kind = Literal["xmr", "u", "p"]
By = Literal["xmr", "laney", "poisson", "none"]
Pair = tuple[float, float]
Numbers = Sequence[float | None]
Floats = NDArray[np.float64]
NOTHING_YET = 0.5
"""Contacts that an empty baseline stands for in its exact limits (the mean of Jeffreys' posterior after none): that
none came in so many periods does not make the first one impossible."""
Cut = TypeVar("Cut", Rebase, Seam)


class Series(NamedTuple):
    """What a chart is drawn of: measured `values`, or `counts` with `exposures` (`share`: counts are part of them).

    None is a period without a figure or without a denominator: it has no point, is never 0 and counts for no
    baseline.
    """

    values: Numbers = ()
    counts: Numbers = ()
    exposures: Numbers = ()
    share: bool = False


class Point(NamedTuple):
    """One period; `by` says where its limits come from, "none" that its baseline has but one point yet.

    Limits of rates are cut at 0, of shares also at 1; `expected` is the count the mean stands for.
    """

    value: float
    expected: float | None
    mean: float
    limits: Pair | None
    near_limits: Pair | None
    by: By
    baseline: bool
    segment: int
    signals: tuple[Rule, ...]


class Part(NamedTuple):
    """A segment (its places count periods of the series) and the figures of its baseline."""

    segment: Segment
    baseline_points: int
    figures: Xmr | Laney | None


class Chart(NamedTuple):
    """`points` has one entry a period, None where there was nothing to draw."""

    kind: Kind
    points: tuple[Point | None, ...]
    parts: tuple[Part, ...]

    @property
    def mean(self) -> float | None:
        """The mean in force, that of the newest point."""
        return next((p.mean for p in reversed(self.points) if p), None)


def pick(series: Series) -> Kind:
    """The chart that fits: XmR for measured values, p' for shares, u' for counts per X."""
    if series.values:
        return "xmr"
    return "p" if series.share else "u"


def chart(
    series: Series,
    rebases: Sequence[Rebase] = (),
    seams: Sequence[Seam] = (),
    baseline: int | None = LOCKED_AFTER,
    clamp: bool = True,
) -> Chart:
    """Draw a series. Points after a baseline change nothing in its limits; expected counts below 5 have exact
    Poisson limits, after an empty baseline those of NOTHING_YET. Raises ValueError for negative counts, or a share above 1.
    """
    kind = pick(series)
    y, n, known = _known(series)
    # Cuts are places among the points that there are.
    cuts = segments(len(known), _moved(rebases, known), _moved(seams, known), baseline)
    found: list[Point | None] = [None] * len(series.values or series.counts)
    parts = []
    for number, cut in enumerate(cuts):
        points, figures = _xmr(y, cut, number) if n is None else _rates(y, n, cut, number, kind, clamp)
        for place, point in zip(known[cut.all].tolist(), points, strict=True):
            found[place] = point
        parts.append(Part(_placed(cut, known), cut.baseline_end - cut.start, figures))
    return Chart(kind, tuple(found), tuple(parts))


def _known(series: Series) -> tuple[Floats, Floats | None, NDArray[np.intp]]:
    """The figures of the periods that have them, their exposures, and which periods those are."""
    if series.values:
        values = _array(series.values)
        known = np.flatnonzero(np.isfinite(values))
        return values[known], None, known
    counts, exposures = _array(series.counts), _array(series.exposures)
    if counts.shape != exposures.shape:
        raise ValueError("a rate chart needs as many exposures as counts")
    known = np.flatnonzero(np.isfinite(counts) & (exposures > 0))
    return counts[known], exposures[known], known


def _array(numbers: Numbers) -> Floats:
    return np.array([np.nan if v is None else v for v in numbers], float)


def _moved(cuts: Sequence[Cut], known: NDArray[np.intp]) -> list[Cut]:
    """Places among all periods as places among the points; a cut that no point follows waits for one."""
    if not cuts:
        return []
    places = np.searchsorted(known, [cut.at for cut in cuts])
    return [cut._replace(at=int(at)) for cut, at in zip(cuts, places, strict=True) if at < len(known)]


def _placed(cut: Segment, known: NDArray[np.intp]) -> Segment:
    start, end, baseline = (int(known[i]) for i in (cut.start, cut.end - 1, cut.baseline_end - 1))
    return cut._replace(start=start, end=end + 1, baseline_end=baseline + 1)


def _xmr(values: Floats, cut: Segment, number: int) -> tuple[list[Point], Xmr | None]:
    y = values[cut.all]
    if cut.baseline_end - cut.start < 2:
        return _without_limits(y, [None] * len(y), number), None
    found = xmr(values[cut.baseline])
    rules = named(signals(y, found.mean, found.limits, found.near_limits))
    return [
        Point(value, None, found.mean, found.limits, found.near_limits, "xmr", i < cut.baseline_end - cut.start,
              number, rule)
        for i, (value, rule) in enumerate(zip(y.tolist(), rules, strict=True))
    ], found  # fmt: skip


def _rates(
    counts: Floats, exposures: Floats, cut: Segment, number: int, kind: Kind, clamp: bool
) -> tuple[list[Point], Laney | None]:
    n = exposures[cut.all]
    y = counts[cut.all] / n
    if cut.baseline_end - cut.start < 2:
        return _without_limits(y, counts[cut.all].tolist(), number), None
    found = laney("p" if kind == "p" else "u", counts[cut.baseline], exposures[cut.baseline], clamp)
    if found.kind == "p" and (y > 1).any():
        raise ValueError("a share needs counts <= exposure")
    expected = found.mean * n
    small = expected < SMALL
    rate = found.mean or NOTHING_YET / float(exposures[cut.baseline].sum())
    limits = _mixed(found.limits(n), rate * n, n, small, LIMIT_TAIL)
    near = _mixed(found.limits(n, 2.0), rate * n, n, small, NEAR_TAIL)
    rules = named(signals(y, found.mean, limits, near))
    top = 1.0 if found.kind == "p" else np.inf
    columns = (y, expected, *(np.clip(side, 0.0, top) for side in (*limits, *near)))
    rows = zip(*(column.tolist() for column in columns), small.tolist(), rules, strict=True)
    return [
        Point(value, count, found.mean, (low, high), (near_low, near_high), "poisson" if few else "laney",
              i < cut.baseline_end - cut.start, number, rule)
        for i, (value, count, low, high, near_low, near_high, few, rule) in enumerate(rows)
    ], found  # fmt: skip


def _mixed(
    limits: tuple[Floats, Floats], expected: Floats, n: Floats, small: NDArray[np.bool_], tail: float
) -> tuple[Floats, Floats]:
    """Laney's limits, and exact ones where the expected count is small."""
    if not small.any():
        return limits
    low, high = (side.copy() for side in limits)
    few, many = count_limits(expected[small], tail)
    low[small], high[small] = few / n[small], many / n[small]
    return low, high


def _without_limits(y: Floats, expected: Sequence[float | None], number: int) -> list[Point]:
    rows = zip(y.tolist(), expected, strict=True)
    return [Point(value, count, value, None, None, "none", True, number, ()) for value, count in rows]
