"""The past follows a merge or a split: page by page its cases are carried over and its contacts owed their step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.notices import notify
from chalicelib.loop.own.members import callbacks_of
from chalicelib.loop.own.moves import awake
from chalicelib.model.case import OPEN, Case
from chalicelib.model.contact import Contact, Step
from chalicelib.model.reshape import Reshape
from chalicelib.model.weeks import week_of

PAGE = 200
CASE_WRITES, CONTACT_WRITES = 12, 2
MOST = 5_000
"""Contacts a turn of the schedule looks at; the next one goes on there."""
WAITING = 20


def reshape_when_due(loop: Loop, most: int = MOST) -> int:
    """Go on with what merges and splits owe; returns how many contacts were owed their step. The worker does it."""
    owed, looked = 0, 0
    for one in loop.unit().find(Reshape, "reshape.owed", "all", limit=WAITING):
        while looked < most and one.due(loop.clock()):
            further, pages = _page(loop, one)
            owed, looked, one = owed + further.owed - one.owed, looked + pages, further
    return owed


def reshape_now(loop: Loop, key: str, tell: Callable[[int], None] = lambda owed: None) -> Reshape:
    """The first walk through the past, for who waits for it; as it stands then."""
    one = loop.store.get(Reshape, [key])[key]
    while not one.walks and one.due(loop.clock()):
        one, _ = _page(loop, one)
        tell(one.owed)
    return one


def _page(loop: Loop, one: Reshape) -> tuple[Reshape, int]:
    """One page of what it owes: (as it stands then, how many were looked at). Cases first, so that contacts find
    theirs; a repetition finds nothing left to do."""
    if one.what == "merge" and not one.after:
        cases = loop.store.find(Case, "case.cause", one.cause, limit=PAGE).keys
        n = sum(loop.in_parts(cases, CASE_WRITES, lambda unit, keys: _carry_cases(unit, keys, one)))
        if n:
            return loop.change(
                lambda unit: _noted(unit, one, one.model_copy(update={"cases": one.cases + n}))
            ), len(cases)
    page = loop.store.find(Contact, "contact.cause", one.cause, limit=PAGE, after=one.after)
    parts = loop.in_parts(page.keys, CONTACT_WRITES, lambda unit, keys: _owe(unit, keys, one))
    weeks = [week for _, week in parts if week]
    first = min([*weeks, *([one.first] if one.first else [])], default="")
    further = one.walked(loop.clock(), page.next, owed=one.owed + sum(n for n, _ in parts), first=first)
    return loop.change(lambda unit: _noted(unit, one, further)), max(1, len(page.keys))


def _carry_cases(unit: LoopUnit, keys: Sequence[str], one: Reshape) -> int:
    """Cases stand on the new cause; its owner is asked to take over those still open. Until it accepts, the
    department that has them stays accountable."""
    carried = 0
    for case in unit.many(Case, keys).values():
        if case.cause != one.cause:
            continue
        into = unit.taxonomy.current(one.cause)
        case = case.model_copy(update={"cause": into})
        case = case.with_event(unit.now, "CauseMerged", one.by, cause=into)
        owner = unit.taxonomy.department_of(into)
        if case.state in OPEN and owner != case.department and not case.asked_department:
            case = case.model_copy(update={"asked_department": owner})
            case = case.with_event(unit.now, "OwnerAsked", one.by, department=owner)
            notify(unit, f"department:{owner}", "owner_asked", f"case:{case.id}", digest="cases")
        for callback in callbacks_of(unit, case):
            unit.put(callback.model_copy(update={"cause": into}))
        unit.put(awake(case))
        carried += 1
    return carried


def _owe(unit: LoopUnit, keys: Sequence[str], one: Reshape) -> tuple[int, str]:
    """(how many were owed their step, the first week among them)."""
    due = [c for c in unit.many(Contact, keys).values() if _owes(c, one)]
    for contact in due:
        unit.put(contact.model_copy(update={"pending": _step(contact, one)}))
    return len(due), min((week_of(c.time) for c in due), default="")


def _owes(contact: Contact, one: Reshape) -> bool:
    """Not what has its step before it already, nor what the new version has read, nor erased words."""
    if one.cause not in contact.causes or contact.pending in (Step.TAG, _step(contact, one)):
        return False
    return one.what == "merge" or (contact.taxonomy < one.taxonomy and not contact.erased)


def _step(contact: Contact, one: Reshape) -> Step:
    return Step.OWN if one.what == "merge" else Step.TAG


def _noted(unit: LoopUnit, before: Reshape, after: Reshape) -> Reshape:
    """As far as it has come, unless somebody else was faster."""
    known = unit.get(Reshape, before.key)
    assert known is not None, "a merge or split stays"
    return unit.put(after) if known == before else known
