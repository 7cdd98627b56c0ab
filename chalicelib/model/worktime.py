"""Business time in Asia/Shanghai: opening hours on working days, by China's yearly 调休 calendar.

Inside, a moment is a naive datetime on the wall clock in Shanghai (`wall`): China has no summer time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import accumulate, groupby
from typing import Literal, NamedTuple, cast

from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import EN_DAYS, SHANGHAI, ZH_DAYS, clock_words, local, moment_words, span_words

_DAY = timedelta(days=1)
_ORIGIN = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_ORIGIN_DAY = _ORIGIN.toordinal()
_MAX_AMOUNT = 9999
_MAX_CALENDAR_LINES = 12  # a longer explanation sums up the rest of its days off
_OPENING = re.compile(r"(\d{1,2})[:：]([0-5]\d)\s*[-–~至]\s*(\d{1,2})[:：]([0-5]\d)", re.ASCII)
_LIMIT = re.compile(r"(\d{1,4})\s*([hdc])", re.ASCII)
_BAD_HOURS = (
    "bad_hours",
    "工作时间应写成 09:00-18:00，下班要晚于上班，最晚 24:00",
    "Write opening hours as 09:00-18:00, closing after opening, 24:00 at the latest",
    "hours",
)
_BAD_LIMIT = (
    "bad_limit",
    "时限应写成 2h（工作小时）、7d（工作日）或 24c（昼夜连续小时），数值 1 至 9999",
    "Write the limit as 2h (working hours), 7d (working days) or 24c (hours around the clock), 1 to 9999",
    "limit",
)


class Line(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


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


def elapsed(start: datetime, end: datetime, hours: Hours) -> int:
    """Business minutes between two aware instants, each cut to its minute so that parts add up; never < 0."""
    if end <= start:
        return 0
    (first, before), (last, after) = _position(start, hours), _position(end, hours)
    return _worked(first, last, hours) * hours.minutes + after - before


@lru_cache(maxsize=8192)
def is_workday(day: date, hours: Hours) -> bool:
    """Whether people work on this day: own days first, then the state's calendar, then Monday to Friday."""
    if day in hours.extra_workdays:
        return True
    if day in hours.extra_holidays:
        return False
    calendar = _calendar()
    return day in calendar.worked or (day.weekday() < 5 and day not in calendar.off)


def calendar_known(year: int) -> bool:
    """Whether the state's calendar of that year is known; otherwise Monday to Friday is taken."""
    return year in _calendar().years


Counted = tuple[datetime, Callable[[], list[Line]]]


class _Calendar(NamedTuple):
    off: Mapping[date, Line]
    worked: Mapping[date, Line]
    years: frozenset[int]


@cache
def _calendar() -> _Calendar:
    import chinese_calendar as package  # late: most commands need not pay for its import

    names = {holiday.value: Line(holiday.chinese, holiday.value) for holiday in package.Holiday}
    off = {day: names[name] for day, name in package.holidays.items()}
    worked = {day: names[name] for day, name in package.workdays.items()}
    return _Calendar(off, worked, frozenset(day.year for day in off))


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
    days = list(_days(date(year, 1, 1), date(year, 12, 31)))
    before = accumulate((is_workday(day, hours) for day in days), initial=0)
    return dict(zip([*days, date(year + 1, 1, 1)], before, strict=True))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def _workday_after(day: date, n: int, hours: Hours) -> date:
    while n > 0:
        day += _DAY
        n -= is_workday(day, hours)
    return day


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _next_open(wall: datetime, hours: Hours) -> datetime:
    """The moment itself inside opening hours, otherwise the next opening."""
    day = wall.date()
    if is_workday(day, hours) and wall < _wall(day, hours.close_minute):
        return max(wall, _wall(day, hours.open_minute))
    return _wall(_workday_after(day, 1, hours), hours.open_minute)


def _count_hours(wall: datetime, amount: int, hours: Hours) -> Counted:
    begin, rest, a_day = _next_open(wall, hours), timedelta(hours=amount), timedelta(minutes=hours.minutes)
    day, since, full = begin.date(), begin, 0
    left = _wall(day, hours.close_minute) - begin
    if more := rest > left:
        full, rest = divmod(rest - left, a_day)
        if not rest:  # up at the closing of the last day, not at the opening of the next
            full, rest = full - 1, a_day
        day = _workday_after(day, full + 1, hours)
        since = _wall(day, hours.open_minute)

    def explain() -> list[Line]:
        first = _start_line(wall, begin)
        if more:
            zh, en = span_words(left)
            first = Line(f"{first.zh}，当天剩 {zh}", f"{first.en}, {en} left that day")
        lines = [first, *_calendar_lines(wall.date(), day, hours)]
        if full:
            zh, en = span_words(full * a_day)
            lines.append(
                Line(f"其间 {full} 个整工作日，共 {zh}", f"{full} full working days in between: {en}")
            )
        return [*lines, _end_line(day, since, rest, more=more)]

    return since + rest, explain


def _count_days(wall: datetime, amount: int, hours: Hours) -> Counted:
    begin = _next_open(wall, hours)
    end = datetime.combine(_workday_after(begin.date(), amount, hours), begin.time())

    def explain() -> list[Line]:
        zh, en = moment_words(end)
        last = Line(
            f"往后第 {amount} 个工作日的同一时刻 → {zh}", f"same time {amount} working days later → {en}"
        )
        return [_start_line(wall, begin), *_calendar_lines(wall.date(), end.date(), hours), last]

    return end, explain


def _count_clock(wall: datetime, amount: int, _: Hours) -> Counted:
    end = wall + timedelta(hours=amount)

    def explain() -> list[Line]:
        (zh, en), (end_zh, end_en) = moment_words(wall), moment_words(end)
        zh = f"从 {zh}起连续计 {amount} 小时（夜间和休息日都算）→ {end_zh}"
        return [Line(zh, f"{amount} h around the clock, nights and days off too, from {en} → {end_en}")]

    return end, explain


def _start_line(wall: datetime, begin: datetime) -> Line:
    zh, en = moment_words(wall)
    if begin == wall:
        return Line(f"从 {zh}开始", f"from {en}")
    next_zh, next_en = moment_words(begin)
    zh = f"从 {zh}开始，不在工作时间，从下次上班 {next_zh}起算"
    return Line(zh, f"from {en}, outside opening hours: counted from the next opening, {next_en}")


def _end_line(day: date, since: datetime, rest: timedelta, *, more: bool) -> Line:
    (zh, en), start, end = span_words(rest), clock_words(since, day), clock_words(since + rest, day)
    again = ("再", " more") if more else ("", "")
    return Line(f"{day} {start} 起{again[0]} {zh} → {end}", f"{en}{again[1]} from {day} {start} → {end}")


def _calendar_lines(first: date, last: date, hours: Hours) -> list[Line]:
    """What the calendar did between two days: runs of days off, worked weekends, years it does not know."""
    lines, untold = list[Line](), 0
    for worked, run in groupby(_days(first, last), lambda day: is_workday(day, hours)):
        days = list(run)
        if len(lines) >= _MAX_CALENDAR_LINES:
            untold += 0 if worked else len(days)
        elif worked:
            lines += [line for day in days if (line := _worked_line(day, hours))]
        else:
            lines.append(_off_line(days, hours))
    if untold:
        lines.append(Line(f"此后另有 {untold} 天休息，不计", f"{untold} more days off later, not counted"))
    if unknown := [str(year) for year in range(first.year, last.year + 1) if not calendar_known(year)]:
        zh, en = "、".join(unknown), f"no state calendar for {', '.join(unknown)}: Monday to Friday are taken"
        lines.append(Line(f"没有 {zh} 年的国家放假安排，按周一至周五上班推算", en))
    return lines


def _off_line(days: list[date], hours: Hours) -> Line:
    """A run of days off, each reason named once."""
    own, weekend, off = Line("本单位假日", "own day off"), Line("周末", "weekend"), _calendar().off
    why = list(dict.fromkeys(own if d in hours.extra_holidays else off.get(d, weekend) for d in days))
    zh = "、".join(line.zh for line in why) + ("" if why == [weekend] else "放假")
    en = ", ".join(line.en for line in why)
    first, last = days[0], days[-1]
    until = last.isoformat()[5 if first.year == last.year else 0 :]
    to = ("", "") if first == last else (f" 至 {until}", f" to {until}")
    return Line(f"{first}{to[0]} {zh}，不计", f"{first}{to[1]} off: {en}, not counted")


def _worked_line(day: date, hours: Hours) -> Line | None:
    """Why a day is worked that people would take for a day off; None for an ordinary day."""
    name = _calendar().worked.get(day)
    if name is None and day not in hours.extra_workdays:
        return None
    why = Line("本单位规定", "own day") if name is None else Line(f"{name.zh}调休", f"in lieu for {name.en}")
    zh_day, en_day = ZH_DAYS[day.weekday()], EN_DAYS[day.weekday()]
    return Line(f"{day}（{zh_day}）{why.zh}上班，计入", f"{en_day} {day} worked ({why.en}), counted")
