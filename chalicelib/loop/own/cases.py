"""What a department does with its cases: see them, accept them, say they are solved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.notices import notify
from chalicelib.loop.own.members import members
from chalicelib.loop.own.moves import awake, moved, same_version
from chalicelib.model.case import Callback, Case, CaseMove, CaseState
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Conflict
from chalicelib.model.people import Caller, not_found
from chalicelib.model.worktime import Limit, due, elapsed, explained
from chalicelib.privacy.mask import mask

MOST = 500
"""Contacts of one case that are shown."""
MOST_FOLLOWING = 1_000
"""Contacts of one case that go with it to another department: one save must hold them."""


def visible_case(unit: LoopUnit, caller: Caller, case_id: str) -> Case:
    """The case, if the caller may know of it; otherwise NotFound."""
    case = unit.get(Case, case_id)
    if case is None:
        raise not_found("case")
    caller.must_see(case.departments, "case")
    return case


def change_case(
    loop: Loop,
    caller: Caller,
    case_id: str,
    version: int | None,
    decide: Callable[[LoopUnit, Case], Case],
) -> Case:
    """Load a visible case, check the version the caller saw, let `decide` change it, save."""

    def run(unit: LoopUnit) -> Case:
        case = visible_case(unit, caller, case_id)
        again = version is not None and repeats(case, caller, version)
        if not again:
            same_version(case, version)
        after = decide(unit, case)
        if again and after is not case:
            same_version(case, version)
        return unit.put(awake(after)) if after is not case else case

    loop.change(run)
    return visible_case(loop.unit(), caller, case_id)


def repeats(case: Case, caller: Caller, version: int) -> bool:
    """Whether the only change since that version is this caller's own: who sends an order again because the
    answer to it was lost is not told that somebody else was faster."""
    last = case.history[-1].actor if case.history else ""
    return version + 1 == case.version and last == caller.name


def accept(loop: Loop, caller: Caller, case_id: str, version: int | None = None) -> Case:
    """The department takes the case; one that was asked to take it over becomes accountable now."""
    return change_case(loop, caller, case_id, version, lambda unit, case: _accepted(unit, caller, case))


def _accepted(unit: LoopUnit, caller: Caller, case: Case) -> Case:
    if case.asked_department in caller.departments:
        case = _taken_over(unit, caller, case)
    caller.must_lead(case.department)
    if case.state is CaseState.WORKING:
        return case
    minutes = elapsed(case.opened, unit.now, unit.settings.worktime)
    first = {} if case.accepted else {"accepted": unit.now, "own_minutes": minutes}
    return moved(case, CaseMove.ACCEPT, unit.now, caller.name, "CaseAccepted", **first)


def _taken_over(unit: LoopUnit, caller: Caller, case: Case) -> Case:
    """The asked department has accepted: only now does accountability move. Its contacts follow."""
    old, new = case.department, case.asked_department
    caller.must_lead(new)
    for contact in members(unit, case, MOST_FOLLOWING):
        departments = tuple(dict.fromkeys((new, *contact.departments)))
        unit.put(contact.model_copy(update={"department": new, "departments": departments}))
    notify(unit, f"department:{old}", "case_taken_over", f"case:{case.id}")
    after = case.model_copy(update={"department": new, "asked_department": ""})
    return after.with_event(unit.now, "OwnerChanged", caller.name, **{"from": old, "to": new})


def resolve(loop: Loop, caller: Caller, case_id: str, what: str, version: int | None = None) -> Case:
    """The department says it is solved. The customer is asked, and the window in which the customer's
    behaviour decides begins."""
    return change_case(loop, caller, case_id, version, lambda unit, case: _resolved(unit, caller, case, what))


def _resolved(unit: LoopUnit, caller: Caller, case: Case, what: str) -> Case:
    caller.must_lead(case.department)
    if case.state is CaseState.UNVERIFIED:
        return case
    waiting = {t.department for t in case.tasks if not t.done}
    if waiting:
        named = [d for d in unit.taxonomy.departments if d.code in waiting]
        raise Conflict(
            "case.waiting",
            f"还在等{'、'.join(d.name_zh for d in named)}完成任务，完成后再办结",
            f"still waiting for {', '.join(d.name_en or d.name_zh for d in named)}; resolve when their tasks are done",
            "tasks",
        )
    after = moved(
        case,
        CaseMove.RESOLVE,
        unit.now,
        caller.name,
        "CaseResolved",
        resolved=unit.now,
        asked_department="",
        resolve_minutes=elapsed(case.opened, unit.now, unit.settings.worktime),
        verify_at=unit.now + unit.taxonomy.window(case.cause) if case.reachable else None,
        data={"what": mask(what).text},
    )
    if after.reachable:
        unit.put(_callback(unit, after))
    return after


def _callback(unit: LoopUnit, case: Case) -> Callback:
    limit = Limit.parse(unit.settings.callback)
    return Callback(
        case=case.id,
        round=case.reopened + 1,
        cause=case.cause,
        department=case.department,
        customer=case.customer,
        created=unit.now,
        due=due(unit.now, limit, unit.settings.worktime).at,
        demo=case.demo,
    )


def contacts_of(loop: Loop, caller: Caller, case_id: str) -> list[Contact]:
    """The newest contacts of a visible case, newest first."""
    unit = loop.unit()
    return members(unit, visible_case(unit, caller, case_id), MOST, newest=True)[: -MOST - 1 : -1]


def explain_clocks(loop: Loop, caller: Caller, case_id: str) -> dict[str, Any]:
    """The working-time arithmetic behind each due time of a case, line by line."""
    unit = loop.unit()
    case = visible_case(unit, caller, case_id)
    return {
        "case": case.id,
        "severity": case.severity,
        "clocks": {name: _explained(unit, case, name) for name in case.bases},
    }


def _explained(unit: LoopUnit, case: Case, name: str) -> dict[str, Any]:
    basis = case.bases[name]
    end = getattr(case, f"{name}_due")
    return explained(basis.start, Limit.parse(basis.limit), end, unit.settings.worktime)
