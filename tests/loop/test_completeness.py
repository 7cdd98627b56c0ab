"""Completeness: contacts recorded against the source's own counts; told once, settled when they come after all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.admin import save_settings
from chalicelib.loop.listen.source_counts import NewSourceCount, save
from chalicelib.loop.measure.completeness import (
    MOST_DAYS,
    Counts,
    State,
    compare,
    completeness,
    days_between,
    span,
    summary,
)
from chalicelib.loop.measure.tally import tally
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Notice
from chalicelib.model.settings import Settings
from chalicelib.model.source_count import SourceCount
from chalicelib.model.weeks import week_start
from tests.loop.making import ADMIN, LATE, contact, days, done

DAY, NEXT_DAY = "2026-11-17", "2026-11-18"
AT = week_start("2026-W47") + days(1.5)


def say(loop: Any, count: int, day: str = DAY, channel: str = "phone") -> bool:
    return save(loop, ADMIN, checked(NewSourceCount, {"channel": channel, "day": day, "count": count}))[1]


def told(loop: Any) -> list[tuple[str, str]]:
    return sorted((n.to, n.subject) for n in loop.store.scan(Notice) if n.about == "contacts_missing")


def of_day(loop: Any, day: str = DAY) -> dict[str, Any]:
    return {row.channel: row for row in completeness(loop, day, day)}


@pytest.mark.parametrize(
    ("recorded", "reported", "state", "missing", "alarm"),
    [
        (0, None, State.NOT_REPORTED, 0, False),
        (5, None, State.NOT_REPORTED, 0, False),
        (0, 0, State.COMPLETE, 0, False),
        (1, 0, State.MORE, 0, False),
        (100, 100, State.COMPLETE, 0, False),
        (101, 100, State.MORE, 0, False),
        (98, 100, State.MISSING, 2, False),
        (97, 100, State.MISSING, 3, True),
        (147, 150, State.MISSING, 3, False),
        (146, 150, State.MISSING, 4, True),
        (0, 2, State.MISSING, 2, False),
        (0, 3, State.MISSING, 3, True),
    ],
)
def test_the_state_of_a_day(recorded, reported, state, missing, alarm):
    said = {} if reported is None else {(DAY, "phone"): reported}
    row = compare(Counts({(DAY, "phone"): recorded}, said), DAY, "phone", NEXT_DAY, Settings())
    assert (row.state, row.missing, row.alarm) == (state, missing, alarm)
    assert row.share == (missing / reported if reported else None)


def test_a_day_that_is_not_over_is_not_compared(loop):
    say(loop, 50, NEXT_DAY)
    assert of_day(loop, NEXT_DAY)["phone"].state is State.RUNNING


def test_an_empty_company_has_no_days(loop):
    assert completeness(loop, "2026-01-01", NEXT_DAY) == []
    assert summary([]) == {
        "state": "not_reported", "channel_days": 0, "not_reported": 0, "reported": 0, "missing": 0, "share": None,
        "alarms": [],
    }  # fmt: skip


def test_contacts_count_when_they_come_read_or_not_on_their_own_day(loop):
    contact(loop, AT, LATE)
    done(loop, AT + days(0.1), LATE, customer="u2")
    done(loop, AT - days(1), LATE, customer="u3", channel="app")
    say(loop, 2)
    assert of_day(loop)["phone"].state is State.COMPLETE
    both = {(row.day, row.channel): row.recorded for row in completeness(loop, "2026-11-16", DAY)}
    assert both == {
        (DAY, "phone"): 2, (DAY, "app"): 0, ("2026-11-16", "phone"): 0, ("2026-11-16", "app"): 1
    }  # fmt: skip


def test_a_corrected_count_takes_the_place_of_the_first_and_a_recount_agrees(loop):
    assert say(loop, 10)
    assert not say(loop, 10)
    assert say(loop, 7)
    assert say(loop, 0, channel="app")
    assert (of_day(loop)["phone"].reported, of_day(loop)["app"].reported) == (7, 0)
    assert recount(loop).differences == 0


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10**9))
def test_a_count_contributes_itself_and_that_it_was_given(count):
    one = SourceCount(channel="phone", day=DAY, count=count, at=AT)
    wanted = {("source", DAY, "count.phone"): count, ("source", DAY, "told.phone"): 1}
    assert tally(one) == {cell: n for cell, n in wanted.items() if n}


def test_missing_contacts_are_told_once_and_settled_when_they_come(loop, clock):
    say(loop, 4)
    done(loop, AT, LATE)
    tick(loop)
    assert told(loop) == [], "the nightly import may still be under way"
    clock.forward(hours=13)
    for _ in range(3):
        tick(loop)
        clock.forward(hours=13)
    subject = f"completeness:{DAY}"
    assert told(loop) == [(to, subject) for to in ("department:service", "role:admin", "role:executive")]
    for n in range(3):
        done(loop, AT, LATE, customer=f"late{n}")
    tick(loop)
    clock.forward(hours=13)
    tick(loop)
    (count,) = loop.store.scan(SourceCount)
    assert (count.resolved is not None, count.wake) == (True, None)
    assert of_day(loop)["phone"].state is State.COMPLETE
    assert len(told(loop)) == 3


def test_a_count_corrected_upwards_after_it_was_settled_is_told_again(loop, clock):
    say(loop, 5)
    clock.forward(hours=13)
    tick(loop)
    say(loop, 0)
    clock.forward(hours=13)
    tick(loop)
    assert next(iter(loop.store.scan(SourceCount))).resolved
    say(loop, 9)
    clock.forward(hours=13)
    tick(loop)
    count = next(iter(loop.store.scan(SourceCount)))
    assert (count.resolved, count.alarmed) == (None, clock.now)
    assert len(told(loop)) == 6


def test_missing_ones_are_looked_for_five_weeks(loop, clock):
    say(loop, 5)
    clock.forward(hours=13)
    tick(loop)
    clock.forward(days=36)
    tick(loop)
    assert next(iter(loop.store.scan(SourceCount))).wake is None


def test_the_settings_say_how_much_may_be_missing(loop, clock):
    save_settings(loop, {"missing_share": 0.5, "missing_least": 1}, None)
    say(loop, 2)
    done(loop, AT, LATE)
    assert not of_day(loop)["phone"].alarm
    say(loop, 3)
    assert of_day(loop)["phone"].alarm


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"day": "2026-11-19"}, "day"),
        ({"channel": "callback"}, "channel"),
        ({"channel": "飞鸽"}, "channel"),
        ({"count": -1}, "count"),
        ({"count": "很多"}, "count"),
        ({"day": "昨天"}, "day"),
    ],
)
def test_what_cannot_be_is_refused(loop, fields, where):
    with pytest.raises(Invalid) as refused:
        save(loop, ADMIN, checked(NewSourceCount, {"channel": "phone", "day": DAY, "count": 1, **fields}))
    assert where in refused.value.where


@pytest.mark.parametrize(
    ("channel", "day", "count"),
    [("电话", "2026年11月17日", "1,234"), ("phone", "2026/11/17", 1234), ("PHONE", "20261117", "1234")],
)
def test_what_people_write_is_read(channel, day, count):
    new = checked(NewSourceCount, {"channel": channel, "day": day, "count": count})
    assert (new.channel, new.day, new.count) == ("phone", DAY, 1234)


def test_the_days_asked_for(clock):
    assert span(clock.now) == ("2026-11-05", NEXT_DAY)
    assert span(clock.now, "2026-11-01", "2026-11-02") == ("2026-11-01", "2026-11-02")
    first, last = span(clock.now, "2020-01-01")
    assert len(days_between(first, last)) == MOST_DAYS
    with pytest.raises(Invalid):
        span(clock.now, "2026-11-03", "2026-11-02")
