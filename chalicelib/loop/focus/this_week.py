"""How many people met a cause this week, and the project that is removing it: told while a contact is logged."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import stamp
from chalicelib.model.people import Caller, not_found
from chalicelib.model.project import Project, ProjectState
from chalicelib.model.weeks import week_of, week_start

MOST_READ = 300
"""Beyond so many contacts the people are not counted: nobody waits for that while typing."""
RUNNING = (ProjectState.LIVE, ProjectState.REOPENED)


def this_week(loop: Loop, caller: Caller, code: str) -> dict[str, Any]:
    """Contacts and people of a cause in the current week; people are None where there are too many to count.

    A contact without a customer is somebody of its own.
    """
    unit = loop.unit()
    if code not in unit.taxonomy.by_code:
        raise not_found("cause")
    cause = unit.taxonomy.current(code)
    caller.must_see([unit.taxonomy.department_of(cause)], "cause")
    week = week_of(unit.now)
    sort = f"{week}/{cause}"
    n = loop.store.cells("cause", sort, sort).get(("cause", sort, "n"), 0)
    people = _people(unit, cause, week) if n <= MOST_READ else None
    return {"cause": cause, "week": week, "contacts": n, "people": people, "project": _project(unit, cause)}


def _people(unit: LoopUnit, cause: str, week: str) -> int:
    low = stamp(week_start(week))
    found = unit.find(Contact, "contact.cause", cause, low=low, limit=2 * MOST_READ)
    return len({c.customer or c.id for c in found if c.tagged and c.channel is not Channel.CALLBACK})


def _project(unit: LoopUnit, cause: str) -> dict[str, Any] | None:
    """The newest project that has started on it; its own first day may still be to come."""
    found = unit.find(Project, "project.cause", cause, newest_first=True)
    live = next((p for p in found if p.state in RUNNING), None)
    if live is None:
        return None
    starts = live.plan.starts
    return {"id": live.id, "title": live.title, "starts": starts, "begun": starts <= unit.now}
