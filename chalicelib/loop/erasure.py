"""Erasure: the person goes, the counted numbers stay. A receipt says what was done."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.customers import by_id
from chalicelib.model.case import ERASED_CUSTOMER, Callback, CallbackState, Case, CaseState
from chalicelib.model.contact import Contact, Original, Reading
from chalicelib.model.customer import Alias, Customer, Receipt
from chalicelib.model.entity import Entity, Event
from chalicelib.model.people import Caller, Role
from chalicelib.model.promise import Promise, PromiseState
from chalicelib.ports import Vault
from chalicelib.privacy.mask import mask

ERASED = "【已删除】"
WRITES_EACH = 10
AT_ONCE = 500
WALKS = 100
KEPT = {"by", "at", "contact", "cause", "department", "clock", "task", "from", "to", "reached", "resolved"}
"""What stays of an event's data; free words go."""


def erase(loop: Loop, caller: Caller, customer_id: str, reason: str) -> Receipt:
    """Erase one person in steps that each leave the store whole; repeating finishes what was begun.

    Rows stay, under a random name nobody can trace back, so that closed numbers and repeat chains do not
    change; words, references and everything sealed go. The record goes last: while it is there, the erasure
    is unfinished and can be called again.
    """
    caller.must_be(Role.ADMIN)
    by_id(loop, customer_id)
    alias = loop.change(lambda unit: _pseudonym(unit, customer_id))
    for kind, index in LISTED.values():
        _in_parts(loop, kind, index, customer_id, alias)
    _in_parts(loop, Reading, "reading.customer", customer_id, alias)
    loop.store.scrub()
    counts = {name: _count(loop, kind, index, alias) for name, (kind, index) in LISTED.items()}
    return loop.change(lambda unit: _finish(unit, caller, customer_id, alias, reason, counts))


LISTED: dict[str, tuple[type[Entity], str]] = {
    "contacts": (Contact, "contact.customer"),
    "cases": (Case, "case.customer"),
    "callbacks": (Callback, "callback.customer"),
    "promises": (Promise, "promise.customer"),
}


def _count(loop: Loop, kind: type[Entity], index: str, alias: str) -> int:
    """How many rows lie under the random name now, whichever call put them there."""
    n, after = 0, ""
    while True:
        page = loop.store.find(kind, index, alias, limit=AT_ONCE, after=after)
        n, after = n + len(page.keys), page.next
        if not after:
            return n


def held(loop: Loop, caller: Caller, customer_id: str) -> dict[str, int]:
    """How much there is about one person, for whoever is about to erase it."""
    caller.must_be(Role.ADMIN)
    by_id(loop, customer_id)
    counts = {name: _count(loop, kind, index, customer_id) for name, (kind, index) in LISTED.items()}
    return {**counts, "readings": _count(loop, Reading, "reading.customer", customer_id)}


def _pseudonym(unit: LoopUnit, customer_id: str) -> str:
    """The random name the rows go under, fixed at the first call so that a repetition uses the same."""
    customer = unit.get(Customer, customer_id)
    if customer is None or customer.erasing:
        return customer.erasing if customer else ""
    name = ERASED_CUSTOMER + secrets.token_hex(8)
    unit.put(customer.model_copy(update={"erasing": name, "sealed": "", "shown": ERASED}))
    return name


def _in_parts(loop: Loop, kind: type[Entity], index: str, customer_id: str, alias: str) -> None:
    """Until a walk through the listing finds nothing of this person any more: rows may arrive meanwhile."""
    for _ in range(WALKS):
        if not _walk(loop, kind, index, customer_id, alias):
            return
    raise AssertionError("erasure does not end")


def _walk(loop: Loop, kind: type[Entity], index: str, customer_id: str, alias: str) -> int:
    """How many rows were erased."""
    erased, after = 0, ""
    while True:
        page = loop.store.find(kind, index, customer_id, limit=AT_ONCE, after=after)
        for n in loop.in_parts(
            page.keys, WRITES_EACH, lambda unit, part: _erase_some(unit, kind, part, customer_id, alias)
        ):
            erased += n
        if not (after := page.next):
            return erased


def _erase_some(unit: LoopUnit, kind: type[Entity], keys: Sequence[str], customer_id: str, alias: str) -> int:
    # A listing may lead to a row for a moment that is another person's by now.
    theirs = [e for e in unit.many(kind, keys).values() if getattr(e, "customer", "") == customer_id]
    for entity in theirs:
        after = _erased(unit, entity, alias)
        if after.key != entity.key:  # a reading's key may name the customer
            unit.delete(entity)
            unit.get(kind, after.key)
        unit.put(after)
    if kind is Contact:
        for original in unit.many(Original, [contact.key for contact in theirs]).values():
            unit.delete(original)
    return len(theirs)


def _erased(unit: LoopUnit, entity: Entity, alias: str) -> Entity:
    update: dict[str, object] = {"customer": alias}
    if isinstance(entity, Contact):
        update |= _erased_contact(unit, entity, alias)
    elif isinstance(entity, Case):
        update["history"] = tuple(_without_words(e) for e in entity.history)
        update["tasks"] = tuple(t.model_copy(update={"what": ERASED}) for t in entity.tasks)
        if entity.state is CaseState.UNVERIFIED:  # nobody can come back any more: it stays unverified
            update |= {"verify_at": None, "wake": None}
    elif isinstance(entity, Callback) and entity.state is CallbackState.TO_CALL:
        update["state"] = CallbackState.ERASED
    elif isinstance(entity, Promise):
        update |= {"what": ERASED, "note": "", "wake": None}
        if entity.state is PromiseState.OPEN:
            update |= {"state": PromiseState.VOID, "settled": unit.now, "settled_by": "system"}
    return entity.model_copy(update=update)


def _erased_contact(unit: LoopUnit, contact: Contact, alias: str) -> dict[str, object]:
    """References become digests under the random name: still equal to each other, nothing to the world."""
    refs = {
        name: unit.vault.digest(f"{alias}\n{value}")[:12]
        for name in ("order", "bill")
        if (value := getattr(contact, name))
    }
    analysis = contact.analysis and replace(
        contact.analysis, causes=tuple(replace(tag, evidence=()) for tag in contact.analysis.causes)
    )
    gone = {"text": ERASED, "masked": (), "external_id": "", "fingerprint": "", "product": ""}
    return {**gone, **refs, "analysis": analysis, "erased": True}


def _without_words(event: Event) -> Event:
    return event.model_copy(update={"data": {k: v for k, v in event.data.items() if k in KEPT}})


def _finish(
    unit: LoopUnit, caller: Caller, customer_id: str, alias: str, reason: str, counts: dict[str, int]
) -> Receipt:
    customer = unit.get(Customer, customer_id)
    assert customer is not None, "the record goes last"
    for digest in customer.aliases:
        if named := unit.get(Alias, digest):
            unit.delete(named)
    unit.delete(customer)
    reading = Reading(
        contact="",
        customer=alias,
        by=caller.name,
        at=unit.now,
        purpose=mask(reason).text,
        what="erasure",
    )
    unit.get(Reading, reading.key)
    unit.put(reading)
    digest = erased_name(unit.vault, customer_id)
    return unit.put(
        Receipt(
            id="R-" + secrets.token_hex(6).upper(),
            at=unit.now,
            by=caller.name,
            reason=mask(reason).text,
            digest=digest,
            **counts,
        )
    )


def erased_name(vault: Vault, customer_id: str) -> str:
    """What a receipt calls the erased customer: only who has the id and the key can tell whom it means."""
    return vault.digest("erased\n" + customer_id)


def receipts(loop: Loop, limit: int = 200) -> list[Receipt]:
    """Proofs of erasure, newest first."""
    return loop.unit().find(Receipt, "receipt.all", "all", limit=limit, newest_first=True)
