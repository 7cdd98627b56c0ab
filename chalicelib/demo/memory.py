"""Where the demo company lives while its weeks are told: the real loop over a store in memory.

Half a year of work changes each case many times. Here those changes cost no disk; what stands at the end is
written to the real store once, and every number follows there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import TypeVar, cast

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.tally import tally
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Entity, Entry
from chalicelib.model.errors import Conflict
from chalicelib.model.project import Sequence as Numbers
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import weeks_between
from chalicelib.ports import Cells, Change, DeadLetter, Page, Work

E = TypeVar("E", bound=Entity)
Ident = tuple[str, str]
WEEK = len("2026-W01")
NOT_MARKED = frozenset({Numbers.kind})
"""Numbers given out are never given again, or a real project would take the name of a removed one."""


class MemoryStore:
    """The `Store` port in dictionaries, for one thread."""

    capacity = 1_000_000

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Entity]] = defaultdict(dict)
        self._lists: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
        self._pending: dict[Ident, None] = {}
        self._wakes: list[tuple[float, str, str]] = []

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
        rows = self._lists.get((kind.kind, index, partition), [])
        rows = rows[bisect_left(rows, (low, "")) : bisect_right(rows, (high, "~"))]
        rows = rows[::-1] if newest_first else rows
        return Page([key for _, key in rows[:limit]], "")

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Apply all; Conflict when a `before` is not what is stored. Numbers are counted when asked for."""
        for before, after in changes:
            entity = after or before
            assert entity is not None, "a change without an entity"
            kept = self.items[entity.kind].get(entity.key)
            if (kept.version if kept else None) != (before.version if before else None):
                raise Conflict("store.conflict", "刚被改过，请重试", "changed just now; repeat", entity.kind)
        for before, after in changes:
            self._apply(before, after)

    def _apply(self, before: Entity | None, after: Entity | None) -> None:
        entity = cast(Entity, after or before)
        kind, key = entity.kind, entity.key
        old = set(before.entries()) if before else set[Entry]()
        new = set(after.entries()) if after else set[Entry]()
        for index, part, sort in old - new:
            rows = self._lists[kind, index, part]
            del rows[bisect_left(rows, (sort, key))]
        for index, part, sort in new - old:
            insort(self._lists[kind, index, part], (sort, key))
        self._pending.pop((kind, key), None)
        if after is None:
            del self.items[kind][key]
            return
        self.items[kind][key] = after
        if after.pending:
            self._pending[kind, key] = None
        if after.wake and (before is None or before.wake != after.wake):
            heappush(self._wakes, (after.wake.timestamp(), kind, key))

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """The numbers of contacts (families week, cause and department), counted anew."""
        out: Counter[tuple[str, str, str]] = Counter()
        for week in weeks_between(low[:WEEK], high[:WEEK]):
            for key in self.find(Contact, "contact.week", week, limit=self.capacity).keys:
                out.update({c: n for c, n in tally(self.items[Contact.kind][key]).items() if c[0] == family})
        return {cell: n for cell, n in out.items() if n}

    def due(self, now: datetime, limit: int, lease: float = 10.0) -> list[Work]:
        """Owed work, oldest first."""
        owed = [ident for ident, _ in zip(self._pending, range(limit), strict=False)]
        return [Work(kind, key, self.items[kind][key].pending, 0) for kind, key in owed]

    def postpone(self, work: Work, error: str, until: datetime | None) -> None:
        """Nothing may fail here: there is nobody to try again."""
        raise AssertionError(f"step '{work.step}' of a demo {work.kind} failed: {error}")

    def waking(self, now: datetime, limit: int) -> list[Ident]:
        """(kind, key) of entities whose `wake` has come, earliest first."""
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
    """A unit in which everything new belongs to the demo company. Numbers are left to the real store."""

    def __init__(self, loop: DemoLoop) -> None:
        super().__init__(loop)
        self._tally = _uncounted
        self._taxonomy, self._settings = loop.taxonomy, loop.settings

    def put(self, entity: E) -> E:
        """Save this on commit, marked."""
        if not entity.demo and entity.kind not in NOT_MARKED:
            entity = entity.model_copy(update={"demo": True})
        return super().put(entity)


@dataclass(frozen=True)
class DemoLoop(Loop):
    """The loop whose units mark what they store."""

    taxonomy: Taxonomy
    settings: Settings

    def unit(self) -> DemoUnit:
        """A fresh unit of work."""
        return DemoUnit(self)


def _uncounted(entity: Entity) -> Cells:
    return {}


def in_memory(real: Loop) -> tuple[DemoLoop, MemoryStore]:
    """The loop over an empty memory, by the rules in force and with the numbers already given out."""
    unit, memory = real.unit(), MemoryStore()
    given = unit.many(Numbers, ["project"])
    memory.save([Change(None, numbers) for numbers in given.values()], {})
    return DemoLoop(memory, real.vault, real.analyser, real.clock, unit.taxonomy, unit.settings), memory
