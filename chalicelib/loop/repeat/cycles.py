"""The review cycle: one ISO week in Shanghai. Closing it stores its decisions and opens the next."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.looking import owe_discovery
from chalicelib.loop.focus.ranking import ranking
from chalicelib.model.cycle import Cycle, Decision
from chalicelib.model.errors import Conflict
from chalicelib.model.people import Caller, not_found
from chalicelib.model.weeks import shift, week_of
from chalicelib.privacy.mask import mask

FOCUS_WEEKS = 4
FOCUS_LENGTH = 20
What = Literal["start_project", "accept_proposal", "rebase", "snooze", "other"]


def current_week(now: datetime) -> str:
    """The week a moment belongs to."""
    return week_of(now)


def ensure_cycle(unit: LoopUnit) -> Cycle:
    """The open cycle; the first one, or a new week's when none is open, opens by itself."""
    open_ones = unit.find(Cycle, "cycle.state", "open")
    if open_ones:
        return open_ones[-1]
    return _open(unit, current_week(unit.now), ())


def _open(unit: LoopUnit, week: str, carried: tuple[Decision, ...]) -> Cycle:
    known = unit.get(Cycle, week)
    return known or unit.put(Cycle(week=week, opened=unit.now, carried=carried))


def current(loop: Loop) -> Cycle:
    """The open cycle."""
    return loop.change(ensure_cycle)


def decide(loop: Loop, caller: Caller, what: What, about: str, reason: str) -> Cycle:
    """Record a decision in the open cycle; the same decision again changes nothing."""

    loop.change(lambda unit: record(unit, caller, what, about, reason))
    return current(loop)


def record(unit: LoopUnit, caller: Caller, what: What, about: str, reason: str) -> Cycle:
    """Part of a larger change: a decision in the open cycle."""
    cycle = ensure_cycle(unit)
    words = mask(reason).text
    number = "D-" + unit.vault.digest(f"decision\n{cycle.week}\n{what}\n{about}\n{words}")[:8].upper()
    if any(d.id == number for d in cycle.decisions):
        return cycle
    made = Decision(id=number, what=what, about=mask(about).text, reason=words, by=caller.name, at=unit.now)
    return unit.put(cycle.model_copy(update={"decisions": (*cycle.decisions, made), "demo": False}))


def close(loop: Loop, caller: Caller, week: str) -> Cycle:
    """Close a cycle with its focus list and decisions, and open the next. Safe to repeat."""
    first = shift(week, 1 - FOCUS_WEEKS)
    focus = tuple(r.model_dump(mode="json") for r in ranking(loop, first, week)[:FOCUS_LENGTH])

    def run(unit: LoopUnit) -> Cycle:
        cycle = unit.get(Cycle, week)
        if cycle is None:
            raise not_found("cycle")
        if cycle.state == "closed":
            return cycle
        if week > current_week(unit.now):
            raise Conflict(
                "cycle.future",
                "这个周期还没开始，不能关闭",
                "this cycle has not begun; it cannot be closed",
                "week",
            )
        closed = unit.put(
            cycle.model_copy(
                update={
                    "state": "closed",
                    "closed": unit.now,
                    "closed_by": caller.name,
                    "focus": focus,
                    "demo": False,
                }
            )
        )
        _open(unit, max(shift(week, 1), current_week(unit.now)), cycle.decisions)
        owe_discovery(unit, week, caller.name)
        return closed

    loop.change(run)
    return cast(Cycle, loop.unit().get(Cycle, week))


def history(loop: Loop, limit: int = 26) -> list[Cycle]:
    """Cycles, newest first."""
    return loop.unit().find(Cycle, "cycle.all", "all", limit=limit, newest_first=True)


def by_week(loop: Loop, week: str) -> Cycle:
    """One cycle."""
    cycle = loop.unit().get(Cycle, week)
    if cycle is None:
        raise not_found("cycle")
    return cycle
