"""A case finds its contacts among its customer's: earlier ones, among many, and half-way through an erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop import erasure
from chalicelib.loop.context import Loop
from chalicelib.loop.own import cases
from chalicelib.loop.own.members import READ_AT_ONCE, callbacks_of, members
from chalicelib.loop.rebuild import put_right, recount
from chalicelib.loop.repeat import callbacks
from chalicelib.loop.worker import drain
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from tests.loop.making import ADMIN, BILL, LATE, case_of, contact, done, stored


def found(loop: Loop, case: Case) -> list[str]:
    return [one.id for one in members(loop.unit(), case, 9)]


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
def test_among_many_of_the_customer_and_also_those_from_before_it_was_opened(store, loop, clock):
    first = done(loop, clock.now, LATE)
    for n in range(READ_AT_ONCE + 1):
        contact(loop, clock.forward(minutes=1), BILL, external_id=f"B{n}")
    later = done(loop, clock.now, LATE)
    earlier = done(loop, clock.now - timedelta(days=30), LATE)
    drain(loop)
    case = case_of(loop, first)
    assert found(loop, case) == [earlier.id, first.id, later.id]
    for most, nearest, newest in ((1, [first], [later]), (2, [first, later], [first, later])):
        assert members(loop.unit(), case, most) == [stored(loop, one.id) for one in nearest]
        assert members(loop.unit(), case, most, newest=True) == [stored(loop, one.id) for one in newest]
    loop.change(lambda unit: unit.put(unit.get(Case, case.id).model_copy(update={"contacts": 99})))
    put_right(loop, recount(loop))
    assert case_of(loop, first).contacts == 3


def test_without_a_customer_it_is_the_one_that_opened_it(loop, clock):
    alone = done(loop, clock.now, LATE, customer="")
    done(loop, clock.now, LATE, customer="", external_id="X")
    assert found(loop, case_of(loop, alone)) == [alone.id]


def test_while_the_customer_is_being_erased(loop, clock):
    """The contacts go under the random name first."""
    told = done(loop, clock.now, LATE)
    alias = loop.change(lambda unit: erasure._pseudonym(unit, told.customer))
    erasure._in_parts(loop, Contact, "contact.customer", told.customer, alias)
    case = case_of(loop, told)
    assert case.customer == told.customer
    assert found(loop, case) == [told.id]
    erasure.erase(loop, ADMIN, told.customer, "本人要求")
    assert found(loop, case_of(loop, told)) == [told.id]


def test_call_backs_are_those_of_its_resolutions_and_wait_only_until_they_are_made(loop, clock):
    case = case_of(loop, done(loop, clock.now, LATE))
    for solved in (False, True):
        clock.forward(hours=1)
        cases.accept(loop, ADMIN, case.id)
        cases.resolve(loop, ADMIN, case.id, "办好了")
        assert [one.case for one in callbacks.to_call(loop, ADMIN)] == [case.id]
        callbacks.answer(loop, ADMIN, case.id, callbacks.Answer(reached=True, resolved=solved))
        assert callbacks.to_call(loop, ADMIN) == []
        drain(loop)
    case = case_of(loop, found(loop, case)[0])
    assert [one.says_resolved for one in callbacks_of(loop.unit(), case)] == [False, True]
    assert len(found(loop, case)) == 3, "the answers are among its contacts"
    listed = [entry.listing for one in callbacks_of(loop.unit(), case) for entry in one.entries()]
    assert listed == ["callback.customer"] * 2
