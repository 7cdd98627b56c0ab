"""Who contacts the demo company when, about what: the plan drawn by chance, day by day."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from chalicelib.demo import story, words
from chalicelib.demo.texts import channel_for, mobile, order_number, write
from chalicelib.model.weeks import local

NOBODY = 0.04
"""Share of contacts without a customer."""
COMES_AGAIN = 1.2
"""Contacts a planned one brings about, itself included; measured, so that their sum is what was asked for."""
WITHIN = timedelta(hours=7), timedelta(days=5)
"""When a customer who was not helped is back."""


@dataclass(frozen=True)
class Buyer:
    """A customer of the demo company."""

    ref: str
    name: str
    segment: str
    tier: str
    registered: bool
    """Has a record of its own; the others are known by their contacts only."""


@dataclass(frozen=True)
class Arrival:
    """One planned contact."""

    time: datetime
    cause: str
    buyer: Buyer | None
    product: str
    order: str
    danger: bool = False
    again: float = 0.0
    """How likely this customer is to contact once more before anything is done."""


@dataclass
class Arrivals:
    """Draws contacts; those still to come wait in `_later`."""

    rng: Random
    first: datetime
    """Monday 00:00 of the first week."""
    weeks: int
    contacts: int
    buyers: list[Buyer] = field(default_factory=list)
    _later: list[tuple[datetime, int, Arrival]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        wanted = max(20, story.CUSTOMERS * self.contacts // story.FULL_CONTACTS)
        self.buyers += [_buyer(self.rng, n) for n in range(wanted)]

    def planned(self, week: int) -> int:
        """The week of this story in which something planned for `week` of the full story happens."""
        return min(self.weeks - 1, round(week * self.weeks / story.FULL_WEEKS))

    def expected(self, cause: str, week: int) -> float:
        """First contacts about a cause in that week."""
        n = story.THEMES[cause].weekly
        for shift in story.SHIFTS:
            if shift.cause == cause and week >= self.planned(shift.week):
                n = n * shift.times + (shift.plus * story.THEMES[shift.of].weekly if shift.of else 0)
        return n * (1 + story.GROWTH) ** week

    def scale(self, now: datetime) -> float:
        """What turns the plan's contacts into the number asked for."""
        over = (now - self.first) / timedelta(weeks=1)
        full = sum(self.expected(c, w) * min(1.0, over - w) for c in story.THEMES for w in range(self.weeks))
        return self.contacts / (full * COMES_AGAIN)

    def draw(self, day: datetime, scale: float) -> None:
        """Plan the first contacts of a day that begins at `day`."""
        week, weekday = divmod((day - self.first).days, 7)
        for cause, theme in story.THEMES.items():
            mean = self.expected(cause, week) / 7 * story.DAYS[weekday] * scale
            for _ in range(_poisson(self.rng, mean)):
                self.add(self._one(cause, self._moment(day), theme.again))
        danger = story.DANGER
        if week == self.planned(danger.week) and weekday in (1, 2):
            for _ in range(danger.contacts // 2 + weekday - 1):
                at = day + timedelta(minutes=self.rng.randint(8 * 60, 15 * 60))
                self.add(self._one(danger.cause, at, 0.0, danger.product))

    def add(self, arrival: Arrival) -> None:
        """Plan one contact."""
        self._count += 1
        heappush(self._later, (arrival.time, self._count, arrival))

    def until(self, moment: datetime) -> list[Arrival]:
        """The contacts that have come by then, in their order; some of them bring the next about."""
        found = []
        while self._later and self._later[0][0] <= moment:
            arrival = heappop(self._later)[2]
            found.append(arrival)
            if arrival.buyer and self.rng.random() < arrival.again:
                self.back(arrival, arrival.time, arrival.again / 2)
        return found

    def back(self, arrival: Arrival, since: datetime, again: float = 0.0) -> None:
        """The same customer contacts about the same thing once more."""
        wait = WITHIN[0] + (WITHIN[1] - WITHIN[0]) * self.rng.random() ** 1.5
        day = local(since + wait).replace(hour=0, minute=0, second=0, microsecond=0)
        time = max(self._moment(day), since + timedelta(minutes=30))
        order = arrival.order if self.rng.random() < 0.7 else ""
        self.add(Arrival(time, arrival.cause, arrival.buyer, arrival.product, order, arrival.danger, again))

    def _moment(self, day: datetime) -> datetime:
        hour = self.rng.choices(range(24), story.HOURS)[0]
        return day + timedelta(hours=hour, seconds=self.rng.randrange(3600))

    def _one(self, cause: str, time: datetime, again: float, product: str = "") -> Arrival:
        rng, buyer = self.rng, None
        if product or rng.random() >= NOBODY:
            buyer = self.buyers[int(len(self.buyers) * rng.random() ** 1.3)]  # some buy more than others
        bought = f"{local(time - timedelta(days=rng.randint(1, 20))):%y%m%d}"
        order = order_number(rng, bought) if cause != story.NOTHING_WRONG else ""
        return Arrival(time, cause, buyer, product or rng.choice(words.PRODUCTS), order, bool(product), again)

    def row(self, arrival: Arrival, number: int) -> dict[str, Any]:
        """The contact as a source would send it."""
        rng = self.rng
        text = write(rng, arrival.cause, arrival.product, arrival.order or order_number(rng, "000000"))
        channel = channel_for(rng, text)
        usual = story.SECONDS.get(channel, 0)
        costly = arrival.cause in (
            "delivery.damaged",
            "delivery.lost",
            "billing.overcharged",
            "price.dropped",
        )
        return {
            "text": text,
            "channel": channel,
            "external_id": f"QHDEMO-{number:06d}",
            "customer": arrival.buyer.ref if arrival.buyer else "",
            "time": arrival.time,
            "segment": arrival.buyer.segment if arrival.buyer else "",
            "order": arrival.order if rng.random() < 0.6 else "",
            "product": arrival.product,
            "seconds": int(usual * rng.lognormvariate(0, 0.5)) if usual else 0,
            "concession": rng.choice((1_000, 2_000, 5_000)) if costly and rng.random() < 0.2 else 0,
            "agent": rng.choice(("agent.wang", "agent.li")) if channel in ("phone", "chat") else "",
        }


def _buyer(rng: Random, number: int) -> Buyer:
    ref = mobile(rng) if rng.random() < 0.65 else f"QH8{number:06d}"
    name = rng.choice(words.SURNAMES) + rng.choice(words.GIVEN)
    segment = rng.choices(list(story.SEGMENTS), list(story.SEGMENTS.values()))[0]
    tier = rng.choices(list(story.TIERS), list(story.TIERS.values()))[0]
    return Buyer(ref, name, segment, tier, rng.random() < 0.6)


def _poisson(rng: Random, mean: float) -> int:
    """Knuth's multiplication: the means here are small."""
    limit, n, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        n, product = n + 1, product * rng.random()
    return n
