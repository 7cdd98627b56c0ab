"""Contacts like those of a case: the same cause, other customers, the most alike words first."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.own.cases import visible_case
from chalicelib.loop.own.members import members
from chalicelib.model.case import Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.people import Caller
from chalicelib.privacy.text import fold

LOOKED_AT, SHOWN = 80, 6
"""Newest contacts of the cause that are compared, and how many are shown."""
ENOUGH = 20
"""Contacts of the case that it is compared by."""


def similar(loop: Loop, caller: Caller, case_id: str) -> list[dict[str, Any]]:
    """Two reads, however many contacts the cause has."""
    unit = loop.unit()
    case = visible_case(unit, caller, case_id)
    own = members(unit, case, ENOUGH)
    words = pairs(" ".join(contact.text for contact in own))
    others = [contact for contact in _recent(unit, case) if caller.sees(contact.departments)]
    ranked = sorted(others, key=lambda c: (-alike(words, pairs(c.text)), -c.time.timestamp(), c.id))
    wanted = {"id", "time", "text", "channel", "case", "severity", "contact_kind"}
    return [contact.model_dump(mode="json", include=wanted) for contact in ranked[:SHOWN]]


def _recent(unit: LoopUnit, case: Case) -> list[Contact]:
    found = unit.find(Contact, "contact.cause", case.cause, limit=LOOKED_AT, newest_first=True)
    return [
        c
        for c in found
        if c.case != case.id
        and c.channel is not Channel.CALLBACK
        and not (c.customer and c.customer == case.customer)
    ]


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters, blanks and punctuation left out."""
    letters = [c for c in fold(text) if c.isalnum()]
    return frozenset(a + b for a, b in pairwise(letters))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the pairs of either that both have (Jaccard)."""
    return len(one & other) / len(one | other) if one or other else 0.0
