"""Versions of the tagger: what each learnt from, how it compared with the one before it, and which is live."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from chalicelib.model.entity import Entity, Entry, Event, Fact

SCHEDULE = "schedule"
"""Who learns at night."""
REMEMBERED_SWITCHES = 200


class Interval(Fact):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class Figures(Fact):
    """How good one version is on the held-out contacts; None where there was nothing to count."""

    micro: Interval
    macro: float | None
    """Mean F1 of the causes with enough labels."""
    kind: Interval | None
    severity: Interval | None
    """Share of severities off by one at most."""


class CauseChange(Fact):
    """One cause on the held-out contacts: labels, F1 before and after, and how far F1 may have changed."""

    code: str
    support: int
    before: float
    after: float
    change: Interval | None = None
    """Only where there are labels enough to judge by; wider than 95 % (`loop.listen.comparing`)."""


class Comparison(Fact):
    """A new version beside the one that was live when it was made, on the same contacts."""

    against: int
    before: Figures
    after: Figures
    difference: Interval
    """Of micro F1, new minus live."""
    causes: tuple[CauseChange, ...] = ()


class Reason(Fact):
    """Why, for people: a stable code and both languages."""

    code: str
    zh: str
    en: str


class TaggerState(StrEnum):
    """Exactly one version is live; one that was refused never was unless a person made it so."""

    LIVE = "live"
    KEPT = "kept"
    REFUSED = "refused"


class TaggerVersion(Entity):
    """One version: what it learnt and how good it is never changes. Whether it is live, `LiveTagger` says."""

    kind = "tagger"

    number: int
    digest: str = ""
    """Of the model; contacts tagged by it carry its first eight characters. Empty: the shipped model."""
    taxonomy: int = 0
    made: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    by: str = "default"
    learnt: int = 0
    """Labels it was trained on, besides the authored data."""
    tested: int = 0
    """Labels it was tested on; no version is ever trained on them."""
    comparison: Comparison | None = None
    refused: tuple[Reason, ...] = ()
    went_live: datetime | None = None
    """When last. It stands here too, so that nobody clears a version away at the moment it goes live."""
    cleared: datetime | None = None
    """When its files were cleared away; it cannot go live any more."""

    @property
    def key(self) -> str:
        """The number, so that versions sort."""
        return key_of(self.number)

    def entries(self) -> Iterable[Entry]:
        """All versions; the one with a model."""
        yield Entry("tagger.all", "all", self.key)
        yield Entry("tagger.digest", self.digest, self.key)

    def state(self, live: int) -> TaggerState:
        """Live, kept or refused, when `live` is the number of the live one."""
        if self.number == live:
            return TaggerState.LIVE
        return TaggerState.REFUSED if self.refused else TaggerState.KEPT


def key_of(number: int) -> str:
    """The key of a version."""
    return f"{number:06d}"


SHIPPED = 0
"""Number of what the product comes with; always there to go back to."""


class LiveTagger(Entity):
    """Which version tags new contacts. One entity, so that exactly one is live whatever happens at once."""

    kind = "tagger_live"

    number: int = 0
    digest: str = ""
    events: tuple[Event, ...] = ()
    """Who made what live, newest last."""

    @property
    def key(self) -> str:
        """There is one."""
        return "live"

    def switched(self, to: TaggerVersion, at: datetime, by: str) -> LiveTagger:
        """Another version live."""
        event = Event(at=at, name="TaggerWentLive", actor=by, data={"number": to.number})
        events = (*self.events, event)[-REMEMBERED_SWITCHES:]
        return self.model_copy(update={"number": to.number, "digest": to.digest, "events": events})

    def needed(self, since: datetime) -> set[int]:
        """Numbers somebody may still go back to: the live one, the learnt one before it, all live since then."""
        numbers = [int(event.data["number"]) for event in self.events]
        before = next((n for n in reversed(numbers) if n not in (0, self.number)), self.number)
        ends = [event.at for event in self.events[1:]]
        return {self.number, before, *(n for n, end in zip(numbers, ends, strict=False) if end >= since)}


class Learning(Entity):
    """The turn to learn: one at a time; and when it was last asked for, looked at and tried."""

    kind = "learning"

    busy_until: datetime | None = None
    """Somebody learns and will say so again before this moment; after it they are taken to have been killed."""
    holder: str = ""
    """A random name of that learning, so that only it renews and ends its turn."""
    learner: str = ""
    """For whom it learns."""
    killed: int = 0
    """How many learnings in a row were killed before it."""
    asked_by: str = ""
    """Somebody wants the schedule to learn at its next look."""
    looked: datetime | None = None
    """When the schedule last counted new corrections."""
    tried: datetime | None = None
    outcome: Reason | None = None
    """What became of the last try."""

    @property
    def key(self) -> str:
        """There is one."""
        return "learning"

    def busy(self, now: datetime) -> bool:
        """Whether somebody is learning."""
        return self.busy_until is not None and self.busy_until > now
