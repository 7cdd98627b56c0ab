"""Stored numbers of many weeks, written as they are, and a project on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from chalicelib.loop.context import Loop
from chalicelib.loop.track.projects import move, propose
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Plan, Project, ProjectMove
from chalicelib.model.weeks import shift, week_start
from chalicelib.ports import Cells
from tests.conftest import Clock

LEAD = Caller("lead", Role.LEAD, ("logistics",))
START = "2026-W50"
"""Where projects of these tests begin, unless they say otherwise: three weeks after the clock of the tests."""
CAUSE = "delivery.damaged"
Rate = Callable[[int], float]
"""Mean contacts by week, 0 being that of the start."""


def contacts(rates: Mapping[str, Rate], weeks: range, start: str = START, seed: int = 3) -> Cells:
    """Poisson counts of causes, with the contacts that the whole company had."""
    rng, cells = np.random.default_rng(seed), Cells()
    for n in weeks:
        week = shift(start, n)
        drawn = {cause: int(rng.poisson(rate(n))) for cause, rate in rates.items()}
        cells |= {("cause", f"{week}/{cause}", "n"): count for cause, count in drawn.items() if count}
        cells["week", week, "n"] = 500 + sum(drawn.values())
    return cells


def parcels(weeks: range, start: str = START, each: int = 10_000) -> Cells:
    """A whole week's denominator for each of them."""
    fields = {"value.all": each, "days.all": 7}
    return {("x", f"{shift(start, n)}/parcels", name): v for n in weeks for name, v in fields.items()}


def write(loop: Loop, *cells: Cells) -> None:
    """Add numbers to the stored ones."""
    for some in cells:
        rows = list(some.items())
        for at in range(0, len(rows), 90):
            loop.store.save([], dict(rows[at : at + 90]))


def plan(**more: Any) -> Plan:
    """Fewer damaged parcels, from the Monday of START on."""
    given = {"metric": "cpx", "cause": CAUSE, "minimum_effect": 0.1, "starts": week_start(START), **more}
    return Plan(**given)


def proposed(loop: Loop, title: str = "加固包装", **more: Any) -> Project:
    """A project as it is proposed."""
    words = {"title": title, "hypothesis": "换箱子", "owner": "lead", "department": "logistics"}
    return propose(loop, LEAD, **words, plan=plan(**more))  # type: ignore[arg-type]


def started(loop: Loop, clock: Clock, title: str = "加固包装", **more: Any) -> Project:
    """Proposed, accepted and started an hour after its first week began."""
    project = proposed(loop, title, **more)
    clock.now = max(clock.now, project.plan.starts + timedelta(hours=1))
    for order in (ProjectMove.ACCEPT, ProjectMove.START):
        project = move(loop, LEAD, project.id, order, None)
    return project


def at_week(clock: Clock, n: int, hours: float = 1) -> None:
    """Turn the clock to shortly after the n-th week from START has begun."""
    clock.now = week_start(shift(START, n)) + timedelta(hours=hours)
