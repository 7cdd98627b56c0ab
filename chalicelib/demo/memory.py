"""Where the demo company lives while its weeks are told: the real loop over a store in memory.

Half a year of work changes each case many times. Here those changes cost no disk; what stands at the end is
written to the real store once, and every number follows there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TypeVar, cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.tally import tally
from chalicelib.model.analysis import Analysis
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Denominator
from chalicelib.model.entity import Entity, Entry, stamp
from chalicelib.model.ledger import Books
from chalicelib.model.sequence import Sequence as Numbers
from chalicelib.model.settings import Settings
from chalicelib.model.source_count import SourceCount
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import parse_time, shift, week_of, weeks_between
from chalicelib.ports import Analyser, Cells, Change, DeadLetter, Page, Work

E = TypeVar("E", bound=Entity)
Ident = tuple[str, str]
WEEK = len("2026-W01")
SHORT = 20
KEPT = {"x": Denominator.kind, "source": SourceCount.kind}
"""Families that are made of few entities."""
NOT_MARKED = frozenset({Numbers.kind})
"""Numbers given out are never given again, or a real project would take the name of a removed one."""
NEVER_CLOSED = "9999-12"
"""The story closes no month of the ledger: that is for people to see done."""


class MemoryStore:
    """The `Store` port in dictionaries, for one thread."""

    capacity = 1_000_000

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Entity]] = defaultdict(dict)
        self._lists: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
        self._unlisted: dict[str, dict[str, Entity | None]] = defaultdict(dict)
        """kind -> key -> what the indexes still show of it."""
        self._pending: dict[Ident, None] = {}
        self._wakes: list[tuple[float, str, str]] = []
        self._weeks: dict[str, Counter[tuple[str, str, str]]] = {}
        self._of_days: dict[str, Counter[tuple[str, str, str]]] = {}

    def get(self, kind: type[E], keys: Sequence[str]) -> dict[str, E]:
        """The entities that exist among `keys`."""
        have = self.items[kind.kind]
        return {key: cast(E, have[key]) for key in keys if key in have}

    def find(
        self,
        kind: type[Entity],
        index: str,
        partition: str,
        *,
        low: str = "",
        high: str = "~",
        limit: int = 100,
        newest_first: bool = False,
        after: str = "",
    ) -> Page:
        """The first page only: the loop asks for no other while it works."""
        if self._unlisted[kind.kind]:
            self._settle(kind.kind)
        rows = self._lists.get((kind.kind, index, partition), [])
        rows = rows[bisect_left(rows, (low, "")) : bisect_right(rows, (high, "~"))]
        rows = rows[::-1] if newest_first else rows
        return Page([key for _, key in rows[:limit]], "")

    def search(self, kind: type[Entity], terms: Sequence[str], *, limit: int = 100, after: str = "") -> Page:
        """Nobody searches while the story is told."""
        raise AssertionError("the demo company is searched in the real store only")

    def scrub(self) -> None:
        """Memory keeps nothing that was removed."""

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Units here write with each `put`; there is nothing left to save."""
        raise AssertionError("the demo company saves through its units only")

    def put(self, entity: Entity) -> None:
        """Keep it; indexes follow when they are next read, so that many changes in a row cost one."""
        kind, key = entity.kind, entity.key
        self._unlisted[kind].setdefault(key, self.items[kind].get(key))
        self.items[kind][key] = entity
        if entity.pending:
            self._pending[kind, key] = None
        elif (kind, key) in self._pending:
            del self._pending[kind, key]

    def _settle(self, kind: str) -> None:
        """Bring the indexes of a kind up to date."""
        changed, self._unlisted[kind] = self._unlisted[kind], {}
        for key, before in changed.items():
            after = self.items[kind][key]
            old = set(before.entries()) if before else set[Entry]()
            new = set(after.entries())
            for index, part, sort in old - new:
                rows = self._lists[kind, index, part]
                del rows[bisect_left(rows, (sort, key))]
            for index, part, sort in new - old:
                insort(self._lists[kind, index, part], (sort, key))
            if after.wake and (before is None or before.wake != after.wake):
                heappush(self._wakes, (after.wake.timestamp(), kind, key))

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """The numbers that the loop reads while the story runs: of contacts (families week, cause and department)
        in weeks that are over, of their days, and of denominators and source counts.

        A week of contacts is counted once, when it is first asked for after its end. Only repeat marks may change
        in it afterwards, and what is made while the story runs does not read them.
        """
        if family == "day":
            return self._days(low, high)
        if family in KEPT:
            given = (tally(entity) for entity in self.items[KEPT[family]].values())
            summed: Counter[tuple[str, str, str]] = Counter()
            for cells in given:
                summed.update({c: n for c, n in cells.items() if c[0] == family and low <= c[1] <= high})
            return {c: n for c, n in summed.items() if n}
        weeks = weeks_between(low[:WEEK], high[:WEEK])
        return {c: n for week in weeks for c, n in self._counted(week).items() if c[0] == family and n}

    def _days(self, low: str, high: str) -> Cells:
        begins, ends = (parse_time(day, where="day") for day in (low, high))
        found: Counter[tuple[str, str, str]] = Counter()
        for n in range((ends - begins).days + 1):
            found.update(self._of_day(begins + timedelta(days=n)))
        return dict(found)

    def _of_day(self, begins: datetime) -> Counter[tuple[str, str, str]]:
        """As a week's, the numbers of a day are kept once a later one has begun."""
        day = stamp(begins)
        if day in self._of_days:
            return self._of_days[day]
        ends = begins + timedelta(days=1)
        last = stamp(ends - timedelta(milliseconds=1))
        week, counts = week_of(begins), Counter[tuple[str, str, str]]()
        for key in self.find(Contact, "contact.week", week, low=day, high=last, limit=self.capacity).keys:
            counts.update({c: n for c, n in tally(self.items[Contact.kind][key]).items() if c[0] == "day"})
        if self.find(Contact, "contact.week", week_of(ends), low=stamp(ends), limit=1).keys:
            self._of_days[day] = counts
        return counts

    def _counted(self, week: str) -> Counter[tuple[str, str, str]]:
        if week in self._weeks:
            return self._weeks[week]
        counts: Counter[tuple[str, str, str]] = Counter()
        for key in self.find(Contact, "contact.week", week, limit=self.capacity).keys:
            counts.update(tally(self.items[Contact.kind][key]))
        if self.find(Contact, "contact.week", shift(week, 1), limit=1).keys:
            self._weeks[week] = counts
        return counts

    def due(self, now: datetime, limit: int, lease: float = 5.0) -> list[Work]:
        """Owed work, oldest first."""
        owed = [ident for ident, _ in zip(self._pending, range(limit), strict=False)]
        return [Work(kind, key, self.items[kind][key].pending, 0) for kind, key in owed]

    def postpone(self, work: Work, error: str, until: datetime | None) -> None:
        """Nothing may fail here: there is nobody to try again."""
        raise AssertionError(f"step '{work.step}' of a demo {work.kind} failed: {error}")

    def waking(self, now: datetime, limit: int) -> list[Ident]:
        """(kind, key) of entities whose `wake` has come, earliest first."""
        for kind in [kind for kind, changed in self._unlisted.items() if changed]:
            self._settle(kind)
        found: dict[Ident, float] = {}
        while self._wakes and self._wakes[0][0] <= now.timestamp() and len(found) < limit:
            at, kind, key = heappop(self._wakes)
            entity = self.items[kind].get(key)
            if entity and entity.wake and entity.wake.timestamp() == at:
                found[kind, key] = at
        for (kind, key), at in found.items():
            heappush(self._wakes, (at, kind, key))
        return list(found)

    def dead(self, limit: int = 100) -> list[DeadLetter]:
        """There are none."""
        return []

    def revive(self, kind: str, key: str) -> bool:
        """There is nothing to revive."""
        return False

    def waiting(self) -> int:
        """How many entities are owed a step."""
        return len(self._pending)

    def scan(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a kind in key order."""
        have = self.items[kind.kind]
        return iter([cast(E, have[key]) for key in sorted(have)])

    @contextmanager
    def frozen(self) -> Iterator[MemoryStore]:
        """Itself: nobody else writes."""
        yield self

    def families(self) -> list[str]:
        """None is kept."""
        return []


class DemoUnit(LoopUnit):
    """A unit that writes at once, marking what is new: nobody else is there to see half a change.

    Versions and numbers begin in the real store.
    """

    def __init__(self, loop: DemoLoop) -> None:
        super().__init__(loop)
        self._memory, self._taxonomy, self._settings = loop.memory, loop.taxonomy, loop.settings

    def get(self, kind: type[E], key: str) -> E | None:
        """The entity, or None."""
        return cast(E | None, self._memory.items[kind.kind].get(key))

    def many(self, kind: type[E], keys: Iterable[str]) -> dict[str, E]:
        """The entities that exist among `keys`, in their order."""
        return self._memory.get(kind, list(keys))

    def find(
        self,
        kind: type[E],
        index: str,
        partition: str,
        *,
        low: str = "",
        high: str = "~",
        limit: int = 1_000,
        newest_first: bool = False,
    ) -> list[E]:
        """The entities listed there."""
        page = self._memory.find(
            kind, index, partition, low=low, high=high, limit=limit, newest_first=newest_first
        )
        return list(self._memory.get(kind, page.keys).values())

    def put(self, entity: E) -> E:
        """Keep it, marked."""
        if not entity.demo and entity.kind not in NOT_MARKED:
            entity = entity.model_copy(update={"demo": True})
        self._memory.put(entity)
        return entity

    def delete(self, entity: Entity) -> None:
        """Nothing is deleted in the story."""
        raise AssertionError("the demo company deletes nothing")

    def commit(self) -> None:
        """It is done already."""


@dataclass(frozen=True)
class DemoLoop(Loop):
    """The loop whose units mark what they store."""

    memory: MemoryStore
    taxonomy: Taxonomy
    settings: Settings

    def unit(self) -> DemoUnit:
        """A fresh unit of work."""
        return DemoUnit(self)


@dataclass
class Remembering:
    """An analyser that reads equal texts once: most call-backs are noted in the same few words."""

    analyser: Analyser
    version: str
    known: dict[str, Analysis] = field(default_factory=dict)

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text, in order."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        read = dict(zip(fresh, self.analyser(fresh), strict=True)) if fresh else {}
        self.known |= {text: analysis for text, analysis in read.items() if len(text) <= SHORT}
        return [read.get(text) or self.known[text] for text in texts]

    def suggest(self, texts: Sequence[str]) -> list[Analysis]:
        """The same: nobody types in the demo company's past."""
        return self(texts)


def in_memory(real: Loop) -> tuple[DemoLoop, MemoryStore]:
    """The loop over an empty memory, by the rules in force and with the numbers already given out."""
    unit, memory = real.unit(), MemoryStore()
    for numbers in unit.many(Numbers, ["project"]).values():
        memory.put(numbers)
    memory.put(Books(since=NEVER_CLOSED))
    taxonomy = unit.taxonomy
    analyser = Remembering(read := real.analyser(taxonomy), read.version)
    demo = DemoLoop(memory, real.vault, lambda _: analyser, real.clock, memory, taxonomy, unit.settings)
    return demo, memory
