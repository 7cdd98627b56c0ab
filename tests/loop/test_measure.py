"""The registry of metrics: every number with its n, or the reason why there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.measure import denominators
from chalicelib.loop.measure.registry import REGISTRY, Scope, measure, metric
from chalicelib.loop.measure.tally import COUNTED, shares, tally
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.own.cases import accept, resolve
from chalicelib.loop.repeat.callbacks import Answer, answer
from chalicelib.loop.track import series
from chalicelib.model.case import Callback, CallbackState, Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.cycle import Denominator
from chalicelib.model.errors import Conflict, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.source_count import SourceCount
from chalicelib.model.weeks import week_start
from chalicelib.model.worktime import elapsed
from tests.loop.making import AGENT, BILL, LATE, case_of, contact, days, done

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on the Monday of 2026-W47."""
WEEK, BEFORE = "2026-W47", "2026-W46"
LEAD = Caller("lead", Role.LEAD, ("logistics", "finance"))
THIS = Scope(WEEK, WEEK)


def per(loop: Any, name: str, period: str, value: int, segment: str = "all") -> bool:
    new = denominators.NewDenominator(denominator=name, period=period, value=value, segment=segment)
    return denominators.save(loop, new)[1]


def read(loop: Any, name: str, scope: Scope = THIS) -> Value:
    return measure(loop, scope)[name]


def short(value: Value) -> tuple[str, float | None, int, int]:
    return str(value.state), value.value, value.n, value.unknown


@pytest.fixture
def late(clock):
    """A clock at which every contact of the week is older than its window."""
    clock.now = MONDAY + days(30)
    return clock


# No number without a reason


def test_an_empty_store_has_no_number_and_no_zero(loop):
    for name, value in measure(loop, THIS).items():
        assert value.value is None, name
        assert value.state is (State.NO_DENOMINATOR if name == "cpx" else State.NO_DATA), name


def test_there_are_no_other_metrics(loop):
    with pytest.raises(NotFound):
        metric("nps")
    assert set(measure(loop, Scope(WEEK, WEEK, cause=LATE))) == {
        m.id for m in REGISTRY.values() if "cause" in m.scopes
    }


def test_contacts_without_a_denominator_are_shown_as_such(loop, late):
    done(loop, MONDAY, LATE)
    cpx = read(loop, "cpx", Scope(WEEK, WEEK, LATE))
    assert (cpx.state, cpx.value, cpx.count) == (State.NO_DENOMINATOR, None, 1)


def test_a_denominator_without_contacts_is_a_real_zero(loop, late):
    per(loop, "parcels", WEEK, 4_000)
    cpx = read(loop, "cpx", Scope(WEEK, WEEK, LATE))
    assert (cpx.state, cpx.value, cpx.low, cpx.n) == (State.KNOWN, 0.0, 0.0, 4_000)
    assert cpx.high == pytest.approx(1000 * 3.688879 / 4_000, rel=1e-5), "exact Poisson limit of a count of 0"


def test_a_denominator_of_zero_is_none(loop, late):
    done(loop, MONDAY, LATE)
    per(loop, "parcels", WEEK, 0)
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).state is State.NO_DENOMINATOR


def test_a_denominator_is_never_carried_forward(loop, late):
    for n in (0, 7):
        done(loop, MONDAY - days(n), LATE)
    per(loop, "parcels", BEFORE, 1_000)
    states = {
        row["week"]: row["state"] for row in series.metric_by_week(loop, "cpx", Scope(BEFORE, WEEK, LATE))
    }
    assert states == {BEFORE: "known", WEEK: "no_denominator"}
    assert read(loop, "cpx", Scope(BEFORE, WEEK, LATE)).state is State.NO_DENOMINATOR, (
        "a part is not the whole"
    )


def test_contacts_per_1000_x(loop, late):
    for n in range(6):
        done(loop, MONDAY + timedelta(hours=n), LATE, customer=f"u{n}")
    done(loop, MONDAY, BILL, customer="v")
    per(loop, "parcels", WEEK, 2_500)
    per(loop, "orders", WEEK, 700)
    cpx = read(loop, "cpx", Scope(WEEK, WEEK, LATE))
    assert (cpx.value, cpx.count, cpx.n) == (2.4, 6, 2_500)
    assert 0 < cpx.low < 2.4 < cpx.high
    everything = read(loop, "cpx")
    assert (everything.value, everything.n) == (10.0, 700), "everything is counted per order"


def test_more_contacts_than_x_is_allowed(loop, late):
    for n in range(3):
        done(loop, MONDAY + timedelta(hours=n), LATE)
    per(loop, "parcels", WEEK, 2)
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).value == 1_500


def test_a_contact_counts_in_the_week_of_shanghai(loop, late):
    start = week_start(WEEK)
    done(loop, start - timedelta(seconds=1), LATE, customer="a")
    done(loop, start, LATE, customer="b")
    rows = series.contacts_by_week(loop, "cause", LATE, BEFORE, WEEK)
    assert [(r["week"], r["contacts"]) for r in rows] == [(BEFORE, 1), (WEEK, 1)]


# Denominators


def test_days_add_up_to_their_week(loop, late):
    for n in range(7):
        assert per(loop, "parcels", f"{MONDAY + days(n):%Y-%m-%d}", 100 + n)
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).n == 721


@pytest.mark.parametrize(("first", "then"), [("2026-11-18", WEEK), (WEEK, "2026-11-18")])
def test_days_and_their_week_would_count_twice(loop, first, then):
    per(loop, "parcels", first, 10)
    with pytest.raises(Conflict) as refused:
        per(loop, "parcels", then, 70)
    assert refused.value.code == "denominator.twice"
    assert WEEK in refused.value.zh
    assert per(loop, "parcels", then, 70, segment="vip"), "another segment is another number"
    assert per(loop, "orders", then, 70)
    assert per(loop, "parcels", "2026-11-23" if then != WEEK else BEFORE, 5), "another week too"


def test_the_same_value_again_changes_nothing_and_another_one_corrects(loop):
    assert [per(loop, "parcels", WEEK, v) for v in (5, 5, 6, 6)] == [True, False, True, False]
    assert loop.store.cells("x")[("x", f"{WEEK}/parcels", "value.all")] == 6


@pytest.mark.parametrize("bad", [{"value": -1}, {"value": 1.5}, {"period": "2026-W60"}, {"period": "x"}])
def test_a_wrong_denominator_is_refused(loop, bad):
    from chalicelib.model.checked import checked

    with pytest.raises(Invalid):
        checked(denominators.NewDenominator, {"denominator": "parcels", "period": WEEK, "value": 1, **bad})


def test_a_week_with_some_days_missing_has_no_denominator(loop, late):
    for n in range(7):
        done(loop, MONDAY + days(n), LATE, customer=f"u{n}")
    for n in range(3):
        per(loop, "parcels", f"{MONDAY + days(n):%Y-%m-%d}", 1_000)
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).state is State.NO_DENOMINATOR


def test_segments_have_denominators_of_their_own(loop, late):
    done(loop, MONDAY, LATE, customer="a", segment="vip")
    done(loop, MONDAY, LATE, customer="b", segment="new")
    per(loop, "parcels", WEEK, 100, "vip")
    scope = {s: Scope(WEEK, WEEK, LATE, segment=s) for s in ("vip", "new")}
    assert read(loop, "cpx", scope["vip"]).value == 10
    assert read(loop, "cpx", scope["new"]).state is State.NO_DENOMINATOR
    per(loop, "parcels", WEEK, 300, "new")
    assert read(loop, "cpx", scope["new"]).n == 300
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).n == 400, "without a whole the parts add up"
    per(loop, "parcels", WEEK, 450)
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).n == 450, "the whole is not a sum of parts"


def test_one_segments_denominator_is_not_everybodys(loop, late):
    done(loop, MONDAY, LATE, customer="a", segment="vip")
    done(loop, MONDAY, LATE, customer="b", segment="new")
    per(loop, "parcels", WEEK, 100, "vip")
    assert read(loop, "cpx", Scope(WEEK, WEEK, LATE)).state is State.NO_DENOMINATOR


@pytest.mark.parametrize("name", ["repeat_rate", "fcr", "cost", "cost_per_contact"])
def test_a_metric_for_a_segment_is_of_that_segment(loop, late, name):
    done(loop, MONDAY, LATE, customer="a", segment="vip")
    done(loop, MONDAY, LATE, customer="b", segment="new", seconds=3_600)
    values = measure(loop, Scope(WEEK, WEEK, segment="vip"))
    assert name not in values or values[name].n == 1


# What is not yet known


def test_a_repeat_rate_leaves_out_what_is_younger_than_the_window(loop, clock):
    clock.now = MONDAY + days(6)
    for n, customer in ((0, "a"), (1, "a"), (3, "b"), (5, "b")):
        done(loop, MONDAY + days(n), LATE, customer=customer)
    scope = Scope(WEEK, WEEK, LATE)
    assert short(read(loop, "repeat_rate", scope)) == ("not_yet_known", None, 0, 4)
    clock.now = MONDAY + days(7)  # 10:00: Monday itself ended 7 days before midnight, not yet before now
    assert short(read(loop, "repeat_rate", scope)) == ("not_yet_known", None, 0, 4)
    clock.now = MONDAY + days(8)
    assert short(read(loop, "repeat_rate", scope)) == ("known", 0.0, 1, 3)
    clock.now = MONDAY + days(9)
    assert short(read(loop, "repeat_rate", scope)) == ("known", 0.5, 2, 2)
    clock.now = MONDAY + days(13)
    assert short(read(loop, "repeat_rate", scope)) == ("known", 0.5, 4, 0)


def test_first_contact_resolution_of_a_partly_known_week(loop, clock):
    clock.now = MONDAY + days(6)
    for n, customer in ((0, "a"), (1, "a"), (1, "b"), (5, "c")):
        done(loop, MONDAY + days(n), LATE, customer=customer)
    clock.now = MONDAY + days(10)
    fcr = read(loop, "fcr", Scope(WEEK, WEEK, LATE))
    assert (fcr.count, fcr.n, fcr.unknown) == (1, 2, 1), "a came again, b did not, c is too young"


def test_a_rate_has_wilson_limits(loop, late):
    for n in range(60):
        done(loop, MONDAY + timedelta(minutes=n), LATE, customer=f"u{n % 15}")
    value = read(loop, "repeat_rate", Scope(WEEK, WEEK, LATE))
    assert (value.count, value.n) == (45, 60)
    assert (value.low, value.high) == (pytest.approx(0.627679, abs=1e-6), pytest.approx(0.842235, abs=1e-6))


def test_our_own_calls_are_counted_apart(loop, late):
    done(loop, MONDAY, LATE)
    done(loop, MONDAY + days(1), LATE, channel="callback")
    assert read(loop, "cost").n == 1
    assert loop.store.cells("week")[("week", WEEK, "callbacks")] == 1


# Clocks and money


def test_time_to_own_sums_business_minutes(loop, clock):
    spent = []
    for n, hours in enumerate((1, 5, 30)):
        clock.now = MONDAY + timedelta(minutes=n)
        of = done(loop, clock.now, LATE, customer=f"u{n}")
        clock.now += timedelta(hours=hours)
        accept(loop, LEAD, of.case)
        spent.append(elapsed(of.time, clock.now, loop.unit().settings.worktime))
    done(loop, clock.now, LATE, customer="nobody accepted")
    value = read(loop, "time_to_own", Scope(WEEK, WEEK, LATE))
    assert (value.count, value.n, value.unknown) == (sum(spent), 3, 1)
    mean = sum(spent) / 3
    half = 1.959964 * (sum((m - mean) ** 2 for m in spent) / 2 / 3) ** 0.5
    assert (value.value, value.low, value.high) == pytest.approx((mean, mean - half, mean + half), rel=1e-6)
    assert spent[:2] == [60, 300]
    assert read(loop, "owned_in_time").value == 1
    assert read(loop, "time_to_resolve").state is State.NOT_YET_KNOWN
    assert read(loop, "time_to_own", Scope(WEEK, WEEK, department="logistics")) == value


def test_the_first_acceptance_counts_and_the_latest_resolution(loop, clock):
    clock.now = MONDAY
    of = done(loop, MONDAY, LATE)
    clock.now = MONDAY + timedelta(hours=1)
    accept(loop, LEAD, of.case)
    clock.now = MONDAY + timedelta(hours=2)
    resolve(loop, LEAD, of.case, "补发")
    assert read(loop, "time_to_resolve").count == 120
    clock.now = MONDAY + timedelta(hours=3)
    done(loop, clock.now, LATE)
    clock.now = MONDAY + timedelta(hours=4)
    accept(loop, LEAD, of.case)
    clock.now = MONDAY + timedelta(hours=6)
    resolve(loop, LEAD, of.case, "上门")
    assert (read(loop, "time_to_own").count, read(loop, "time_to_resolve").count) == (60, 360)
    assert (read(loop, "time_to_own").n, read(loop, "time_to_resolve").n) == (1, 1)


def test_cost_is_whole_fen_and_shared_to_the_fen(loop, late):
    done(loop, MONDAY, LATE, BILL, seconds=241, concession=1_005)
    cost = (241 * 6_000 + 1_800) // 3_600 + 100 + 1_005
    assert (read(loop, "cost").value, read(loop, "cost_per_contact").value) == (cost, cost)
    parts = [read(loop, "cost", Scope(WEEK, WEEK, department=d)).count for d in ("logistics", "finance")]
    assert sum(parts) == cost
    assert max(parts) - min(parts) <= 1


# Three rates


def _resolved(loop: Any, clock: Any, customer: str) -> str:
    of = done(loop, clock.now, LATE, customer=customer)
    accept(loop, LEAD, of.case)
    resolve(loop, LEAD, of.case, "好了")
    return case_of(loop, of).id


def test_the_three_rates_with_their_bounds(loop, clock):
    clock.now = MONDAY
    cases = [_resolved(loop, clock, f"u{n}") for n in range(6)]
    happy = {"reached": True, "resolved": True, "satisfaction": "satisfied"}
    answer(loop, AGENT, cases[0], Answer(**happy))
    answer(loop, AGENT, cases[1], Answer(**{**happy, "satisfaction": "basically_satisfied"}))
    answer(loop, AGENT, cases[2], Answer(reached=True, resolved=False, satisfaction="dissatisfied"))
    answer(loop, AGENT, cases[3], Answer(reached=True))
    for n in range(3):
        answer(loop, AGENT, cases[4], Answer(reached=False, time=MONDAY + timedelta(minutes=n)))
    values = measure(loop, THIS)
    rates = ("response_rate", "resolution_rate", "satisfaction_rate")
    shown = {k: (v.count, v.n, v.unknown, v.worst, v.best) for k, v in values.items() if k in rates}
    assert shown == {
        "response_rate": (4, 5, 1, 4 / 6, 5 / 6),
        "resolution_rate": (2, 3, 3, 2 / 6, 5 / 6),
        "satisfaction_rate": (2, 3, 3, 2 / 6, 5 / 6),
    }
    assert loop.store.cells("callback")[("callback", f"{WEEK}/logistics", "not_reached")] == 1


def test_a_call_after_the_limit_is_no_response_in_time(loop, clock):
    clock.now = MONDAY
    case = _resolved(loop, clock, "u1")
    clock.now = MONDAY + days(4)
    answer(loop, AGENT, case, Answer(reached=True, resolved=True))
    assert (read(loop, "response_rate").count, read(loop, "response_rate").n) == (0, 1)


def test_nobody_reached_is_not_yet_known_and_not_zero(loop, clock):
    clock.now = MONDAY
    _resolved(loop, clock, "u1")
    value = read(loop, "resolution_rate")
    assert (value.state, value.value, value.unknown) == (State.NOT_YET_KNOWN, None, 1)
    assert (value.worst, value.best) == (0.0, 1.0)


# The tally

PLAIN = {"received": MONDAY, "taken_by": "x", "fingerprint": "f", "text": "t", "version": 1}


def _owned(c):
    """With an owner of each cause among its departments, as routing leaves it."""
    owners = tuple("klmnop"[ord(cause) % 6] for cause in c.causes)
    return c.model_copy(
        update={"owners": owners, "departments": tuple(dict.fromkeys((*owners, *c.departments)))}
    )


CONTACTS = st.builds(
    Contact,
    id=st.just("c"),
    channel=st.sampled_from(Channel),
    time=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    causes=st.lists(st.sampled_from("abcde"), unique=True).map(tuple),
    departments=st.lists(st.sampled_from("klmnop"), unique=True).map(tuple),
    cost=st.integers(0, 10**9),
    seconds=st.integers(0, 9_999),
    severity=st.integers(0, 3),
    repeats=st.booleans(),
    repeated=st.booleans(),
    analysis=st.sampled_from([None, {"version": "v"}]),
    **{name: st.just(value) for name, value in PLAIN.items()},
).map(_owned)
QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@QUICK
@given(st.integers(0, 10**15), st.integers(1, 60))
def test_shares_sum_to_the_fen_and_differ_by_one_at_most(total, parts):
    given_out = shares(total, parts)
    assert (sum(given_out), len(given_out)) == (total, parts)
    assert given_out == sorted(given_out, reverse=True)
    assert given_out[0] - given_out[-1] <= 1


def test_nobody_gets_a_share_of_nothing():
    assert shares(100, 0) == []


@QUICK
@given(CONTACTS)
def test_the_tally_is_a_pure_function_that_shares_cost_exactly(c):
    before = c.model_dump()
    counted = tally(c)
    assert tally(c) == counted
    assert tally(Contact.model_validate(before)) == counted
    assert c.model_dump() == before
    assert all(isinstance(n, int) and n for n in counted.values())
    if c.tagged and c.channel is not Channel.CALLBACK:
        for family in ("cause", "department"):
            costs = [n for (f, _, field), n in counted.items() if (f, field) == (family, "cost")]
            assert sum(costs) == (c.cost if c.causes else 0)
        days_of = {f: n for (family, _, f), n in counted.items() if family == "week" and f[-2:-1] == "."}
        assert sum(n for f, n in days_of.items() if f.startswith("n.")) == 1
        kinds = ("repeat.", "first.")
        assert sum(n for f, n in days_of.items() if f.startswith(kinds)) == 1, "a repeat or a first"
    else:
        others = {cell: n for cell, n in counted.items() if cell[0] != "day"}
        assert sum(others.values()) == int(c.tagged)
    came = [n for (family, _, _), n in counted.items() if family == "day"]
    assert came == ([] if c.channel is Channel.CALLBACK else [1]), (
        "it came, whether anybody has read it or not"
    )


def test_what_is_counted_is_what_a_recount_reads():
    assert set(COUNTED) == {Contact, Case, Callback, Denominator, SourceCount}


@pytest.mark.parametrize(
    ("state", "asked"), [(s, 0 if s is CallbackState.CANCELLED else 1) for s in CallbackState]
)
def test_only_a_cancelled_call_was_never_asked(state, asked):
    names = {"case": "K", "cause": "a", "department": "d", "customer": "u", "round": 1}
    counted = tally(Callback(**names, created=MONDAY, due=MONDAY, state=state))
    assert counted.get(("callback", f"{WEEK}/d", "asked"), 0) == asked


def test_an_untagged_contact_counts_as_having_come_and_nowhere_else(loop):
    contact(loop, loop.clock())
    assert loop.store.families() == ["day"]
    assert loop.store.cells("day") == {("day", "2026-11-18", "phone"): 1}


def test_the_running_week_counts_the_days_whose_x_is_in(loop, clock):
    for n in range(3):
        done(loop, MONDAY + days(n), LATE, customer=f"u{n}")
    clock.now = MONDAY + timedelta(days=2, hours=3)
    for n in range(2):
        per(loop, "parcels", f"{MONDAY + days(n):%Y-%m-%d}", 100)
    value = read(loop, "cpx", Scope(WEEK, WEEK, LATE))
    assert (value.state, value.value, value.n, value.unknown) == (State.KNOWN, 10, 200, 1)


def test_a_running_week_without_any_x_is_not_yet_known(loop, clock):
    done(loop, MONDAY, LATE)
    clock.now = MONDAY + timedelta(hours=3)
    value = read(loop, "cpx", Scope(WEEK, WEEK, LATE))
    assert (value.state, value.unknown) == (State.NOT_YET_KNOWN, 1)
