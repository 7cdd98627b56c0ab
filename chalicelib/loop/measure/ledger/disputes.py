"""Disputed shares: into the suspense account at once, out of it by a decision only.

A dispute books nothing itself. It marks the contacts whose share it is about (`Contact.rulings`) and their own
bookings follow, so neither a correction nor a closing at the same moment can lose a fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.coordinate.together import known_department
from chalicelib.loop.measure.charging import charge
from chalicelib.loop.measure.ledger import refusals
from chalicelib.loop.measure.ledger.lines import page
from chalicelib.loop.measure.ledger.shares import Share, handed_back, last_dispute
from chalicelib.loop.notices import notify
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Entity, Event
from chalicelib.model.ledger import SUSPENSE, Dispute, DisputeState, Ruling
from chalicelib.model.people import About, Caller, Role, not_found
from chalicelib.model.worktime import Limit, due
from chalicelib.ports import Page
from chalicelib.privacy.mask import mask

WRITES_EACH = 8
AT_ONCE = 200
IN_REQUEST = 400
"""Contacts moved before the answer; the schedule moves the rest of a larger line."""
Word = Literal["upheld", "refused"]


def dispute(
    loop: Loop, caller: Caller, share: Share, reason: str, department: str = "", to: str = ""
) -> Dispute:
    """Dispute a share; disputing it again gives the same one. What has come to a line since is taken into its open
    dispute, or into a new one once that was decided. Raises Conflict when all of it was decided."""

    def decide(unit: LoopUnit) -> Dispute:
        amounts = share.amounts(unit)
        whose = _whose(caller, amounts, department)
        number, known = last_dispute(unit, share, whose)
        rest = amounts.get(whose, 0) - handed_back(unit, share, whose)
        if known and known.state is DisputeState.OPEN:
            return known if known.moving or not share.month or rest <= 0 else _more(unit, caller, known, rest)
        if known and (not share.month or rest <= 0):
            raise refusals.decided()
        if to and known_department(unit.taxonomy, to) == whose:
            raise refusals.same_department()
        if share.ruled(unit):
            raise refusals.held()
        if rest <= 0:
            raise refusals.nothing()
        made = _made(unit, caller, number, share, whose, rest, to, reason)
        _tell(unit, made, "dispute_opened")
        return unit.put(made)

    return move(loop, loop.change(decide).id, IN_REQUEST)


def _more(unit: LoopUnit, caller: Caller, known: Dispute, fen: int) -> Dispute:
    """The open dispute of a line takes in what was booked there since; its clock goes on."""
    event = Event(at=unit.now, name="DisputeGrew", actor=caller.name, data={"fen": fen})
    update = {"fen": known.fen + fen, "moving": True, "history": (*known.history, event)}
    return unit.put(known.model_copy(update=update))


def _whose(caller: Caller, amounts: dict[str, int], department: str) -> str:
    """The department that disputes: the one named, or the only one of the caller's that bears any of it."""
    able = {account.removeprefix(SUSPENSE) for account, fen in amounts.items() if fen}
    able = {code for code in able if not code.startswith("@")}
    if caller.role is Role.LEAD:
        able &= set(caller.departments)
    if department:
        caller.must_lead(department)
        able &= {department}
    if len(able) != 1:
        raise refusals.which_department() if able else refusals.nothing()
    return able.pop()


def _made(
    unit: LoopUnit, caller: Caller, number: str, share: Share, whose: str, fen: int, to: str, reason: str
) -> Dispute:
    limit = unit.settings.dispute
    end = due(unit.now, Limit.parse(limit), unit.settings.worktime).at
    return Dispute(
        id=number,
        department=whose,
        cause=share.cause,
        month=share.month,
        contact=share.contact,
        to=to,
        reason=mask(reason).text,
        by=caller.name,
        opened=unit.now,
        fen=fen,
        due=end,
        limit=limit,
        moving=True,
        wake=end,
        history=(Event(at=unit.now, name="DisputeOpened", actor=caller.name, data={"fen": fen}),),
    )


def _tell(unit: LoopUnit, one: Dispute, about: About) -> None:
    receivers = [
        "role:executive",
        f"department:{one.department}",
        *([f"department:{one.to}"] if one.to else []),
    ]
    for receiver in receivers:
        notify(unit, receiver, about, f"dispute:{one.id}")


def visible_dispute(unit: LoopUnit, caller: Caller, dispute_id: str) -> Dispute:
    """The dispute, if the caller may know of it: a lead of the department that disputes or of the one named."""
    one = unit.get(Dispute, dispute_id)
    if one is None:
        raise not_found("dispute")
    caller.must_see([one.department, one.to], "dispute")
    return one


def decide(
    loop: Loop,
    caller: Caller,
    dispute_id: str,
    word: Word,
    reason: str,
    to: str = "",
    version: int | None = None,
) -> Dispute:
    """Uphold a dispute, so that `to` (by default the department named) bears the share, or refuse it, so that
    it goes back. Decided once; the same decision again changes nothing."""

    def run(unit: LoopUnit) -> Dispute:
        one = visible_dispute(unit, caller, dispute_id)
        bears = (to or one.to) if word == "upheld" else one.to
        if one.state is not DisputeState.OPEN:
            if (one.state, one.to) == (DisputeState(word), bears):
                return one
            raise refusals.decided()
        _may_decide(caller, one, word, bears)
        if version is not None and version != one.version:
            raise refusals.changed()
        if one.moving:
            raise refusals.moving()
        if word == "upheld":
            _bearer(unit, one, bears)
        return unit.put(_decided(unit, caller, one, word, bears, reason))

    return move(loop, loop.change(run).id, IN_REQUEST)


def _may_decide(caller: Caller, one: Dispute, word: Word, bears: str) -> None:
    """An executive (or admin); until its clock ran out also the department named, which may take the share."""
    if caller.role in (Role.EXECUTIVE, Role.ADMIN):
        return
    named = word == "upheld" and one.to in caller.departments and bears == one.to
    if not named or one.escalated or one.department in caller.departments:
        raise refusals.not_yours()


def _bearer(unit: LoopUnit, one: Dispute, to: str) -> None:
    if not to:
        raise refusals.name_one()
    if known_department(unit.taxonomy, to) == one.department:
        raise refusals.same_department()


def _decided(unit: LoopUnit, caller: Caller, one: Dispute, word: Word, to: str, reason: str) -> Dispute:
    event = Event(at=unit.now, name="DisputeDecided", actor=caller.name, data={"state": word, "to": to})
    made = one.model_copy(
        update={
            "state": DisputeState(word),
            "to": to,
            "decided": unit.now,
            "decided_by": caller.name,
            "ruling": mask(reason).text,
            "moving": True,
            "wake": None,
            "history": (*one.history, event),
        }
    )
    _tell(unit, made, "dispute_decided")
    return made


def ran_out(unit: LoopUnit, entity: Entity) -> Entity:
    """The clock ran out: executives are told and alone may decide now. The amount stays where it is."""
    one = cast(Dispute, entity)
    if one.state is DisputeState.OPEN:
        _tell(unit, one, "dispute_clock_ran_out")
        event = Event(at=unit.now, name="ClockRanOut", actor="system")
        one = one.model_copy(update={"escalated": True, "history": (*one.history, event)})
    return one.model_copy(update={"wake": None})


def move(loop: Loop, dispute_id: str, most: int | None = None) -> Dispute:
    """Move the shares to where the dispute's state says; stops after about `most` contacts, and goes on when
    called again. Safe to repeat: a share that is there already does not move."""
    one = loop.unit().get(Dispute, dispute_id)
    assert one is not None, "disputes are never deleted"
    done, after = 0, ""
    while one.moving:
        found = _shares(loop, one, after)
        loop.in_parts(found.keys, WRITES_EACH, lambda unit, part: rule_on(unit, dispute_id, part))
        done, after = done + len(found.keys), found.next
        if not after:
            return loop.change(lambda unit: _at_rest(unit, one))
        if most is not None and done >= most:
            break
    return one


def move_when_due(loop: Loop) -> None:
    """Finish what requests began to move."""
    for one in loop.unit().find(Dispute, "dispute.moving", "all"):
        move(loop, one.id)


def _shares(loop: Loop, one: Dispute, after: str) -> Page:
    """Keys of the contacts to look at: of the disputed share, or of those that the dispute has marked."""
    if one.state is not DisputeState.OPEN:
        return loop.store.find(Contact, "contact.dispute", one.id, limit=AT_ONCE, after=after)
    return page(loop, one.month, one.cause, after, AT_ONCE) if one.month else Page([one.contact], "")


def rule_on(unit: LoopUnit, dispute_id: str, keys: Sequence[str]) -> None:
    """Put the shares of these contacts where the dispute's state says, as long as that is its state."""
    one = unit.get(Dispute, dispute_id)
    assert one is not None, "disputes are never deleted"
    unit.guard(one)  # who is still moving by its former state moves nothing any more
    for contact in unit.many(Contact, keys).values():
        after = ruled(contact, one)
        if after != contact:
            unit.put(charge(unit, after))


def ruled(contact: Contact, one: Dispute) -> Contact:
    """The contact with what the dispute says of its share; a share that another dispute holds stays."""
    others = tuple(r for r in contact.rulings if r.dispute != one.id)
    marked = len(others) < len(contact.rulings)
    if not marked and (one.state is not DisputeState.OPEN or not _concerned(contact, one)):
        return contact
    mine = Ruling(cause=one.cause, dispute=one.id, account=one.account)
    return contact.model_copy(update={"rulings": (*others, mine)})


def _concerned(contact: Contact, one: Dispute) -> bool:
    if any(r.cause == one.cause for r in contact.rulings) or one.cause not in contact.causes:
        return False
    mine = [c for c in contact.charges if (c.account, c.cause) == (one.department, one.cause)]
    return sum(c.fen for c in mine) > 0 and (not one.month or any(c.month == one.month for c in mine))


def _at_rest(unit: LoopUnit, seen: Dispute) -> Dispute:
    one = unit.get(Dispute, seen.id)
    assert one is not None, "disputes are never deleted"
    return unit.put(one.model_copy(update={"moving": False})) if one.version == seen.version else one
