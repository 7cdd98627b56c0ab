"""The worker: does owed steps, many at once when all goes well, one by one when something does not.

Steps are named in the entity itself (`pending`). A message that arrives twice finds the step done and does
nothing; a message that arrives late finds a later step owed and does that. So no order of delivery is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.newness import newness
from chalicelib.loop.measure.links import link
from chalicelib.loop.own.route import route
from chalicelib.model.contact import Contact, Step
from chalicelib.model.errors import Conflict, describe
from chalicelib.model.review import RecentWords
from chalicelib.model.settings import Settings
from chalicelib.ports import Work

WRITES_EACH = 16
"""About how many changes and cells one contact causes from tagged to counted."""
MOST_AT_ONCE = 200


def batch_size(loop: Loop) -> int:
    """How many contacts fit one save of this store."""
    return max(1, min(MOST_AT_ONCE, loop.store.capacity // WRITES_EACH))


def advance(loop: Loop, keys: Sequence[str]) -> list[tuple[str, Exception]]:
    """Do all owed steps of these contacts. Returns those that failed, with why; the others are saved."""
    try:
        loop.in_parts(keys, WRITES_EACH, _advance)
        return []
    except Exception as error:
        if len(keys) == 1:
            return [(keys[0], error)]
    return [failed for key in keys for failed in advance(loop, [key])]


def _advance(unit: LoopUnit, keys: Sequence[str]) -> None:
    contacts = unit.many(Contact, keys)
    _tag(unit, [c for c in contacts.values() if c.pending == Step.TAG])
    for step, do in _AFTER_TAG.items():
        for key in contacts:
            contact = unit.get(Contact, key)
            if contact and contact.pending == step:
                do(unit, contact)


def _tag(unit: LoopUnit, contacts: Sequence[Contact]) -> None:
    for contact in contacts:
        if _forgotten(contact):
            unit.put(contact.model_copy(update={"pending": Step.OWN}))
    contacts = [contact for contact in contacts if not _forgotten(contact)]
    if not contacts:
        return
    analyses = unit.loop.analyser(unit.taxonomy)([c.text for c in contacts])
    recent = unit.get(RecentWords, "recent")
    for contact, analysis in zip(contacts, analyses, strict=True):
        made = {"analysis": analysis, "new_words": newness(contact.text, recent)}
        unit.put(contact.model_copy(update={**made, "pending": Step.OWN}))


def _forgotten(contact: Contact) -> bool:
    """Whether its words are gone but not what was read in them: that stays, and with it every number."""
    return contact.erased and contact.analysis is not None


_AFTER_TAG: dict[Step, Callable[[LoopUnit, Contact], Contact]] = {Step.OWN: route, Step.LINK: link}


def work(loop: Loop, claimed: Sequence[Work]) -> list[Work]:
    """Do claimed work; returns what failed, after putting it off."""
    by_key = {w.key: w for w in claimed}
    failed = advance(loop, list(by_key)) if by_key else []
    for key, error in failed:
        put_off(loop, by_key[key], error)
    return [by_key[key] for key, _ in failed]


def put_off(loop: Loop, owed: Work, error: Exception) -> None:
    """Try again later, each time twice as late; after too many tries it is a dead letter an admin sees."""
    settings = loop.store.get(Settings, ["settings"]).get("settings") or Settings()
    tries = owed.attempts + 1
    delay = timedelta(seconds=0 if isinstance(error, Conflict) else min(2**tries, 3_600))
    until = None if tries >= settings.max_tries else loop.clock() + delay
    loop.store.postpone(owed, describe(error), until)


def drain(loop: Loop, progress: Callable[[int], None] | None = None) -> int:
    """Work until nothing is due now; returns how many steps were done."""
    done = 0
    while claimed := loop.store.due(loop.clock(), batch_size(loop)):
        done += len(claimed) - len(work(loop, claimed))
        if progress:
            progress(done)
    return done
