"""The schedule: looks at everything whose moment has come. Doing it twice does nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.looking import discover_when_due
from chalicelib.loop.listen import promises
from chalicelib.loop.listen.newness import count_words_when_due
from chalicelib.loop.listen.nightly import learn_when_due
from chalicelib.loop.listen.quality import draw_when_due
from chalicelib.loop.measure.ledger.closing import close_when_due
from chalicelib.loop.measure.ledger.disputes import move_when_due, ran_out
from chalicelib.loop.notices import notify
from chalicelib.loop.own.moves import awake, moved
from chalicelib.loop.removal import remove_when_due
from chalicelib.loop.repeat.backcast import read_back_when_due
from chalicelib.loop.repeat.cycles import open_when_due
from chalicelib.loop.repeat.following import reshape_when_due
from chalicelib.loop.track.alarms import judge_when_due
from chalicelib.loop.track.gaps import looked_at
from chalicelib.loop.track.verdicts import look_when_due
from chalicelib.model.case import OPEN, Case, CaseMove, CaseState
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Entity, stamp
from chalicelib.model.kinds import KINDS
from chalicelib.model.ledger import Dispute
from chalicelib.model.people import About
from chalicelib.model.promise import Promise
from chalicelib.model.source_count import SourceCount
from chalicelib.model.voice import Andon, AndonState

WRITES_EACH = 8
AT_ONCE = 200
RAN_OUT: dict[str, About] = {"accept": "accept_clock_ran_out", "resolve": "resolve_clock_ran_out"}
UNHEARD_WAIT = timedelta(minutes=1)


def tick(loop: Loop, most: int = 5_000) -> int:
    """Open the cycle, draw the day's blind sample and judge the week that is over if it is time, wake what is due,
    owe the past another reading where that was asked for, close the ledger's month; returns how many were woken."""
    open_when_due(loop)
    woken = 0
    while woken < most and (due := loop.store.waking(loop.clock(), AT_ONCE)):
        loop.in_parts(due, WRITES_EACH, _wake_all)
        woken += len(due)
    draw_when_due(loop)
    judge_when_due(loop)
    read_back_when_due(loop)
    close_when_due(loop)
    move_when_due(loop)
    reshape_when_due(loop)
    return woken


def study(loop: Loop) -> None:
    """Judge the projects whose weeks are over, count the words of the day, look for new causes and learn from
    corrections if it is time, take the demo company away if that was asked: work that no clock may wait for."""
    remove_when_due(loop)
    look_when_due(loop)
    count_words_when_due(loop)
    discover_when_due(loop)
    learn_when_due(loop)


def _wake_all(unit: LoopUnit, due: Sequence[tuple[str, str]]) -> None:
    for kind, key in due:
        entity = unit.get(KINDS[kind], key)
        if entity is not None and entity.wake and entity.wake <= unit.now:
            unit.put(_WAKERS[kind](unit, entity))


def _case(unit: LoopUnit, entity: Entity) -> Entity:
    case = cast(Case, entity)
    if case.state is CaseState.UNVERIFIED:
        if _unheard(unit, case):
            return case.model_copy(update={"wake": unit.now + UNHEARD_WAIT})
        return moved(case, CaseMove.VERIFY, unit.now, "system", "CaseVerified", closed=unit.now)
    case = _ran_out(unit, case)
    return awake(_tasks_ran_out(unit, case))


def _unheard(unit: LoopUnit, case: Case) -> bool:
    """Whether a contact of this customer still waits to be read: it may say that nothing was solved."""
    near = unit.find(Contact, "contact.customer", case.customer, low=stamp(case.resolved or case.opened))
    return any(c.pending for c in near)


def _ran_out(unit: LoopUnit, case: Case) -> Case:
    """Escalate: the department and the customer service lead are told, at danger the executives too."""
    to_accept = case.state in (CaseState.TO_ACCEPT, CaseState.CAME_BACK)
    ends = {"accept": case.accept_due} if to_accept else {}
    ends["resolve"] = case.resolve_due
    out = [n for n, end in ends.items() if n not in case.escalated and end <= unit.now]
    for name in out if case.state in OPEN else ():
        case = case.model_copy(update={"escalated": (*case.escalated, name)})
        case = case.with_event(unit.now, "ClockRanOut", "system", clock=name)
        for to in _told(unit, case):
            notify(unit, to, RAN_OUT[name], f"case:{case.id}", digest=case.department)
    return case


def _told(unit: LoopUnit, case: Case) -> list[str]:
    told = [f"department:{case.department}", f"department:{unit.taxonomy.service}"]
    if case.severity == 3:
        told.append("role:executive")
    return list(dict.fromkeys(told))


def _tasks_ran_out(unit: LoopUnit, case: Case) -> Case:
    late = {t.id for t in case.tasks if not t.done and not t.escalated and t.due <= unit.now}
    for task in case.tasks:
        if task.id in late:
            for to in (f"department:{task.department}", f"department:{case.department}"):
                notify(unit, to, "task_clock_ran_out", f"case:{case.id}", digest=task.department)
            case = case.with_event(unit.now, "ClockRanOut", "system", clock=task.id)
    tasks = tuple(t.model_copy(update={"escalated": t.escalated or t.id in late}) for t in case.tasks)
    return case.model_copy(update={"tasks": tasks})


def _andon(unit: LoopUnit, entity: Entity) -> Entity:
    andon = cast(Andon, entity)
    if andon.state is AndonState.RAISED:
        for to in (f"department:{andon.department}", "role:executive"):
            notify(unit, to, "andon_clock_ran_out", f"andon:{andon.id}")
        andon = andon.model_copy(update={"escalated": True})
    return andon.model_copy(update={"wake": None})


def _source_count(unit: LoopUnit, entity: Entity) -> Entity:
    return looked_at(unit, cast(SourceCount, entity))


def _promise(unit: LoopUnit, entity: Entity) -> Entity:
    return promises.ran_out(unit, cast(Promise, entity))


_WAKERS: dict[str, Callable[[LoopUnit, Entity], Entity]] = {
    Case.kind: _case,
    Andon.kind: _andon,
    Dispute.kind: ran_out,
    SourceCount.kind: _source_count,
    Promise.kind: _promise,
}
