"""Half a year of a company that does not exist, told by running the real loop at the times of the story."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from chalicelib.demo import events, story, words
from chalicelib.demo.arrivals import Arrival, Arrivals
from chalicelib.demo.mark import mark, unfinished
from chalicelib.demo.memory import NOT_MARKED, DemoLoop, MemoryStore, in_memory
from chalicelib.demo.office import Office
from chalicelib.demo.promising import Promising
from chalicelib.demo.save import save_all
from chalicelib.loop.admin import save_user
from chalicelib.loop.context import Loop
from chalicelib.loop.customers import NewCustomer, save_customer
from chalicelib.loop.listen.take import take
from chalicelib.loop.removal import Progress, is_demo, remove
from chalicelib.loop.schedule import tick
from chalicelib.loop.track.verdicts import look_when_due
from chalicelib.loop.worker import drain
from chalicelib.model.case import Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.customer import Customer, LegalBasis
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import SYSTEM
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import local, shift, week_of, week_start

STOPS = (9.2, 11.0, 14.0, 17.0, 20.0, 24.0)
"""Hours of the day at which contacts are taken in and the people's work is caught up with."""


@dataclass(frozen=True)
class Summary:
    """What was loaded."""

    first: str
    last: str
    contacts: int
    callbacks: int
    customers: int
    cases: dict[str, int]
    as_planned: float
    """Share of contacts that the analyser tagged with the cause they were written for."""
    entities: int


@dataclass
class Telling:
    """The story while it is told."""

    loop: DemoLoop
    arrivals: Arrivals
    office: Office
    promising: Promising
    meant: dict[str, str] = field(default_factory=dict)
    """Contact -> the cause it was written for."""
    danger: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def until(self, moment: datetime) -> None:
        """Go on to this moment: first the people's work, then what customers sent meanwhile."""
        self.office.work(self.loop, moment)
        now = self.loop.at(moment)
        came = self.arrivals.until(moment)
        self._register(now, came)
        rows = [{**a.sent, "external_id": f"QHDEMO-{n:06d}"} for n, a in enumerate(came, len(self.meant))]
        taken = [(a, outcome.id) for a, outcome in zip(came, take(now, SYSTEM, rows), strict=True)]
        for arrival, key in taken:
            self.meant[key] = arrival.cause
            if arrival.danger:
                self.danger.append(key)
        drain(now)
        self.promising.give(now, [key for _, key in taken])
        self.office.see(now, taken)
        tick(now)

    def _register(self, now: Loop, came: list[Arrival]) -> None:
        for buyer in (a.buyer for a in came if a.buyer):
            if buyer.registered and buyer.ref not in self._known:
                self._known.add(buyer.ref)
                new = NewCustomer(
                    customer=buyer.ref,
                    name=buyer.name,
                    segment=buyer.segment,
                    tier=buyer.tier,
                    legal_basis=LegalBasis.CONTRACT,
                    notice_version="2026-01",
                )
                save_customer(now, SYSTEM, new)


def load(
    loop: Loop,
    now: datetime,
    progress: Progress,
    *,
    password_hash: str,
    seed: int = story.SEED,
    weeks: int = story.FULL_WEEKS,
    contacts: int = story.FULL_CONTACTS,
) -> Summary:
    """Tell the story up to `now` and store it, marked. Progress is called with "run" (days) and "save".

    Raises Conflict when a demo company is there already, Invalid when the taxonomy lacks what the story needs.
    """
    if unfinished(loop):
        remove(loop, progress)
    if is_demo(loop):
        raise Conflict(
            "demo.loaded",
            "演示公司已在，请先移除",
            "the demo company is here already; remove it first",
            "demo",
        )
    demo, memory = in_memory(loop)
    _must_fit(demo.taxonomy)
    first = week_start(shift(week_of(now), 1 - weeks))
    arrivals = Arrivals(seed, first, weeks, contacts)
    office = Office(Random(seed), arrivals, demo.settings.worktime)
    telling = Telling(demo, arrivals, office, Promising(Random(seed + 1), office))
    with _no_cyclic_garbage():
        _users(demo.at(first), password_hash)
        _tell(telling, now, progress)
        summary = _summary(telling, memory, week_of(first), week_of(now))
        mark(loop, complete=False)
        holds = {kind: len(items) for kind, items in memory.items.items() if kind not in NOT_MARKED}
        save_all(loop, memory, progress)
        mark(loop, complete=True, holds=holds)
    look_when_due(loop.at(now))
    return summary


def _tell(telling: Telling, now: datetime, progress: Progress) -> None:
    arrivals, office = telling.arrivals, telling.office
    events.plan(office, telling.danger, telling.loop.settings.worktime, now)
    days = (local(now).date() - arrivals.first.date()).days + 1
    for n in range(days):
        day = arrivals.first + timedelta(days=n)
        arrivals.draw(day)
        for stop in STOPS:
            telling.until(min(day + timedelta(hours=stop), now))
        progress("run", n + 1, days)


def _users(loop: Loop, password_hash: str) -> None:
    for name, person in story.PEOPLE.items():
        save_user(
            loop,
            name,
            role=person.role,
            display=person.display,
            departments=person.departments or None,
            password_hash=password_hash,
            demo=True,
        )


def _must_fit(taxonomy: Taxonomy) -> None:
    have = {c.code for c in taxonomy.active} | {d.code for d in taxonomy.departments}
    wanted = {cause for cause in story.THEMES if cause != story.NOTHING_WRONG} | set(words.TASKS)
    if missing := sorted(wanted - have):
        raise Invalid(
            "demo.taxonomy",
            f"演示公司需要的原因或部门已改动：{'、'.join(missing)}；请在没有改过分类的系统里加载",
            f"the demo company needs causes or departments that were changed: {', '.join(missing)};"
            " load it where the taxonomy is as delivered",
            "taxonomy",
        )


def _summary(telling: Telling, memory: MemoryStore, first: str, last: str) -> Summary:
    read = memory.get(Contact, list(telling.meant))
    right = sum(_as_meant(read[key], cause) for key, cause in telling.meant.items())
    calls = sum(c.channel is Channel.CALLBACK for c in memory.scan(Contact))
    return Summary(
        first=first,
        last=last,
        contacts=len(telling.meant),
        callbacks=calls,
        customers=len(memory.items[Customer.kind]),
        cases=dict(sorted(Counter(str(c.state) for c in memory.scan(Case)).items())),
        as_planned=right / max(1, len(telling.meant)),
        entities=sum(map(len, memory.items.values())),
    )


def _as_meant(contact: Contact, cause: str) -> bool:
    return not contact.causes if cause == story.NOTHING_WRONG else cause in contact.causes


@contextmanager
def _no_cyclic_garbage() -> Iterator[None]:
    """Frozen values make no cycles: looking for them among a hundred thousand would take most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
