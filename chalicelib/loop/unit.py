"""The unit of work: load, decide, save, all or nothing, with every stored number following by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast

from chalicelib.model.entity import Entity
from chalicelib.ports import Cells, Change, Store

E = TypeVar("E", bound=Entity)
R = TypeVar("R")
Ident = tuple[str, str]
Tally = Callable[[Entity], Cells]


class Unit:
    """What one piece of work read and changed.

    Reads see this unit's own changes. On `commit` each changed entity's contribution to the stored numbers
    (`tally`, a pure function of the entity) is added and that of its former self subtracted in the same
    atomic save: the numbers are at any moment the sum over all entities, whatever crashed, was repeated
    or came late.
    """

    def __init__(self, store: Store, tally: Tally) -> None:
        self.store, self._tally = store, tally
        self._read: dict[Ident, Entity | None] = {}
        self._now: dict[Ident, Entity | None] = {}
        self._guarded: set[Ident] = set()
        self._listed: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        """(kind, index, partition) -> keys that this unit put there, so that its own reads see them."""

    def get(self, kind: type[E], key: str) -> E | None:
        """The entity, or None."""
        return self.many(kind, [key]).get(key)

    def many(self, kind: type[E], keys: Iterable[str]) -> dict[str, E]:
        """The entities that exist among `keys`, in their order."""
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if (kind.kind, key) not in self._now]
        if missing:
            found = self.store.get(kind, missing)
            for key in missing:
                self._read[kind.kind, key] = self._now[kind.kind, key] = found.get(key)
        have = ((key, self._now[kind.kind, key]) for key in wanted)
        return {key: entity for key, entity in have if isinstance(entity, kind)}

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
        """The entities listed there, this unit's own changes included."""
        found: dict[str, E] = {}
        listed: list[tuple[str, str]] = []
        after = ""
        while len(listed) < limit:
            page = self.store.find(
                kind,
                index,
                partition,
                low=low,
                high=high,
                limit=limit,
                newest_first=newest_first,
                after=after,
            )
            entities = self.many(kind, [key for key in page.keys if key not in found])
            found |= entities
            listed += self._in(entities, index, partition, low, high)
            if not (after := page.next):
                break
        own = self.many(kind, self._listed.get((kind.kind, index, partition), set()) - found.keys())
        listed += self._in(own, index, partition, low, high)
        rows = sorted(listed, reverse=newest_first)[:limit]
        found |= own
        return [found[key] for _, key in rows]

    @staticmethod
    def _in(
        entities: Mapping[str, Entity], index: str, partition: str, low: str, high: str
    ) -> list[tuple[str, str]]:
        """(sort, key) of those that really are listed there: a listing may show more for a moment."""
        return [
            (sort, key)
            for key, entity in entities.items()
            for i, p, sort in entity.entries()
            if (i, p) == (index, partition) and low <= sort <= high
        ]

    def put(self, entity: E) -> E:
        """Save this on commit. Not read before means it must be new."""
        ident = (entity.kind, entity.key)
        self._read.setdefault(ident, None)
        self._now[ident] = entity
        for index, partition, _ in entity.entries():
            self._listed[entity.kind, index, partition].add(entity.key)
        return entity

    def delete(self, entity: Entity) -> None:
        """Remove this on commit; it must have been read in this unit."""
        self._now[entity.kind, entity.key] = None

    def guard(self, entity: Entity) -> None:
        """Save this unit's changes only if `entity`, read in it, is still the same then."""
        self._guarded.add((entity.kind, entity.key))

    def changes(self) -> list[Change]:
        """What would be saved, versions counted up."""
        out = []
        for ident, now in self._now.items():
            before = self._read.get(ident)
            if now is not None and now is not before and now != before:
                version = (before.version if before else 0) + 1
                out.append(Change(before, now.model_copy(update={"version": version})))
            elif now is None and before is not None:
                out.append(Change(before, None))
        return out + self._guards(out) if out else out

    def _guards(self, changes: Sequence[Change]) -> list[Change]:
        """A changed entity is guarded by its own version; a new one by being new."""
        changed = {(e.kind, e.key) for change in changes for e in change if e is not None}
        read = (self._read.get(ident) for ident in sorted(self._guarded - changed))
        return [Change(entity, entity) for entity in read if entity is not None]

    def stored(self, result: R) -> R:
        """The result of a decision with its entities as they were committed, versions counted up."""
        if isinstance(result, Entity):
            return cast(R, self._now.get((result.kind, result.key)) or result)
        if isinstance(result, tuple) and type(result) is tuple:
            return cast(R, tuple(self.stored(part) for part in result))
        return result

    def commit(self) -> None:
        """Save all changes and the numbers that follow from them. Raises Conflict; then nothing is saved."""
        changes = self.changes()
        if not changes:
            return
        self.store.save(changes, contribution(changes, self._tally))
        for _, after in changes:
            if after is not None:
                ident = (after.kind, after.key)
                self._read[ident] = self._now[ident] = after


def contribution(changes: Sequence[Change], tally: Tally) -> Cells:
    """How the stored numbers move when these entities change."""
    delta: Counter[tuple[str, str, str]] = Counter()
    for before, after in changes:
        if after is not None:
            delta.update(tally(after))
        if before is not None:
            delta.subtract(tally(before))
    return {cell: n for cell, n in delta.items() if n}
