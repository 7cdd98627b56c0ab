"""Clocks: due times around China's holidays, explained; severity shortens them; each runs out once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.loop.admin import save_settings
from chalicelib.loop.coordinate.together import ask, finish, waited_for
from chalicelib.loop.notices import inbox
from chalicelib.loop.own import cases
from chalicelib.loop.schedule import tick
from chalicelib.model.case import CaseState
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import SHANGHAI, local
from chalicelib.model.worktime import elapsed
from tests.loop.making import ADMIN, BILL, LATE, case_of, done

LEAD = Caller("lead", Role.LEAD, ("logistics",))
SERVICE = Caller("service", Role.LEAD, ("service",))
EXECUTIVE = Caller("exec", Role.EXECUTIVE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("opened", "severity", "accept", "resolve"),
    [
        # the Wednesday before the National Day week; Saturday 10-10 is worked
        ("2026-09-30 17:00", 3, "2026-10-08 10:00", "2026-10-08 17:00"),
        ("2026-09-30 17:00", 2, "2026-10-08 17:00", "2026-10-10 17:00"),
        ("2026-09-30 17:00", 1, "2026-10-15 17:00", "2026-10-20 17:00"),
        ("2026-09-30 17:00", 0, "2026-10-27 17:00", "2026-11-03 17:00"),
        # in the middle of it, and after closing
        ("2026-10-03 12:00", 3, "2026-10-08 11:00", "2026-10-09 09:00"),
        ("2026-09-30 18:00", 3, "2026-10-08 11:00", "2026-10-09 09:00"),
        # the Saturday after: worked; its Sunday is not
        ("2026-10-10 17:30", 3, "2026-10-12 10:30", "2026-10-12 17:30"),
        # Sunday 2026-09-20 is worked, Saturday 09-19 is not; 09-25 is Mid-Autumn
        ("2026-09-19 10:00", 3, "2026-09-20 11:00", "2026-09-21 09:00"),
        ("2026-09-24 16:00", 2, "2026-09-28 16:00", "2026-09-30 16:00"),
        # an ordinary morning
        ("2026-11-18 10:00", 3, "2026-11-18 12:00", "2026-11-19 10:00"),
    ],
)
def test_due_times_follow_the_calendar(loop, clock, opened, severity, accept, resolve):
    clock.now = at(opened)
    case = case_of(loop, done(loop, clock.now, LATE, severity=severity, contact_kind="complaint"))
    assert (shown(case.accept_due), shown(case.resolve_due)) == (accept, resolve)
    explained = cases.explain_clocks(loop, LEAD, case.id)["clocks"]
    for name, end in (("accept", accept), ("resolve", resolve)):
        assert explained[name]["due"] == at(end)
        assert end[11:] in explained[name]["lines"][-1]["zh"]
        assert end[11:] in explained[name]["lines"][-1]["en"]


def test_the_holiday_and_the_worked_weekend_are_named(loop, clock):
    clock.now = at("2026-09-30 17:00")
    case = case_of(loop, done(loop, clock.now, LATE, severity=1))
    lines = cases.explain_clocks(loop, LEAD, case.id)["clocks"]["accept"]["lines"]
    text = "\n".join(line["zh"] for line in lines)
    assert "国庆节放假，不计" in text
    assert "2026-10-10（周六）国庆节调休上班，计入" in text
    assert any("National Day" in line["en"] for line in lines)


def test_own_days_off_and_opening_hours(loop, clock):
    save_settings(
        loop, {"hours": "10:00-20:00", "holidays": ["2026-11-19"], "workdays": ["2026-11-21"]}, None
    )
    clock.now = at("2026-11-18 19:00")
    case = case_of(loop, done(loop, clock.now, LATE, severity=3))
    assert (shown(case.accept_due), shown(case.resolve_due)) == ("2026-11-20 11:00", "2026-11-20 19:00")
    clock.now = at("2026-11-20 19:30")
    case = case_of(loop, done(loop, clock.now, BILL, severity=3))
    assert shown(case.accept_due) == "2026-11-21 11:30", "our own Saturday counts"


# Severity


@pytest.mark.parametrize("severities", [(1, 3), (0, 1), (0, 2), (2, 3)])
def test_a_graver_contact_shortens_the_clocks(loop, clock, severities):
    clock.now = at("2026-11-18 10:00")
    low, high = severities
    before = case_of(loop, done(loop, clock.now, LATE, severity=low))
    clock.forward(hours=1)
    case = case_of(loop, done(loop, clock.now, LATE, severity=high))
    fresh = case_of(loop, done(loop, clock.now, LATE, severity=high, customer="u2"))
    assert (case.severity, case.opened) == (high, before.opened)
    assert (case.accept_due, case.resolve_due) == (fresh.accept_due, fresh.resolve_due)
    assert case.wake == case.accept_due < before.accept_due


@pytest.mark.parametrize("severities", [(3, 0), (3, 1), (2, 2), (0, 0)])
def test_nothing_lengthens_a_clock(loop, clock, severities):
    clock.now = at("2026-11-18 10:00")
    before = case_of(loop, done(loop, clock.now, LATE, severity=severities[0]))
    clock.forward(days=1)
    case = case_of(loop, done(loop, clock.now, LATE, severity=severities[1]))
    assert (case.accept_due, case.resolve_due) == (before.accept_due, before.resolve_due)
    assert case.severity == before.severity


def test_a_shortened_clock_is_explained_by_the_arithmetic_that_made_it(loop, clock):
    clock.now = at("2026-11-18 10:00")
    done(loop, clock.now, LATE, severity=1)
    clock.forward(days=1)
    case = case_of(loop, done(loop, clock.now, LATE, severity=3))
    for name, clock_ in cases.explain_clocks(loop, LEAD, case.id)["clocks"].items():
        due = local(clock_["due"])
        assert f"{due:%H:%M}" in clock_["lines"][-1]["zh"], name
        assert f"{due:%Y-%m-%d}" in clock_["lines"][-1]["zh"], name


def test_new_limits_do_not_change_the_explanation_of_old_clocks(loop, clock):
    clock.now = at("2026-11-18 10:00")
    case = case_of(loop, done(loop, clock.now, LATE, severity=3))
    limits = loop.unit().settings.model_dump()["clocks"]
    save_settings(loop, {"clocks": {**limits, "danger": {"accept": "4h", "resolve": "2d"}}}, None)
    clock_ = cases.explain_clocks(loop, LEAD, case.id)["clocks"]["accept"]
    assert shown(clock_["due"]) == "2026-11-18 12:00"
    assert clock_["limit"] == "2h"
    assert "12:00" in clock_["lines"][-1]["zh"]


# Running out


def _told(loop, caller: Caller) -> dict[str, int]:
    return {n.about: n.count for n in inbox(loop, caller) if "ran_out" in n.about}


def test_a_clock_runs_out_once(loop, clock):
    clock.now = at("2026-11-18 10:00")
    of = done(loop, clock.now, LATE, severity=2)
    tick(loop)
    assert case_of(loop, of).escalated == ()
    clock.now = case_of(loop, of).accept_due - timedelta(seconds=1)
    assert tick(loop) == 0
    clock.forward(seconds=1)
    assert tick(loop) == 1
    assert tick(loop) == 0
    case = case_of(loop, of)
    assert (case.escalated, case.wake) == (("accept",), case.resolve_due)
    assert _told(loop, LEAD) == {"accept_clock_ran_out": 1}
    assert _told(loop, SERVICE) == {"accept_clock_ran_out": 1}
    assert _told(loop, EXECUTIVE) == {}
    clock.now = case.resolve_due
    assert tick(loop) == 1
    clock.forward(days=30)
    assert tick(loop) == 0
    case = case_of(loop, of)
    assert (case.escalated, case.wake) == (("accept", "resolve"), None)
    assert [e.data["clock"] for e in case.history if e.name == "ClockRanOut"] == ["accept", "resolve"]


def test_both_clocks_may_run_out_at_once_and_danger_goes_to_the_top(loop, clock):
    clock.now = at("2026-11-18 10:00")
    of = done(loop, clock.now, LATE, severity=3)
    clock.forward(days=5)
    tick(loop)
    assert case_of(loop, of).escalated == ("accept", "resolve")
    assert set(_told(loop, EXECUTIVE)) == {"accept_clock_ran_out", "resolve_clock_ran_out"}


def test_a_thousand_overdue_cases_are_one_line(loop, clock):
    clock.now = at("2026-11-18 10:00")
    for n in range(40):
        done(loop, clock.now, LATE, severity=2, customer=f"u{n}")
    clock.forward(days=2)
    tick(loop)
    assert _told(loop, LEAD) == {"accept_clock_ran_out": 40}


def test_an_accepted_case_only_has_to_be_resolved(loop, clock):
    clock.now = at("2026-11-18 10:00")
    of = done(loop, clock.now, LATE, severity=2)
    case = cases.accept(loop, LEAD, of.case)
    assert (case.own_minutes, case.wake, case.due) == (0, case.resolve_due, case.resolve_due)
    clock.forward(days=2)
    tick(loop)
    assert case_of(loop, of).escalated == ()


def test_a_solved_case_has_no_clock(loop, clock):
    clock.now = at("2026-11-18 10:00")
    of = done(loop, clock.now, LATE, severity=2)
    cases.accept(loop, LEAD, of.case)
    clock.forward(hours=1)
    case = cases.resolve(loop, LEAD, of.case, "好了")
    assert case.wake == case.verify_at == clock.now + timedelta(days=7)
    clock.forward(days=7)
    tick(loop)
    case = case_of(loop, of)
    assert (case.state, case.escalated, case.wake, case.closed) == (CaseState.VERIFIED, (), None, clock.now)


def test_a_task_has_a_clock_of_its_own(loop, clock):
    clock.now = at("2026-09-30 17:00")
    of = done(loop, clock.now, LATE, severity=0)
    case = ask(loop, LEAD, of.case, "quality", "查包装", "2h", None)
    assert shown(case.tasks[0].due) == "2026-10-08 10:00"
    assert case.wake == case.tasks[0].due
    clock.now = case.tasks[0].due
    assert tick(loop) == 1
    assert tick(loop) == 0
    case = case_of(loop, of)
    assert [e.data["clock"] for e in case.history if e.name == "ClockRanOut"] == [case.tasks[0].id]
    assert "task_clock_ran_out" in _told(loop, Caller("q", Role.LEAD, ("quality",)))
    finish(loop, ADMIN, case.id, case.tasks[0].id, "", None)
    assert case_of(loop, of).wake == case.accept_due


def test_who_is_waited_for_is_counted_in_business_minutes(loop, clock):
    clock.now = at("2026-09-30 17:00")
    of = done(loop, clock.now, LATE, severity=3)
    hours = loop.unit().settings.worktime
    clock.now = at("2026-10-08 09:30")
    (row,) = waited_for(case_of(loop, of), clock.now, hours)
    assert (row["department"], row["for"], row["minutes"], row["late"]) == ("logistics", "accept", 90, False)
    assert row["minutes"] == elapsed(of.time, clock.now, hours)
    clock.now = at("2026-10-08 10:01")
    (row,) = waited_for(case_of(loop, of), clock.now, hours)
    assert row["late"]
