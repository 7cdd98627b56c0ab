"""A tagged contact joins the customer's live case on its cause, or opens one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.measure.charging import charge
from chalicelib.loop.notices import notify
from chalicelib.loop.own.members import callbacks_of
from chalicelib.loop.own.moves import awake, moved, with_clocks
from chalicelib.model.case import LIVE, OPEN, CallbackState, Case, CaseMove, CaseState, Task
from chalicelib.model.contact import Channel, Contact, Correction, Step
from chalicelib.model.entity import Event
from chalicelib.model.settings import Rate
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.model.weeks import local
from chalicelib.model.worktime import Limit, due

REMEMBERED_JOINS = 50


@dataclass(frozen=True)
class Meaning:
    """What a contact is about, by whoever knows best: a person before the machine."""

    causes: tuple[str, ...]
    contact_kind: str
    severity: int
    unsure: bool


def meaning(contact: Contact, taxonomy: Taxonomy) -> Meaning:
    """The effective causes, kind and severity, each a person's where one said it, in the causes of today.

    A complaint nothing explains has the cause `other`; but where a person said that there is no cause, and no kind,
    nothing went wrong, and what the machine takes for a complaint is none.
    """
    said, read = contact.correction or Correction(by="", at=contact.received), contact.analysis
    found = _today(taxonomy, (t.code for t in read.causes if t.code in taxonomy.by_code) if read else ())
    causes = (
        _kept(taxonomy, contact.causes, found) if said.causes is None else _said(taxonomy, said.causes, found)
    )
    kind = said.contact_kind or (read.kind if read else "other")
    severity = said.severity if said.severity is not None else read.severity if read else 0
    if kind == "complaint" and said.causes == () and said.contact_kind is None:
        kind, severity = "other", said.severity or 0
    if kind == "complaint" and not causes:
        causes = (OTHER,)
    unsure = read.unsure if read and said.causes is None else False
    return Meaning(causes, kind, severity, unsure)


def _today(taxonomy: Taxonomy, causes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(taxonomy.current, causes)))


def _kept(taxonomy: Taxonomy, before: Sequence[str], found: tuple[str, ...]) -> tuple[str, ...]:
    """What was found; a contact counted under a cause that was split stays there if it is none of its parts."""
    split = (
        code
        for code in _today(taxonomy, before)
        if (known := taxonomy.by_code.get(code)) and known.split_into
    )
    return tuple(dict.fromkeys((*(c for c in split if not taxonomy.takes(c) & set(found)), *found)))


def _said(taxonomy: Taxonomy, said: Sequence[str], found: tuple[str, ...]) -> tuple[str, ...]:
    """What a person said; where that cause was split since, which of its parts the machine finds."""
    out: list[str] = []
    for code in _today(taxonomy, said):
        known = taxonomy.by_code.get(code)
        parts = taxonomy.takes(code) & set(found) if known and known.split_into else frozenset()
        out += [c for c in found if c in parts] or [code]
    return tuple(dict.fromkeys(out))


def cost_of(contact: Contact, rate: Rate) -> int:
    """Fen: handling seconds at the channel's loaded rate (rounded half up), its fixed cost, the concession."""
    seconds = contact.seconds or rate.usual_seconds
    return (seconds * rate.per_hour + 1_800) // 3_600 + rate.fixed + contact.concession


def route(unit: LoopUnit, contact: Contact) -> Contact:
    """Step `own`: give the contact its meaning, cost, departments and case; owe the step `link`."""
    taxonomy = unit.taxonomy
    means = meaning(contact, taxonomy)
    owners = tuple(taxonomy.department_of(cause) for cause in means.causes)
    contact = contact.model_copy(
        update={
            "causes": means.causes,
            "contact_kind": means.contact_kind,
            "severity": means.severity,
            "unsure": means.unsure,
            "taxonomy": taxonomy.number,
            "owners": owners,
            "departments": tuple(dict.fromkeys(owners)),
            "department": next(iter(owners), ""),
            "cost": cost_of(contact, unit.settings.rate(contact.channel)),
            "pending": Step.LINK,
        }
    )
    contact = charge(unit, contact)
    if contact.channel is Channel.CALLBACK:
        return unit.put(contact.model_copy(update={"case": contact.answers_case}))
    return unit.put(_with_case(unit, contact))


def _with_case(unit: LoopUnit, contact: Contact) -> Contact:
    current = unit.get(Case, contact.case) if contact.case else None
    fits = current and not unit.taxonomy.takes(current.cause).isdisjoint(contact.causes)
    if current and (fits or current.state is CaseState.VERIFIED):
        return _owned(contact, _reconsidered(unit, current, contact))
    if current:
        _leave(unit, contact, current)
    if not contact.causes:
        return contact.model_copy(update={"case": ""})
    cases = _cases(unit, contact)
    live = _live(unit, cases, contact.time)
    joined = next((live[cause] for cause in contact.causes if cause in live), None)
    case = _join(unit, joined, contact) if joined else _open(unit, contact, cases)
    return _owned(contact, case)


def _reconsidered(unit: LoopUnit, case: Case, contact: Contact) -> Case:
    """A correction may name more owners, or how bad it is: worse tightens the clocks; milder sets them anew
    where this contact is all there is."""
    if case.state not in OPEN:
        return case
    before, case = case, _asked(unit, case, contact)
    worse = contact.severity > case.severity
    if worse or (contact.severity < case.severity and case.contacts == 1):
        case = case.model_copy(update={"severity": contact.severity})
        start = contact.time if worse else case.opened
        case = with_clocks(case, start, contact.severity, unit.settings, tighten=worse)
    return case if case == before else unit.put(awake(case))


def _owned(contact: Contact, case: Case) -> Contact:
    """The accountable department of the case is that of the contact, first among its departments."""
    departments = tuple(dict.fromkeys((case.department, *contact.departments)))
    return contact.model_copy(
        update={"case": case.id, "department": case.department, "departments": departments}
    )


def _cases(unit: LoopUnit, contact: Contact) -> list[Case]:
    """The customer's cases, newest first."""
    if not contact.customer:
        return []
    return unit.find(Case, "case.customer", contact.customer, newest_first=True)


def _live(unit: LoopUnit, cases: Sequence[Case], time: datetime) -> dict[str, Case]:
    """Those of a customer's cases that a contact of this time may belong to, by cause.

    A case that was closed takes it only inside the repeat window: what comes later is a new problem. One
    already verified is among them, since a contact from inside the window may arrive late.
    """
    return {
        cause: case
        for case in reversed(cases)
        if case.state is not CaseState.WITHDRAWN and _takes(case, time)
        for cause in unit.taxonomy.takes(case.cause)
    }


def _takes(case: Case, time: datetime) -> bool:
    return case.opened <= time <= case.verify_at if case.verify_at else case.state in LIVE


def _join(unit: LoopUnit, case: Case, contact: Contact) -> Case:
    case = case.model_copy(
        update={"contacts": case.contacts + 1, "severity": max(case.severity, contact.severity)}
    )
    if contact.severity > 0 and case.severity == contact.severity:
        case = with_clocks(case, contact.time, contact.severity, unit.settings, tighten=True)
    if case.contacts <= REMEMBERED_JOINS:
        case = case.with_event(unit.now, "ContactJoined", "system", contact=contact.id)
    closed = case.state not in OPEN
    if closed and case.resolved and contact.time > case.resolved:
        case = came_back(unit, case, "system", contact=contact.id)
    if case.state in OPEN:
        case = _asked(unit, case, contact)
    return unit.put(awake(case))


def came_back(unit: LoopUnit, case: Case, actor: str, **data: str) -> Case:
    """The problem was not solved after all: the case reopens and keeps its first clock."""
    case = moved(
        case,
        CaseMove.REOPEN,
        unit.now,
        actor,
        "CaseCameBack",
        reopened=case.reopened + 1,
        verify_at=None,
        closed=None,
        escalated=(),
        data=data,
    )
    cancel_call(unit, case)
    notify(unit, f"department:{case.department}", "case_came_back", f"case:{case.id}", digest="cases")
    return case


def cancel_call(unit: LoopUnit, case: Case) -> None:
    """Nobody is asked any more whether a case is solved that has come back or gone."""
    for callback in callbacks_of(unit, case):
        if callback.state is CallbackState.TO_CALL:
            unit.put(callback.model_copy(update={"state": CallbackState.CANCELLED}))


def _open(unit: LoopUnit, contact: Contact, cases: Sequence[Case]) -> Case:
    cause = contact.causes[0]
    department = unit.taxonomy.department_of(cause)
    case_id = _case_id(unit, contact, cause, sum(case.cause == cause for case in cases))
    case = Case(
        id=case_id,
        cause=cause,
        department=department,
        customer=contact.customer,
        severity=contact.severity,
        contacts=1,
        opened=contact.time,
        accept_due=contact.time,
        resolve_due=contact.time,
        history=(
            Event(
                at=unit.now,
                name="CaseOpened",
                actor="system",
                data={"contact": contact.id, "cause": cause, "department": department},
            ),
        ),
        demo=contact.demo,
    )
    notify(unit, f"department:{department}", "case_opened", f"case:{case.id}", digest="cases")
    case = _asked(unit, case, contact)
    return unit.put(awake(with_clocks(case, case.opened, case.severity, unit.settings, tighten=False)))


def _case_id(unit: LoopUnit, contact: Contact, cause: str, n: int) -> str:
    """The same for everybody who opens this customer's n-th case on this cause, so two workers cannot
    open it twice; a contact without a customer has a case of its own."""
    whose = contact.customer or contact.id
    while True:
        number = "K-" + unit.vault.digest(f"case\n{whose}\n{cause}\n{n}")[:12].upper()
        if unit.get(Case, number) is None:
            return number
        n += 1


def _asked(unit: LoopUnit, case: Case, contact: Contact) -> Case:
    """The owners of the contact's other causes are asked at once; nobody waits for a hand-over."""
    tasks = list(case.tasks)
    for cause in contact.causes:
        owner = unit.taxonomy.department_of(cause)
        if owner != case.department and owner not in {t.department for t in tasks}:
            what = f"一并处理：{unit.taxonomy.label(cause)}"
            tasks.append(new_task(unit, case.id, owner, what, "system", unit.settings.task))
            notify(unit, f"department:{owner}", "task_asked", f"case:{case.id}", digest="cases")
    return case.model_copy(update={"tasks": tuple(tasks)})


def new_task(unit: LoopUnit, case: str, department: str, what: str, asked_by: str, limit: str) -> Task:
    """A task whose id follows from what is asked of whom on which day, so that asking twice is asking once."""
    day = f"{local(unit.now):%Y%m%d}"
    return Task(
        id="T-" + unit.vault.digest(f"task\n{case}\n{department}\n{what}\n{day}")[:8].upper(),
        department=department,
        what=what,
        asked_by=asked_by,
        opened=unit.now,
        due=due(unit.now, Limit.parse(limit), unit.settings.worktime).at,
    )


def _leave(unit: LoopUnit, contact: Contact, case: Case) -> None:
    """A correction took the contact away; a case without contacts is withdrawn."""
    left = case.model_copy(update={"contacts": case.contacts - 1})
    if left.contacts > 0 or left.state not in LIVE:
        unit.put(left.with_event(unit.now, "ContactLeft", "system", contact=contact.id))
    else:
        cancel_call(unit, left)
        unit.put(moved(left, CaseMove.WITHDRAW, unit.now, "system", "CaseWithdrawn", closed=unit.now))
