"""What people said of contacts, as lessons for the tagger; one contact in five is held out of them for life."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from chalicelib.model.contact import Contact
from chalicelib.model.people import SYSTEM
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.ports import Label

ONE_IN = 5
MACHINES = frozenset({"", SYSTEM.name, "intake"})
"""Who corrects nothing by having looked: codes that other systems send along are theirs."""


def labels(contacts: Iterable[Contact], taxonomy: Taxonomy) -> list[Label]:
    """What people said, in the order of contact ids, in codes that are active now, merged ones as what they became.

    A contact whose every cause has been retired teaches nothing: that it has none of today's causes is not
    what the person said. Contacts of the demo company teach nothing either.
    """
    active = frozenset(cause.code for cause in taxonomy.active)
    found = [label for contact in contacts if (label := _label(contact, active, taxonomy))]
    return sorted(found, key=lambda label: label.contact)


def _label(contact: Contact, active: frozenset[str], taxonomy: Taxonomy) -> Label | None:
    said = contact.correction
    if said is None or said.causes is None or said.by in MACHINES:
        return None
    if contact.erased or contact.demo or not contact.text.strip():
        return None
    causes = active.intersection(map(taxonomy.current, said.causes))
    if said.causes and not causes:
        return None
    return Label(contact.id, contact.text, causes, said.contact_kind, said.severity, said.at)


def held_out(contact: str) -> bool:
    """Whether a contact is for testing only: by its id alone, so that nothing ever changes it."""
    # Salted: training parts its examples by the plain hash of their ids.
    return hashlib.sha256(f"held out\n{contact}".encode()).digest()[0] % ONE_IN == 0


def parted(known: Sequence[Label]) -> tuple[list[Label], list[Label]]:
    """(to learn from, to test on)."""
    return (
        [label for label in known if not held_out(label.contact)],
        [label for label in known if held_out(label.contact)],
    )


def news(known: Iterable[Label], since: datetime | None) -> int:
    """How many labels came after a moment."""
    return sum(since is None or label.at > since for label in known)
