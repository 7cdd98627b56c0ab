"""Which case a contact joins or opens, what a correction moves, and what a contact costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.coordinate.together import ask_owner
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.notices import inbox
from chalicelib.loop.own import cases
from chalicelib.loop.own.moves import moved
from chalicelib.loop.own.route import cost_of, meaning
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.case import LIVE, MOVES, OPEN, Case, CaseMove, CaseState
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.errors import Conflict
from chalicelib.model.people import Caller, Role
from chalicelib.model.settings import Rate
from chalicelib.model.taxonomy import default_taxonomy
from tests.loop.making import ADMIN, BILL, LATE, LOST, case_of, contact, days, done, numbers, stored

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
LEAD = Caller("lead", Role.LEAD, ("logistics", "finance"))
PLAIN = {"id": "c", "fingerprint": "f", "text": "t", "time": MONDAY, "received": MONDAY, "taken_by": "x"}


@pytest.fixture(autouse=True)
def monday(clock):
    clock.now = MONDAY
    return clock


def _solve(loop, of: Contact | str) -> Case:
    case = case_of(loop, of)
    if case.state is not CaseState.WORKING:
        cases.accept(loop, LEAD, case.id)
    return cases.resolve(loop, LEAD, case.id, "好了")


def _events(case: Case) -> list[str]:
    return [e.name for e in case.history]


# Open and join


def test_a_contact_opens_a_case_with_its_first_cause_and_asks_the_owners_of_the_others(loop):
    of = done(loop, MONDAY, BILL, LATE, LOST, severity=2)
    case = case_of(loop, of)
    assert (case.cause, case.department, case.severity, case.contacts) == (BILL, "finance", 2, 1)
    assert (case.opened, case.state) == (MONDAY, CaseState.TO_ACCEPT)
    assert [t.department for t in case.tasks] == ["logistics"], "each owner once"
    assert (of.department, of.departments) == ("finance", ("finance", "logistics"))
    assert case.departments == ("finance", "logistics")


def test_what_shows_no_problem_opens_no_case(loop):
    of = done(loop, MONDAY, contact_kind="praise")
    assert (of.case, of.department, of.departments) == ("", "", ())
    assert list(loop.store.scan(Case)) == []


def test_a_complaint_nothing_explains_belongs_to_customer_service(loop):
    of = done(loop, MONDAY, contact_kind="complaint")
    assert of.causes == ("other",)
    assert case_of(loop, of).department == "service"


def test_a_further_contact_joins_the_live_case_on_any_of_its_causes(loop):
    a = done(loop, MONDAY, LATE)
    b = done(loop, MONDAY + timedelta(minutes=1), BILL, LATE)
    assert b.case == a.case
    assert (b.department, b.departments) == ("logistics", ("logistics", "finance"))
    case = case_of(loop, a)
    assert (case.contacts, case.opened) == (2, MONDAY)
    assert _events(case) == ["CaseOpened", "ContactJoined"]


def test_the_owner_of_another_cause_is_asked_when_a_contact_joins(loop):
    done(loop, MONDAY, LATE)
    b = done(loop, MONDAY + timedelta(minutes=1), BILL, LATE)
    assert "finance" in case_of(loop, b).departments


def test_a_late_contact_puts_no_task_on_a_solved_case(loop, monday):
    of = done(loop, MONDAY, LATE)
    monday.forward(hours=3)
    _solve(loop, of)
    done(loop, MONDAY + timedelta(hours=1), LATE, BILL)
    case = case_of(loop, of)
    assert (case.state, [t for t in case.tasks if not t.done]) == (CaseState.UNVERIFIED, [])


def test_other_customers_and_other_causes_have_cases_of_their_own(loop):
    of = [
        done(loop, MONDAY, LATE),
        done(loop, MONDAY, BILL, text="账"),
        done(loop, MONDAY, LATE, customer="u2"),
        done(loop, MONDAY, LATE, customer=""),
        done(loop, MONDAY, LATE, customer="", text="另一条"),
    ]
    assert len({c.case for c in of}) == 5


def test_two_contacts_of_one_batch_open_one_case(loop):
    a, b = (contact(loop, MONDAY + timedelta(minutes=n), LATE) for n in range(2))
    drain(loop)
    assert stored(loop, a).case == stored(loop, b).case
    assert case_of(loop, a).contacts == 2


# Come back


def test_a_contact_after_the_resolution_reopens_the_case(loop, monday):
    of = done(loop, MONDAY, LATE)
    before = case_of(loop, of)
    solved = _solve(loop, of)
    assert (solved.state, solved.verify_at) == (CaseState.UNVERIFIED, MONDAY + days(7))
    monday.forward(days=2)
    again = done(loop, monday.now, LATE)
    case = case_of(loop, again)
    assert (case.id, case.state, case.reopened, case.verify_at) == (of.case, CaseState.CAME_BACK, 1, None)
    assert (case.opened, case.accept_due, case.resolve_due) == (
        MONDAY,
        before.accept_due,
        before.resolve_due,
    ), "the first clock is kept"
    told = inbox(loop, Caller("x", Role.LEAD, ("logistics",)))
    assert [n.about for n in told if f"case:{case.id}" in n.subjects] == ["case_came_back", "case_opened"]


@pytest.mark.parametrize(
    ("after", "same"),
    [(timedelta(seconds=1), True), (days(7), True), (days(7) + timedelta(seconds=1), False)],
)
@pytest.mark.parametrize("verified", [False, True])
def test_inside_the_window_it_is_the_same_problem_later_a_new_one(loop, monday, after, same, verified):
    of = done(loop, MONDAY, LATE)
    _solve(loop, of)
    monday.forward(days=8)
    if verified:
        tick(loop)
        assert case_of(loop, of).state is CaseState.VERIFIED
    again = done(loop, MONDAY + after, LATE)
    assert (again.case == of.case) is same
    assert case_of(loop, again).state is (CaseState.CAME_BACK if same else CaseState.TO_ACCEPT)
    assert recount(loop).differences == 0


def test_a_late_contact_from_before_the_resolution_joins_without_reopening(loop, monday):
    of = done(loop, MONDAY, LATE)
    monday.forward(hours=3)
    _solve(loop, of)
    late = done(loop, MONDAY + timedelta(hours=1), LATE)
    case = case_of(loop, late)
    assert (case.id, case.state, case.contacts, case.reopened) == (of.case, CaseState.UNVERIFIED, 2, 0)


def test_a_case_that_came_back_is_not_closed(loop, monday):
    of = done(loop, MONDAY, LATE)
    _solve(loop, of)
    monday.forward(days=8)
    tick(loop)
    assert case_of(loop, of).closed
    done(loop, MONDAY + days(6), LATE)
    assert case_of(loop, of).closed is None


def test_an_unread_contact_keeps_a_case_from_being_verified(loop, monday):
    of = done(loop, MONDAY, LATE)
    _solve(loop, of)
    monday.forward(days=6)
    waiting = contact(loop, monday.now, LATE)
    monday.forward(days=2)
    tick(loop)
    assert case_of(loop, of).state is CaseState.UNVERIFIED
    drain(loop)
    assert stored(loop, waiting).case == of.case
    assert case_of(loop, of).state is CaseState.CAME_BACK


def test_the_nth_case_on_a_cause_has_the_same_name_for_everybody(loop, monday):
    names = []
    for _ in range(3):
        names.append(done(loop, monday.now, LATE).case)
        _solve(loop, stored(loop, contact(loop, monday.now, LATE)).id)
        monday.forward(days=9)
        tick(loop)
    assert len(set(names)) == 3
    assert all(loop.store.get(Case, [n])[n].state is CaseState.VERIFIED for n in names)


# Corrections


def test_a_correction_moves_the_contact_and_withdraws_an_empty_case(loop):
    of = done(loop, MONDAY, LATE)
    correct(loop, ADMIN, of.id, [BILL], "complaint", 1)
    drain(loop)
    old, new = loop.store.get(Case, [of.case])[of.case], case_of(loop, of)
    assert (old.state, old.contacts, old.wake) == (CaseState.WITHDRAWN, 0, None)
    assert (new.cause, new.contacts) == (BILL, 1)
    assert recount(loop).differences == 0


def test_a_correction_leaves_the_others_in_their_case(loop):
    a, b = done(loop, MONDAY, LATE), done(loop, MONDAY + timedelta(minutes=1), LATE)
    correct(loop, ADMIN, b.id, [], "praise", 0)
    drain(loop)
    case = case_of(loop, a)
    assert (case.contacts, case.state) == (1, CaseState.TO_ACCEPT)
    assert stored(loop, b.id).case == ""
    assert _events(case)[-1] == "ContactLeft"


def test_a_withdrawn_case_takes_no_new_contact(loop):
    of = done(loop, MONDAY, LATE)
    correct(loop, ADMIN, of.id, [BILL], "complaint", 1)
    drain(loop)
    again = done(loop, MONDAY + timedelta(minutes=1), LATE)
    assert again.case not in (of.case, stored(loop, of.id).case)


def test_what_a_verified_case_counted_stays_with_it(loop, monday):
    of = done(loop, MONDAY, LATE)
    _solve(loop, of)
    monday.forward(days=8)
    tick(loop)
    correct(loop, ADMIN, of.id, [BILL], "complaint", 1)
    drain(loop)
    after = stored(loop, of.id)
    assert (after.case, after.causes, after.departments) == (of.case, (BILL,), ("logistics", "finance"))
    assert case_of(loop, of).contacts == 1


def test_the_same_correction_again_changes_nothing(loop):
    of = done(loop, MONDAY, LATE)
    for _ in range(2):
        correct(loop, ADMIN, of.id, [BILL], "complaint", 1)
        drain(loop)
    version, before = stored(loop, of.id).version, numbers(loop)
    correct(loop, ADMIN, of.id, [BILL, BILL], "complaint", 1)
    drain(loop)
    assert (stored(loop, of.id).version, numbers(loop)) == (version, before)


def test_a_correction_that_raises_the_severity_raises_that_of_the_case(loop):
    of = done(loop, MONDAY, LATE, severity=1)
    before = case_of(loop, of)
    correct(loop, ADMIN, of.id, [LATE], "complaint", 3)
    drain(loop)
    case = case_of(loop, of)
    assert case.severity == 3
    assert case.accept_due < before.accept_due


def test_a_take_over_moves_contacts_and_costs_when_it_is_accepted(loop):
    of = done(loop, MONDAY, LATE)
    finance = Caller("fin", Role.LEAD, ("finance",))
    ask_owner(loop, Caller("lead", Role.LEAD, ("logistics",)), of.case, "finance", "账的问题", None)
    assert case_of(loop, of).department == "logistics", "who received it first stays responsible"
    cases.accept(loop, finance, of.case)
    after = stored(loop, of.id)
    assert (after.department, after.departments) == ("finance", ("finance", "logistics"))
    assert (case_of(loop, of).department, case_of(loop, of).state) == ("finance", CaseState.WORKING)
    assert done(loop, MONDAY + timedelta(minutes=1), LATE).department == "finance"
    assert recount(loop).differences == 0


# The table of moves


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("move", CaseMove)
def test_only_the_moves_of_the_table_are_legal(state, move):
    due = MONDAY + days(1)
    case = Case(
        id="K", cause=LATE, department="d", state=state, opened=MONDAY, accept_due=due, resolve_due=due
    )
    if (state, move) in MOVES:
        after = moved(case, move, MONDAY, "x", "Moved")
        assert (after.state, after.history[-1].name) == (MOVES[state, move], "Moved")
        assert bool(after.wake) is (after.state in OPEN), "a case that is done wakes nobody"
    else:
        with pytest.raises(Conflict) as refused:
            moved(case, move, MONDAY, "x", "Moved")
        assert refused.value.code == "case.state"
    assert {CaseState.UNVERIFIED} == LIVE - OPEN


# Meaning and cost


def _read(**more) -> Contact:
    return Contact.model_validate({"channel": "phone", **PLAIN, **more})


def test_a_person_knows_better_than_the_machine():
    taxonomy = default_taxonomy()
    machine = Analysis(
        causes=(Tag(code=LATE, confidence=1), Tag(code="gone", confidence=1)),
        kind="complaint",
        severity=2,
        unsure=True,
        version="v",
    )
    person = {"by": "x", "at": MONDAY, "causes": (BILL,), "contact_kind": "inquiry", "severity": 0}
    read, said = (
        meaning(_read(analysis=machine), taxonomy),
        meaning(_read(analysis=machine, correction=person), taxonomy),
    )
    assert (read.causes, read.contact_kind, read.severity, read.unsure) == ((LATE,), "complaint", 2, True)
    assert (said.causes, said.contact_kind, said.severity, said.unsure) == ((BILL,), "inquiry", 0, False)
    assert meaning(_read(), taxonomy).causes == ()


@pytest.mark.parametrize(
    ("seconds", "concession", "rate", "fen"),
    [
        (0, 0, Rate(), 600),  # 300 s at 60 yuan an hour, 1 yuan fixed
        (3_600, 0, Rate(), 6_100),
        (1, 0, Rate(), 102),  # 1.67 fen
        (1, 0, Rate(per_hour=1_799, fixed=0), 0),  # 0.4997 fen
        (1, 0, Rate(per_hour=1_800, fixed=0), 1),  # half a fen goes up
        (3, 0, Rate(per_hour=1_800, fixed=0), 2),
        (0, 0, Rate(usual_seconds=0, fixed=0), 0),
        (0, 5_000, Rate(per_hour=0, fixed=0), 5_000),
        (86_400, 10**12, Rate(per_hour=10**9, fixed=1), 24 * 10**9 + 1 + 10**12),
    ],
)
def test_cost_in_whole_fen(seconds, concession, rate, fen):
    assert cost_of(_read(seconds=seconds, concession=concession), rate) == fen


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.integers(1, 86_400), st.integers(0, 10**7), st.integers(0, 10**4), st.integers(0, 10**6))
def test_cost_is_within_half_a_fen_of_the_exact_amount(seconds, per_hour, fixed, concession):
    rate = Rate(per_hour=per_hour, fixed=fixed)
    cost = cost_of(_read(seconds=seconds, concession=concession), rate)
    exact = seconds * per_hour + (fixed + concession) * 3_600
    assert isinstance(cost, int)
    assert -1_800 < cost * 3_600 - exact <= 1_800


def test_each_channel_has_its_rate(loop):
    from chalicelib.loop.admin import save_settings

    rates = {"store": {"per_hour": 12_000, "fixed": 0, "usual_seconds": 60}}
    save_settings(loop, {"rates": rates}, None)
    assert done(loop, MONDAY, LATE, channel="store").cost == 200
    assert done(loop, MONDAY, LATE, channel="phone").cost == 600


def test_our_own_call_opens_no_case_and_joins_none(loop):
    of = done(loop, MONDAY, LATE)
    call = done(loop, MONDAY + timedelta(minutes=1), LATE, channel=Channel.CALLBACK.value)
    assert (call.case, case_of(loop, of).contacts) == ("", 1)
