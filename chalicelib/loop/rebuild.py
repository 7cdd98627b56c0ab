"""Recount every stored number from contacts, cases, call-backs and denominators; compare, or put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.chains import ALONE, Chains
from chalicelib.loop.measure.links import Mark, counts, links
from chalicelib.loop.measure.tally import COUNTED, tally
from chalicelib.loop.own.members import counted
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact, Step
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict
from chalicelib.ports import Cells

Progress = Callable[[int], None]
CELLS_AT_ONCE = 90
AT_ONCE = 500
TURN = timedelta(minutes=30)
"""How long a rebuild that was killed keeps others out."""


@dataclass
class Recount:
    """What the stored numbers should be, and what differs."""

    entities: int = 0
    cells: Cells = field(default_factory=dict)
    """cell -> how much has to be added to the stored number."""
    marks: dict[str, Mark] = field(default_factory=dict)
    """contact -> right repeat marks, where the stored ones are wrong."""
    members: dict[str, int] = field(default_factory=dict)
    """case -> right number of contacts, where the stored one is wrong."""
    uncharged: list[str] = field(default_factory=list)
    """Contacts whose bookings in the ledger do not sum to their cost."""

    @property
    def differences(self) -> int:
        """How many stored numbers are wrong."""
        return len(self.cells) + len(self.marks) + len(self.members) + len(self.uncharged)


def recount(loop: Loop, progress: Progress | None = None) -> Recount:
    """Compare all stored numbers with what the entities say. Contacts still to be worked on are left out of
    the comparison of repeat marks: theirs are not set yet."""
    with loop.store.frozen() as store:
        return _recount(replace(loop, store=store), progress)


def _recount(loop: Loop, progress: Progress | None) -> Recount:
    out = Recount()
    right: Counter[tuple[str, str, str]] = Counter()
    members: Counter[str] = Counter()
    chains = Chains()
    for entity in _all(loop):
        out.entities += 1
        for cell, n in tally(entity).items():
            right[cell] += n
        if isinstance(entity, Contact):
            if entity.uncharged and not entity.pending:
                out.uncharged.append(entity.id)
            chains.add(entity)
            if entity.case and counts(entity):
                members[entity.case] += 1
        elif isinstance(entity, Case):  # scanned after the contacts
            n = members.pop(entity.id, 0)
            if n != entity.contacts:
                out.members[entity.id] = n
        if progress and out.entities % 500 == 0:
            progress(out.entities)
    out.cells = _differing(loop, right)
    out.marks = _wrong_marks(loop, chains)
    return out


def _all(loop: Loop) -> Iterator[Entity]:
    for kind in COUNTED:
        yield from loop.store.scan(kind)


def _differing(loop: Loop, right: Counter[tuple[str, str, str]]) -> Cells:
    wrong: Cells = {}
    for family in sorted({*loop.store.families(), *(cell[0] for cell in right)}):
        stored = loop.store.cells(family)
        mine = {cell for cell in right if cell[0] == family}
        for cell in sorted(mine | stored.keys()):
            if missing := right[cell] - stored.get(cell, 0):
                wrong[cell] = missing
    return wrong


def _wrong_marks(loop: Loop, chains: Chains) -> dict[str, Mark]:
    """Only the contacts of customers with a doubtful mark are read again."""
    window = loop.unit().taxonomy.window
    wrong: dict[str, Mark] = dict.fromkeys(chains.nobodys, ALONE)
    for customer in chains.doubtful(window):
        contacts = list(_of_customer(loop, customer))
        if not any(c.pending for c in contacts):
            stored = {c.id: (c.repeats, c.repeated) for c in contacts}
            wrong |= {key: mark for key, mark in links(contacts, window).items() if mark != stored[key]}
    return wrong


def _of_customer(loop: Loop, customer: str) -> Iterator[Contact]:
    after = ""
    while True:
        page = loop.store.find(Contact, "contact.customer", customer, limit=AT_ONCE, after=after)
        yield from loop.store.get(Contact, page.keys).values()
        if not (after := page.next):
            return


def put_right(loop: Loop, found: Recount) -> None:
    """Store the right numbers. Entities first: their contributions move with them. Wrong repeat marks and
    missing bookings are owed to the worker. Raises Conflict while another rebuild is under way."""
    loop.change(_take_turn)
    loop.in_parts(list(found.marks), 4, _owe_link)
    loop.in_parts(list(found.members), 4, _count_members)
    loop.in_parts(found.uncharged, 4, _owe_own)
    cells = list(recount(loop).cells.items())  # anew: somebody else may have put them right meanwhile
    for start in range(0, len(cells), CELLS_AT_ONCE):
        loop.store.save([], dict(cells[start : start + CELLS_AT_ONCE]))
    loop.change(_end_turn)


class Turn(Entity):
    """One rebuild at a time: two that add the same difference would make a new one."""

    kind = "rebuild_turn"

    until: datetime

    @property
    def key(self) -> str:
        """There is one."""
        return "rebuild"


def _take_turn(unit: LoopUnit) -> None:
    known = unit.get(Turn, "rebuild")
    if known and known.until > unit.now:
        raise Conflict(
            "rebuild.busy",
            "另一个重新计数正在进行，请稍后再试",
            "another rebuild is under way; try again later",
            "rebuild",
        )
    until = unit.now + TURN
    unit.put(known.model_copy(update={"until": until}) if known else Turn(until=until))


def _end_turn(unit: LoopUnit) -> None:
    if known := unit.get(Turn, "rebuild"):
        unit.delete(known)


def _owe_link(unit: LoopUnit, keys: Sequence[str]) -> None:
    """The worker sets the marks anew from what is there by then."""
    for contact in unit.many(Contact, keys).values():
        unit.put(contact.model_copy(update={"pending": contact.pending or Step.LINK}))


def _owe_own(unit: LoopUnit, keys: Sequence[str]) -> None:
    """The worker charges them anew."""
    for contact in unit.many(Contact, keys).values():
        unit.put(contact.model_copy(update={"pending": contact.pending or Step.OWN}))


def _count_members(unit: LoopUnit, keys: Sequence[str]) -> None:
    for case in unit.many(Case, keys).values():
        n = sum(1 for _ in counted(unit, case))
        unit.put(case.model_copy(update={"contacts": n}))
