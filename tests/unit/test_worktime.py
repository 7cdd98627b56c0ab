"""Business time: golden cases around holidays and worked weekends, the laws it keeps, its explanation."""

from __future__ import annotations

import subprocess
import sys
import timeit
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model import worktime
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import SHANGHAI, local
from chalicelib.model.workdays import Hours, calendar_known, is_workday
from chalicelib.model.worktime import Limit

USUAL = Hours()
STARTS = st.datetimes(datetime(2024, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))
OPENINGS = st.sampled_from(
    [
        USUAL,
        Hours.parse("00:00-24:00"),
        Hours.parse("08:30-17:15", [date(2026, 3, 4), date(2026, 3, 6)], [date(2026, 3, 7)]),
        Hours.parse("13:00-14:00"),
    ]
)
HOURS = st.integers(1, 60)
SOME = settings(max_examples=40, deadline=None)  # a due time is told in words too: some 100 microseconds


def at(text: str) -> datetime:
    """A moment on the wall clock in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, limit: str, hours: Hours = USUAL) -> str:
    return local(worktime.due(at(start), Limit.parse(limit), hours).at).strftime("%Y-%m-%d %H:%M:%S")


def told(start: str, limit: str, hours: Hours = USUAL) -> tuple[list[str], list[str]]:
    zh, en = zip(*worktime.due(at(start), Limit.parse(limit), hours).lines, strict=True)
    return list(zh), list(en)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        # an ordinary week
        ("2026-03-03 10:30:45", "2h", "2026-03-03 12:30:45"),
        ("2026-03-03 17:59:45", "1h", "2026-03-04 09:59:45"),
        ("2026-03-03 09:00:00", "9h", "2026-03-03 18:00:00"),
        ("2026-03-03 17:00:00", "1h", "2026-03-03 18:00:00"),
        ("2026-03-03 09:00:00", "18h", "2026-03-04 18:00:00"),
        ("2026-03-03 18:00:00", "2h", "2026-03-04 11:00:00"),
        ("2026-03-03 23:10:00", "2h", "2026-03-04 11:00:00"),
        ("2026-03-03 03:10:00", "2h", "2026-03-03 11:00:00"),
        ("2026-03-07 12:00:00", "2h", "2026-03-09 11:00:00"),
        ("2026-03-03 10:30:00", "1d", "2026-03-04 10:30:00"),
        ("2026-03-03 03:10:00", "1d", "2026-03-04 09:00:00"),
        ("2026-03-03 09:00:00", "1d", "2026-03-04 09:00:00"),
        ("2026-03-03 17:59:59", "1d", "2026-03-04 17:59:59"),
        ("2026-03-03 18:00:00", "1d", "2026-03-05 09:00:00"),
        ("2026-03-07 12:00:00", "1d", "2026-03-10 09:00:00"),
        ("2026-03-06 20:00:00", "24c", "2026-03-07 20:00:00"),
        # 国庆 2025: 10-01 to 10-08 off with 中秋, 09-28 and 10-11 worked
        ("2025-09-27 10:00:00", "2h", "2025-09-28 11:00:00"),
        ("2025-09-30 17:00:00", "2h", "2025-10-09 10:00:00"),
        ("2025-10-06 10:00:00", "2h", "2025-10-09 11:00:00"),
        ("2025-09-30 17:00:00", "7d", "2025-10-16 17:00:00"),
        ("2025-10-10 17:00:00", "1d", "2025-10-11 17:00:00"),
        # 国庆 2026: 10-01 to 10-07 off, 09-20 and 10-10 worked
        ("2026-09-30 17:00:00", "2h", "2026-10-08 10:00:00"),
        ("2026-09-30 17:00:00", "7d", "2026-10-15 17:00:00"),
        ("2026-10-09 17:00:00", "2h", "2026-10-10 10:00:00"),
        ("2026-09-30 17:00:00", "24c", "2026-10-01 17:00:00"),
        # 春节 2026: 02-15 to 02-23 off, 02-14 and 02-28 worked
        ("2026-02-13 18:00:00", "1h", "2026-02-14 10:00:00"),
        ("2026-02-14 17:30:00", "1h", "2026-02-24 09:30:00"),
        ("2026-02-13 20:00:00", "15d", "2026-03-13 09:00:00"),
        # years without a calendar: Monday to Friday
        ("2026-12-31 10:00:00", "1d", "2027-01-01 10:00:00"),
        ("2031-09-30 17:30:00", "2h", "2031-10-01 10:30:00"),
        ("2031-10-03 17:30:00", "2h", "2031-10-06 10:30:00"),
    ],
)
def test_a_limit_runs_out_when_the_calendar_says(start: str, limit: str, expected: str) -> None:
    assert due(start, limit) == expected


def test_own_days_come_before_the_states_calendar() -> None:
    hours = Hours.parse("09:00-18:00", [date(2026, 3, 4)], [date(2026, 3, 7), date(2026, 10, 1)])
    assert due("2026-03-03 17:00:00", "2h", hours) == "2026-03-05 10:00:00"
    assert due("2026-03-06 17:00:00", "2h", hours) == "2026-03-07 10:00:00"
    assert due("2026-09-30 17:00:00", "2h", hours) == "2026-10-01 10:00:00"


def test_a_due_time_is_utc_and_a_start_may_be_in_any_zone() -> None:
    start = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
    assert worktime.due(start, Limit(2, "h"), USUAL).at == datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
    assert worktime.due(start, Limit(2, "h"), USUAL).at.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-10-01", False),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-03-03", True),
        ("2031-10-01", True),
    ],
)
def test_a_working_day_is_what_the_state_says(day: str, worked: bool) -> None:
    assert is_workday(date.fromisoformat(day), USUAL) is worked


# The laws


@SOME
@given(STARTS, HOURS, OPENINGS)
def test_elapsed_takes_back_what_due_adds(start: datetime, n: int, hours: Hours) -> None:
    assert worktime.elapsed(start, worktime.due(start, Limit(n, "h"), hours).at, hours) == n * 60


@SOME
@given(STARTS, st.timedeltas(timedelta(), timedelta(days=20)), HOURS, st.sampled_from("hdc"), OPENINGS)
def test_a_later_start_is_never_due_earlier(
    start: datetime, later: timedelta, n: int, unit: str, hours: Hours
) -> None:
    limit = Limit.parse(f"{n}{unit}")
    assert worktime.due(start, limit, hours).at <= worktime.due(start + later, limit, hours).at


@SOME
@given(STARTS, HOURS, st.sampled_from("hdc"), OPENINGS)
def test_a_longer_limit_is_due_later(start: datetime, n: int, unit: str, hours: Hours) -> None:
    shorter, longer = (worktime.due(start, Limit.parse(f"{m}{unit}"), hours).at for m in (n, n + 1))
    assert start < shorter < longer


@SOME
@given(STARTS, HOURS, st.sampled_from("hd"), OPENINGS)
def test_what_is_due_is_due_on_a_working_day_in_opening_hours(
    start: datetime, n: int, unit: str, hours: Hours
) -> None:
    end = local(
        worktime.due(start, Limit.parse(f"{n}{unit}"), hours).at - timedelta(microseconds=unit == "h")
    )
    assert is_workday(end.date(), hours)
    assert hours.open_minute <= end.hour * 60 + end.minute < hours.close_minute


@SOME
@given(st.lists(STARTS, min_size=3, max_size=3), OPENINGS)
def test_elapsed_adds_up(moments: list[datetime], hours: Hours) -> None:
    a, b, c = sorted(moments)
    assert worktime.elapsed(a, b, hours) + worktime.elapsed(b, c, hours) == worktime.elapsed(a, c, hours)
    assert worktime.elapsed(c, a, hours) == 0


@SOME
@given(STARTS, st.integers(0, 60), OPENINGS)
def test_elapsed_agrees_with_counting_day_by_day(start: datetime, days: int, hours: Hours) -> None:
    first = local(start).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = sum(is_workday((first + timedelta(days=n)).date(), hours) for n in range(days))
    assert worktime.elapsed(first, first + timedelta(days=days), hours) == counted * hours.minutes


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-03 10:00", "2026-03-03 10:00", 0),
        ("2026-03-03 11:00", "2026-03-03 10:00", 0),
        ("2026-03-03 08:00", "2026-03-03 20:00", 540),
        ("2026-09-30 17:00", "2026-10-08 10:00", 120),
        ("2026-10-01 00:00", "2026-10-08 00:00", 0),
        ("2026-10-09 17:00", "2026-10-12 09:30", 60 + 540 + 30),
        ("2025-01-01 00:00", "2027-01-01 00:00", (248 + 248) * 540),  # both years have 248 working days
        ("2031-10-01 00:00", "2031-10-08 00:00", 5 * 540),
    ],
)
def test_elapsed_counts_minutes_of_opening_hours(start: str, end: str, minutes: int) -> None:
    assert worktime.elapsed(at(start), at(end), USUAL) == minutes


# The explanation


def test_the_arithmetic_over_a_holiday_is_shown_in_both_languages() -> None:
    assert told("2026-09-30 17:00", "2h") == (
        [
            "从 2026-09-30 17:00（周三）开始，当天剩 1 小时",
            "2026-10-01 至 10-07 国庆节放假，不计",
            "2026-10-08 09:00 起再 1 小时 → 10:00",
        ],
        [
            "from Wed 2026-09-30 17:00, 1 h left that day",
            "2026-10-01 to 10-07 off: National Day, not counted",
            "1 h more from 2026-10-08 09:00 → 10:00",
        ],
    )


def test_hours_over_several_days_add_up_in_the_explanation() -> None:
    assert told("2026-10-03 11:20:30", "24h")[0] == [
        "从 2026-10-03 11:20:30（周六）开始，不在工作时间，"
        "从下次上班 2026-10-08 09:00（周四）起算，当天剩 9 小时",
        "2026-10-03 至 10-07 国庆节放假，不计",
        "2026-10-10（周六）国庆节调休上班，计入",
        "其间 1 个整工作日，共 9 小时",
        "2026-10-10 09:00 起再 6 小时 → 15:00",
    ]


def test_working_days_are_told_with_worked_and_free_weekends() -> None:
    assert told("2026-09-30 17:00", "7d")[0] == [
        "从 2026-09-30 17:00（周三）开始",
        "2026-10-01 至 10-07 国庆节放假，不计",
        "2026-10-10（周六）国庆节调休上班，计入",
        "2026-10-11 周末，不计",
        "往后第 7 个工作日的同一时刻 → 2026-10-15 17:00（周四）",
    ]


def test_a_run_of_days_off_names_each_reason_once() -> None:
    assert told("2025-09-30 17:00", "2h")[0][1] == "2025-10-01 至 10-08 国庆节、中秋放假，不计"
    assert told("2022-12-30 17:00", "2h")[0][1] == "2022-12-31 至 2023-01-02 元旦放假，不计"
    hours = Hours.parse("09:00-18:00", [date(2026, 3, 6)], [date(2026, 3, 14)])
    zh, en = told("2026-03-05 17:00", "7d", hours)
    assert zh[1] == "2026-03-06 至 03-08 本单位假日、周末放假，不计"
    assert en[1] == "2026-03-06 to 03-08 off: own day off, weekend, not counted"
    assert zh[2] == "2026-03-14（周六）本单位规定上班，计入"
    assert en[2] == "Sat 2026-03-14 worked (own day), counted"


@pytest.mark.parametrize(
    ("start", "years"), [("2031-09-30 17:30", "2031"), ("2027-12-31 17:30", "2027、2028")]
)
def test_years_without_a_calendar_are_said(start: str, years: str) -> None:
    zh, en = told(start, "2h")
    assert f"没有 {years} 年的国家放假安排，按周一至周五上班推算" in zh
    assert any(line.startswith("no state calendar for ") for line in en)
    assert not any("没有" in line for line in told("2026-09-30 17:00", "2h")[0])
    assert (calendar_known(2026), calendar_known(2031)) == (True, False)


def test_around_the_clock_is_one_line() -> None:
    zh, en = told("2026-02-13 17:00", "24c")
    expected = "从 2026-02-13 17:00（周五）起连续计 24 小时（夜间和休息日都算）→ 2026-02-14 17:00（周六）"
    assert (zh, len(en)) == ([expected], 1)


def test_a_day_open_until_midnight_ends_at_24() -> None:
    assert (
        told("2026-03-02 00:00", "24h", Hours.parse("00:00-24:00"))[0][-1]
        == "2026-03-02 00:00 起 24 小时 → 24:00"
    )


def test_a_long_limit_sums_up_its_later_days_off() -> None:
    zh, _ = told("2026-01-05 10:00", "90d")
    assert len(zh) <= 16
    assert "天休息，不计" in zh[-2]


# What is refused, and what is read


@pytest.mark.parametrize("text", ["09:00-18:00", "9:00–18:00", " 09：00 至 18：00 "])
def test_hours_are_read_as_written(text: str) -> None:
    assert Hours.parse(text) == USUAL
    assert str(USUAL) == "09:00-18:00"


@pytest.mark.parametrize(
    "text", ["", "9-18", "18:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-18:00", "00:00-25:00"]
)
def test_impossible_hours_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_hours"):
        Hours.parse(text)


def test_a_day_both_off_and_worked_is_refused() -> None:
    with pytest.raises(Invalid, match="day_both_off_and_worked"):
        Hours.parse("09:00-18:00", [date(2026, 3, 6)], [date(2026, 3, 6)])


@pytest.mark.parametrize("text", ["2h", "7d", "24c", "9999h"])
def test_a_limit_is_written_as_it_is_read(text: str) -> None:
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "h", "0h", "-1h", "2", "2m", "2.5h", "10000h", "2h3"])
def test_an_impossible_limit_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_limit"):
        Limit.parse(text)


# Speed


def test_elapsed_over_two_weeks_is_fast() -> None:
    start, end = at("2026-09-25 10:00"), at("2026-10-09 16:00")
    seconds = min(timeit.repeat(lambda: worktime.elapsed(start, end, USUAL), number=500, repeat=5)) / 500
    assert seconds < 100e-6  # the target is 20 microseconds; five times that, for a busy machine


def test_the_calendar_package_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, chalicelib.model.worktime; sys.exit('chinese_calendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
