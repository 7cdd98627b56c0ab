"""From memory into the real store: each entity once, in saves that fit it, all numbers following."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.demo.memory import NOT_MARKED, MemoryStore
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.charging import charge
from chalicelib.loop.removal import FIRST, Progress, parts
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Denominator
from chalicelib.model.entity import Entity
from chalicelib.model.ledger import Books
from chalicelib.model.sequence import Sequence as Numbers


def save_all(loop: Loop, memory: MemoryStore, progress: Progress) -> int:
    """Store everything; what is there already under the same name is real and stays. Returns how many."""
    memory.items.pop(Books.kind, None)
    kinds = sorted(memory.items, key=lambda kind: (kind not in FIRST, kind))
    total, done, saved = sum(map(len, memory.items.values())), 0, 0
    for kind in kinds:
        entities = [e for e in memory.items.pop(kind).values() if e.kind not in NOT_MARKED or _give(loop, e)]
        if kind == Denominator.kind:
            entities = list(_uncounted(loop, entities))
        for part in parts(entities, loop.store.capacity):
            saved += loop.change(lambda unit, part=part: _store(unit, part))  # type: ignore[misc]
            done += len(part)
            progress("save", done, total)
    progress("save", total, total)
    return saved


def _store(unit: LoopUnit, part: list[Entity]) -> int:
    known = unit.many(type(part[0]), [e.key for e in part])
    fresh = [e for e in part if e.key not in known]
    for entity in fresh:
        entity = entity.model_copy(update={"version": 0})
        if isinstance(entity, Contact):  # in memory no month was closed
            entity = charge(unit, entity.model_copy(update={"charges": ()}))
        unit.put(entity)
    return len(fresh)


def _give(loop: Loop, entity: Entity) -> bool:
    """Take the numbers given out in memory over into the real sequence, which belongs to nobody."""

    def decide(unit: LoopUnit) -> None:
        numbers = Numbers.model_validate(entity.model_dump())
        known = unit.get(Numbers, numbers.name) or Numbers(name=numbers.name)
        unit.put(known.model_copy(update={"last": max(known.last, numbers.last)}))

    loop.change(decide)
    return False


def _uncounted(loop: Loop, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Only values of weeks for which the company has none of its own, by day or whole."""
    unit, own = loop.unit(), set[tuple[str, str]]()
    found = [e for e in entities if isinstance(e, Denominator)]
    for name in sorted({d.name for d in found}):
        own |= {(name, d.week) for d in unit.find(Denominator, "denominator.name", name, limit=5_000)}
    yield from (d for d in found if (d.name, d.week) not in own)
