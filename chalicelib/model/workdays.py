"""Opening hours, and which days are worked: own days first, then China's yearly 调休 calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from chalicelib.model.errors import Invalid

_DAY = timedelta(days=1)
_OPENING = re.compile(r"(\d{1,2})[:：]([0-5]\d)\s*[-–~至]\s*(\d{1,2})[:：]([0-5]\d)", re.ASCII)
_BAD_HOURS = (
    "bad_hours",
    "工作时间应写成 09:00-18:00，下班要晚于上班，最晚 24:00",
    "Write opening hours as 09:00-18:00, closing after opening, 24:00 at the latest",
    "hours",
)


class Line(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours in minutes after midnight (0..1440), and days that differ from the state's calendar."""

    open_minute: int = 9 * 60
    close_minute: int = 18 * 60
    extra_holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.open_minute < self.close_minute <= 24 * 60:
            raise Invalid(*_BAD_HOURS)
        if self.extra_holidays & self.extra_workdays:
            raise Invalid(
                "day_both_off_and_worked",
                "同一天不能既休息又上班，请从其中一个列表删去",
                "A day cannot be both off and worked: take it out of one of the two lists",
                "hours",
            )

    @classmethod
    def parse(cls, text: str, holidays: Iterable[date] = (), workdays: Iterable[date] = ()) -> Hours:
        """Hours from "09:00-18:00"; a day may close at "24:00"."""
        found = _OPENING.fullmatch(text.strip())
        if found is None:
            raise Invalid(*_BAD_HOURS)
        h0, m0, h1, m1 = map(int, found.groups())
        return cls(h0 * 60 + m0, h1 * 60 + m1, frozenset(holidays), frozenset(workdays))

    def __str__(self) -> str:
        return "-".join(f"{m // 60:02d}:{m % 60:02d}" for m in (self.open_minute, self.close_minute))

    @property
    def minutes(self) -> int:
        """The length of a working day."""
        return self.close_minute - self.open_minute


class Calendar(NamedTuple):
    """The state's days off and worked weekends, each with the holiday it is for, and the years it covers."""

    off: Mapping[date, Line]
    worked: Mapping[date, Line]
    years: frozenset[int]


@lru_cache(maxsize=8192)
def is_workday(day: date, hours: Hours) -> bool:
    """Whether people work on this day: own days first, then the state's calendar, then Monday to Friday."""
    if day in hours.extra_workdays:
        return True
    if day in hours.extra_holidays:
        return False
    state = calendar()
    return day in state.worked or (day.weekday() < 5 and day not in state.off)


def calendar_known(year: int) -> bool:
    """Whether the state's calendar of that year is known; otherwise Monday to Friday is taken."""
    return year in calendar().years


@cache
def calendar() -> Calendar:
    """The state's calendar, as far as it is published."""
    import chinese_calendar as package  # late: most commands need not pay for its import

    names = {holiday.value: Line(holiday.chinese, holiday.value) for holiday in package.Holiday}
    off = {day: names[name] for day, name in package.holidays.items()}
    worked = {day: names[name] for day, name in package.workdays.items()}
    return Calendar(off, worked, frozenset(day.year for day in off))


def days_between(first: date, last: date) -> Iterator[date]:
    """Each day from first to last, both included."""
    return (first + n * _DAY for n in range((last - first).days + 1))


def workday_after(day: date, n: int, hours: Hours) -> date:
    """The n-th working day after a day; the day itself when n is 0."""
    while n > 0:
        day += _DAY
        n -= is_workday(day, hours)
    return day
