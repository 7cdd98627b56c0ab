"""Who contacts the demo company when, about what: the plan drawn by chance, day by day.

Each day and cause draws from a chance of its own, named by how far into the story it is. So the story is the same
whenever it is told: what the running week still lacks, or what people do on a holiday, changes nothing before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
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
    danger: bool
    sent: dict[str, Any]
    """The contact as a source would send it, without its number."""


@dataclass
class Arrivals:
    """Draws contacts; those still to come wait in `_later`."""

    seed: int
    first: datetime
    """Monday 00:00 of the first week."""
    weeks: int
    contacts: int
    buyers: list[Buyer] = field(default_factory=list)
    _later: list[tuple[datetime, int, Arrival]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        wanted = max(20, story.CUSTOMERS * self.contacts // story.FULL_CONTACTS)
        rng = Random(f"{self.seed} buyers")
        self.buyers += [_buyer(rng, n) for n in range(wanted)]

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

    @cached_property
    def scale(self) -> float:
        """What turns the plan's contacts into the number asked for, were the running week over."""
        full = sum(self.expected(cause, week) for cause in story.THEMES for week in range(self.weeks))
        return self.contacts / (full * COMES_AGAIN)

    def draw(self, day: datetime) -> None:
        """Plan the contacts that begin on a day, and those that they bring about."""
        number = (day - self.first).days
        week, weekday = divmod(number, 7)
        for cause, theme in story.THEMES.items():
            rng = Random(f"{self.seed} {number} {cause}")
            mean = self.expected(cause, week) / 7 * story.DAYS[weekday] * self.scale
            for _ in range(_poisson(rng, mean)):
                self._with_more(rng, self._one(rng, cause, _moment(rng, day)), theme.again)
        danger = story.DANGER
        if week == self.planned(danger.week) and weekday in (1, 2):
            rng = Random(f"{self.seed} {number} danger")
            for _ in range(danger.contacts // 2 + weekday - 1):
                at = day + timedelta(minutes=rng.randint(8 * 60, 15 * 60))
                self._add(self._one(rng, danger.cause, at, danger.product))

    def _with_more(self, rng: Random, arrival: Arrival, again: float) -> None:
        """Plan a contact, and those of the same customer before anything is done."""
        self._add(arrival)
        while arrival.buyer and rng.random() < again:
            arrival, again = self.back(rng, arrival, arrival.time), again / 2

    def _add(self, arrival: Arrival) -> None:
        self._count += 1
        heappush(self._later, (arrival.time, self._count, arrival))

    def until(self, moment: datetime) -> list[Arrival]:
        """The contacts that have come by then, in their order."""
        found = []
        while self._later and self._later[0][0] <= moment:
            found.append(heappop(self._later)[2])
        return found

    def back(self, rng: Random, arrival: Arrival, since: datetime) -> Arrival:
        """The same customer contacts about the same thing once more."""
        wait = WITHIN[0] + (WITHIN[1] - WITHIN[0]) * rng.random() ** 1.5
        day = local(since + wait).replace(hour=0, minute=0, second=0, microsecond=0)
        time = max(_moment(rng, day), since + timedelta(minutes=30))
        order = arrival.order if rng.random() < 0.7 else ""
        sent = _sent(rng, time, arrival.cause, arrival.buyer, arrival.product, order)
        self._add(more := replace(arrival, time=time, order=order, sent=sent))
        return more

    def _one(self, rng: Random, cause: str, time: datetime, product: str = "") -> Arrival:
        buyer = None
        if product or rng.random() >= NOBODY:
            buyer = self.buyers[int(len(self.buyers) * rng.random() ** 1.3)]  # some buy more than others
        bought = f"{local(time - timedelta(days=rng.randint(1, 20))):%y%m%d}"
        order = order_number(rng, bought) if cause != story.NOTHING_WRONG else ""
        what = product or rng.choice(words.PRODUCTS)
        return Arrival(
            time, cause, buyer, what, order, bool(product), _sent(rng, time, cause, buyer, what, order)
        )


def _moment(rng: Random, day: datetime) -> datetime:
    hour = rng.choices(range(24), story.HOURS)[0]
    return day + timedelta(hours=hour, seconds=rng.randrange(3600))


def _sent(
    rng: Random, time: datetime, cause: str, buyer: Buyer | None, product: str, order: str
) -> dict[str, Any]:
    text = write(rng, cause, product, order or order_number(rng, "000000"))
    channel = channel_for(rng, text)
    usual = story.SECONDS.get(channel, 0)
    costly = cause in ("delivery.damaged", "delivery.lost", "billing.overcharged", "price.dropped")
    return {
        "text": text,
        "channel": channel,
        "customer": buyer.ref if buyer else "",
        "time": time,
        "segment": buyer.segment if buyer else "",
        "order": order if rng.random() < 0.6 else "",
        "product": product,
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
