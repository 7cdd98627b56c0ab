"""The unmasked words: for permitted roles, with a purpose, every reading logged before it happens."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.corrections import visible_contact
from chalicelib.model.contact import Contact, Original, Reading
from chalicelib.model.errors import Forbidden
from chalicelib.model.people import Caller, not_found
from chalicelib.privacy.mask import mask


def may_read(unit: LoopUnit, caller: Caller) -> bool:
    """Whether the caller's role may open originals at all."""
    return caller.role in unit.settings.originals


def original(loop: Loop, caller: Caller, contact_id: str, purpose: str) -> dict[str, Any]:
    """What was really written. The reading is stored first: what cannot be logged cannot be read."""

    def log(unit: LoopUnit) -> Contact:
        if not may_read(unit, caller):
            raise Forbidden(
                "original.role",
                "您的角色不能看原文",
                "your role may not read the original words",
                "role",
            )
        contact = visible_contact(unit, caller, contact_id)
        if contact.erased:
            raise not_found("contact")
        unit.get(Reading, (reading := _reading(unit, caller, contact, purpose)).key)
        unit.put(reading)
        return contact

    contact = loop.change(log)
    sealed = loop.store.get(Original, [contact_id]).get(contact_id)
    if sealed is None:
        return {"text": contact.text, "external_id": contact.external_id}
    opened: dict[str, Any] = json.loads(loop.vault.open(sealed.sealed, contact_id))
    return {name: value for name, value in opened.items() if value}


def _reading(unit: LoopUnit, caller: Caller, contact: Contact, purpose: str) -> Reading:
    return Reading(
        contact=contact.id, customer=contact.customer, by=caller.name, at=unit.now, purpose=mask(purpose).text
    )


def reading_log(loop: Loop, limit: int = 200) -> list[Reading]:
    """Who read whose words, newest first."""
    return loop.unit().find(Reading, "reading.all", "all", limit=limit, newest_first=True)
