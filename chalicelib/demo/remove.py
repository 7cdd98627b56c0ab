"""Taking the demo company away again: every marked entity, and the numbers with it. What is real stays."""

from __future__ import annotations

from chalicelib.demo import story
from chalicelib.demo.mark import DemoMark
from chalicelib.demo.save import FIRST, Progress, parts
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.contact import Contact, Original
from chalicelib.model.customer import Customer
from chalicelib.model.entity import Entity
from chalicelib.model.kinds import KINDS
from chalicelib.model.ledger import Books, Dispute, Statement
from chalicelib.model.people import Notice, User

OLDEST = 50
LEDGER = (Statement, Dispute, Books)


def is_demo(loop: Loop) -> bool:
    """Whether a demo company is there, or what an interrupted load or removal left of one."""
    unit = loop.unit()
    if unit.get(DemoMark, "demo"):
        return True
    if any(user.demo for user in unit.many(User, story.PEOPLE).values()):
        return True
    return any(c.demo for c in unit.find(Customer, "customer.all", "all", limit=OLDEST))


def remove(loop: Loop, progress: Progress) -> dict[str, int]:
    """Delete everything marked; kind -> how many. Safe to repeat, also after it was killed."""
    gone: dict[str, int] = {}
    for kind in sorted(
        KINDS,
        key=lambda kind: (
            kind == DemoMark.kind,
            kind in FIRST,
            kind == Customer.kind,
            kind == Notice.kind,  # after what it speaks of
            kind,
        ),
    ):
        n = 0
        marked = (e for e in loop.store.scan(KINDS[kind]) if e.demo or _idle(loop, e))
        for part in parts(marked, loop.store.capacity // 2):  # a contact takes its original along
            n += loop.change(lambda unit, part=part: _delete(unit, part))  # type: ignore[misc]
            progress(kind, n, n)
        if n:
            gone[kind] = n
    _begin_ledger_anew(loop)
    return gone


def _begin_ledger_anew(loop: Loop) -> None:
    """Where nothing real was ever charged, closed months go too: real history may still be to come."""
    if loop.store.cells("charge.month"):
        return
    for kind in LEDGER:
        for part in parts(loop.store.scan(kind), loop.store.capacity):
            loop.change(lambda unit, part=part: _delete(unit, part))  # type: ignore[misc]


def _delete(unit: LoopUnit, part: list[Entity]) -> int:
    """What of it is still there and still marked."""
    found = unit.many(type(part[0]), [e.key for e in part])
    for entity in found.values():
        unit.delete(entity)
    if isinstance(part[0], Contact):
        for original in unit.many(Original, list(found)).values():
            unit.delete(original)
    return len(found)


def _idle(loop: Loop, entity: Entity) -> bool:
    """A notice the system wrote about demo cases only: nobody could open what it speaks of."""
    if not isinstance(entity, Notice):
        return False
    unit = loop.unit()
    return not any(_exists(unit, subject) for subject in entity.subjects)


def _exists(unit: LoopUnit, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    found = unit.get(KINDS[kind], key) if kind in KINDS else None
    return kind not in KINDS or found is not None
