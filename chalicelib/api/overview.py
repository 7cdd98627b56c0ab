"""Routes of what executives watch: charts, baselines, alarms, skyline, split, completeness, the whole page."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.numbers import ScopeQuery
from chalicelib.api.routing import ANYONE, READERS, STAFF, Ask, Step
from chalicelib.loop import overview
from chalicelib.loop.listen import source_counts
from chalicelib.loop.measure.completeness import completeness, span, summary
from chalicelib.loop.track import (
    alarms,
    baselines,
    charts,
    health,
    skyline,
    snoozing,
    sparklines,
    split,
    weekly,
)
from chalicelib.model.entity import Given
from chalicelib.model.weeks import parse_week

measuring = Step("measure")
track = Step("track")


class ChartQuery(ScopeQuery):
    """One metric's chart, and which weeks of it are shown; the limits come from all of them."""

    metric: str = "cpx"


class OneWeek(Given):
    """Which week; by default the newest there is."""

    week: str = Field("", description="ISO week, 2026-W46")


class Bars(OneWeek):
    """Which week comes last, and how many causes."""

    causes: int = Field(skyline.MOST, ge=1, le=60)


class TwoPeriods(Given):
    """Two periods of finished weeks; by default the last four against the four before."""

    first: str = Field("", description="First ISO week of the later period")
    last: str = ""
    before_first: str = Field("", description="First ISO week of the earlier period")
    before_last: str = ""


class Days(Given):
    """Which days, both included; by default the last fourteen."""

    first: str = Field("", description="2026-11-01")
    last: str = ""


@track.route("GET", "/overview", READERS, "The executive page in one answer", query=OneWeek)
def executive_overview(ask: Ask) -> Any:
    week = ask.query(OneWeek).week
    return overview.overview(ask.loop, ask.caller, parse_week(week) if week else "")


@track.route("GET", "/chart", ANYONE, "One metric's control chart by week", query=ChartQuery)
def control_chart(ask: Ask) -> Any:
    q = ask.query(ChartQuery)
    scope = q.scope(ask, 26)
    found = charts.chart(ask.loop, q.metric, scope)
    return {**found, "replaced": ask.loop.unit().taxonomy.replaced(scope.cause)} if scope.cause else found


@track.route("GET", "/baselines", ANYONE, "Baselines that were begun again, with every act")
def list_baselines(ask: Ask) -> Any:
    return {"baselines": baselines.listed(ask.loop, ask.caller)}


@track.route(
    "POST",
    "/baselines",
    READERS,
    "Begin a baseline again at a week, or take that back",
    body=baselines.NewBaseline,
)
def change_baseline(ask: Ask) -> Any:
    saved = baselines.act(ask.loop, ask.caller, ask.body(baselines.NewBaseline))
    return {"baseline": saved, "in_force": saved.weeks}


@track.route("GET", "/alarms", ANYONE, "What was judged of a week, alarms first", query=OneWeek)
def week_alarms(ask: Ask) -> Any:
    week = ask.query(OneWeek).week
    return alarms.shown(ask.loop, ask.caller, parse_week(week) if week else "")


@track.route(
    "POST", "/alarms/snooze", READERS, "No notices of a cause's alarms for a while", body=snoozing.NewSnooze
)
def snooze_alarms(ask: Ask) -> Any:
    return snoozing.snooze(ask.loop, ask.caller, ask.body(snoozing.NewSnooze))


@track.route(
    "GET", "/skyline", ANYONE, "Seven weeks of contacts per X of the top causes, with limits", query=Bars
)
def seven_weeks(ask: Ask) -> Any:
    q = ask.query(Bars)
    numbers = weekly.weekly(ask.loop, parse_week(q.week) if q.week else "")
    return skyline.skyline(numbers, charts.cutting_of(numbers), ask.caller, q.causes)


@track.route("GET", "/sparklines", ANYONE, "The last 13 weeks of every cause with limits, for lists")
def small_charts(ask: Ask) -> Any:
    return sparklines.sparklines(weekly.weekly(ask.loop), ask.caller)


@track.route(
    "GET", "/split", ANYONE, "A change between two periods, split into volume and friction", query=TwoPeriods
)
def volume_and_friction(ask: Ask) -> Any:
    q = ask.query(TwoPeriods)
    asked = {name: text and parse_week(text, where=name) for name, text in q.model_dump().items()}
    numbers = weekly.weekly(ask.loop)
    wanted = split.periods(
        numbers, asked["first"], asked["last"], asked["before_first"], asked["before_last"]
    )
    return split.split(numbers, ask.caller, wanted)


@track.route(
    "GET", "/health-of-loop", READERS, "Median days of each step of the loop; share of top causes worked on"
)
def health_of_loop(ask: Ask) -> Any:
    return health.health(ask.loop, weekly.weekly(ask.loop))


class SourceCountBody(source_counts.NewSourceCount):
    """How many contacts a channel had on a day; a number as text is for files."""

    count: int = Field(strict=True, ge=0, le=10**9)


@measuring.route(
    "PUT",
    "/source-counts",
    STAFF,
    "How many contacts a channel had on a day by its own count",
    body=SourceCountBody,
)
def save_source_count(ask: Ask) -> Any:
    saved, changed = source_counts.save(ask.loop, ask.caller, ask.body(SourceCountBody))
    return {"source_count": saved, "changed": changed}


@measuring.route(
    "GET", "/source-counts", READERS, "What the sources counted, given by whom and when", query=Days
)
def list_source_counts(ask: Ask) -> Any:
    q = ask.query(Days)
    first, last = span(ask.loop.clock(), q.first, q.last)
    return {"first": first, "last": last, "source_counts": source_counts.listed(ask.loop, first, last)}


@measuring.route(
    "GET", "/completeness", READERS, "Contacts recorded against reported, per channel and day", query=Days
)
def recorded_and_reported(ask: Ask) -> Any:
    q = ask.query(Days)
    first, last = span(ask.loop.clock(), q.first, q.last)
    rows = completeness(ask.loop, first, last)
    return {"first": first, "last": last, **summary(rows), "rows": rows}
