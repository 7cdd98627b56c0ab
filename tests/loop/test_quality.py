"""The blind second look: drawn by lot, judged by somebody else, told nothing; and what follows for the numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.admin import save_settings
from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.quality import HELD, OPEN_DAYS, draw_when_due, look, next_blind
from chalicelib.loop.measure.denominators import NewDenominator, save
from chalicelib.loop.measure.label_quality import EACH, LOOKS, label_quality
from chalicelib.loop.measure.registry import Scope
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.track import series
from chalicelib.loop.track.corrected import LEAST, LabelError, correct_contacts, correct_trend
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.review import BlindDraw, SecondLook
from chalicelib.stats.agreement import Table
from tests.loop.making import ADMIN, BILL, LATE, LOST, stored
from tests.loop.saying import Saying, say

ANNA, BEN, CARL = (Caller(name, Role.AGENT) for name in ("anna", "ben", "carl"))
EXEC = Caller("exec", Role.EXECUTIVE)
LOGISTICS = Caller("lead", Role.LEAD, ("logistics",))
BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
"""10:00 on the Wednesday of 2026-W47 in Shanghai; its midnight was at 16:00 the day before."""
MIDNIGHT = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
WEEKS = ("2026-W46", "2026-W47")


@pytest.fixture
def loop(clock, vault, store) -> Loop:
    clock.now = NOW
    return Loop(store, vault, lambda taxonomy: Saying(), clock)


def taken(loop: Loop, n: int, text: str = f"{LATE}:.9", before: datetime = MIDNIGHT) -> list[str]:
    """So many contacts of the hours before a moment."""
    return [say(loop, before - timedelta(minutes=5 * k + 1), text).id for k in range(n)]


def drawn(loop: Loop) -> tuple[str, ...]:
    tick(loop)
    return tuple(c for draw in loop.store.scan(BlindDraw) for c in draw.contacts)


def ids(loop: Loop, caller: Caller, limit: int = 50) -> list[str]:
    return [b.contact for b in next_blind(loop, caller, limit)]


# --- The lot ---


@BOTH
def test_a_few_of_the_days_before_are_drawn_once_a_day(loop, clock):
    save_settings(loop, {"blind_daily": 3}, None)
    old = taken(loop, 1, "inquiry", before=MIDNIGHT - timedelta(days=7))
    before, today = taken(loop, 5, "inquiry"), taken(loop, 1, "inquiry", before=NOW)
    first = drawn(loop)
    assert len(first) == 3
    assert set(first) <= set(before)
    assert drawn(loop) == first
    clock.forward(days=1)
    both = set(drawn(loop))
    assert both == {*before, *today}, "nobody is drawn twice"
    assert not set(old) & both


def test_ten_a_day_unless_the_settings_say_otherwise(loop):
    taken(loop, 12)
    assert len(drawn(loop)) == 10


def test_the_lot_depends_on_the_contact_the_day_and_the_key_alone(loop, clock, vault):
    taken(loop, 40)
    first = set(drawn(loop))
    loop.change(lambda unit: unit.delete(unit.get(BlindDraw, "2026-11-18")))
    taken(loop, 5, before=MIDNIGHT - timedelta(days=2))
    again = set(drawn(loop))
    assert len(first & again) >= 5, "more contacts push out few"
    loop.change(lambda unit: unit.delete(unit.get(BlindDraw, "2026-11-18")))
    clock.forward(days=1)
    assert set(drawn(loop)) != again


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(8)))
def test_the_order_of_arrival_makes_no_difference(order):
    store, vault = SqliteStore(":memory:"), KeyVault(b"k" * 32)
    loop = Loop(store, vault, lambda taxonomy: Saying(), lambda: NOW)
    save_settings(loop, {"blind_daily": 3}, None)
    keys = [say(loop, MIDNIGHT - timedelta(minutes=n + 1), "inquiry", external_id=f"E{n}").id for n in order]
    by_lot = sorted(keys, key=lambda key: vault.digest(f"blind\n2026-11-18\n{key}"))
    assert set(drawn(loop)) == set(by_lot[:3])
    store.close()


@pytest.mark.parametrize("fields", [{"channel": Channel.CALLBACK}, {"erased": True}, {"analysis": None}])
def test_what_nobody_can_judge_is_not_drawn(fields, loop):
    key, other = taken(loop, 2)
    loop.change(lambda unit: unit.put(unit.get(Contact, key).model_copy(update=fields)))
    assert drawn(loop) == (other,)


def test_nothing_is_drawn_when_there_is_nothing_or_nobody_wants_it(loop):
    assert draw_when_due(loop) is None
    taken(loop, 3)
    save_settings(loop, {"blind_daily": 0}, None)
    assert draw_when_due(loop) is None
    save_settings(loop, {"blind_daily": 2}, None)
    assert len(drawn(loop)) == 2


def test_what_was_drawn_of_the_demo_goes_with_it(loop):
    for key in taken(loop, 2):
        loop.change(lambda unit, key=key: unit.put(unit.get(Contact, key).model_copy(update={"demo": True})))
    draw = draw_when_due(loop)
    assert draw is not None
    assert draw.demo
    assert look(loop, ANNA, draw.contacts[0], [LATE], "complaint", 1).demo


# --- The look ---


def test_the_second_person_is_shown_what_was_said_and_nothing_else(loop):
    key = taken(loop, 1, f"{LATE}:.9 complaint 3")[0]
    correct(loop, BEN, key, [LOST], "request", 2)
    drain(loop)
    drawn(loop)
    (shown,) = next_blind(loop, ANNA, 5)
    assert set(type(shown).model_fields) == {"contact", "channel", "time", "text"}
    assert (shown.contact, shown.text) == (key, stored(loop, key).text)


@BOTH
def test_a_look_is_stored_apart_and_changes_no_contact_and_no_number(loop):
    key, other = taken(loop, 2)
    drawn(loop)
    before = stored(loop, key)
    said = look(loop, ANNA, key, [LOST, LOST], "request", 2)
    assert stored(loop, key) == before
    assert recount(loop).differences == 0
    assert (said.causes, said.contact_kind, said.severity, said.by) == ((LOST,), "request", 2, "anna")
    assert (said.machine, said.machine_kind, said.tagger) == ((LATE,), "complaint", "saying")
    assert (ids(loop, ANNA), ids(loop, BEN)) == ([other], [])
    assert look(loop, ANNA, key, [LOST], "request", 2) == said
    with pytest.raises(Conflict, match=r"blind\.done"):
        look(loop, ANNA, key, [LATE], "request", 2)
    with pytest.raises(Conflict, match=r"blind\.done"):
        look(loop, BEN, key, [LOST], "request", 2)


@BOTH
def test_who_corrected_a_contact_is_not_its_second_person(loop):
    key = taken(loop, 1)[0]
    correct(loop, ANNA, key, [LOST], "complaint", 1)
    drain(loop)
    drawn(loop)
    assert ids(loop, ANNA) == []
    with pytest.raises(Forbidden, match=r"blind\.own"):
        look(loop, ANNA, key, [LOST], "complaint", 1)
    assert ids(loop, BEN) == [key]
    correct(loop, CARL, key, [LATE], "complaint", 1)
    with pytest.raises(Forbidden, match=r"blind\.own"):
        look(loop, ANNA, key, [LOST], "complaint", 1)


def test_what_was_not_drawn_cannot_be_judged(loop, clock):
    taken(loop, 12)
    lot = drawn(loop)
    others = {c.id for c in loop.store.scan(Contact)} - set(lot)
    for key in (*others, "nothing"):
        with pytest.raises(NotFound):
            look(loop, ANNA, key, [], "other", 0)
    clock.forward(days=OPEN_DAYS)
    with pytest.raises(NotFound):
        look(loop, ANNA, lot[0], [], "other", 0)
    assert ids(loop, ANNA) == []


@BOTH
def test_nothing_is_on_two_screens(loop, clock):
    taken(loop, 3, "inquiry")
    drawn(loop)
    mine, theirs = ids(loop, ANNA, 2), ids(loop, BEN, 2)
    assert (len(mine), len(theirs)) == (2, 1)
    assert not set(mine) & set(theirs)
    assert ids(loop, ANNA, 2) == mine
    with pytest.raises(Conflict, match=r"blind\.taken"):
        look(loop, BEN, mine[0], [], "other", 0)
    clock.forward(seconds=HELD.total_seconds() + 1)
    assert look(loop, BEN, mine[0], [], "other", 0).by == "ben"


def test_a_cause_that_is_not_there_is_refused(loop):
    key = taken(loop, 1)[0]
    drawn(loop)
    with pytest.raises(Invalid, match="cause"):
        look(loop, ANNA, key, ["no.such"], "complaint", 1)


@BOTH
def test_erasure_takes_the_words_and_leaves_the_numbers(loop):
    keys = taken(loop, 3, "inquiry 特别的话")
    drawn(loop)
    look(loop, ANNA, keys[0], [LATE], "complaint", 1)
    before = label_quality(loop, EXEC, *WEEKS)
    for key in keys[:2]:
        erase(loop, ADMIN, stored(loop, key).customer, "本人要求")
    assert label_quality(loop, EXEC, *WEEKS) == before
    assert ids(loop, BEN) == [keys[2]]
    with pytest.raises(NotFound):
        look(loop, BEN, keys[1], [LATE], "complaint", 1)
    kept = [e.model_dump_json() for kind in (SecondLook, BlindDraw) for e in loop.store.scan(kind)]
    assert kept
    assert not [text for text in kept if "特别" in text]


# --- How good the labels are ---


def judged(loop: Loop, *rows: tuple[str, int, list[str]]) -> None:
    """(what the machine says, how many of them, what the second person says), all drawn and looked at."""
    save_settings(loop, {"blind_daily": 500}, None)
    said = {}
    minute = 0
    for text, n, causes in rows:
        for _ in range(n):
            minute += 1
            said[say(loop, MIDNIGHT - timedelta(minutes=minute), text).id] = causes
    assert set(drawn(loop)) == set(said)
    for key, causes in said.items():
        look(loop, ANNA, key, causes, "complaint" if causes else "inquiry", 1)


def short(value: Value) -> tuple[str, float | None, int]:
    return str(value.state), value.value and round(value.value, 4), value.n


def test_precision_recall_kappa_and_prevalence_by_hand(loop):
    judged(
        loop,
        (f"{LATE}:.9", 31, [LATE]),
        (f"{LATE}:.9", 12, []),
        ("inquiry", 4, [LATE]),
        ("inquiry", 58, []),
    )
    found = label_quality(loop, EXEC, *WEEKS)
    (late,) = found.causes
    assert (found.n, late.n, late.machine, late.person) == (105, 105, 43, 35)
    assert short(late.precision) == ("known", round(31 / 43, 4), 43)
    assert short(late.recall) == ("known", round(31 / 35, 4), 35)
    assert short(late.prevalence) == ("known", round(35 / 105, 4), 105)
    assert (late.kappa.value, late.kappa.low, late.kappa.high) == pytest.approx(
        (0.6756757, 0.5317210, 0.8196303), abs=1e-6
    )
    assert late.precision.low is not None
    assert late.precision.low < 31 / 43 < (late.precision.high or 0)
    assert short(found.contact_kind) == ("known", round(89 / 105, 4), 105)
    assert short(found.severity) == ("known", 1.0, 105)
    assert (found.precision, found.recall) == (late.precision, late.recall)


def test_below_a_minimum_nothing_is_known_and_it_says_what_is_missing(loop):
    judged(loop, (f"{LATE}:.9", EACH - 1, [LATE]), (f"{BILL}:.9", 2, [BILL, LATE]))
    found = label_quality(loop, EXEC, *WEEKS)
    late, bill = found.causes
    assert (late.precision.state, late.precision.value, late.precision.unknown) == ("not_yet_known", None, 1)
    assert short(late.recall) == ("known", round((EACH - 1) / (EACH + 1), 4), EACH + 1)
    assert (bill.recall.state, bill.recall.unknown) == (State.NOT_YET_KNOWN, EACH - 2)
    for value in (late.kappa, late.prevalence, found.contact_kind, found.kind_kappa):
        assert (value.state, value.unknown) == (State.NOT_YET_KNOWN, LOOKS - EACH - 1)


def test_a_complaint_without_a_cause_is_other_for_machine_and_person(loop):
    judged(loop, ("complaint", 2, [LATE]), (f"{LATE}:.9", 1, [LATE]))
    keys = taken(loop, 1, before=MIDNIGHT - timedelta(days=1))
    loop.change(lambda unit: unit.delete(unit.get(BlindDraw, "2026-11-18")))
    drawn(loop)
    look(loop, ANNA, keys[0], [], "complaint", 1)
    rows = {row.code: (row.machine, row.person) for row in label_quality(loop, EXEC, *WEEKS).causes}
    assert rows == {LATE: (2, 3), "other": (2, 1)}


def test_a_lead_sees_its_own_causes(loop):
    judged(loop, (f"{LATE}:.9", 2, [BILL]))
    assert [row.code for row in label_quality(loop, LOGISTICS, *WEEKS).causes] == [LATE]
    assert len(label_quality(loop, EXEC, *WEEKS).causes) == 2


def test_who_corrects_a_contact_afterwards_was_no_second_person(loop):
    judged(loop, (f"{LATE}:.9", 3, [LATE]))
    key = next(iter(loop.store.scan(SecondLook))).contact
    for person in (ANNA, CARL):
        correct(loop, person, key, [LATE], "complaint", 1)
        assert label_quality(loop, EXEC, *WEEKS).n == 2


def test_a_correction_moves_the_counted_labels_and_not_the_machines(loop):
    judged(loop, (f"{LATE}:.9", 3, [LOST]))
    before = label_quality(loop, EXEC, *WEEKS)
    for look_ in list(loop.store.scan(SecondLook)):
        correct(loop, BEN, look_.contact, [LOST], "complaint", 1)
    drain(loop)
    assert label_quality(loop, EXEC, *WEEKS) == before
    weeks = series.contacts_by_week(loop, "cause", LOST, *WEEKS)
    error = correct_contacts(loop, "cause", LOST, weeks, *WEEKS)["label_error"]
    assert (error["sensitivity"].count, error["sensitivity"].n) == (3, 3)


# --- Trends corrected ---

ENOUGH = ((f"{LATE}:.9", 24, [LATE]), (f"{LATE}:.9", 4, []), ("inquiry", 6, [LATE]), ("inquiry", 66, []))
"""Sensitivity 24/30, specificity 66/70."""


def test_a_series_is_corrected_beside_the_raw_numbers(loop):
    judged(loop, *ENOUGH)
    raw = series.contacts_by_week(loop, "cause", LATE, *WEEKS)
    found = correct_contacts(loop, "cause", LATE, raw, *WEEKS)
    assert [{k: v for k, v in w.items() if k != "corrected"} for w in found["weeks"]] == raw
    past, now = (w["corrected"] for w in found["weeks"])
    assert past.state is State.NO_DATA
    by_hand = 100 * (28 / 100 + 66 / 70 - 1) / (24 / 30 + 66 / 70 - 1)
    assert (now.n, now.count, now.value) == (100, 28, pytest.approx(by_hand))
    assert now.value == pytest.approx(30), "what the second looks found"
    assert now.low < 30 < now.high


def test_contacts_per_x_are_corrected_over_the_same_days(loop):
    judged(loop, *ENOUGH)
    save(loop, NewDenominator(denominator="parcels", period="2026-11-17", value=2_000))
    say(loop, NOW, f"{LATE}:.9")  # of a day whose X is not in yet
    scope = Scope("2026-W47", "2026-W47", cause=LATE)
    (week,) = correct_trend(loop, "cpx", scope, series.metric_by_week(loop, "cpx", scope))["weeks"]
    assert (week["value"], week["count"], week["unknown"]) == (14.0, 28, 1)
    assert week["corrected"].value == pytest.approx(15.0)
    assert (week["corrected"].n, week["corrected"].count) == (2_000, 28)
    assert week["corrected"].low < 15 < week["corrected"].high


def test_where_all_contacts_have_no_x_for_the_same_days_nothing_is_corrected(loop):
    judged(loop, *ENOUGH)
    save(loop, NewDenominator(denominator="parcels", period="2026-W47", value=2_000, segment="unknown"))
    say(loop, NOW, "inquiry", segment="vip")  # whose X is not in
    scope = Scope("2026-W47", "2026-W47", cause=LATE)
    (week,) = correct_trend(loop, "cpx", scope, series.metric_by_week(loop, "cpx", scope))["weeks"]
    assert (str(week["state"]), week["value"]) == ("known", 14.0)
    assert (week["corrected"].state, week["corrected"].value) == (State.NO_DENOMINATOR, None)


def test_without_x_there_is_no_corrected_rate_either(loop):
    judged(loop, *ENOUGH)
    scope = Scope(*WEEKS, cause=LATE)
    weeks = correct_trend(loop, "cpx", scope, series.metric_by_week(loop, "cpx", scope))["weeks"]
    assert [str(w["corrected"].state) for w in weeks] == [str(w["state"]) for w in weeks]
    assert all(w["corrected"].value is None for w in weeks)


@pytest.mark.parametrize(
    ("table", "lacking"),
    [
        (Table(LEAST - 3, 0, 0, LEAST), 3),
        (Table(LEAST, 0, 0, LEAST - 1), 1),
        (Table(0, 0, 0, 0), 2 * LEAST),
        (Table(LEAST, LEAST, 0, 0), 0),  # enough, and no better than chance
    ],
)
def test_too_few_second_looks_correct_nothing(table, lacking):
    value = LabelError(table).corrected(5, 100)
    assert (value.state, value.value, value.unknown) == (State.NOT_YET_KNOWN, None, lacking)
    assert LabelError(table).shown()["looks"] == table.n


@pytest.mark.parametrize("metric", ["repeat_rate", "cost"])
def test_other_metrics_are_not_corrected(metric, loop):
    with pytest.raises(Invalid, match=r"corrected\.scope"):
        correct_trend(loop, metric, Scope(*WEEKS, cause=LATE), [])
    with pytest.raises(Invalid, match=r"corrected\.scope"):
        correct_trend(loop, "cpx", Scope(*WEEKS), [])
