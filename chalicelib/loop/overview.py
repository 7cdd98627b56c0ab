"""The executive page in one answer. How much is read does not depend on how many contacts there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.loop.focus.matrix import hidden, matrix
from chalicelib.loop.measure.completeness import ChannelDay, completeness, summary
from chalicelib.loop.measure.registry import Scope, measure
from chalicelib.loop.track import projects, verdicts
from chalicelib.loop.track.alarms import of_week
from chalicelib.loop.track.changes import changes
from chalicelib.loop.track.charts import Cutting, cutting_of, draw_rates, in_order, point_row
from chalicelib.loop.track.corrected import corrected_rates
from chalicelib.loop.track.health import health
from chalicelib.loop.track.readers import seam_rows
from chalicelib.loop.track.skyline import bars, skyline
from chalicelib.loop.track.weekly import EVERYTHING, Weekly, weekly
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller
from chalicelib.model.watch import AlarmWeek
from chalicelib.model.weeks import date_of, shift, week_end, week_of

CHART_WEEKS, HEAT_WEEKS, RATE_WEEKS = 26, 12, 4
COMPLETE_DAYS = 14
CORRECTED_WEEKS, CORRECTED_CAUSES = 12, 10
MOST_PROJECTS = 50
THREE_RATES = ("response_rate", "resolution_rate", "satisfaction_rate")
Row = dict[str, Any]


@dataclass(frozen=True)
class View:
    """What the parts of the page are made of, each read once."""

    loop: Loop
    caller: Caller
    numbers: Weekly
    cutting: Cutting
    week: str
    """The finished week it is about."""

    @property
    def newest(self) -> bool:
        """Whether no later week is finished."""
        return shift(self.week, 1) == self.numbers.running

    @cached_property
    def judged(self) -> AlarmWeek | None:
        """The alarms of that week."""
        return of_week(self.loop, self.week)

    @cached_property
    def days(self) -> list[ChannelDay]:
        """The channels' last days; of an earlier week those to its end."""
        last = date_of(self.numbers.now if self.newest else week_end(self.week) - timedelta(days=1))
        first = date.fromisoformat(last) - timedelta(days=COMPLETE_DAYS)
        return completeness(self.loop, first.isoformat(), last)


def _changes(view: View) -> list[Row]:
    company = draw_rates(view.numbers, EVERYTHING, view.cutting)
    return changes(view.week, view.judged, company, view.days, view.caller, view.numbers.taxonomy)


def _chart(view: View) -> Row:
    """All contacts per 1,000 orders, with limits and seams; the running week has no point."""
    numbers, shown = view.numbers, view.numbers.weeks[-CHART_WEEKS:]
    begin = shown[0] if shown else numbers.running
    running = None
    if view.newest:
        running = {"week": numbers.running, **numbers.value(EVERYTHING, numbers.running).model_dump()}
    return {
        "weeks": bars(numbers, view.cutting, EVERYTHING, shown),
        "running": running,
        "seams": in_order(
            [row for row in view.cutting.seams if row["week"] >= begin],
            seam_rows(view.loop, numbers.whole, begin, numbers.running),
        ),
    }


def _skyline(view: View) -> Row:
    return skyline(view.numbers, view.cutting, view.caller)


def _heat_map(view: View) -> Row:
    """Departments by week: contacts per 1,000 orders, each judged by its own limits, not by its neighbours."""
    numbers, weeks = view.numbers, view.numbers.weeks[-HEAT_WEEKS:]
    names = {d.code: d.name_zh for d in numbers.taxonomy.departments}
    shown = [d for d in numbers.parts("department") if view.caller.sees([d])]
    return {
        "weeks": weeks,
        "departments": [
            {"department": d, "label": names.get(d, d), "cells": _cells(view, d, weeks)} for d in shown
        ],
    }


def _cells(view: View, department: str, weeks: tuple[str, ...]) -> list[Row]:
    key = ("department", department)
    drawn = draw_rates(view.numbers, key, view.cutting)
    wanted = ("limits", "signals", "side")
    return [
        {
            "week": week,
            **view.numbers.value(key, week).model_dump(
                include={"state", "value", "low", "high", "n", "count"}
            ),
            **{name: point_row(drawn.at(week))[name] for name in wanted},
        }
        for week in weeks
    ]


def _matrix(view: View) -> list[Row]:
    """The scores of the cycle after the week: the running one, as long as no earlier week is asked for."""
    return matrix(view.loop, view.caller, shift(view.week, 1))


def _hidden(view: View) -> int:
    """Causes of that cycle that others have scored and a lead has yet to score blind."""
    return hidden(view.loop, view.caller, shift(view.week, 1))


def _projects(view: View) -> Row:
    found = projects.listed(view.loop, view.caller, MOST_PROJECTS + 1)
    rows = verdicts.views(view.loop, found[:MOST_PROJECTS])
    return {"projects": rows, "more": len(found) > MOST_PROJECTS}


def _rates(view: View) -> Row:
    """The three rates of the last four finished weeks, with what they would be if all not heard from were unhappy,
    or happy."""
    first = shift(view.week, 1 - RATE_WEEKS)
    values = measure(view.loop, Scope(first, view.week), THREE_RATES)
    return {"first": first, "last": view.week, **values}


def _health(view: View) -> Row:
    return health(view.loop, view.numbers)


def _completeness(view: View) -> Row:
    return {"days": COMPLETE_DAYS, **summary(view.days)}


def _corrected(view: View) -> Row:
    """Of the causes with most contacts, those with enough second looks to correct their rates for label error."""
    ranked = skyline(view.numbers, view.cutting, view.caller, CORRECTED_CAUSES)
    causes = [row["cause"] for row in ranked["causes"]]
    weeks = view.numbers.weeks[-CORRECTED_WEEKS:]
    return {"weeks": weeks, "causes": corrected_rates(view.numbers, causes, weeks)}


PARTS: dict[str, Callable[[View], Any]] = {
    "changes": _changes,
    "chart": _chart,
    "skyline": _skyline,
    "matrix": _matrix,
    "matrix_hidden": _hidden,
    "heat_map": _heat_map,
    "projects": _projects,
    "three_rates": _rates,
    "health": _health,
    "completeness": _completeness,
    "corrected": _corrected,
}
"""The parts of the page, in the order of the page; another one is another line."""


def overview(loop: Loop, caller: Caller, week: str = "") -> Row:
    """Everything an executive looks at, of a finished week, by default the newest; a lead sees the parts of it that
    concern its departments. Projects and loop health are always as they stand now."""
    newest = shift(week_of(loop.clock()), -1)
    if week > newest:
        raise Invalid(
            "overview.week",
            f"这一周还没有过完，请选 {newest} 或更早的周",
            f"this week is not over; name {newest} or an earlier one",
            "week",
        )
    numbers = weekly(loop, "" if week in ("", newest) else week)
    view = View(loop, caller, numbers, cutting_of(numbers), week or newest)
    return {
        "week": view.week,
        "begin": numbers.weeks[0] if numbers.weeks else None,
        "newest": newest,
        "running": numbers.running,
        **{name: part(view) for name, part in PARTS.items()},
    }
