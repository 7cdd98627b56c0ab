"""Removing the demo company when an admin asked for it: once, with a receipt, and again after it was killed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.loop.admin import save_user
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.denominators import NewDenominator, save
from chalicelib.loop.removal import LEASE, ask, asked, held, is_demo, remove, remove_when_due
from chalicelib.loop.repeat import cycles
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.track.alarms import judge
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact, Original
from chalicelib.model.cycle import Cycle
from chalicelib.model.demo import DemoMark, Removal
from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.ledger import Books
from chalicelib.model.people import Notice, Role, User
from chalicelib.model.watch import AlarmWeek
from chalicelib.model.weeks import week_of
from chalicelib.ports import Change
from tests.loop.finding import a_proposal
from tests.loop.making import ADMIN, contact, done

BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)


@pytest.fixture
def demo(loop: Loop) -> Loop:
    """A demo company of one user."""

    def decide(unit: Any) -> None:
        unit.put(DemoMark(demo=True, complete=True))
        unit.put(User(name="demo.agent", role=Role.AGENT, demo=True))
        unit.put(User(name="mine", role=Role.AGENT))

    loop.change(decide)
    return loop


def test_weeks_keep_their_judgement_until_their_contacts_are_gone(demo):
    told = done(demo, demo.clock(), "delivery.late")

    def judged(unit: Any) -> None:
        unit.put(AlarmWeek(week="2026-W46", judged=unit.now, q=0.11, taxonomy=1, demo=True))
        unit.put(unit.get(Contact, told.id).model_copy(update={"demo": True}))

    demo.change(judged)
    order = list[str]()
    remove(demo, lambda kind, done, total: order.append(kind))
    assert order.index("contact") < order.index("demo_mark") < order.index("alarm_week")


def weeks_go_by(loop: Loop, clock: Any, weeks: int = 16) -> None:
    """Fifteen quiet weeks and one with an alarm, as the schedule sees them."""
    for week in range(weeks):
        for n in range(40 if week == weeks - 1 else 3):
            told = contact(loop, clock.now - timedelta(minutes=n), "delivery.late", customer=f"u{week}-{n}")
            loop.change(lambda unit, told=told: unit.put(of_demo(unit, told)))
        for name in ("parcels", "contacts", "orders"):
            save(loop, NewDenominator(denominator=name, period=week_of(clock.now), value=1_000))
        drain(loop)
        clock.forward(days=7)
        tick(loop)
    clock.forward(days=4)
    tick(loop)


def of_demo(unit: Any, key: str) -> Contact:
    return unit.get(Contact, key).model_copy(update={"demo": True})


def test_nothing_the_schedule_made_of_it_is_left(demo, clock):
    """Weeks judged, people told, cycles opened and closed while the demo company was there."""
    weeks_go_by(demo, clock)
    judged = list(demo.store.scan(AlarmWeek))
    assert judged
    assert all(week.demo for week in judged)
    assert [n.about for n in demo.store.scan(Notice) if n.about == "alarm_raised"], "the last week was loud"
    assert [i.part for i in cycles.current(demo).agenda]
    remove(demo, lambda kind, done, total: None)
    for kind in (AlarmWeek, Cycle, Contact, DemoMark):
        assert list(demo.store.scan(kind)) == [], kind
    assert [n for n in demo.store.scan(Notice) if n.about == "alarm_raised"] == []
    assert not is_demo(demo)
    tick(demo)
    assert (cycles.current(demo).week, cycles.current(demo).agenda) == (week_of(clock.now), ())


def test_what_is_announced_is_what_the_receipt_says(demo, clock):
    """Also what the schedule made while the demo company was there, and the originals of its contacts."""
    weeks_go_by(demo, clock, 3)

    def sealed(unit: Any) -> None:
        for told in demo.store.scan(Contact):
            unit.put(unit.get(Contact, told.id).model_copy(update={"demo": True}))
            unit.put(Original(id=told.id, sealed="...", demo=True))
        unit.put(
            (unit.get(Books, "books") or Books(since="2026-11")).model_copy(update={"stated": "2026-10"})
        )
        loaded = {"user": 1, "contact": 46, "original": 46, "cycle": 1, "books": 1}
        unit.put(unit.get(DemoMark, "demo").model_copy(update={"holds": loaded}))
        unit.put(a_proposal("2026-W47", "甲").model_copy(update={"demo": True}))

    demo.change(sealed)
    announced = held(demo)
    assert announced["proposal"] == 1
    assert announced["cycle"] > 1
    gone = remove(demo, lambda kind, done, total: None)
    assert {kind: gone.get(kind) for kind in announced} == announced
    assert held(demo) == {}


def test_a_cycle_somebody_decided_in_stays_without_its_demo_rows(demo, clock):
    weeks_go_by(demo, clock)
    decide(demo, ADMIN, Wish("other", "外包", "我们自己的事"))
    remove(demo, lambda kind, done, total: None)
    tick(demo)
    (kept,) = demo.store.scan(Cycle)
    assert ([d.about for d in kept.decisions], kept.agenda, kept.demo) == (["外包"], (), False)


def test_killed_between_the_mark_and_the_weeks_it_goes_on(demo, clock):
    weeks_go_by(demo, clock)

    class Killed(Exception):
        pass

    def kill(kind: str, done: int, total: int) -> None:
        if kind == DemoMark.kind:
            raise Killed

    with pytest.raises(Killed):
        remove(demo, kill)
    assert demo.unit().get(DemoMark, "demo") is None
    assert is_demo(demo), "what is left is still known to be the demo company's"
    tick(demo)
    remove(demo, lambda kind, done, total: None)
    assert list(demo.store.scan(AlarmWeek)) == []
    assert not is_demo(demo)


def test_a_week_that_is_judged_while_the_mark_goes_is_not_kept(demo, clock):
    weeks_go_by(demo, clock)
    (newest,) = demo.unit().find(AlarmWeek, "alarm_week.all", "all", limit=1, newest_first=True)
    demo.change(lambda unit: unit.delete(unit.get(AlarmWeek, newest.week)))

    class Slow(LoopUnit):
        def find(self, kind, index, *rest, **more):
            if index == "snooze.all":
                mark = self.loop.store.get(DemoMark, ["demo"]).get("demo")
                self.loop.store.save([Change(mark, None)] if mark else [], {})
            return super().find(kind, index, *rest, **more)

    class Racing(Loop):
        def unit(self):
            return Slow(self)

    racing = Racing(demo.store, demo.vault, demo.analyser, clock)
    assert judge(racing, newest.week) is None
    assert demo.unit().get(AlarmWeek, newest.week) is None


@BOTH
def test_it_is_done_once_and_leaves_a_receipt(store, demo):
    ask(demo, ADMIN)
    assert is_demo(demo), "asking removes nothing yet"
    study(demo)
    (receipt,) = asked(demo)
    assert (receipt.by, receipt.gone, receipt.done) == (ADMIN.name, {"user": 1, "demo_mark": 1}, demo.clock())
    assert not is_demo(demo)
    assert demo.unit().get(User, "mine")
    assert not remove_when_due(demo)
    with pytest.raises(NotFound):
        ask(demo, ADMIN)


def test_asking_again_meanwhile_is_the_same_removal(demo, clock):
    first = ask(demo, ADMIN)
    clock.forward(seconds=5)
    assert ask(demo, ADMIN).asked == first.asked
    assert len(asked(demo)) == 1


def test_one_that_was_killed_goes_on_after_its_lease(demo, clock):
    ask(demo, ADMIN)

    def killed(unit: Any) -> None:
        (owed,) = unit.find(Removal, "demo_removal.owed", "all")
        unit.put(owed.model_copy(update={"busy_until": unit.now + LEASE, "gone": {"user": 3}}))

    demo.change(killed)
    assert not remove_when_due(demo), "somebody seems to be at it"
    clock.forward(seconds=LEASE.total_seconds())
    assert remove_when_due(demo)
    assert asked(demo)[0].gone == {"user": 4, "demo_mark": 1}


def test_a_demo_admin_cannot_saw_off_the_branch(demo):
    save_user(demo, "demo.admin", role=Role.ADMIN, demo=True)
    caller = demo.unit().get(User, "demo.admin").caller
    with pytest.raises(Conflict, match=r"demo\.own_user"):
        ask(demo, caller)
