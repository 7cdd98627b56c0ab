"""Voices and andon: agents say what they see, and can ask that a product or process be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.coordinate.together import known_department
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.notices import notify
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Event
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, not_found
from chalicelib.model.voice import Andon, AndonState, Voice
from chalicelib.model.weeks import local
from chalicelib.model.worktime import Limit, due, explained
from chalicelib.privacy.mask import mask
from chalicelib.privacy.text import clean_line, clean_text

AndonAnswerWord = Literal["stopped", "contained", "refused"]


def post_voice(loop: Loop, caller: Caller, text: str, cause: str = "") -> Voice:
    """Post an observation; the same words on the same day are one voice."""

    def decide(unit: LoopUnit) -> Voice:
        if cause:
            check_causes(unit.taxonomy, [cause])
        words = mask(clean_text(text)).text
        seed = f"voice\n{caller.name}\n{words}\n{local(unit.now):%Y%m%d}"
        fresh = Voice(
            id="V-" + unit.vault.digest(seed)[:8].upper(),
            author=caller.name,
            text=words,
            cause=cause,
            created=unit.now,
        )
        return unit.get(Voice, fresh.id) or unit.put(fresh)

    return loop.change(decide)


def support(loop: Loop, caller: Caller, voice_id: str) -> Voice:
    """Say "me too"; once a person, and not for one's own."""

    def decide(unit: LoopUnit) -> Voice:
        voice = unit.get(Voice, voice_id)
        if voice is None:
            raise not_found("voice")
        if caller.name in (voice.author, *voice.supporters):
            return voice
        return unit.put(voice.model_copy(update={"supporters": (*voice.supporters, caller.name)}))

    return loop.change(decide)


def voices(loop: Loop, limit: int = 100) -> list[Voice]:
    """The most supported first, then the newest."""
    found = loop.unit().find(Voice, "voice.all", "all", limit=limit, newest_first=True)
    return sorted(found, key=lambda v: (-len(v.supporters), -v.created.timestamp()))


def raise_andon(
    loop: Loop, caller: Caller, subject: str, text: str, department: str, evidence: list[str]
) -> Andon:
    """Ask for a stop, with at least two contacts as evidence; the owner's two working hours begin.

    Who answers will read the evidence, so nobody may lay before them what they may not read themselves.
    """

    def decide(unit: LoopUnit) -> Andon:
        known_department(unit.taxonomy, department)
        wanted = sorted(set(evidence))
        _must_tell(unit, caller, wanted)
        words = mask(clean_line(subject, where="subject")).text
        seed = f"andon\n{words}\n{department}\n{' '.join(wanted)}\n{local(unit.now):%Y%m%d}"
        number = "A-" + unit.vault.digest(seed)[:8].upper()
        if known := unit.get(Andon, number):
            return known
        end = due(unit.now, Limit.parse(unit.settings.andon), unit.settings.worktime).at
        notify(unit, f"department:{department}", "andon_raised", f"andon:{number}")
        return unit.put(
            Andon(
                id=number,
                author=caller.name,
                subject=words,
                text=mask(text).text,
                department=department,
                evidence=tuple(wanted),
                created=unit.now,
                due=end,
                wake=end,
                history=(Event(at=unit.now, name="AndonRaised", actor=caller.name),),
            )
        )

    return loop.change(decide)


def _must_tell(unit: LoopUnit, caller: Caller, evidence: Sequence[str]) -> None:
    """Raises Invalid unless the caller may see all of these contacts and two still have words. One refusal for
    what does not exist, what is not the caller's business and what was erased: it tells nobody which."""
    seen = [one for one in unit.many(Contact, evidence).values() if caller.sees(one.departments)]
    if len(seen) < len(evidence) or sum(not one.erased for one in seen) < 2:
        raise Invalid(
            "andon.evidence",
            "安灯至少要有两条确实存在、您能看到、没有删除的联络作证据；请核对编号",
            "an andon needs at least two contacts as evidence that exist, that you may see and that were not erased;"
            " check their ids",
            "evidence",
        )


def answer_andon(loop: Loop, caller: Caller, andon_id: str, answer: AndonAnswerWord, text: str) -> Andon:
    """The owner's answer, with its reason; it is given once."""

    def decide(unit: LoopUnit) -> Andon:
        andon = visible_andon(unit, caller, andon_id)
        caller.must_lead(andon.department)
        words = mask(text).text
        if andon.state is not AndonState.RAISED:
            if andon.answer == answer:
                return andon
            raise Conflict("andon.answered", "已经答复过了", "it has been answered already", "answer")
        notify(unit, f"user:{andon.author}", "andon_answered", f"andon:{andon.id}")
        return unit.put(
            andon.model_copy(
                update={
                    "state": AndonState.ANSWERED,
                    "answer": answer,
                    "answer_text": words,
                    "answered": unit.now,
                    "answered_by": caller.name,
                    "wake": None,
                    "history": (
                        *andon.history,
                        Event(at=unit.now, name="AndonAnswered", actor=caller.name, data={"answer": answer}),
                    ),
                }
            )
        )

    return loop.change(decide)


def visible_andon(unit: LoopUnit, caller: Caller, andon_id: str) -> Andon:
    """The andon, if the caller may know of it: whoever raised it, and a lead of the department that answers."""
    andon = unit.get(Andon, andon_id)
    if andon is None:
        raise not_found("andon")
    if andon.author != caller.name:
        caller.must_see([andon.department], "andon")
    return andon


def andons(loop: Loop, caller: Caller, state: AndonState, limit: int = 100) -> list[Andon]:
    """Andons in a state: those that wait by their clock, the answered ones newest first."""
    unit, newest = loop.unit(), state is AndonState.ANSWERED
    if caller.only is None:
        return unit.find(Andon, "andon.state", state, limit=limit, newest_first=newest)
    found = [
        andon
        for department in caller.only
        for andon in unit.find(
            Andon, "andon.department", f"{department}/{state}", limit=limit, newest_first=newest
        )
    ]
    return sorted(found, key=lambda a: (a.due, a.id), reverse=newest)[:limit]


def andon_view(loop: Loop, caller: Caller, andon_id: str) -> dict[str, Any]:
    """An andon, the arithmetic of its clock and the masked words of its evidence.

    Whoever may know of the andon reads the evidence too, whichever departments it belongs to: it was laid before them.
    """
    unit = loop.unit()
    andon = visible_andon(unit, caller, andon_id)
    contacts = unit.many(Contact, andon.evidence).values()
    limit = Limit.parse(unit.settings.andon)
    return {
        "andon": andon,
        "evidence": [c.model_dump(mode="json", include=EVIDENCE) for c in contacts],
        "clock": explained(andon.created, limit, andon.due, unit.settings.worktime),
    }


EVIDENCE = {"id", "time", "channel", "text", "causes", "case", "departments", "erased"}
