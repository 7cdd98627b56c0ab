"""Routes that show an admin what a change would do, before it is made: calendar, taxonomy, erasure, demo data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from pydantic import Field

from chalicelib.api.admin import NewTaxonomy
from chalicelib.api.routing import ADMIN, STAFF, Ask, Body, Step
from chalicelib.loop import erasure, removal
from chalicelib.loop.track import foreseen, seams
from chalicelib.model.entity import Given
from chalicelib.model.weeks import local
from chalicelib.model.workdays import Hours, calendar, calendar_known, days_between, is_workday
from chalicelib.model.worktime import Limit, due

step = Step("admin")
route = step.route
AHEAD = timedelta(days=28)
"""Longer than any holiday: what is promised by the click of a button lies nearer."""


class Year(Given):
    """Which year; by default the current one."""

    year: int | None = Field(None, ge=2000, le=2100)


class TryCalendar(Body):
    """A calendar that is not saved yet, and a limit that begins now."""

    hours: str = Field(max_length=20, description="09:00-18:00")
    holidays: tuple[date, ...] = Field((), max_length=400)
    workdays: tuple[date, ...] = Field((), max_length=400)
    limit: str = Field(
        "8h", max_length=8, description="2h working hours, 7d working days, 24c around the clock"
    )


class Confirmed(Body):
    """The word itself, so that nothing goes by mistake."""

    confirm: Literal["demo"]


@route("GET", "/taxonomy/versions", ADMIN, "Versions of the taxonomy, who made them, what each cuts")
def taxonomy_versions(ask: Ask) -> Any:
    return {"versions": seams.history(ask.loop)}


@route(
    "POST", "/taxonomy/preview", ADMIN, "What a next version would cut; nothing is stored", body=NewTaxonomy
)
def preview_taxonomy(ask: Ask) -> Any:
    b = ask.body(NewTaxonomy)
    return foreseen.foresee(ask.loop, ask.caller, b.departments, b.causes, b.number)


@route("GET", "/calendar", ADMIN, "The state's days off and worked weekends of a year", query=Year)
def state_calendar(ask: Ask) -> Any:
    year = ask.query(Year).year or local(ask.loop.clock()).year
    state = calendar()
    return {
        "year": year,
        "known": calendar_known(year),
        "off": [{"day": d, **name._asdict()} for d, name in sorted(state.off.items()) if d.year == year],
        "worked": [
            {"day": d, **name._asdict()} for d, name in sorted(state.worked.items()) if d.year == year
        ],
    }


@route("GET", "/calendar/working", STAFF, "The opening hours and the working days of four weeks")
def working_days(ask: Ask) -> Any:
    hours = ask.loop.unit().settings.worktime
    today = local(ask.loop.clock()).date()
    days = [day for day in days_between(today, today + AHEAD) if is_workday(day, hours)]
    return {"hours": str(hours), "days": days}


@route(
    "POST", "/calendar/try", ADMIN, "When a limit that begins now runs out by a calendar", body=TryCalendar
)
def try_calendar(ask: Ask) -> Any:
    b = ask.body(TryCalendar)
    now = ask.loop.clock()
    found = due(now, Limit.parse(b.limit), Hours.parse(b.hours, b.holidays, b.workdays))
    return {
        "from": now.isoformat(),
        "due": found.at.isoformat(),
        "lines": [line._asdict() for line in found.lines],
    }


@route("GET", "/customers/{id}/held", ADMIN, "How much is held about one person")
def held_of_customer(ask: Ask, id: str) -> Any:
    return erasure.held(ask.loop, ask.caller, id)


@route("GET", "/demo", ADMIN, "Whether the demo company is there, what it holds, and its removals")
def demo_company(ask: Ask) -> Any:
    return {
        "there": removal.is_demo(ask.loop),
        "holds": removal.held(ask.loop),
        "removals": removal.asked(ask.loop),
    }


@route(
    "POST",
    "/demo/removal",
    ADMIN,
    "Remove the demo company; the schedule does it",
    body=Confirmed,
    status=202,
)
def remove_demo(ask: Ask) -> Any:
    return {"removal": removal.ask(ask.loop, ask.caller)}
