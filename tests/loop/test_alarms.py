"""Alarms: judged once when a week is over, kept as they were, told once; and what the schedule makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.loop.measure import denominators
from chalicelib.loop.schedule import tick
from chalicelib.loop.track.alarms import CATCH_UP, judge, judge_when_due, of_week, ready, shown, watched
from chalicelib.loop.track.baselines import NewBaseline, act
from chalicelib.loop.track.snoozing import NewSnooze, snooze
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Forbidden, Invalid, NotFound
from chalicelib.model.people import Caller, Notice, Role
from chalicelib.model.watch import AlarmState, AlarmWeek
from chalicelib.model.weeks import shift, week_start
from tests.loop.making import LATE, LOST, contact, days, done
from tests.loop.weeks_of import LAST, begins, fill, give_x

EXEC = Caller("exec", Role.EXECUTIVE)
NEXT = shift(LAST, 1)
LEVEL = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103]
RISEN = [*LEVEL, 160, 165, 158]
"""Sixteen quiet weeks and three that are half as high again."""


def company(loop: Any, late: list[int] = RISEN, last: str = LAST) -> None:
    fill(loop, LATE, late, last)
    fill(loop, LOST, LEVEL[:1] * len(late), last)
    give_x(loop, "parcels", [10_000] * len(late), last)


def notices(loop: Any) -> list[tuple[str, str, int, tuple[str, ...]]]:
    found = loop.store.scan(Notice)
    return sorted((n.to, n.subject, n.count, n.subjects) for n in found if n.about == "alarm_raised")


def stored(loop: Any) -> list[Entity]:
    return sorted(loop.store.scan(AlarmWeek), key=lambda e: e.key)


def test_an_empty_company_is_not_judged_and_says_so(loop, clock):
    clock.forward(days=30)
    assert judge_when_due(loop) == []
    found = shown(loop, EXEC)
    assert (found["judged"], found["alarms"], found["tested"]) == (None, [], [])
    assert list(found["states"].values()) == [0, 0, 0, 0]


def test_a_rise_is_an_alarm_and_what_is_quiet_is_not(loop):
    company(loop)
    (judged,) = judge_when_due(loop)
    assert judged.week == LAST
    (alarm,) = judged.alarms
    assert (alarm.cause, alarm.department, alarm.contacts, alarm.x) == (LATE, "logistics", 158, 10_000)
    assert alarm.ratio == pytest.approx(1.61, abs=0.02)
    assert alarm.observed == 160 + 165 + 158
    assert alarm.q is not None
    assert alarm.q <= judged.q
    assert alarm.since == begins(len(RISEN))
    assert {t.cause for t in judged.tested} == set(watched(loop.unit().taxonomy))
    states = {t.cause: t.state for t in judged.tested}
    assert states[LOST] is AlarmState.QUIET
    assert states["billing.unclear"] is AlarmState.NO_DENOMINATOR


def test_a_fall_is_no_alarm(loop):
    company(loop, [*LEVEL, 50, 52, 48])
    (judged,) = judge_when_due(loop)
    assert judged.alarms == []


def test_fewer_than_twelve_weeks_are_on_trial(loop):
    company(loop, RISEN[-11:])
    (judged,) = judge_when_due(loop)
    assert {t.state for t in judged.tested if t.cause in (LATE, LOST)} == {AlarmState.TRIAL}


def test_judging_again_keeps_the_first_and_tells_nobody_twice(loop):
    company(loop)
    judge_when_due(loop)
    first, told = stored(loop), notices(loop)
    assert judge_when_due(loop) == []
    assert judge(loop, LAST) == first[0]
    tick(loop)
    assert (stored(loop), notices(loop)) == (first, told)
    assert told == [
        ("department:logistics", f"alarms:{LAST}", 1, (f"cause:{LATE}",)),
        ("role:executive", f"alarms:{LAST}", 1, (f"cause:{LATE}",)),
    ]


def test_a_late_contact_changes_the_chart_and_not_the_alarm(loop):
    company(loop)
    judge_when_due(loop)
    before = stored(loop)
    done(loop, week_start(LAST), LATE)
    assert judge_when_due(loop) == []
    assert stored(loop) == before
    assert of_week(loop).alarms[0].contacts == 158


def test_the_schedule_judges(loop):
    company(loop)
    tick(loop)
    assert [w.week for w in stored(loop)] == [LAST]


# when


def test_a_week_waits_for_its_denominators_three_days_at_most(loop, clock):
    company(loop, RISEN[:-1], shift(LAST, -1))
    fill(loop, LATE, [158])
    clock.now = week_start(NEXT) + timedelta(hours=1)
    assert not ready(loop, LAST)
    assert judge_when_due(loop) == []
    clock.now = week_start(NEXT) + days(3)
    (judged,) = judge_when_due(loop)
    assert {t.state for t in judged.tested} == {AlarmState.NO_DENOMINATOR}


def test_a_week_is_judged_as_soon_as_its_denominators_are_there(loop, clock):
    company(loop)
    clock.now = week_start(NEXT) + timedelta(minutes=1)
    assert [w.week for w in judge_when_due(loop)] == [LAST]


def test_a_week_waits_for_contacts_that_nobody_has_read(loop, clock):
    company(loop)
    clock.now = week_start(NEXT) + timedelta(minutes=1)
    contact(loop, week_start(LAST), LATE)
    assert not ready(loop, LAST)


def test_days_of_x_count_when_all_seven_are_in(loop, clock):
    company(loop, RISEN[:-1], shift(LAST, -1))
    fill(loop, LATE, [158])
    clock.now = week_start(NEXT) + timedelta(minutes=1)
    for n in range(7):
        assert not ready(loop, LAST)
        day = f"{week_start(LAST) + days(n):%Y-%m-%d}"
        denominators.save(loop, denominators.NewDenominator(denominator="parcels", period=day, value=1_500))
    assert ready(loop, LAST)


def test_weeks_missed_while_nothing_ran_are_judged_in_order(loop, clock):
    company(loop)
    judge_when_due(loop)
    fill(loop, LATE, [160, 100, 100], shift(LAST, 3))
    give_x(loop, "parcels", [10_000] * 3, shift(LAST, 3))
    clock.now = week_start(shift(LAST, 4)) + days(1)
    judged = judge_when_due(loop)
    assert [w.week for w in judged] == [shift(LAST, n) for n in (1, 2, 3)]
    assert [(a.cause, a.new) for a in judged[0].alarms] == [(LATE, False)]


def test_not_more_than_half_a_year_is_caught_up(loop, clock):
    company(loop)
    judge_when_due(loop)
    clock.now = week_start(shift(LAST, 60)) + days(4)
    assert len(judge_when_due(loop)) == CATCH_UP


def test_a_standing_alarm_stands_until_the_baseline_begins_again(loop, clock):
    company(loop, [*RISEN, *[160] * 20])
    for back in range(20, 0, -1):
        judge(loop, shift(LAST, -back))
    assert [a.new for a in judge(loop, LAST).alarms] == [False]
    act(loop, EXEC, NewBaseline(cause=LATE, week=begins(23), reason="新的平常"))
    fill(loop, LATE, [160], NEXT)
    give_x(loop, "parcels", [10_000], NEXT)
    after = judge(loop, NEXT)
    assert after.alarms == []
    (late,) = (t for t in after.tested if t.cause == LATE)
    assert (late.since, late.state) == (begins(23), AlarmState.QUIET)


# who


def test_a_lead_sees_its_own_and_each_alarm_leads_to_its_contacts(loop):
    company(loop)
    judge_when_due(loop)
    own, other = (shown(loop, Caller("l", Role.LEAD, (d,))) for d in ("logistics", "finance"))
    assert [a["behind"] for a in own["alarms"]] == [{"cause": LATE, "first": begins(3), "last": LAST}]
    assert {t.department for t in own["tested"]} == {"logistics"}
    assert other["alarms"] == []
    assert "1.61" in own["alarms"][0]["zh"]
    assert "1.61" in own["alarms"][0]["en"]


def test_a_week_nobody_judged_is_not_quiet(loop):
    company(loop)
    judge_when_due(loop)
    assert shown(loop, EXEC, "2026-W01")["judged"] is None


# snoozing


def test_a_snoozed_cause_is_judged_and_nobody_is_told(loop):
    company(loop)
    snooze(loop, EXEC, NewSnooze(cause=LATE, until=NEXT, reason="承运商罢工，已知"))
    (judged,) = judge_when_due(loop)
    (alarm,) = judged.alarms
    assert (alarm.cause, alarm.snoozed) == (LATE, True)
    assert notices(loop) == []
    assert [s.cause for s in shown(loop, EXEC)["snoozes"]] == [LATE]


def test_a_snooze_ends_with_its_week(loop):
    company(loop)
    snooze(loop, EXEC, NewSnooze(cause=LATE, until=shift(LAST, -1), reason="到此为止"))
    (judged,) = judge_when_due(loop)
    assert [a.snoozed for a in judged.alarms] == [False]
    assert len(notices(loop)) == 2


def test_a_snooze_is_logged_and_the_same_again_is_one(loop):
    for until in (NEXT, NEXT, LAST):
        saved = snooze(loop, EXEC, NewSnooze(cause=LATE, until=until, reason="客户 13800138000"))
    assert [(r.until, r.by) for r in saved.rests] == [(NEXT, "exec"), (LAST, "exec")]
    assert "13800138000" not in saved.model_dump_json()


@pytest.mark.parametrize(
    ("by", "fields", "error"),
    [
        (Caller("l", Role.LEAD, ("quality",)), {}, NotFound),
        (Caller("a", Role.AGENT), {}, Forbidden),
        (EXEC, {"cause": "no.such"}, Invalid),
        (EXEC, {"until": "2028-W01"}, Invalid),
        (EXEC, {"until": "soon"}, Invalid),
    ],
)
def test_a_snooze_that_cannot_be_is_refused(loop, by, fields, error):
    with pytest.raises(error):
        snooze(loop, by, NewSnooze(**{"cause": LATE, "until": NEXT, "reason": "已知", **fields}))
