"""The review cycle: one ISO week in Shanghai. Every week from the first on has one; at most one is open.

A cycle opens when its week begins, or as soon as the one before is closed. When a week is over and nobody closed
its cycle, it closes by itself with what was decided in it; weeks in which the service did not run get a cycle
that says so. What was decided, and what was not, goes on to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.looking import owe_discovery
from chalicelib.loop.focus.ranking import ranking
from chalicelib.loop.listen.arriving import CHANNEL_ZH
from chalicelib.loop.repeat import agenda, outcomes
from chalicelib.loop.repeat.agenda_parts import FOCUS_LENGTH, FOCUS_WEEKS
from chalicelib.model.cycle import COMPANY, LAPSED, Cycle, Decision, Recorded
from chalicelib.model.demo import DemoMark
from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.people import Caller
from chalicelib.model.project import Project
from chalicelib.model.proposal import Proposal
from chalicelib.model.weeks import shift, week_of, weeks_between
from chalicelib.privacy.mask import mask

__all__ = ["FOCUS_WEEKS"]
WEEKS_AT_ONCE = 20
"""Missed weeks that one save makes up for."""
MOST_DECISIONS = 80
LONGEST_REASON = 500
"""Characters; with the bounds of the agenda a cycle stays far below the 400 KB of a DynamoDB item."""


def current_week(now: datetime) -> str:
    """The week a moment belongs to."""
    return week_of(now)


def ensure_cycle(unit: LoopUnit) -> Cycle:
    """The open cycle; a new week's opens by itself, and that of a week before is closed.

    Only the newest cycle is looked for: it may have been closed, and the next opened, while it was being read,
    and then `_follow` finds the next one there.
    """
    found = unit.find(Cycle, "cycle.all", "all", limit=1, newest_first=True)
    week = week_of(unit.now)
    if not found:
        return _open(unit, week, None)
    (newest,) = found
    if newest.state == "open" and newest.week >= week:
        return newest
    if newest.state == "open":
        newest = unit.put(_frozen(unit, newest, LAPSED))
        owe_discovery(unit, shift(week, -1), LAPSED)
    return _follow(unit, newest, week)


def _follow(unit: LoopUnit, before: Cycle, week: str) -> Cycle:
    """The cycle of this week after that one; or, where more than `WEEKS_AT_ONCE` weeks were missed, the last
    one that was made up for."""
    for passed in weeks_between(shift(before.week, 1), shift(week, -1))[:WEEKS_AT_ONCE]:
        update = {"state": "closed", "closed": unit.now, "closed_by": LAPSED, "missed": True}
        missed = _next(unit, passed, before).model_copy(update=update)
        before = unit.put(missed.model_copy(update={"agenda": tuple(before.handed_on())}))
    following = shift(before.week, 1)
    return _open(unit, following, before) if following >= week else before


def _open(unit: LoopUnit, week: str, before: Cycle | None) -> Cycle:
    return unit.get(Cycle, week) or unit.put(_next(unit, week, before))


def _next(unit: LoopUnit, week: str, before: Cycle | None) -> Cycle:
    """A fresh cycle that was handed what the one before decided; a missed one hands on what it was handed. What
    follows a cycle of the demo company, or comes first while it is there, is the demo company's too."""
    demo = unit.get(DemoMark, "demo") is not None and (before is None or before.demo)
    carried = () if before is None else before.carried if before.missed else before.decisions
    return Cycle(week=week, opened=unit.now, carried=carried, demo=demo)


def open_when_due(loop: Loop) -> Cycle:
    """The open cycle; when its week has begun, with an agenda. Doing it again, or twice at once, changes nothing."""
    cycle = loop.change(ensure_cycle)
    while cycle.state == "closed":  # the service stood still for more weeks than one save makes up for
        cycle = loop.change(ensure_cycle)
    if cycle.prepared or cycle.week > week_of(loop.clock()):
        return cycle
    ready = agenda.computed(loop, cycle, loop.unit().get(Cycle, shift(cycle.week, -1)))
    return loop.change(lambda unit: _keep_agenda(unit, cycle, ready))


def current(loop: Loop) -> Cycle:
    """The open cycle with what is there by now. Only who looks at it needs that: it reads all that is overdue."""
    cycle = open_when_due(loop)
    if not cycle.prepared:
        return cycle
    ready = agenda.kept_up(loop, cycle)
    return cycle if ready is cycle else loop.change(lambda unit: _keep_agenda(unit, cycle, ready))


def _keep_agenda(unit: LoopUnit, before: Cycle, ready: Cycle) -> Cycle:
    """The agenda that was worked out, unless somebody else stored one, decided or closed the cycle meanwhile."""
    now = by_week_in(unit, before.week)
    made = ("agenda", "left_out", "snoozed", "prepared")
    if now.state == "closed" or any(
        getattr(now, name) != getattr(before, name) for name in (*made, "decisions")
    ):
        return now
    return unit.put(now.model_copy(update={name: getattr(ready, name) for name in made}))


def record(
    unit: LoopUnit, caller: Caller, what: Recorded, about: str, reason: str, until: str = "", **came: str
) -> Cycle:
    """Part of a larger change: a decision in the open cycle with what came of it (`result`, `made`, `department`).
    The same decision again changes nothing."""
    cycle = ensure_cycle(unit)
    while cycle.state == "closed":
        cycle = ensure_cycle(unit)
    words, name = mask(reason).text[:LONGEST_REASON], mask(about).text
    number = number_of(unit, cycle, what, about, words, until)
    if any(d.id == number for d in cycle.decisions):
        return cycle
    must_have_room(cycle)
    made = Decision(
        id=number, what=what, about=name, reason=words, by=caller.name, at=unit.now, until=until, **came
    )
    return unit.put(cycle.model_copy(update={"decisions": (*cycle.decisions, made), "demo": False}))


def must_have_room(cycle: Cycle) -> None:
    """Raises Conflict when the cycle holds as many decisions as one can."""
    if len(cycle.decisions) >= MOST_DECISIONS:
        raise Conflict(
            "cycle.full",
            f"一期最多 {MOST_DECISIONS} 项决定，请先关闭本期",
            f"a cycle takes at most {MOST_DECISIONS} decisions; close it first",
            "decisions",
        )


def number_of(unit: LoopUnit, cycle: Cycle, what: str, about: str, reason: str, until: str) -> str:
    """The number of a decision: the same in the same cycle for the same words."""
    seed = f"decision\n{cycle.week}\n{what}\n{about}\n{reason}" + (f"\n{until}" if until else "")
    return "D-" + unit.vault.digest(seed)[:8].upper()


def close(loop: Loop, caller: Caller, week: str) -> Cycle:
    """Close a cycle: its minutes are kept as they are now, and the next one opens. Safe to repeat."""
    current(loop)

    def run(unit: LoopUnit) -> Cycle:
        cycle = by_week_in(unit, week)
        if cycle.state == "closed":
            return cycle
        if week > week_of(unit.now):
            raise Conflict(
                "cycle.future",
                "这个周期还没开始，不能关闭",
                "this cycle has not begun; it cannot be closed",
                "week",
            )
        closed = unit.put(_frozen(unit, cycle, caller.name).model_copy(update={"demo": False}))
        _open(unit, max(shift(week, 1), week_of(unit.now)), closed)
        owe_discovery(unit, week, caller.name)
        return closed

    loop.change(run)
    return cast(Cycle, loop.unit().get(Cycle, week))


def _frozen(unit: LoopUnit, cycle: Cycle, by: str) -> Cycle:
    """The cycle closed: the focus list and what became of earlier decisions, as of now."""
    ranked = ranking(unit.loop, shift(cycle.week, 1 - FOCUS_WEEKS), cycle.week)[:FOCUS_LENGTH]
    update = {
        "state": "closed",
        "closed": unit.now,
        "closed_by": by,
        "focus": tuple(row.model_dump(mode="json") for row in ranked),
        "outcomes": outcomes.now(unit, cycle),
        "names": names_in(unit, cycle),
    }
    return cycle.model_copy(update=update)


def names_in(unit: LoopUnit, cycle: Cycle) -> dict[str, str]:
    """What the company, and everything that a cycle speaks of by its code, is called today."""
    taxonomy, made = unit.taxonomy, (*cycle.decisions, *cycle.carried)
    whose = {item.department for item in cycle.agenda} | {d.department for d in made}
    said = {name for d in made for name in (d.matter, d.made)}
    spoken = sorted(said | {str(item.numbers.get("cause", "")) for item in cycle.agenda})
    called = {d.code: d.name_zh for d in taxonomy.departments if d.code in whose | said}
    causes = {code: taxonomy.label(code) for code in spoken if code in taxonomy.by_code}
    titles = {key: project.title[:60] for key, project in unit.many(Project, _numbered(spoken, "P-")).items()}
    names = {key: proposal.name for key, proposal in unit.many(Proposal, _numbered(spoken, "N-")).items()}
    channels = {d.matter: CHANNEL_ZH.get(d.matter, d.matter) for d in made if d.about.startswith("gaps/")}
    return {COMPANY: unit.settings.company, **channels, **called, **causes, **titles, **names}


def _numbered(codes: Iterable[str], start: str) -> list[str]:
    return [code for code in codes if code.startswith(start)]


def history(loop: Loop, limit: int = 26) -> list[Cycle]:
    """Cycles, newest first."""
    return loop.unit().find(Cycle, "cycle.all", "all", limit=limit, newest_first=True)


def by_week(loop: Loop, week: str) -> Cycle:
    """One cycle; the open one with what is there by now."""
    cycle = by_week_in(loop.unit(), week)
    return cycle if cycle.state == "closed" else current(loop)


def by_week_in(unit: LoopUnit, week: str) -> Cycle:
    """One cycle, as this unit sees it."""
    cycle = unit.get(Cycle, week)
    if cycle is None:
        raise _no_cycle(unit)
    return cycle


def _no_cycle(unit: LoopUnit) -> NotFound:
    """There is one for every week since the loop began and none ahead of time."""
    ends = [unit.find(Cycle, "cycle.all", "all", limit=1, newest_first=newest) for newest in (False, True)]
    have = [cycle.week for found in ends for cycle in found]
    zh = f"请选 {have[0]} 到 {have[-1]} 之间的一周" if have else "第一期在服务运行起来后自己开"
    en = (
        f"choose a week from {have[0]} to {have[-1]}"
        if have
        else "the first opens by itself once the service runs"
    )
    return NotFound("cycle.not_found", f"没有这一期；{zh}", f"there is no such cycle; {en}", "week")
