"""Repeats, chains and first-contact resolution: golden tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.measure.chains import Chains
from chalicelib.loop.measure.links import links
from chalicelib.loop.measure.registry import Scope, measure
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.taxonomy import default_taxonomy
from tests.loop.making import ADMIN, BILL, LATE, LOST, contact, days, done, marks, stored, use_taxonomy

T0 = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ALONE, FIRST, LAST, MIDDLE = (False, False), (False, True), (True, False), (True, True)


def one(name: str, time: datetime, *causes: str, **more) -> Contact:
    common = {"channel": Channel.PHONE, "fingerprint": "f", "text": "x", "taken_by": "agent", "received": T0}
    return Contact.model_validate({"id": name, "time": time, "causes": causes, **common, **more})


USUAL = default_taxonomy().window


def marked(*contacts: Contact, window=USUAL) -> list[tuple[bool, bool]]:
    found = links(contacts, window)
    return [found[c.id] for c in contacts if c.id in found]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(0), [ALONE, ALONE]),
        (timedelta(microseconds=1), [FIRST, LAST]),
        (SECOND, [FIRST, LAST]),
        (days(7) - SECOND, [FIRST, LAST]),
        (days(7), [FIRST, LAST]),
        (days(7) + timedelta(microseconds=1), [ALONE, ALONE]),
        (days(7) + SECOND, [ALONE, ALONE]),
        (days(30), [ALONE, ALONE]),
    ],
)
def test_a_repeat_comes_later_and_within_the_window(gap, expected):
    a, b = one("a", T0, LATE), one("b", T0 + gap, LATE)
    assert marked(a, b) == expected
    assert links([b, a], USUAL) == links([a, b], USUAL)


@pytest.mark.parametrize(
    ("a", "b", "linked"),
    [
        ({"causes": (LATE,)}, {"causes": (LOST,)}, False),
        ({"causes": (LATE, BILL)}, {"causes": (BILL, LOST)}, True),
        ({"causes": (LATE,), "order": "A1"}, {"causes": (LOST,), "order": "A1"}, True),
        ({"causes": (LATE,), "order": "A1"}, {"causes": (LOST,), "order": "A2"}, False),
        ({"causes": (LATE,), "order": "A1"}, {"causes": (LOST,), "bill": "A1"}, False),
        ({"bill": "B1"}, {"bill": "B1"}, True),
        ({"case": "K-1"}, {"case": "K-1"}, False),  # what they share made the case: a cause
        ({}, {}, False),
        ({"causes": (LATE,)}, {"causes": (LATE,), "channel": Channel.CALLBACK}, False),
    ],
)
def test_what_links_two_contacts(a, b, linked):
    first, second = (
        one(name, T0 + days(n), *given.get("causes", ()), **{k: v for k, v in given.items() if k != "causes"})
        for n, (name, given) in enumerate((("a", a), ("b", b)))
    )
    found = links([first, second], USUAL)
    assert found["a"] == (FIRST if linked else ALONE)
    assert found.get("b", LAST if linked else ALONE) == (LAST if linked else ALONE)


def test_a_call_of_ours_is_in_no_chain_and_breaks_none():
    call = one("call", T0 + days(4), LATE, channel=Channel.CALLBACK)
    found = links([one("a", T0, LATE), call, one("b", T0 + days(8), LATE)], USUAL)
    assert found == {"a": ALONE, "b": ALONE}


def test_a_snowball_of_four():
    chain = [one(str(n), T0 + days(6 * n), LATE) for n in range(4)]
    assert marked(*chain) == [FIRST, MIDDLE, MIDDLE, LAST]


@pytest.mark.parametrize(("width", "linked"), [(1, False), (3, True), (30, True)])
def test_each_cause_has_its_own_window(width, linked):
    windows = {LATE: days(width)}
    found = links(
        [one("a", T0, LATE), one("b", T0 + days(2), LATE)], lambda cause: windows.get(cause, days(7))
    )
    assert (found["a"], found["b"]) == ((FIRST, LAST) if linked else (ALONE, ALONE))


def test_the_wider_of_two_shared_causes_decides():
    windows = {LATE: days(1), BILL: days(30)}
    pair = one("a", T0, LATE, BILL), one("b", T0 + days(20), LATE, BILL)
    assert marked(*pair, window=lambda cause: windows.get(cause, days(7))) == [FIRST, LAST]


def test_a_shared_order_uses_the_usual_window_whatever_the_cause_says():
    windows = {LATE: days(1), LOST: days(30)}
    window = lambda cause: windows.get(cause, days(7))  # noqa: E731  it reads like the table above
    assert marked(one("a", T0, LATE, order="1"), one("b", T0 + days(7), LOST, order="1"), window=window) == [
        FIRST,
        LAST,
    ]
    assert marked(one("a", T0, LATE, order="1"), one("b", T0 + days(8), LOST, order="1"), window=window) == [
        ALONE,
        ALONE,
    ]


# In the loop: the same by way of store and worker.


@pytest.fixture
def now(clock):
    clock.now = T0 + days(60)
    return clock


def test_repeats_and_first_contact_resolution_of_a_worked_example(loop, now):
    done(loop, T0, LATE)
    done(loop, T0 + days(2), LATE)
    done(loop, T0 + days(4), LATE)
    done(loop, T0 + days(1), LATE, customer="u2")
    done(loop, T0 + days(1), LATE, customer="")
    whole = measure(loop, Scope("2026-W42", "2026-W42"))
    assert (whole["repeat_rate"].count, whole["repeat_rate"].n) == (2, 5), "sum(size - 1) / contacts"
    assert (whole["fcr"].count, whole["fcr"].n) == (2, 3)


def test_contacts_without_a_customer_never_repeat(loop, now):
    keys = [done(loop, T0 + days(n), LATE, customer=c).id for n, c in enumerate(("", "匿名", "unknown"))]
    assert marks(loop, *keys) == [ALONE] * 3


def test_one_customer_however_the_number_is_written(loop, now):
    written = ("13800138000", "+86 138-0013-8000", "１３８００１３８０００")
    keys = [done(loop, T0 + days(n), LATE, customer=c).id for n, c in enumerate(written)]
    assert marks(loop, *keys) == [FIRST, MIDDLE, LAST]


def test_a_late_contact_joins_two_chains(loop, now):
    a, c = (done(loop, T0 + days(n), LATE).id for n in (0, 12))
    assert marks(loop, a, c) == [ALONE, ALONE]
    b = done(loop, T0 + days(6), LATE).id
    assert marks(loop, a, b, c) == [FIRST, MIDDLE, LAST]


def test_a_correction_moves_a_contact_out_of_its_chain(loop, now):
    keys = [done(loop, T0 + days(n), LATE).id for n in (0, 3, 6)]
    assert marks(loop, *keys) == [FIRST, MIDDLE, LAST]
    correct(loop, ADMIN, keys[1], [BILL], "inquiry", 0)
    drain(loop)
    assert marks(loop, *keys) == [FIRST, ALONE, LAST]
    correct(loop, ADMIN, keys[0], [BILL], "inquiry", 0)
    drain(loop)
    assert marks(loop, *keys) == [FIRST, LAST, ALONE]


def test_an_order_links_what_the_causes_do_not(loop, now):
    a = done(loop, T0, LATE, order="DD20261012").id
    b = done(loop, T0 + days(1), BILL, order="DD20261012").id
    c = done(loop, T0 + days(1), BILL, order="DD20261012", customer="u2").id
    assert marks(loop, a, b, c) == [FIRST, LAST, ALONE]
    assert stored(loop, a).case != stored(loop, b).case


def test_a_short_window_holds_though_the_case_is_still_open(loop, now):
    use_taxonomy(loop, {"x": 3})
    a, b = (contact(loop, T0 + days(n), "x") for n in (0, 5))
    drain(loop)
    assert marks(loop, a, b) == [ALONE, ALONE]


def test_a_long_window_reaches_beyond_the_usual_one(loop, now):
    use_taxonomy(loop, {"x": 20, "y": 7})
    a, b, c = (done(loop, T0 + days(n), "x").id for n in (0, 19, 40))
    assert marks(loop, a, b, c) == [FIRST, LAST, ALONE]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["u1", "u2", ""]),
            st.sampled_from([0, 1, 60, 86_400, 7 * 86_400, 7 * 86_400 + 1]),
            st.sets(st.sampled_from([LATE, LOST, BILL]), max_size=2),
            st.sampled_from(["", "A1", "A2"]),
            st.sampled_from([Channel.PHONE, Channel.PHONE, Channel.CALLBACK]),
            st.sampled_from(["", "", "", "link"]),
        ),
        max_size=9,
    ),
    st.integers(0, 8),
)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_all_chains_at_once_doubt_the_customers_whose_marks_are_wrong(rows, spoilt):
    """The compact form that a recount keeps says the same as looking at each customer's contacts."""
    time, contacts = T0, []
    for n, (customer, gap, causes, order, channel, pending) in enumerate(rows):
        time += timedelta(seconds=gap)
        more = {"customer": customer, "order": order, "channel": channel, "pending": pending}
        contacts.append(one(f"c{n}", time, *sorted(causes), **more))
    right = {
        k: m for u in ("u1", "u2") for k, m in links([c for c in contacts if c.customer == u], USUAL).items()
    }
    marks = {**right, f"c{spoilt}": (True, not right.get(f"c{spoilt}", ALONE)[1])}
    chains, wrong = Chains(), set()
    for c in contacts:
        repeats, repeated = marks.get(c.id, ALONE)
        c = c.model_copy(update={"repeats": repeats, "repeated": repeated})
        chains.add(c)
        if c.id in right and (repeats, repeated) != right[c.id]:
            wrong.add(c.customer)
    waiting = {c.customer for c in contacts if c.pending}
    assert set(chains.doubtful(USUAL)) == wrong - waiting
