"""Loop health, from the event log alone: how many days each step takes, and how many of the top causes are worked on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.value import State, Value, missing, share
from chalicelib.loop.track.weekly import Weekly
from chalicelib.model.contact import Contact
from chalicelib.model.entity import stamp
from chalicelib.model.project import Project, ProjectState
from chalicelib.stats.intervals import median_interval

STEPS = ("contact", "proposal", "accepted", "live", "verdict")
EVENTS = {
    "ProjectProposed": "proposal",
    "ProjectAccepted": "accepted",
    "ProjectStarted": "live",
    "VerdictReached": "verdict",
}
NEWEST = 100
"""Projects looked at."""
LOOK_BACK = timedelta(weeks=52)
"""How far before its proposal a project's first contact is looked for."""
TOP, TOP_WEEKS = 20, 4
Times = Mapping[str, datetime]
Row = dict[str, Any]


def health(loop: Loop, numbers: Weekly) -> Row:
    """Median days of each step with n and how many have not got there yet; share of the top causes being worked on.

    A step's beginning is the one before it in the loop. The contact is the first one with the project's cause in the
    year before its proposal."""
    unit = loop.unit()
    projects = unit.find(Project, "project.all", "all", newest_first=True, limit=NEWEST)
    first = _first_contacts(unit, projects)
    logs = [(project, {**_logged(project), **_when(first.get(project.id))}) for project in projects]
    steps = [_step(a, b, logs) for a, b in pairwise(STEPS)]
    return {
        "projects": len(projects),
        "steps": steps,
        "whole": _step(STEPS[0], STEPS[-1], logs),
        "top_causes_live": _top(numbers, projects),
    }


def _logged(project: Project) -> dict[str, datetime]:
    """When each step was first done."""
    out: dict[str, datetime] = {}
    for event in project.history:
        if step := EVENTS.get(event.name):
            out.setdefault(step, event.at)
    return out


def _when(contact: Contact | None) -> dict[str, datetime]:
    return {"contact": contact.time} if contact else {}


def _first_contacts(unit: LoopUnit, projects: Sequence[Project]) -> dict[str, Contact]:
    """One index read a project, and all the contacts in one."""
    keys: dict[str, str] = {}
    for project in projects:
        low, high = stamp(project.created - LOOK_BACK), stamp(project.created)
        page = unit.store.find(Contact, "contact.cause", project.plan.cause, low=low, high=high, limit=1)
        keys.update((project.id, key) for key in page.keys)
    found = unit.store.get(Contact, list(dict.fromkeys(keys.values())))
    return {project: found[key] for project, key in keys.items() if key in found}


def _step(begin: str, end: str, logs: Sequence[tuple[Project, Times]]) -> Row:
    days = [(t[end] - t[begin]).total_seconds() / 86_400 for _, t in logs if begin in t and end in t]
    open_ = sum(begin in t and end not in t and p.state is not ProjectState.ENDED for p, t in logs)
    return {"from": begin, "to": end, "days": median_days(days, open_)}


def median_days(days: Sequence[float], waiting: int) -> Value:
    """Their median with its interval (from six on); `unknown` are those that have not got there yet."""
    if not days:
        return missing(State.NOT_YET_KNOWN if waiting else State.NO_DATA, unknown=waiting)
    low, high = median_interval(days) or (None, None)
    return Value(
        state=State.KNOWN,
        value=median(days),
        low=low,
        high=high,
        n=len(days),
        count=len(days),
        unknown=waiting,
    )


def _top(numbers: Weekly, projects: Sequence[Project]) -> Value:
    """Of the twenty causes with most contacts in the last four finished weeks, the share with a live project."""
    weeks = numbers.weeks[-TOP_WEEKS:]
    volume = {c: sum(numbers.contacts(("cause", c), week) for week in weeks) for c in numbers.parts("cause")}
    top = sorted((c for c, n in volume.items() if n), key=lambda c: (-volume[c], c))[:TOP]
    live = {p.plan.cause for p in projects if p.state is ProjectState.LIVE}
    return share(sum(cause in live for cause in top), len(top))
