"""The history of a label: who had said what before, as far back as is remembered, and nothing twice."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.contact import REMEMBERED, Contact, Correction
from chalicelib.model.people import Caller, Role
from tests.conftest import WEDNESDAY
from tests.loop.making import ADMIN, AGENT, BILL, LATE, LOST, contact, stored
from tests.loop.saying import Saying
from tests.stores import sqlite_store
from tests.teaching import corrected

BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
PEOPLE = {name: Caller(name, Role.AGENT) for name in ("anna", "ben", "carl")}


@pytest.fixture
def loop(clock, vault, store) -> Loop:
    return Loop(store, vault, lambda taxonomy: Saying(), clock)


@BOTH
def test_what_was_said_before_stays_with_who_and_when(loop, clock):
    key = contact(loop, clock.now - timedelta(hours=1), LOST, agent="logger")
    drain(loop)
    first = stored(loop, key).correction
    for caller, cause in ((AGENT, LATE), (ADMIN, BILL)):
        clock.forward(minutes=1)
        correct(loop, caller, key, [cause], "complaint", 1)
        drain(loop)
    now = stored(loop, key)
    assert now.correction == Correction(
        by="boss", at=clock.now, causes=(BILL,), contact_kind="complaint", severity=1
    )
    assert now.earlier == (
        first,
        Correction(
            by="agent",
            at=clock.now - timedelta(minutes=1),
            causes=(LATE,),
            contact_kind="complaint",
            severity=1,
        ),
    )


@BOTH
@pytest.mark.parametrize(
    ("text", "logged", "after"),
    [
        ("delivery.lost:.9 inquiry 2", {}, ("inquiry", 2)),
        ("delivery.lost:.9 complaint 3", {}, ("complaint", 3)),
        ("delivery.lost:.9 complaint 3", {"contact_kind": "request", "severity": 0}, ("request", 0)),
        ("delivery.lost:.9 complaint 3", {"severity": 2}, ("complaint", 2)),
    ],
)
@pytest.mark.parametrize("drained", [True, False])
def test_kind_and_severity_that_a_correction_does_not_name_stay(drained, text, logged, after, loop, clock):
    (outcome,) = take(loop, AGENT, [{"text": text, "channel": "phone", "customer": "u1", **logged}])
    if drained:
        drain(loop)
    correct(loop, ADMIN, outcome.id, [LATE])
    drain(loop)
    now = stored(loop, outcome.id)
    assert (now.causes, now.contact_kind, now.severity) == ((LATE,), *after)
    correct(loop, ADMIN, outcome.id, [LATE], "inquiry")
    correct(loop, AGENT, outcome.id, [LOST], severity=1)
    drain(loop)
    now = stored(loop, outcome.id)
    assert (now.causes, now.contact_kind, now.severity) == ((LOST,), "inquiry", 1)


@BOTH
@pytest.mark.parametrize(
    ("text", "logged", "after"),
    [
        ("delivery.lost:.9 inquiry 1", {}, ("inquiry", 1)),
        ("delivery.lost:.9 complaint 2", {}, ("other", 0)),
        ("delivery.lost:.9 complaint 2", {"severity": 3}, ("other", 0)),
        ("delivery.lost:.9 inquiry 1", {"contact_kind": "complaint", "severity": 3}, ("inquiry", 1)),
    ],
)
def test_nothing_went_wrong_is_no_complaint_and_no_case(text, logged, after, loop, clock):
    (outcome,) = take(loop, AGENT, [{"text": text, "channel": "phone", "customer": "u1", **logged}])
    drain(loop)
    before = stored(loop, outcome.id)
    correct(loop, ADMIN, outcome.id, [])
    drain(loop)
    now = stored(loop, outcome.id)
    assert (now.causes, now.case, now.contact_kind, now.severity) == ((), "", *after)
    correct(loop, ADMIN, outcome.id, [])
    assert stored(loop, outcome.id).version == now.version, "once more changes nothing"
    correct(loop, ADMIN, outcome.id, [], "complaint")
    drain(loop)
    assert stored(loop, outcome.id).causes == ("other",)
    assert before.case


def test_what_is_taken_for_a_complaint_later_is_none_either_where_nothing_went_wrong(loop, clock):
    key = contact(loop, clock.now, text="delivery.lost:.9 complaint 2")
    correct(loop, ADMIN, key, [])
    drain(loop)
    now = stored(loop, key)
    assert (now.causes, now.contact_kind, now.severity, now.case) == ((), "other", 0, "")


SAID = st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)), st.sampled_from([LATE, LOST, BILL])), max_size=30)


@given(SAID)
def test_the_history_is_what_was_said_without_repeats_and_bounded(said):
    with sqlite_store() as store:
        now = WEDNESDAY
        loop = Loop(store, None, lambda taxonomy: Saying(), lambda: now)
        start = corrected(1, WEDNESDAY).model_copy(update={"correction": None})
        loop.change(lambda unit: unit.put(start))
        for who, cause in said:
            now += timedelta(seconds=1)
            correct(loop, PEOPLE[who], start.id, [cause], "complaint", 1)
        found = stored(loop, start.id)
        every = [*found.earlier, *([found.correction] if found.correction else [])]
        fresh = [one for at, one in enumerate(said) if at == 0 or one != said[at - 1]]
        assert [(one.by, *one.causes) for one in every] == fresh[-REMEMBERED - 1 :]
        assert [one.at for one in every] == sorted({one.at for one in every})
        answered = [e.partition for e in found.entries() if e.listing == "contact.answered"]
        assert sorted(answered) == sorted({one.by for one in every})


def test_a_contact_stored_before_there_was_a_history_still_loads(clock):
    old = json.loads(corrected(1, clock.now).model_dump_json())
    del old["earlier"]
    assert Contact.model_validate(old).earlier == ()
    assert Contact.model_validate_json(json.dumps(old)).correction is not None


def test_an_erasure_leaves_the_history_which_holds_no_words(loop, clock):
    key = contact(loop, clock.now, LOST, text="快递三天没送到")
    drain(loop)
    correct(loop, AGENT, key, [LATE], "complaint", 1)
    drain(loop)
    erase(loop, ADMIN, stored(loop, key).customer, "本人要求")
    after = stored(loop, key)
    assert after.erased
    assert [one.causes for one in after.earlier] == [(LOST,)]
