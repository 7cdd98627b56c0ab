"""5-Why: people say why, and on what contacts it stands; shares of one effect never exceed the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.track.projects import visible
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.why import MOST_CITED, Because, Why
from chalicelib.privacy.mask import mask

Row = dict[str, Any]


def tree(loop: Loop, caller: Caller, project_id: str) -> Row:
    """The reasons of a project, each with its own beneath it; contacts the caller may not know of are counted."""
    unit = loop.unit()
    visible(unit, caller, project_id)
    return shown(unit, caller, _known(unit, project_id))


def shown(unit: LoopUnit, caller: Caller, why: Why) -> Row:
    """A tree as interfaces show it."""
    cited = unit.many(Contact, (c for one in why.reasons for c in one.contacts))
    seen = {key for key, contact in cited.items() if _sees(caller, contact)}

    def under(reason: str) -> list[Row]:
        return [_row(one, seen, under(one.id), why) for one in why.reasons if one.under == reason]

    events = [event.model_dump(mode="json") for event in why.history]
    history = [{**e, "data": {k: v for k, v in e["data"].items() if k != "contacts"}} for e in events]
    return {
        "project": why.project,
        "version": why.version,
        "because": under(""),
        "explained": why.shared(""),
        "history": history,
    }


def _row(one: Because, seen: set[str], because: list[Row], why: Why) -> Row:
    return {
        **one.model_dump(mode="json", exclude={"under"}),
        "contacts": [c for c in one.contacts if c in seen],
        "hidden": sum(c not in seen for c in one.contacts),
        "because": because,
        "explained": why.shared(one.id),
    }


def _sees(caller: Caller, contact: Contact) -> bool:
    return caller.role is not Role.LEAD or caller.sees(contact.departments)


def say_why(
    loop: Loop,
    caller: Caller,
    project_id: str,
    *,
    text: str,
    under: str = "",
    contacts: Sequence[str] = (),
    assumption: bool = False,
    share: int | None = None,
    version: int | None = None,
) -> Row:
    """Add a reason for the cause, or for the reason `under`. The same one said again changes nothing."""

    def decide(unit: LoopUnit, why: Why) -> Why:
        words = mask(text).text
        if under and why.get(under) is None:
            raise not_found("why")
        number = "Y-" + unit.vault.digest(f"why\n{project_id}\n{under}\n{words}")[:8].upper()
        if why.get(number):
            return why
        reason = _checked(unit, caller, number, under, words, contacts, assumption, share)
        said = why.having(reason)
        return said.with_event(unit.now, "ReasonGiven", caller.name, reason=number, text=words, share=share)

    return _change(loop, caller, project_id, version, decide)


def correct_why(
    loop: Loop,
    caller: Caller,
    project_id: str,
    reason: str,
    *,
    text: str,
    contacts: Sequence[str] = (),
    assumption: bool = False,
    share: int | None = None,
    version: int | None = None,
) -> Row:
    """Say it otherwise: its words, what it stands on, its share of the effect."""

    def decide(unit: LoopUnit, why: Why) -> Why:
        known = why.get(reason)
        if known is None:
            raise not_found("why")
        _must_own(unit, caller, project_id, known)
        words = mask(text).text
        fresh = _checked(unit, caller, reason, known.under, words, contacts, assumption, share, known)
        if fresh.model_copy(update={"at": known.at, "by": known.by}) == known:
            return why
        before = known.model_dump(mode="json", include={"text", "share", "assumption"})
        after = why.having(fresh)
        return after.with_event(unit.now, "ReasonChanged", caller.name, reason=reason, before=before)

    return _change(loop, caller, project_id, version, decide)


def withdraw_why(loop: Loop, caller: Caller, project_id: str, reason: str, version: int | None) -> Row:
    """Take a reason back with all beneath it; what it said stays in the history. Safe to repeat."""

    def decide(unit: LoopUnit, why: Why) -> Why:
        known = why.get(reason)
        if known is None:
            if any(e.name == "ReasonWithdrawn" and e.data.get("reason") == reason for e in why.history):
                return why
            raise not_found("why")
        _must_own(unit, caller, project_id, known)
        for one in (known, *why.below(reason)):
            data = {"reason": one.id, "under": one.under, "text": one.text, "share": one.share}
            why = why.with_event(unit.now, "ReasonWithdrawn", caller.name, **data)
        return why.without([reason, *(one.id for one in why.below(reason))])

    return _change(loop, caller, project_id, version, decide)


def _must_own(unit: LoopUnit, caller: Caller, project_id: str, reason: Because) -> None:
    """Who said it may change it; else an executive, an admin or the project's lead."""
    if reason.by != caller.name and caller.role is not Role.EXECUTIVE:
        caller.must_lead(visible(unit, caller, project_id).department)


def _change(
    loop: Loop,
    caller: Caller,
    project_id: str,
    version: int | None,
    decide: Callable[[LoopUnit, Why], Why],
) -> Row:
    """Decide on the tree as it stands; whoever was slower decides again on what the other left."""

    def run(unit: LoopUnit) -> Why:
        project = visible(unit, caller, project_id)
        why = _known(unit, project_id)
        same_version(why, version)
        after = decide(unit, why)
        return why if after is why else unit.put(after.model_copy(update={"demo": project.demo}))

    return shown(loop.unit(), caller, loop.change(run))


def _known(unit: LoopUnit, project_id: str) -> Why:
    return unit.get(Why, project_id) or Why(project=project_id)


def _checked(
    unit: LoopUnit,
    caller: Caller,
    number: str,
    under: str,
    words: str,
    contacts: Sequence[str],
    assumption: bool,
    share: int | None,
    before: Because | None = None,
) -> Because:
    """The reason, if it stands on something the caller may know of."""
    cited = tuple(dict.fromkeys(contacts))
    if before:  # what another department has cited stays: who cannot see it cannot send it
        known = unit.many(Contact, before.contacts)
        hidden = [c for c in before.contacts if c not in known or not _sees(caller, known[c])]
        cited = tuple(dict.fromkeys([*cited, *hidden]))
    if not cited and not assumption:
        raise Invalid(
            "why.unfounded",
            "每个“因为”都要引用联络，或标明是假设",
            "every because cites contacts or is marked as an assumption",
            "contacts",
        )
    if len(cited) > MOST_CITED:
        raise Invalid(
            "why.many",
            f"最多引用 {MOST_CITED} 条联络",
            f"cite at most {MOST_CITED} contacts",
            "contacts",
        )
    found = unit.many(Contact, cited)
    already = set(before.contacts) if before else set[str]()
    if any(c not in already and (c not in found or not _sees(caller, found[c])) for c in cited):
        raise Invalid(
            "why.contact",
            "引用的联络不存在，请检查编号",
            "a cited contact does not exist; check its id",
            "contacts",
        )
    return Because(id=number, under=under, text=words, contacts=cited, assumption=assumption, share=share,
                   by=caller.name, at=unit.now)  # fmt: skip
