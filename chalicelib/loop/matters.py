"""What notices are about: the cause or title, who did it, their words. Read from what happened, copied nowhere, so
that what is erased is gone here too; a customer's own words are never among it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.notices import inbox
from chalicelib.model.case import Case
from chalicelib.model.entity import Entity, Event, Fact
from chalicelib.model.ledger import Dispute
from chalicelib.model.people import Caller, Notice
from chalicelib.model.project import Project
from chalicelib.model.promise import Promise
from chalicelib.model.proposal import Proposal
from chalicelib.model.voice import Andon

SHOWN = 3
"""Subjects of a notice that are told of; the others are counted."""
LONGEST = 60


class Matter(Fact):
    """One thing that a notice speaks of."""

    subject: str
    """Empty where the receiver cannot open it (any more)."""
    cause: str = ""
    title: str = ""
    by: str = ""
    """Who did it; empty for the loop itself."""
    words: str = ""
    """What they said, masked and shortened."""
    word: str = ""
    """How it ended: a verdict, an answer, a ruling."""


CASE: dict[str, tuple[str, str]] = {
    "mentioned": ("Commented", "text"),
    "case_taken_over": ("OwnerChanged", ""),
    "case_came_back": ("CaseCameBack", ""),
    "task_asked": ("TaskAsked", "what"),
    "task_done": ("TaskDone", "note"),
    "owner_asked": ("OwnerAsked", "reason"),
}
"""Of a notice on a case: the event that it tells, and where that has its words."""
PROJECT = {"verdict_reached": "VerdictReached", "project_relapsed": "VerdictReached"}


def told(loop: Loop, caller: Caller) -> list[tuple[Notice, list[Matter]]]:
    """What the caller has been told, newest first, without what the caller alone did."""
    unit = loop.unit()
    found = inbox(loop, caller)
    about = matters(unit, caller, found)
    return [
        (one, about[one.key])
        for one in found
        if one.count > 1 or [matter.by for matter in about[one.key]] != [caller.name]
    ]


def matters(unit: LoopUnit, caller: Caller, notices: Sequence[Notice]) -> dict[str, list[Matter]]:
    """Of each notice, by its key, its latest subjects that still exist, newest first."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, key in (_parts(s) for one in notices for s in _latest(one)):
        wanted[kind].add(key)
    things: dict[tuple[str, str], Entity] = {}
    for kind, (entity, _) in KINDS.items():
        things |= {(kind, key): thing for key, thing in unit.many(entity, sorted(wanted[kind])).items()}
    return {one.key: list(_of(caller, one, things)) for one in notices}


def _latest(notice: Notice) -> tuple[str, ...]:
    return tuple(reversed(notice.subjects[-SHOWN:]))


def _parts(subject: str) -> tuple[str, str]:
    kind, _, key = subject.partition(":")
    return kind, key


def _of(caller: Caller, notice: Notice, things: dict[tuple[str, str], Entity]) -> Iterable[Matter]:
    for subject in _latest(notice):
        kind, key = _parts(subject)
        if kind not in KINDS:
            yield Matter(subject=subject, cause=key if kind == "cause" else "")
        elif thing := things.get((kind, key)):
            seen = {"subject": subject, **KINDS[kind][1](notice, thing)}
            yield Matter(**(seen if _opens(caller, thing) else {**seen, "subject": ""}))


def _opens(caller: Caller, thing: Entity) -> bool:
    """Whether the page of a thing is there for the receiver: a mention shows nobody other departments' cases."""
    if isinstance(thing, Case):
        return caller.sees(thing.departments)
    if isinstance(thing, Dispute):
        return caller.sees((thing.department, thing.to))
    if isinstance(thing, Andon) and thing.author == caller.name:
        return True
    return not isinstance(thing, (Project, Andon)) or caller.sees((thing.department,))


def _case(notice: Notice, case: Case) -> dict[str, Any]:
    name, words = CASE.get(notice.about, ("", ""))
    event = _last(e for e in case.history if e.name == name and e.at <= notice.at and _meant(notice, e))
    if event is None and notice.about == "task_asked":  # by the loop itself, for another cause of a contact
        mine = [t.what for t in case.tasks if t.department == _parts(notice.to)[1] and t.opened <= notice.at]
        return {"cause": case.cause, "words": _short(mine[-1]) if mine else ""}
    return {"cause": case.cause, **_said(event, words)}


def _meant(notice: Notice, event: Event) -> bool:
    """Whether an event that names people or a department names the receiver."""
    kind, name = _parts(notice.to)
    if kind == "user":
        return name in event.data.get("mentions", [name])
    return event.data.get("department", name) == name or event.name == "TaskDone"


def _project(notice: Notice, project: Project) -> dict[str, Any]:
    event = _last(e for e in project.history if e.name == PROJECT.get(notice.about) and e.at <= notice.at)
    word = str(event.data.get("word", "")) if event else ""
    return {"cause": project.plan.cause, "title": project.title, "word": word}


def _andon(notice: Notice, andon: Andon) -> dict[str, Any]:
    if notice.about == "andon_answered":
        words = _short(andon.answer_text)
        return {"title": andon.subject, "by": andon.answered_by, "words": words, "word": andon.answer}
    return {"title": andon.subject, "by": andon.author, "words": _short(andon.text)}


def _proposal(notice: Notice, proposal: Proposal) -> dict[str, Any]:
    return {"title": proposal.name}


def _promise(notice: Notice, promise: Promise) -> dict[str, Any]:
    return {"title": _short(promise.what)}


def _dispute(notice: Notice, dispute: Dispute) -> dict[str, Any]:
    if notice.about == "dispute_decided":
        words = {"by": dispute.decided_by, "words": _short(dispute.ruling)}
        return {"cause": dispute.cause, "word": dispute.state, **words}
    return {"cause": dispute.cause, "by": dispute.by, "words": _short(dispute.reason)}


KINDS: dict[str, tuple[type[Entity], Callable[[Notice, Any], dict[str, Any]]]] = {
    "case": (Case, _case),
    "project": (Project, _project),
    "andon": (Andon, _andon),
    "proposal": (Proposal, _proposal),
    "promise": (Promise, _promise),
    "dispute": (Dispute, _dispute),
}


def _last(events: Iterable[Event]) -> Event | None:
    found = list(events)
    return found[-1] if found else None


def _said(event: Event | None, words: str) -> dict[str, str]:
    if event is None:
        return {}
    by = "" if event.actor == "system" else event.actor
    return {"by": by, "words": _short(str(event.data.get(words, "")))}


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
