"""Removing the demo company when an admin asked for it: once, with a receipt, and again after it was killed."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.loop.admin import save_user
from chalicelib.loop.context import Loop
from chalicelib.loop.removal import LEASE, ask, asked, is_demo, remove, remove_when_due
from chalicelib.loop.schedule import study
from chalicelib.model.contact import Contact
from chalicelib.model.demo import DemoMark, Removal
from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.people import Role, User
from chalicelib.model.watch import AlarmWeek
from tests.loop.making import ADMIN, done

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
    assert order.index("contact") < order.index("alarm_week") < order.index("demo_mark")


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
