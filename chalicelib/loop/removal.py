"""Taking the demo company away again: every marked entity, and the numbers with it. What is real stays.

It may take minutes, so whoever asks for it over HTTP leaves a `Removal` behind, and the schedule does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.tally import tally
from chalicelib.model.contact import Contact, Original
from chalicelib.model.cycle import Cycle
from chalicelib.model.demo import DemoMark, Removal
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.kinds import KINDS
from chalicelib.model.ledger import Books, Dispute, Statement
from chalicelib.model.people import Caller, Notice, Role, User
from chalicelib.model.project import Look
from chalicelib.model.proposal import Discovery, Proposal, ProposalState
from chalicelib.model.watch import AlarmWeek
from chalicelib.model.weeks import shift

Progress = Callable[[str, int, int], None]
AT_ONCE = 6_000
"""Writes a save, where the store would take more: others want to write too."""
SPARE = 8
FIRST = (User.kind,)
"""By these, too, one sees that a demo company is there, so they come first and go last."""
LEDGER = (Statement, Dispute, Books)
GROWING: tuple[tuple[type[Entity], str, str], ...] = (
    (Cycle, "cycle.all", "all"),
    (AlarmWeek, "alarm_week.all", "all"),
    (Look, "look.all", "all"),
    (Discovery, "discovery.all", "all"),
    *((Proposal, "proposal.state", state) for state in ProposalState),
)
"""What the schedule makes of a demo company while it is there, and where it is listed."""
LEASE = timedelta(minutes=2)


def writes(entity: Entity) -> int:
    """At most this many writes: the entity, its index entries, the rows of numbers it counts in."""
    return 1 + len(set(entity.entries())) + len({cell[:2] for cell in tally(entity)})


def parts(entities: Iterable[Entity], capacity: int) -> Iterator[list[Entity]]:
    """Runs of entities whose writes fit one save."""
    room, part, used = min(capacity, AT_ONCE) - SPARE, list[Entity](), 0
    for entity in entities:
        needs = writes(entity)
        if part and used + needs > room:
            yield part
            part, used = [], 0
        part.append(entity)
        used += needs
    if part:
        yield part


def is_demo(loop: Loop) -> bool:
    """Whether a demo company is there, or what an interrupted load or removal left of one."""
    unit = loop.unit()
    if unit.get(DemoMark, "demo"):
        return True
    if any(user.demo for user in unit.find(User, "user.all", "all", limit=5_000)):
        return True
    return any(week.demo for week in unit.find(AlarmWeek, "alarm_week.all", "all"))


def remove(loop: Loop, progress: Progress) -> dict[str, int]:
    """Delete everything marked; kind -> how many. Safe to repeat, also after it was killed."""
    gone: Counter[str] = Counter()
    for kind in sorted(
        KINDS,
        key=lambda kind: (
            # A week that has a judgement is not judged again: the schedule must not judge one that is half gone,
            # and what it judges before the mark is gone is the demo company's.
            kind == AlarmWeek.kind,
            kind == DemoMark.kind,
            kind in FIRST,
            kind == Notice.kind,  # after what it speaks of
            kind,
        ),
    ):
        if kind == DemoMark.kind:
            loop.change(_begin_agenda_anew)
        marked = (e for e in loop.store.scan(KINDS[kind]) if e.demo or _idle(loop, e))
        for part in parts(marked, loop.store.capacity // 2):  # a contact takes its original along
            for name, n in loop.change(lambda unit, part=part: _delete(unit, part)).items():  # type: ignore[misc]
                gone[name] += n
                progress(name, gone[name], gone[name])
    gone.update(_begin_ledger_anew(loop))
    return dict(gone)


def held(loop: Loop) -> dict[str, int]:
    """What a removal would take away now: what was loaded, and what the schedule has made of it since. Empty where
    nobody counted."""
    unit = loop.unit()
    mark = unit.get(DemoMark, "demo")
    if mark is None or not mark.holds:
        return {}
    since = Counter({DemoMark.kind: 1})
    for kind, index, partition in GROWING:
        since[kind.kind] += sum(e.demo for e in unit.find(kind, index, partition, limit=5_000))
    return {kind: n for kind, n in {**mark.holds, **since}.items() if n}


def _begin_agenda_anew(unit: LoopUnit) -> None:
    """The open cycle, if anybody real has decided in it, forgets the rows that were worked out with the demo company
    and what a cycle of the demo company decided."""
    if unit.get(DemoMark, "demo") is None:
        return
    for cycle in unit.find(Cycle, "cycle.state", "open"):
        before = unit.get(Cycle, shift(cycle.week, -1))
        kept = {"carried": cycle.carried if before else ()}
        unit.put(
            cycle.model_copy(update={"agenda": (), "left_out": {}, "snoozed": {}, "prepared": None, **kept})
        )


def _begin_ledger_anew(loop: Loop) -> Counter[str]:
    """Where nothing real was ever charged, closed months go too: real history may still be to come."""
    gone: Counter[str] = Counter()
    if loop.store.cells("charge.month"):
        return gone
    for kind in LEDGER:
        for part in parts(loop.store.scan(kind), loop.store.capacity):
            gone.update(loop.change(lambda unit, part=part: _delete(unit, part)))  # type: ignore[misc]
    return gone


def _delete(unit: LoopUnit, part: list[Entity]) -> dict[str, int]:
    """What of it is still there and still marked, contacts with their originals; kind -> how many."""
    found = unit.many(type(part[0]), [e.key for e in part])
    for entity in found.values():
        unit.delete(entity)
    gone = {part[0].kind: len(found)}
    if isinstance(part[0], Contact):
        originals = unit.many(Original, list(found))
        for original in originals.values():
            unit.delete(original)
        gone[Original.kind] = len(originals)
    return {kind: n for kind, n in gone.items() if n}


def _idle(loop: Loop, entity: Entity) -> bool:
    """A notice the system wrote about the demo company only: nobody could open what it speaks of."""
    if not isinstance(entity, Notice):
        return False
    unit = loop.unit()
    if entity.about == "alarm_raised":
        week = unit.get(AlarmWeek, entity.subject.partition(":")[2])
        return week is None or week.demo
    if entity.about == "month_closed":
        return not loop.store.cells("charge.month")
    return not any(_exists(unit, subject) for subject in entity.subjects)


def _exists(unit: LoopUnit, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    return kind not in KINDS or unit.get(KINDS[kind], key) is not None


def asked(loop: Loop) -> list[Removal]:
    """Every removal, the newest first: the receipts, and the one that is going on."""
    return loop.unit().find(Removal, "demo_removal.all", "all", limit=20, newest_first=True)


def ask(loop: Loop, caller: Caller) -> Removal:
    """Have the schedule remove the demo company at its next look. Asked again meanwhile: the same removal."""
    caller.must_be(Role.ADMIN)
    if not is_demo(loop):
        raise NotFound("demo.not_found", "没有演示数据", "there is no demo data", "demo")

    def decide(unit: LoopUnit) -> Removal:
        known = unit.find(Removal, "demo_removal.owed", "all", limit=1)
        if known:
            return known[0]
        me = unit.get(User, caller.name)
        if me is not None and me.demo:
            raise Conflict(
                "demo.own_user",
                "您是演示用户，删除后就没有人能管理了；请先设一位自己的管理员，用他登录再删",
                "you are a demo user and would be removed too: make an admin of your own and sign in as that one",
                "demo",
            )
        return unit.put(Removal(asked=unit.now, by=caller.name))

    return loop.change(decide)


def remove_when_due(loop: Loop) -> bool:
    """What the schedule does at each look: the removal that is owed, unless somebody is at it."""
    claimed = loop.change(_claim)
    if claimed is None:
        return False
    gone = dict(claimed.gone)

    def tell(kind: str, n: int, _: int) -> None:
        gone[kind] = claimed.gone.get(kind, 0) + n
        loop.change(lambda unit: _note(unit, claimed.key, gone))

    remove(loop, tell)
    loop.change(lambda unit: _note(unit, claimed.key, gone, done=True))
    return True


def _claim(unit: LoopUnit) -> Removal | None:
    for owed in unit.find(Removal, "demo_removal.owed", "all", limit=1):
        if owed.busy_until is None or owed.busy_until <= unit.now:
            return unit.put(owed.model_copy(update={"busy_until": unit.now + LEASE}))
    return None


def _note(unit: LoopUnit, key: str, gone: dict[str, int], done: bool = False) -> None:
    known = unit.get(Removal, key)
    assert known is not None, "a removal is kept as its receipt"
    ends = {"done": unit.now, "busy_until": None} if done else {"busy_until": unit.now + LEASE}
    some = {kind: n for kind, n in gone.items() if n}
    unit.put(known.model_copy(update={"gone": some, **ends}))
