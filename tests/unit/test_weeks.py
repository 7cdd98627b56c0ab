"""Weeks and times: the golden weeks, the texts that files bring, and the speed of the common paths."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model import weeks
from chalicelib.model.errors import Invalid

MOMENTS = st.datetimes(datetime(1992, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))
ZONES = [UTC, weeks.SHANGHAI, ZoneInfo("America/New_York"), timezone(timedelta(hours=8))]


@pytest.mark.parametrize(
    ("moment", "week", "day"),
    [
        ("2026-11-21T12:00:00+08:00", "2026-W47", 6),
        ("2026-11-15T15:59:59+00:00", "2026-W46", 7),  # 23:59:59 on Sunday in Shanghai
        ("2026-11-15T16:00:00+00:00", "2026-W47", 1),  # midnight on Monday in Shanghai
        ("2026-01-01T00:00:00+08:00", "2026-W01", 4),
        ("2027-01-01T00:00:00+08:00", "2026-W53", 5),
        ("2024-12-30T00:00:00+08:00", "2025-W01", 1),
        ("1995-01-01T00:00:00+08:00", "1994-W52", 7),  # before the origin of the arithmetic
    ],
)
def test_the_week_and_day_are_those_of_shanghai(moment: str, week: str, day: int) -> None:
    t = datetime.fromisoformat(moment)
    assert (weeks.week_of(t), weeks.day_of(t)) == (week, day)


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_arithmetic_agrees_with_the_time_zone_database(t: datetime, zone: ZoneInfo) -> None:
    year, week, day = t.astimezone(weeks.SHANGHAI).isocalendar()
    sent = t.astimezone(zone)
    assert (weeks.week_of(sent), weeks.day_of(sent)) == (f"{year}-W{week:02d}", day)
    assert weeks.local(sent).utcoffset() == timedelta(hours=8)
    midnight = t.astimezone(weeks.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    assert weeks.day_start(sent) == midnight


@given(st.datetimes(datetime(2000, 1, 4), datetime(2099, 12, 1), timezones=st.just(UTC)))
def test_a_moment_lies_inside_its_own_week(t: datetime) -> None:
    week = weeks.week_of(t)
    assert weeks.week_start(week) <= t < weeks.week_end(week)
    assert weeks.week_end(week) - weeks.week_start(week) == timedelta(days=7)


def test_a_week_starts_on_monday_midnight_in_shanghai() -> None:
    assert weeks.week_start("2026-W47").isoformat() == "2026-11-16T00:00:00+08:00"
    assert weeks.week_end("2026-W53").isoformat() == "2027-01-04T00:00:00+08:00"


@pytest.mark.parametrize(
    ("week", "n", "then"),
    [
        ("2026-W47", 0, "2026-W47"),
        ("2026-W53", 1, "2027-W01"),
        ("2026-W01", -1, "2025-W52"),
        ("2025-W52", 53, "2026-W53"),
    ],
)
def test_shifting_crosses_years_of_52_and_53_weeks(week: str, n: int, then: str) -> None:
    assert weeks.shift(week, n) == then
    assert weeks.shift(then, -n) == week


def test_weeks_between_includes_both_ends() -> None:
    assert weeks.weeks_between("2026-W52", "2027-W02") == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert weeks.weeks_between("2026-W47", "2026-W47") == ["2026-W47"]
    assert weeks.weeks_between("2026-W47", "2026-W46") == []


@pytest.mark.parametrize("text", ["2026-W07", " 2026-w7 ", "2026W07", "2026年第7周", "2026年7周"])
def test_a_week_is_read_as_people_write_it(text: str) -> None:
    assert weeks.parse_week(text) == "2026-W07"


@pytest.mark.parametrize(
    "text", ["", "2026-W00", "2026-W54", "2025-W53", "W47", "2026-47", "26-W47", "1999-W10", "13800138000"]
)
def test_a_week_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        weeks.parse_week(text, where="from")
    assert (refused.value.code, refused.value.where) == ("bad_week", "from")
    assert "2026-W47" in refused.value.zh
    assert "2026-W47" in refused.value.en


def test_week_53_exists_only_in_long_years() -> None:
    assert weeks.parse_week("2026-W53") == "2026-W53"


SENT = [
    ("2026-03-01T09:05:00+08:00", "2026-03-01T01:05:00"),
    ("2026-03-01T01:05:00Z", "2026-03-01T01:05:00"),
    ("2026-03-01 09:05", "2026-03-01T01:05:00"),
    ("  2026-03-01 09:05:30.5 ", "2026-03-01T01:05:30.500000"),
    ("2026-03-01 09:05:00 +0800", "2026-03-01T01:05:00"),
    ("2026-03-01 01:05:00 UTC", "2026-03-01T01:05:00"),
    ("2026-03-01t01:05z", "2026-03-01T01:05:00"),
    ("2026-03-01", "2026-02-28T16:00:00"),
    ("2026/3/1 9:05", "2026-03-01T01:05:00"),
    ("2026/03/01 09:05:07", "2026-03-01T01:05:07"),
    ("2026/3/1", "2026-02-28T16:00:00"),
    ("2026.3.1 9:05", "2026-03-01T01:05:00"),
    ("2026年3月1日 9点5分", "2026-03-01T01:05:00"),
    ("2026年3月1日9时5分7秒", "2026-03-01T01:05:07"),
    ("2026年3月1号 9点", "2026-03-01T01:00:00"),
    ("2026年3月1日", "2026-02-28T16:00:00"),
    ("2026年3月1日 9：05", "2026-03-01T01:05:00"),
    ("２０２６/３/１ ９:０５", "2026-03-01T01:05:00"),
    ("2026/3/1 下午 9:05", "2026-03-01T13:05:00"),
    ("2026年3月1日上午12:05", "2026-02-28T16:05:00"),
    ("2026/3/1 12:05 PM", "2026-03-01T04:05:00"),
    ("2026/3/1 下午 21:05", "2026-03-01T13:05:00"),
    ("20260301", "2026-02-28T16:00:00"),
    ("20260301090507", "2026-03-01T01:05:07"),
    ("20260301 0905", "2026-03-01T01:05:00"),
    ("1772327100", "2026-03-01T01:05:00"),
    ("1772327100000", "2026-03-01T01:05:00"),
    (1772327100, "2026-03-01T01:05:00"),
    (1772327100.5, "2026-03-01T01:05:00.500000"),
    (1772327100123, "2026-03-01T01:05:00.123000"),
    (46082, "2026-02-28T16:00:00"),
    (46082.378472222, "2026-03-01T01:05:00"),
    (datetime(2026, 3, 1, 9, 5), "2026-03-01T01:05:00"),
    (datetime(2026, 3, 1, 9, 5, tzinfo=weeks.SHANGHAI), "2026-03-01T01:05:00"),
]


@pytest.mark.parametrize(("sent", "utc"), SENT, ids=[str(sent) for sent, _ in SENT])
def test_a_time_is_read_as_it_is_sent(sent: str | datetime | float, utc: str) -> None:
    t = weeks.parse_time(sent, where="row 2")
    assert t == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert t.tzinfo is UTC


UNREADABLE = [
    *("", "昨天", "3/1/2026", "26-03-01", "2026-02-30", "2026/2/30 9:05", "2026-03-01+09:00", "2026-3-19:05"),
    *("2026-03-01 25:00", "2026/3/1 上午 13:05", "2026年3月", "13800138000", "46082", "1.5"),
    *("2026-03-01 09:05 明天", "202613010905", "0001-01-01", "2026/3/1 9:123", "9999-12-31T23:59:00-10:00"),
    *(True, float("nan"), float("inf"), 0, -1, 19_999, 80_001, 20260301, 1e15),
]


@pytest.mark.parametrize("sent", UNREADABLE, ids=repr)
def test_what_is_no_time_is_refused(sent: str | float) -> None:
    with pytest.raises(Invalid) as refused:
        weeks.parse_time(sent, where="row 2, 时间")
    assert refused.value.code in ("bad_time", "time_out_of_range")
    assert refused.value.where == "row 2, 时间"


@pytest.mark.parametrize("read", [lambda text: weeks.parse_time(text, where="row 2"), weeks.parse_week])
def test_a_refusal_never_repeats_what_was_sent(read: Callable[[str], object]) -> None:
    with pytest.raises(Invalid) as refused:  # a shifted column may hold a customer's number
        read("13800138000")
    assert "138" not in f"{refused.value}{refused.value.zh}{refused.value.en}"


@pytest.mark.parametrize(
    "sent", ["1999-12-31 23:59:59", "2100-01-01", 20_000, 900_000_000, 900_000_000_000, "1970-01-01"]
)
def test_other_centuries_are_refused(sent: str | float) -> None:
    with pytest.raises(Invalid, match="time_out_of_range"):
        weeks.parse_time(sent, where="row 2")


def test_the_first_moment_of_2000_is_accepted() -> None:
    assert weeks.parse_time("2000-01-01", where="row 2").isoformat() == "1999-12-31T16:00:00+00:00"


def test_a_time_may_be_a_day_ahead_of_now_and_no_more() -> None:
    now = datetime(2026, 3, 1, 9, 5, tzinfo=weeks.SHANGHAI)
    assert weeks.parse_time("2026-03-02 09:05", where="row 2", now=now) == now + timedelta(days=1)
    with pytest.raises(Invalid, match="time_in_future"):
        weeks.parse_time("2026-03-02 09:05:01", where="row 2", now=now)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), st.sampled_from(ZONES))
def test_any_iso_text_comes_back_as_it_went(naive: datetime, zone: ZoneInfo) -> None:
    t = naive.replace(tzinfo=zone)
    assert weeks.parse_time(t.isoformat(), where="row 2") == t.astimezone(UTC)


def test_the_common_paths_are_fast() -> None:
    t = datetime(2026, 11, 21, 4, tzinfo=UTC)
    paths = (
        lambda: weeks.week_of(t),
        lambda: weeks.day_of(t),
        lambda: weeks.parse_time("2026-03-01T09:05:00+08:00", where="row 2"),
    )
    for path in paths:  # the target is 2 microseconds; ten times that, for a busy machine
        assert min(timeit.repeat(path, number=1000, repeat=5)) / 1000 < 20e-6
