"""The blind second look: each day a few contacts, drawn by lot, are judged by a second person who is told
neither what the machine nor what the first person said. The answers measure labels; they never change one.

The lot is a keyed hash of the contact and the day: the same for everybody, and nobody without the vault's key
can know or choose what is drawn. Leads take no part: a lead is only ever shown contacts of its own departments,
and being shown one would already say what it was tagged as.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import nsmallest

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.model.analysis import ContactKind
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import Fact, stamp
from chalicelib.model.errors import Conflict, Forbidden
from chalicelib.model.people import Caller, not_found
from chalicelib.model.review import BlindDraw, SecondLook, claimed, holders
from chalicelib.model.weeks import local, week_of, weeks_between

FROM_DAYS = 7
"""A day's lot falls on contacts of the days before it, so that a file that comes in once a week has its turn."""
OPEN_DAYS = 14
"""So long a drawn contact waits for its second look; then it lapses."""
HELD = timedelta(minutes=15)
READ_AT_ONCE = 1_000
SPARE = 50
"""Drawn besides, for those that turn out to be untagged, erased or our own calls."""


class Blind(Fact):
    """What a second person is shown of a contact: what was said, and nothing anybody made of it."""

    contact: str
    channel: Channel
    time: datetime
    text: str


def draw_when_due(loop: Loop) -> BlindDraw | None:
    """Draw today's contacts if that has not been done; the schedule does this at each look."""
    unit = loop.unit()
    day, wanted = _day(unit.now), unit.settings.blind_daily
    if not wanted or unit.get(BlindDraw, day):
        return None
    drawn = _drawn(unit, day, wanted)
    if not drawn:  # perhaps nothing has come in yet: ask again at the next look
        return None
    draw = BlindDraw(
        day=day, contacts=tuple(c.id for c in drawn), demo=all(contact.demo for contact in drawn)
    )
    return loop.change(lambda unit: unit.get(BlindDraw, day) or unit.put(draw))


def _drawn(unit: LoopUnit, day: str, wanted: int) -> list[Contact]:
    before = _draws(unit, unit.now, FROM_DAYS).values()
    known = {contact for draw in before for contact in draw.contacts}
    keys = (key for key in _keys(unit, day) if key not in known)
    first = nsmallest(2 * wanted + SPARE, keys, key=lambda key: unit.vault.digest(f"blind\n{day}\n{key}"))
    return [c for c in unit.many(Contact, first).values() if _may_be_drawn(c)][:wanted]


def _keys(unit: LoopUnit, day: str) -> Iterator[str]:
    """Every contact of the days the lot may fall on, page by page: keys only, once a day."""
    end = _midnight(day)
    start, last = end - timedelta(days=FROM_DAYS), end - timedelta(milliseconds=1)
    for week in weeks_between(week_of(start), week_of(last)):
        after = ""
        while True:
            page = unit.store.find(
                Contact,
                "contact.week",
                week,
                low=stamp(start),
                high=stamp(last),
                limit=READ_AT_ONCE,
                after=after,
            )
            yield from page.keys
            if not (after := page.next):
                break


def _may_be_drawn(contact: Contact) -> bool:
    return contact.analysis is not None and not contact.erased and contact.channel is not Channel.CALLBACK


def next_blind(loop: Loop, caller: Caller, limit: int) -> list[Blind]:
    """The next contacts for this caller to judge blind, claimed for a while; asking again shows the same ones."""

    def decide(unit: LoopUnit) -> list[Blind]:
        open_, out = _draws(unit, unit.now, OPEN_DAYS), list[Contact]()
        looked = unit.many(SecondLook, (c for draw in open_.values() for c in draw.contacts))
        for draw in open_.values():
            held = holders(draw.claims, unit.now)
            free = [c for c in draw.contacts if c not in looked and held.get(c, caller.name) == caller.name]
            read = unit.many(Contact, free).values()
            fits = [c for c in read if not c.erased and not c.corrected_by(caller.name)][: limit - len(out)]
            if fits:
                claims = claimed(draw.claims, [c.id for c in fits], caller.name, unit.now, unit.now + HELD)
                unit.put(draw.model_copy(update={"claims": claims}))
            out += fits
        return [Blind(contact=c.id, channel=c.channel, time=c.time, text=c.text) for c in out]

    return loop.change(decide)


def look(
    loop: Loop, caller: Caller, contact_id: str, causes: Sequence[str], kind: ContactKind, severity: int
) -> SecondLook:
    """Store what the caller says of a drawn contact. Sent again it changes nothing; it is never changed."""

    def decide(unit: LoopUnit) -> SecondLook:
        draw, contact = _open(unit, contact_id)
        if contact.corrected_by(caller.name):  # with the machine's tags in view
            raise _own()
        said = _second_look(unit, caller, draw, contact, causes, kind, severity)
        if known := unit.get(SecondLook, contact_id):
            return _same(known, said)
        if holders(draw.claims, unit.now).get(contact_id, caller.name) != caller.name:
            raise _taken()
        check_causes(unit.taxonomy, map(unit.taxonomy.current, causes))
        return unit.put(said)

    return loop.change(decide)


def _open(unit: LoopUnit, contact_id: str) -> tuple[BlindDraw, Contact]:
    """The draw a contact is in, and itself; what was not drawn cannot be judged."""
    contact = unit.get(Contact, contact_id)
    for draw in _draws(unit, unit.now, OPEN_DAYS).values():
        if contact and not contact.erased and contact_id in draw.contacts:
            return draw, contact
    raise not_found("contact")


def _second_look(
    unit: LoopUnit,
    caller: Caller,
    draw: BlindDraw,
    contact: Contact,
    causes: Sequence[str],
    kind: ContactKind,
    severity: int,
) -> SecondLook:
    read = contact.analysis
    assert read is not None, "only tagged contacts are drawn"
    return SecondLook(
        contact=contact.id,
        time=contact.time,
        day=draw.day,
        by=caller.name,
        at=unit.now,
        causes=tuple(dict.fromkeys(causes)),
        contact_kind=kind,
        severity=severity,
        machine=tuple(t.code for t in read.causes if t.code in unit.taxonomy.by_code),
        machine_kind=read.kind,
        machine_severity=read.severity,
        tagger=read.version,
        demo=contact.demo,
    )


ANSWER = ("by", "causes", "contact_kind", "severity")


def _same(known: SecondLook, said: SecondLook) -> SecondLook:
    if all(getattr(known, name) == getattr(said, name) for name in ANSWER):
        return known
    raise Conflict(
        "blind.done",
        "这条已有盲评，盲评不改；请取下一条",
        "this contact has its second look, which is never changed; take the next one",
        "contact",
    )


def _own() -> Forbidden:
    return Forbidden(
        "blind.own",
        "您纠正过这条，请别人来盲评",
        "you have corrected this contact; somebody else gives the second look",
        "contact",
    )


def _taken() -> Conflict:
    return Conflict(
        "blind.taken",
        "别人正在看这条，请取下一条",
        "somebody else is looking at this contact; take the next one",
        "contact",
    )


def _draws(unit: LoopUnit, now: datetime, days: int) -> dict[str, BlindDraw]:
    """The draws of the last days, the oldest first."""
    return unit.many(BlindDraw, (_day(now - timedelta(days=n)) for n in range(days - 1, -1, -1)))


def _day(moment: datetime) -> str:
    return local(moment).date().isoformat()


def _midnight(day: str) -> datetime:
    """When the day began in Shanghai."""
    return datetime.fromisoformat(f"{day}T00:00:00+08:00").astimezone(UTC)
