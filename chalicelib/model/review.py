"""People looking at tags: who is looking at what just now, each day's blind sample, and the second looks."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from zlib import crc32

from pydantic import Field

from chalicelib.model.analysis import ContactKind
from chalicelib.model.entity import Entity, Entry, Fact, stamp
from chalicelib.model.taxonomy import OTHER
from chalicelib.model.weeks import week_of


class Claim(Fact):
    """A contact is on somebody's screen until then; nobody else is shown it meanwhile."""

    contact: str
    by: str
    until: datetime


def holders(claims: Iterable[Claim], now: datetime) -> dict[str, str]:
    """contact -> who has it now."""
    return {claim.contact: claim.by for claim in claims if claim.until > now}


def claimed(
    claims: Iterable[Claim], contacts: Sequence[str], by: str, now: datetime, until: datetime
) -> tuple[Claim, ...]:
    """The claims with these added or renewed; what has run out goes."""
    others = (c for c in claims if c.until > now and c.contact not in contacts)
    return (*others, *(Claim(contact=contact, by=by, until=until) for contact in contacts))


class ReviewClaims(Entity):
    """What of one cause's queue is on whose screen. One a cause, so that few people wait for each other."""

    kind = "review_claims"

    cause: str
    claims: tuple[Claim, ...] = ()

    @property
    def key(self) -> str:
        """Its cause."""
        return self.cause


class BlindDraw(Entity):
    """The contacts that one day's second looks are about, and who has which on the screen."""

    kind = "blind_draw"

    day: str
    """ISO date in Shanghai."""
    contacts: tuple[str, ...]
    claims: tuple[Claim, ...] = ()

    @property
    def key(self) -> str:
        """Its day."""
        return self.day


class SecondLook(Entity):
    """What a second person said of a contact without knowing what anybody had said of it. Holds no words."""

    kind = "second_look"

    contact: str
    time: datetime
    """Of the contact."""
    day: str
    """Of the draw."""
    by: str
    at: datetime
    causes: tuple[str, ...]
    contact_kind: ContactKind
    severity: int = Field(ge=0, le=3)
    machine: tuple[str, ...]
    """The machine's causes at that moment: later ones may come from a tagger that learnt from this contact."""
    machine_kind: ContactKind
    machine_severity: int
    tagger: str
    """Version of the tagger that gave them."""

    @property
    def key(self) -> str:
        """The contact's id: each has one second look at most."""
        return self.contact

    def entries(self) -> Iterable[Entry]:
        """By week of the contact."""
        yield Entry("second_look.week", week_of(self.time), stamp(self.time))


class RecentWords(Entity):
    """Which pairs of characters recent contacts share, once a day. A pair is kept as one bit of its checksum, and
    only if several contacts hold it: no contact can be read out of it."""

    kind = "recent_words"

    day: str
    """ISO date in Shanghai."""
    contacts: int
    """How many were read."""
    usual: float = Field(ge=0, le=1)
    """Share of a contact's pairs that are rare, on average."""
    bits: str
    """Base64."""

    @property
    def key(self) -> str:
        """There is one."""
        return "recent"

    @cached_property
    def _known(self) -> bytes:
        return b64decode(self.bits)

    def rare(self, pairs: Iterable[str]) -> list[str]:
        """Those that few recent contacts hold or none; a few more look as if they were common."""
        known, size = self._known, 8 * len(self._known)
        # Written out: this is done for every pair of every contact.
        return [pair for pair in pairs if not known[(at := crc32(pair.encode()) % size) >> 3] >> (at & 7) & 1]


def as_bits(pairs: Iterable[str], size: int) -> str:
    """Base64 of so many bits; those of the pairs are set."""
    field = bytearray(size // 8)
    for at in {crc32(pair.encode()) % size for pair in pairs}:
        field[at >> 3] |= 1 << (at & 7)
    return b64encode(field).decode()


def with_other(causes: Iterable[str], kind: ContactKind) -> frozenset[str]:
    """The causes as they are counted: a complaint nothing explains has the cause `other`."""
    named = frozenset(causes)
    return named or (frozenset([OTHER]) if kind == "complaint" else named)
