"""Customers: their record, history and rights. What identifies a person is sealed and shown on purpose only."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.arriving import NOBODY, Ref, customer_ref
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Contact, Original, Reading
from chalicelib.model.customer import Alias, Customer, LegalBasis
from chalicelib.model.entity import Given
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.promise import Promise
from chalicelib.model.segment import Segment
from chalicelib.privacy.mask import mask, mask_ref, show_ref

MOST = 10_000
"""Contacts, cases or call-backs of one person that are exported or erased at once."""
MOST_OF_ORDER = 50


def _yes_no(value: object) -> object:
    return {"是": True, "同意": True, "否": False, "不同意": False}.get(str(value).strip(), value)


_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise Invalid("customer.email", "不像邮箱地址，请核对", "is no e-mail address; check it", "email")
    return value


def _somebody(value: str) -> str:
    if value and customer_ref(value) in ("", *NOBODY):
        raise Invalid("customer.nobody", "这不是客户编号", "this does not name a customer", "customer")
    return value


class NewCustomer(Given):
    """A customer record as files and callers send it."""

    customer: Annotated[Ref, AfterValidator(_somebody)] = Field(
        min_length=1, description="The reference contacts use: phone, member or user number"
    )
    name: str = Field("", max_length=100)
    phone: Ref = ""
    member: Ref = ""
    email: Annotated[Ref, AfterValidator(_email)] = ""
    segment: Segment = ""
    tier: str = Field("", max_length=40)
    consent: Annotated[bool | None, BeforeValidator(_yes_no)] = None
    legal_basis: LegalBasis | None = None
    notice_version: str = Field("", max_length=40)


def save_customer(loop: Loop, caller: Caller, new: NewCustomer) -> tuple[Customer, bool]:
    """Create or complete a record; given fields win, others stay. False when nothing changed."""

    def decide(unit: LoopUnit) -> tuple[Customer, bool]:
        refs = [customer_ref(r) for r in (new.customer, new.phone, new.member, new.email) if customer_ref(r)]
        digests = list(dict.fromkeys(_digest(unit, ref) for ref in refs))
        known = _one_customer(unit, digests)
        before = known or Customer(id=digests[0], shown=show_ref(refs[0]), first_seen=unit.now)
        after = before.model_copy(update=_completed(unit, before, new, refs[0], digests))
        if known and after == before:
            return known, False
        for digest in after.aliases:
            if unit.get(Alias, digest) is None:
                unit.put(Alias(id=digest, customer=after.id, demo=after.demo))
        return unit.put(after), True

    return loop.change(decide)


def _digest(unit: LoopUnit, ref: str) -> str:
    return unit.vault.digest("customer\n" + ref)


def _one_customer(unit: LoopUnit, digests: list[str]) -> Customer | None:
    """The customer these references name; Conflict when they name two."""
    found = {c.id: c for d in digests if (c := resolve(unit, d))}
    if len(found) > 1:
        raise Conflict(
            "customer.two",
            "这些编号分别属于两个已有客户，请核对",
            "these references belong to two existing customers; check them",
            "customer",
        )
    return next(iter(found.values()), None)


def resolve(unit: LoopUnit, digest: str) -> Customer | None:
    """The customer of a reference's digest, through its aliases."""
    known = unit.get(Customer, digest)
    if known is None and (alias := unit.get(Alias, digest)):
        known = unit.get(Customer, alias.customer)
    return known


def _completed(
    unit: LoopUnit, before: Customer, new: NewCustomer, ref: str, digests: list[str]
) -> dict[str, Any]:
    person = json.loads(unit.vault.open(before.sealed, before.id)) if before.sealed else {"ref": ref}
    given = {name: value for name in ("name", "phone", "member", "email") if (value := getattr(new, name))}
    named = ("segment", "tier", "consent", "legal_basis", "notice_version")
    update: dict[str, Any] = {"demo": False}
    update |= {name: value for name in named if (value := getattr(new, name)) not in ("", None)}
    if person != (together := {**person, **given}) or not before.sealed:
        update["sealed"] = unit.vault.seal(json.dumps(together, ensure_ascii=False), before.id)
    aliases = (*before.aliases, *(d for d in digests if d != before.id))
    update["aliases"] = tuple(dict.fromkeys(aliases))
    return update


def found_by(loop: Loop, ref: str) -> Customer | None:
    """The customer with this phone, member or user number; None for somebody new."""
    unit = loop.unit()
    return resolve(unit, _digest(unit, customer_ref(ref))) if customer_ref(ref) else None


def look_up(loop: Loop, ref: str) -> Customer:
    """The customer with this phone, member or user number, who must exist."""
    known = found_by(loop, ref)
    if known is None:
        raise not_found("customer")
    return known


def by_id(loop: Loop, customer_id: str) -> Customer:
    """The customer with this id."""
    known = loop.unit().get(Customer, customer_id)
    if known is None:
        raise not_found("customer")
    return known


def history(loop: Loop, caller: Caller, customer_id: str, limit: int = 100) -> list[Contact]:
    """The customer's contacts, newest first; a lead is shown those of its departments."""
    by_id(loop, customer_id)
    found = loop.unit().find(Contact, "contact.customer", customer_id, limit=limit, newest_first=True)
    return [c for c in found if caller.role is not Role.LEAD or caller.sees(c.departments)]


def by_order(loop: Loop, caller: Caller, ref: str) -> dict[str, Any]:
    """What is known of an order: its contacts, newest first, and whose they are; a lead is shown its departments'."""
    unit = loop.unit()
    order = mask_ref(ref, unit.vault.digest)
    found = unit.find(Contact, "contact.order", order, limit=MOST_OF_ORDER, newest_first=True)
    shown = [c for c in found if caller.sees(c.departments)]
    whose = unit.many(Customer, (c.customer for c in shown if c.customer))
    return {"contacts": shown, "customers": [{"id": c.id, "shown": c.shown} for c in whose.values()]}


def reveal(loop: Loop, caller: Caller, customer_id: str, purpose: str) -> dict[str, Any]:
    """Who the customer is, for calling back; logged like every reading of what is personal."""
    return _person(loop, caller, customer_id, purpose, "reveal")


def _person(loop: Loop, caller: Caller, customer_id: str, purpose: str, what: str) -> dict[str, Any]:
    customer = by_id(loop, customer_id)
    log_reading(loop, caller, customer_id, purpose, what)
    if not customer.sealed:
        return {}
    person: dict[str, Any] = json.loads(loop.vault.open(customer.sealed, customer.id))
    return person


def log_reading(loop: Loop, caller: Caller, customer_id: str, purpose: str, what: str) -> None:
    """Store who looked at a person's data and why, before it is shown."""

    def decide(unit: LoopUnit) -> None:
        reading = Reading.model_validate(
            {
                "contact": "",
                "customer": customer_id,
                "by": caller.name,
                "at": unit.now,
                "purpose": mask(purpose).text,
                "what": what,
            }
        )
        if unit.get(Reading, reading.key) is None:
            unit.put(reading)

    loop.change(decide)


def export(loop: Loop, caller: Caller, customer_id: str, purpose: str) -> dict[str, Any]:
    """Everything held about one person, originals opened: the right of access. The reading is logged."""
    caller.must_be(Role.ADMIN)
    person = _person(loop, caller, customer_id, purpose, "export")
    unit = loop.unit()
    contacts = unit.find(Contact, "contact.customer", customer_id, limit=MOST)
    originals = unit.many(Original, (c.id for c in contacts))
    opened = {k: json.loads(loop.vault.open(o.sealed, k)) for k, o in originals.items()}
    hidden = {"sealed", "aliases", "version", "pending", "wake", "fingerprint"}
    return {
        "exported": datetime.isoformat(unit.now),
        "person": person,
        "record": by_id(loop, customer_id).model_dump(mode="json", exclude=hidden),
        "contacts": [{**c.model_dump(mode="json", exclude=hidden), **opened.get(c.id, {})} for c in contacts],
        "cases": [
            k.model_dump(mode="json", exclude=hidden)
            for k in unit.find(Case, "case.customer", customer_id, limit=MOST)
        ],
        "callbacks": [
            b.model_dump(mode="json", exclude=hidden)
            for b in unit.find(Callback, "callback.customer", customer_id, limit=MOST)
        ],
        "promises": [
            p.model_dump(mode="json", exclude=hidden)
            for p in unit.find(Promise, "promise.customer", customer_id, limit=MOST)
        ],
        "readings": [
            r.model_dump(mode="json", exclude=hidden)
            for r in unit.find(Reading, "reading.customer", customer_id, limit=MOST)
        ],
    }
