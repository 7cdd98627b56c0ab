"""The queue of what to look at next: the contacts a person's word would teach most, a few a day for each person.

How much that is, `Contact.teaches` says: the machine's own doubt, rules and learner that disagree, new words.
Contacts wait in the index `contact.review` under their least sure cause, in the newest week what teaches most
first to be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.corrections import correct, visible_contact
from chalicelib.loop.own.moves import same_version
from chalicelib.model.contact import NO_CAUSE, Contact, Step
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Conflict
from chalicelib.model.people import Caller, Role
from chalicelib.model.review import ReviewClaims, claimed, holders
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.model.weeks import local, shift, week_of

INDEX = "contact.review"
HELD = timedelta(minutes=15)
"""How long a contact that one person was shown is kept from the others."""
WEEKS = 8
"""Older contacts say little about today's."""
LISTED = 60
"""Keys of a cause that are looked through for one that nobody has on the screen."""


@dataclass(frozen=True)
class Asked:
    """What somebody is asked to look at: theirs until `until`, out of `left` more today."""

    contacts: tuple[Contact, ...]
    answered: int
    left: int
    until: datetime


class Waiting(NamedTuple):
    """A contact in line; `rank` counts those of its cause before it, `mine` is already on the caller's screen."""

    contact: str
    cause: str
    rank: int
    mine: bool


def next_contacts(loop: Loop, caller: Caller, limit: int) -> Asked:
    """The next contacts for this caller, claimed for a while; asking again shows the same ones."""
    return loop.change(lambda unit: _ask(unit, caller, limit))


def _ask(unit: LoopUnit, caller: Caller, limit: int) -> Asked:
    budget, until = unit.settings.review_daily, unit.now + HELD
    answered = answered_today(unit, caller, budget)
    left = budget - answered
    room = min(limit, left)
    causes = review_causes(unit.taxonomy, caller) if room else []
    claims = unit.many(ReviewClaims, causes)
    held = holders((c for some in claims.values() for c in some.claims), unit.now)
    line = in_line({cause: _listed(unit, cause) for cause in causes}, held, caller.name)
    chosen = _most_to_learn(unit, caller, line, room)
    for cause, some in _by_cause(chosen).items():
        known = claims.get(cause) or ReviewClaims(cause=cause)
        fresh = claimed(known.claims, some, caller.name, unit.now, until)
        unit.put(known.model_copy(update={"claims": fresh}))
    return Asked(tuple(unit.many(Contact, (w.contact for w in chosen)).values()), answered, left, until)


def answered_today(unit: LoopUnit, caller: Caller, most: int) -> int:
    """How many contacts the caller has corrected or confirmed since midnight in Shanghai, counted up to `most`."""
    midnight = local(unit.now).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    if not most:
        return 0
    return len(
        unit.store.find(
            Contact, "contact.answered", caller.name, low=stamp(midnight), limit=most, newest_first=True
        ).keys
    )


def review_causes(taxonomy: Taxonomy, caller: Caller) -> list[str]:
    """The causes whose doubtful contacts this caller may judge: a lead, those of its departments."""
    codes = [*(cause.code for cause in taxonomy.active), OTHER]
    if caller.role is Role.LEAD:
        return [code for code in codes if caller.sees([taxonomy.department_of(code)])]
    return [*codes, NO_CAUSE]


def _listed(unit: LoopUnit, cause: str) -> list[str]:
    since = shift(week_of(unit.now), 1 - WEEKS)
    return unit.store.find(Contact, INDEX, cause, low=since, limit=LISTED, newest_first=True).keys


def in_line(listed: Mapping[str, Sequence[str]], held: Mapping[str, str], name: str) -> list[Waiting]:
    """First what this person has on the screen already, then the causes in turn; what others have is left out."""
    line = []
    for cause, keys in listed.items():
        free = [key for key in keys if held.get(key, name) == name]
        free.sort(key=lambda key: key not in held)
        line += [Waiting(key, cause, rank, key in held) for rank, key in enumerate(free)]
    return sorted(line, key=lambda w: (not w.mine, w.rank))


def _most_to_learn(unit: LoopUnit, caller: Caller, line: Sequence[Waiting], room: int) -> list[Waiting]:
    """Among those whose turn it is alike, what teaches most. Only as many contacts are read as that takes."""
    enough = max(2 * room, sum(w.rank == 0 or w.mine for w in line))
    read = unit.many(Contact, (w.contact for w in line[:enough]))
    fits = [w for w in line[:enough] if w.contact in read and _fits(read[w.contact], caller)]
    fits.sort(key=lambda w: (not w.mine, w.rank, -read[w.contact].teaches, w.contact))
    return fits[:room]


def _fits(contact: Contact, caller: Caller) -> bool:
    return contact.review() is not None and caller.sees(contact.departments)


def _by_cause(chosen: Iterable[Waiting]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for one in chosen:
        out[one.cause].append(one.contact)
    return out


def confirm(loop: Loop, caller: Caller, contact_id: str, version: int | None = None) -> Contact:
    """The machine was right: a correction equal to its causes. Kind and severity stay as they stand, a person's
    where one gave them. Raises Conflict when a person has said otherwise, or nothing is said yet."""
    unit = loop.unit()
    contact = visible_contact(unit, caller, contact_id)
    same_version(contact, version)
    tags = contact.analysis.causes if contact.analysis else ()
    causes = [tag.code for tag in tags if tag.code in unit.taxonomy.by_code]
    if contact.correction and contact.correction.causes is not None:
        if set(contact.correction.causes) == set(causes):
            return contact
        raise _said_otherwise()
    if contact.analysis is None or contact.pending in (Step.TAG, Step.OWN):
        raise _untagged()
    return correct(loop, caller, contact_id, causes, contact.contact_kind, contact.severity, contact.version)


def _untagged() -> Conflict:
    return Conflict(
        "review.untagged",
        "这条联络还在打标，请稍后再试",
        "this contact is still being tagged; try again in a moment",
        "contact",
    )


def _said_otherwise() -> Conflict:
    return Conflict(
        "review.corrected",
        "已有人给出别的原因；要改请提交纠正",
        "somebody has given other causes; to change them, send a correction",
        "contact",
    )
