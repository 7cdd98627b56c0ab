"""Business time in Asia/Shanghai: opening hours on working days, by China's yearly 调休 calendar.

Inside, a moment is a naive datetime on the wall clock in Shanghai (`wall`): China has no summer time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, Literal, cast

from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import SHANGHAI, local, moment_words, span_words
from chalicelib.model.workdays import Hours, Line, days_between, is_workday, workday_after
from chalicelib.model.worktime_lines import calendar_lines, end_line, start_line

_ORIGIN = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_ORIGIN_DAY = _ORIGIN.toordinal()
_MAX_AMOUNT = 9999
_LIMIT = re.compile(r"(\d{1,4})\s*([hdc])", re.ASCII)
_BAD_LIMIT = (
    "bad_limit",
    "时限应写成 2h（工作小时）、7d（工作日）或 24c（昼夜连续小时），数值 1 至 9999",
    "Write the limit as 2h (working hours), 7d (working days) or 24c (hours around the clock), 1 to 9999",
    "limit",
)


@dataclass(frozen=True)
class Due:
    """When a limit runs out (UTC). The explanation is made when it is asked for: few ever are."""

    at: datetime
    explain: Callable[[], list[Line]] = field(repr=False, compare=False)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The arithmetic, line by line."""
        return tuple(self.explain())


@dataclass(frozen=True, slots=True)
class Limit:
    """A time allowed: h = hours inside opening hours, d = working days, c = hours around the clock."""

    amount: int
    unit: Literal["h", "d", "c"]

    def __post_init__(self) -> None:
        if self.unit not in ("h", "d", "c") or not 1 <= self.amount <= _MAX_AMOUNT:
            raise Invalid(*_BAD_LIMIT)

    @classmethod
    def parse(cls, text: str) -> Limit:
        """A limit from "2h", "7d" or "24c"."""
        found = _LIMIT.fullmatch(text.strip().lower())
        if found is None:
            raise Invalid(*_BAD_LIMIT)
        return cls(int(found[1]), cast(Literal["h", "d", "c"], found[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def due(start: datetime, limit: Limit, hours: Hours) -> Due:
    """When a limit that began at an aware instant runs out, and why then.

    A limit in hours that ends with the day is due at closing. A start outside opening hours counts from the
    next opening; a limit in days then ends N working days later at the same time of day.
    """
    wall = local(start).replace(tzinfo=None)
    count = {"h": _count_hours, "d": _count_days, "c": _count_clock}[limit.unit]
    end, explain = count(wall, limit.amount, hours)
    return Due(end.replace(tzinfo=SHANGHAI).astimezone(UTC), explain)


def explained(start: datetime, limit: Limit, end: datetime, hours: Hours) -> dict[str, Any]:
    """A due time that was fixed once, with its arithmetic: `limit`, `due`, `lines` in both languages.

    Where hours or holidays were changed since, the due time stays as it was promised, and that is said instead.
    """
    arithmetic = due(start, limit, hours)
    lines = list(arithmetic.lines)
    if arithmetic.at != end:
        zh = f"按当时的营业时间和假日算定为 {local(end):%Y-%m-%d %H:%M}，此后设置有变，时限不变"
        en = f"fixed at {local(end):%Y-%m-%d %H:%M} by the hours and holidays then; they changed since"
        lines = [Line(zh, en)]
    return {"limit": str(limit), "due": end, "lines": [line._asdict() for line in lines]}


def elapsed(start: datetime, end: datetime, hours: Hours) -> int:
    """Business minutes between two aware instants, each cut to its minute so that parts add up; never < 0."""
    if end <= start:
        return 0
    (first, before), (last, after) = _position(start, hours), _position(end, hours)
    return _worked(first, last, hours) * hours.minutes + after - before


Counted = tuple[datetime, Callable[[], list[Line]]]


def _position(t: datetime, hours: Hours) -> tuple[date, int]:
    """The day in Shanghai, and how many of its opening minutes are over."""
    wall = t - _ORIGIN
    day = date.fromordinal(_ORIGIN_DAY + wall.days)
    if not is_workday(day, hours):
        return day, 0
    return day, min(max(wall.seconds // 60 - hours.open_minute, 0), hours.minutes)


def _worked(first: date, last: date, hours: Hours) -> int:
    """Working days from first (included) to last (excluded)."""
    years = sum(_counts(year, hours)[date(year + 1, 1, 1)] for year in range(first.year, last.year))
    return years + _counts(last.year, hours)[last] - _counts(first.year, hours)[first]


@lru_cache(maxsize=256)
def _counts(year: int, hours: Hours) -> dict[date, int]:
    """How many days of the year were worked before each of its days, and before the next year."""
    days = list(days_between(date(year, 1, 1), date(year, 12, 31)))
    before = accumulate((is_workday(day, hours) for day in days), initial=0)
    return dict(zip([*days, date(year + 1, 1, 1)], before, strict=True))


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _next_open(wall: datetime, hours: Hours) -> datetime:
    """The moment itself inside opening hours, otherwise the next opening."""
    day = wall.date()
    if is_workday(day, hours) and wall < _wall(day, hours.close_minute):
        return max(wall, _wall(day, hours.open_minute))
    return _wall(workday_after(day, 1, hours), hours.open_minute)


def _count_hours(wall: datetime, amount: int, hours: Hours) -> Counted:
    begin, rest, a_day = _next_open(wall, hours), timedelta(hours=amount), timedelta(minutes=hours.minutes)
    day, since, full = begin.date(), begin, 0
    left = _wall(day, hours.close_minute) - begin
    if more := rest > left:
        full, rest = divmod(rest - left, a_day)
        if not rest:  # up at the closing of the last day, not at the opening of the next
            full, rest = full - 1, a_day
        day = workday_after(day, full + 1, hours)
        since = _wall(day, hours.open_minute)

    def explain() -> list[Line]:
        first = start_line(wall, begin)
        if more:
            zh, en = span_words(left)
            first = Line(f"{first.zh}，当天剩 {zh}", f"{first.en}, {en} left that day")
        lines = [first, *calendar_lines(wall.date(), day, hours)]
        if full:
            zh, en = span_words(full * a_day)
            lines.append(
                Line(f"其间 {full} 个整工作日，共 {zh}", f"{full} full working days in between: {en}")
            )
        return [*lines, end_line(day, since, rest, more=more)]

    return since + rest, explain


def _count_days(wall: datetime, amount: int, hours: Hours) -> Counted:
    begin = _next_open(wall, hours)
    end = datetime.combine(workday_after(begin.date(), amount, hours), begin.time())

    def explain() -> list[Line]:
        zh, en = moment_words(end)
        last = Line(
            f"往后第 {amount} 个工作日的同一时刻 → {zh}", f"same time {amount} working days later → {en}"
        )
        return [start_line(wall, begin), *calendar_lines(wall.date(), end.date(), hours), last]

    return end, explain


def _count_clock(wall: datetime, amount: int, _: Hours) -> Counted:
    end = wall + timedelta(hours=amount)

    def explain() -> list[Line]:
        (zh, en), (end_zh, end_en) = moment_words(wall), moment_words(end)
        zh = f"从 {zh}起连续计 {amount} 小时（夜间和休息日都算）→ {end_zh}"
        return [Line(zh, f"{amount} h around the clock, nights and days off too, from {en} → {end_en}")]

    return end, explain
