"""Promises: what an agent told a customer will be done until when, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Literal

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.arriving import NewPromise
from chalicelib.loop.notices import notify
from chalicelib.loop.own.moves import same_version
from chalicelib.model.contact import Contact
from chalicelib.model.customer import Customer
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, not_found
from chalicelib.model.promise import Promise, PromiseState
from chalicelib.privacy.mask import mask

Outcome = Literal["kept", "broken"]
FURTHEST = timedelta(days=365)
PAGE = 100
"""Promises read at once for a list."""
DONE = {
    "kept": (PromiseState.KEPT, PromiseState.LATE),
    "broken": (PromiseState.BROKEN,),
}
"""What a promise is once a person has said how it ended."""


def promised(unit: LoopUnit, caller: Caller, contact: Contact, new: NewPromise) -> Promise:
    """Part of a larger change: a promise on a contact; the same words until the same time are one promise."""
    words = mask(new.what).text
    seed = f"promise\n{contact.id}\n{words}\n{stamp(new.due)}"
    key = "W-" + unit.vault.digest(seed)[:10].upper()
    if known := unit.get(Promise, key):
        return known
    check_due(unit, new)
    return unit.put(
        Promise(
            id=key,
            contact=contact.id,
            customer=contact.customer,
            by=caller.name,
            what=words,
            due=new.due,
            created=unit.now,
            wake=new.due,
            demo=contact.demo,
        )
    )


def check_due(unit: LoopUnit, new: NewPromise) -> None:
    """Raises Invalid for a time that is over or too far away."""
    if not unit.now < new.due <= unit.now + FURTHEST:
        raise Invalid(
            "promise.due",
            "答应的时间应在现在之后、一年之内",
            "the promised time must lie ahead, within a year",
            "promise.due",
        )


def promise(loop: Loop, caller: Caller, contact_id: str, new: NewPromise) -> Promise:
    """Promise something on a contact that is there already."""

    def decide(unit: LoopUnit) -> Promise:
        contact = unit.get(Contact, contact_id)
        if contact is None or contact.erased:
            raise not_found("contact")
        caller.must_see(contact.departments, "contact")
        return promised(unit, caller, contact, new)

    return loop.change(decide)


def settle(
    loop: Loop, caller: Caller, promise_id: str, outcome: Outcome, note: str, version: int | None
) -> Promise:
    """Say that it was kept (late, after its time) or not; said once, by whoever did it."""

    def decide(unit: LoopUnit) -> Promise:
        known = unit.get(Promise, promise_id)
        if known is None or not _visible(unit, caller, [known]):
            raise not_found("promise")
        if known.state is not PromiseState.OPEN:
            if known.state in DONE[outcome]:
                return known
            raise Conflict(
                "promise.settled",
                "这个承诺已经有结果了，请刷新",
                "how this promise ended has been said already; read it again",
                "outcome",
            )
        same_version(known, version)
        late = outcome == "kept" and unit.now > known.due
        state = PromiseState.LATE if late else PromiseState(outcome)
        update = {"state": state, "settled": unit.now, "settled_by": caller.name, "wake": None}
        return unit.put(known.model_copy(update={**update, "note": mask(note).text}))

    return loop.change(decide)


def promises(
    loop: Loop,
    caller: Caller,
    *,
    mine: bool = True,
    settled: bool = False,
    customer: str = "",
    contact: str = "",
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Open promises by their time, or settled ones, newest first; each with its contact and for whom it is."""
    unit = loop.unit()
    where = "settled" if settled else "open"
    index, partition = ("promise.by", f"{caller.name}/{where}") if mine else ("promise.all", where)
    if customer or contact:
        index, partition = ("promise.customer", customer) if customer else ("promise.contact", contact)
    pages = _pages(unit, index, partition, newest_first=settled)
    wanted = (
        p for page in pages for p in _visible(unit, caller, (p for p in page if bool(p.settled) == settled))
    )
    shown = list(islice(wanted, limit))
    contacts = unit.many(Contact, (p.contact for p in shown))
    customers = unit.many(Customer, (p.customer for p in shown if p.customer))
    return [_row(p, contacts.get(p.contact), customers.get(p.customer)) for p in shown]


def of_contacts(unit: LoopUnit, contacts: Iterable[Contact]) -> list[Promise]:
    """What was promised on these contacts, by its time, whatever became of it."""
    given = {contact.id: contact.customer for contact in contacts}
    places = {("promise.customer", who) if who else ("promise.contact", one) for one, who in given.items()}
    found = {p.id: p for index, place in sorted(places) for p in unit.find(Promise, index, place)}
    return sorted((p for p in found.values() if p.contact in given), key=lambda p: (p.due, p.id))


def _pages(unit: LoopUnit, index: str, partition: str, *, newest_first: bool) -> Iterator[list[Promise]]:
    """All that is listed there, page by page: what a caller may see is known only after reading it."""
    after = ""
    while True:
        page = unit.store.find(Promise, index, partition, limit=PAGE, newest_first=newest_first, after=after)
        known = unit.many(Promise, page.keys)
        yield [known[key] for key in page.keys if key in known]
        if not (after := page.next):
            return


def _row(given: Promise, contact: Contact | None, customer: Customer | None) -> dict[str, Any]:
    about = contact and {
        name: getattr(contact, name) for name in ("id", "time", "text", "causes", "case", "channel", "order")
    }
    return {"promise": given, "contact": about, "shown": customer.shown if customer else ""}


def _visible(unit: LoopUnit, caller: Caller, found: Iterable[Promise]) -> list[Promise]:
    """One's own; a lead further those on contacts of its departments, the others all."""
    given = list(found)
    contacts = unit.many(Contact, (p.contact for p in given))
    return [
        p
        for p in given
        if p.by == caller.name or (p.contact in contacts and caller.sees(contacts[p.contact].departments))
    ]


def ran_out(unit: LoopUnit, given: Promise) -> Promise:
    """Its time has come and nobody said that it was kept: who promised is told, once."""
    if given.state is PromiseState.OPEN:
        notify(unit, f"user:{given.by}", "promise_overdue", f"promise:{given.id}")
    return given.model_copy(update={"wake": None})
