"""A person says what a contact is about; everything that follows from it follows again."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.own.moves import same_version
from chalicelib.model.analysis import ContactKind
from chalicelib.model.contact import Contact, Correction, Step
from chalicelib.model.errors import Conflict
from chalicelib.model.people import Caller, Role, not_found


def visible_contact(unit: LoopUnit, caller: Caller, contact_id: str) -> Contact:
    """The contact, if the caller may know of it: a lead, if it concerns one of its departments."""
    contact = unit.get(Contact, contact_id)
    if contact is None:
        raise not_found("contact")
    if caller.role is Role.LEAD:
        caller.must_see(contact.departments, "contact")
    return contact


def corrected(loop: Loop, contact_id: str) -> Contact:
    """What became of a contact the caller has just corrected, even if it is no longer its department's."""
    contact = loop.unit().get(Contact, contact_id)
    if contact is None:
        raise not_found("contact")
    return contact


def correct(
    loop: Loop,
    caller: Caller,
    contact_id: str,
    causes: Sequence[str],
    kind: ContactKind | None = None,
    severity: int | None = None,
    version: int | None = None,
) -> Contact:
    """Store who said what and when, beside what was said before, and owe the contact a new way through own
    and link. A kind or severity that is not given stays a person's where one gave it, the machine's otherwise; no
    cause and no kind say that it is no complaint."""

    def decide(unit: LoopUnit) -> Contact:
        contact = visible_contact(unit, caller, contact_id)
        same_version(contact, version)
        check_causes(unit.taxonomy, map(unit.taxonomy.current, causes))
        before = _stays(contact, causes, kind)
        said = Correction(
            by=caller.name,
            at=unit.now,
            causes=tuple(dict.fromkeys(causes)),
            contact_kind=kind or (before.contact_kind if before else None),
            severity=before.severity if severity is None and before else severity,
        )
        if contact.correction and contact.correction.model_copy(update={"at": said.at}) == said:
            return contact
        step = contact.pending or Step.OWN
        return unit.put(contact.corrected(said).model_copy(update={"pending": step}))

    return loop.change(decide)


def _stays(contact: Contact, causes: Sequence[str], kind: ContactKind | None) -> Correction | None:
    """Whose kind and severity stand where none are given: nobody's of a complaint in which nothing went wrong."""
    before = contact.correction
    complaint = ((before and before.contact_kind) or contact.contact_kind) == "complaint"
    return None if complaint and not causes and kind is None else before


def withdraw(loop: Loop, caller: Caller, contact_id: str, version: int) -> Contact:
    """Take back the caller's own newest word: what stood before it stands again. Both stay in the history.

    The contact may meanwhile belong to another department. Raises Conflict when the newest word is not the caller's.
    """

    def decide(unit: LoopUnit) -> Contact:
        contact = unit.get(Contact, contact_id)
        if contact is None or not contact.corrected_by(caller.name):
            raise not_found("contact")
        same_version(contact, version)
        if contact.correction is None or contact.correction.by != caller.name:
            raise _not_yours()
        before = contact.earlier[-1] if contact.earlier else Correction(by=caller.name, at=unit.now)
        again = before.model_copy(update={"by": caller.name, "at": unit.now})
        step = contact.pending or Step.OWN
        return unit.put(contact.corrected(again).model_copy(update={"pending": step}))

    return loop.change(decide)


def _not_yours() -> Conflict:
    return Conflict(
        "correction.overtaken",
        "别人已另有判断，撤不回了；要改请再提交纠正",
        "somebody else has said something since; to change it, send a correction",
        "contact",
    )
