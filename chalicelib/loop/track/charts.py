"""The control chart of every weekly series: finished weeks as points, the running one apart, seams and re-bases cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import Rate
from chalicelib.loop.measure.registry import Metric, Scope, metric
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.track.readers import seam_rows, seams_of_tagger
from chalicelib.loop.track.seams import cuts, seams
from chalicelib.loop.track.series import metric_by_week, must_fit
from chalicelib.loop.track.settled import settled
from chalicelib.loop.track.weekly import LONGEST, Key, Weekly, key_of, weekly
from chalicelib.model.watch import Baseline, series_key
from chalicelib.model.weeks import shift

if TYPE_CHECKING:  # the statistics need NumPy, which what serves requests does not start with
    from chalicelib.stats.chart import Chart, Point, Series

Row = dict[str, Any]
PER = 1000
"""Contacts per X are shown per 1,000 X."""


class Cuts(NamedTuple):
    """Where the series begin again: week -> reason of the re-base, week -> version of the taxonomy."""

    rebases: Mapping[str, str]
    seams: Mapping[str, str]


class Drawn(NamedTuple):
    """A chart and the weeks under it."""

    weeks: Sequence[str]
    chart: Chart

    def at(self, week: str) -> Point | None:
        """The point of a week; None where it has none."""
        return self.chart.points[self.weeks.index(week)] if week in self.weeks else None

    @property
    def newest(self) -> Point | None:
        """The point of the last finished week."""
        return self.chart.points[-1] if self.chart.points else None


class Cutting:
    """All seams and re-bases, read once."""

    def __init__(self, loop: Loop, first: str, last: str) -> None:
        self.seams = seams(loop, first, last)
        found = loop.unit().find(Baseline, "baseline.all", "all")
        self._baselines = {baseline.key: baseline.weeks for baseline in found}

    def of(self, metric_id: str, scope: Scope) -> Cuts:
        """The cuts of one series. That of everything is not cut by the taxonomy: it counts contacts, not causes."""
        name = series_key(metric_id, scope.cause, scope.department, scope.segment)
        apart = cuts(self.seams, scope.cause, scope.department) if scope.cause or scope.department else {}
        return Cuts(self._baselines.get(name, {}), apart)


def cutting_of(numbers: Weekly) -> Cutting:
    """The cuts in the weeks of these numbers."""
    return Cutting(numbers.loop, shift(numbers.running, 1 - LONGEST), numbers.running)


def draw(series: Series, weeks: Sequence[str], cut: Cuts) -> Drawn:
    """The chart of a series on weeks, its baselines the first twelve points since the beginning or a cut."""
    from chalicelib.stats.baseline import Rebase, Seam
    from chalicelib.stats.chart import chart

    def place(week: str) -> int:
        return sum(w < week for w in weeks)

    rebases = [Rebase(place(week), reason) for week, reason in cut.rebases.items()]
    found = [Seam(place(week), version) for week, version in cut.seams.items()]
    return Drawn(weeks, chart(series, rebases, found))


def rate_series(rates: Sequence[Rate | None]) -> Series:
    """Contacts per 1,000 X as a chart takes them."""
    from chalicelib.stats.chart import Series

    return Series(
        counts=[rate.contacts if rate else None for rate in rates],
        exposures=[rate.x / PER if rate else None for rate in rates],
    )


def draw_rates(numbers: Weekly, key: Key, cutting: Cutting) -> Drawn:
    """Contacts per 1,000 X of one cause or department, or of everything."""
    family, part = key
    scope = Scope("", "", part if family == "cause" else "", part if family == "department" else "")
    return draw(rate_series(numbers.rates(key)), numbers.weeks, cutting.of("cpx", scope))


def value_series(values: Sequence[Value], unit: str) -> Series:
    """Values of the registry as a chart takes them: counts where they are counts, so that n weighs."""
    from chalicelib.stats.chart import Series

    known = [v.state is State.KNOWN for v in values]
    if unit in ("per_1000", "share"):
        per = PER if unit == "per_1000" else 1
        return Series(
            counts=[v.count if k else None for v, k in zip(values, known, strict=True)],
            exposures=[v.n / per if k else None for v, k in zip(values, known, strict=True)],
            share=unit == "share",
        )
    return Series(values=[v.value if k else None for v, k in zip(values, known, strict=True)])


def chart(loop: Loop, metric_id: str, scope: Scope) -> Row:
    """One metric's control chart: the finished weeks of the scope, each with its value and its point; the running
    week beside them. The limits come from the whole series, however few weeks are shown."""
    chosen = metric(metric_id)
    must_fit(chosen, scope)
    numbers = weekly(loop)
    values = _values(loop, numbers, chosen, scope)
    cutting = cutting_of(numbers)
    drawn = draw(
        value_series([values[week] for week in numbers.weeks], chosen.unit),
        numbers.weeks,
        cutting.of(metric_id, scope),
    )
    shown = [week for week in numbers.weeks if scope.first <= week <= scope.last]
    running = numbers.running if scope.first <= numbers.running <= scope.last else ""
    return {
        "metric": metric_id,
        "unit": chosen.unit,
        "better": chosen.better,
        "chart": drawn.chart.kind,
        "begin": numbers.weeks[0] if numbers.weeks else None,
        "segments": [_segment(drawn, number) for number in range(len(drawn.chart.parts))],
        "seams": in_order(
            [row for row in cutting.seams if scope.first <= row["week"] <= scope.last],
            seam_rows(loop, numbers.whole, scope.first, scope.last),
        ),
        "weeks": [{"week": week, **values[week].model_dump(), **point_row(drawn.at(week))} for week in shown],
        "running": {"week": running, **values[running].model_dump()} if running else None,
    }


def _values(loop: Loop, numbers: Weekly, chosen: Metric, scope: Scope) -> dict[str, Value]:
    """The value of every finished week and the running one."""
    weeks = (*numbers.weeks, numbers.running)
    if chosen.id == "cpx" and not scope.segment:
        return {week: numbers.value(key_of(scope), week) for week in weeks}
    rows = metric_by_week(loop, chosen.id, replace(scope, first=weeks[0], last=weeks[-1]))
    names = Value.model_fields
    values = {row["week"]: Value(**{name: row[name] for name in names}) for row in rows}
    return {
        week: settled(chosen.id, scope, week, value, numbers.taxonomy, numbers.now)
        for week, value in values.items()
    }


NO_POINT: Row = {
    "mean": None,
    "limits": None,
    "near_limits": None,
    "limits_from": None,
    "baseline": False,
    "segment": None,
    "signals": [],
    "side": None,
}


def point_row(point: Point | None) -> Row:
    """A point as interfaces show it; `side` says on which side of the mean it lies."""
    if point is None:
        return NO_POINT
    return {
        "mean": point.mean,
        "limits": point.limits,
        "near_limits": point.near_limits,
        "limits_from": point.by,
        "baseline": point.baseline,
        "segment": point.segment,
        "signals": list(point.signals),
        "side": "above" if point.value > point.mean else "below" if point.value < point.mean else "on",
    }


def _segment(drawn: Drawn, number: int) -> Row:
    """A stretch of the series with a baseline of its own."""
    part = drawn.chart.parts[number]
    cut = part.segment
    return {
        "first": drawn.weeks[cut.start],
        "last": drawn.weeks[cut.end - 1],
        "baseline_last": drawn.weeks[cut.baseline_end - 1],
        "baseline_points": part.baseline_points,
        "locked": cut.locked,
        "why": cut.why,
        "reason": cut.reason,
        "mean": part.figures.mean if part.figures else None,
    }


def marks(loop: Loop, first: str, last: str) -> list[Row]:
    """The seams of the taxonomy and of the tagger in those weeks, oldest first."""
    return in_order(seams(loop, first, last), seams_of_tagger(loop, first, last))


def in_order(taxonomy: list[Row], tagger: list[Row]) -> list[Row]:
    """Both kinds of seams together, by week."""
    return sorted((*taxonomy, *tagger), key=lambda row: str(row["week"]))


def with_points(loop: Loop, metric_id: str, scope: Scope, weeks: list[Row]) -> list[Row]:
    """The rows of a trend, each finished week with the limits and signals of the chart."""
    drawn = {row["week"]: row for row in chart(loop, metric_id, scope)["weeks"]}
    return [{**row, **{name: drawn.get(row["week"], NO_POINT)[name] for name in NO_POINT}} for row in weeks]
