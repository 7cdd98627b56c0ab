"""Weeks and times in Asia/Shanghai: ISO weeks, the times that files and callers send, times in words."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.model.errors import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZH_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# China has kept UTC+8 without summer time since 1992, so fixed arithmetic is right for every time we take
# (parse_time refuses anything before 2000), and several times quicker than asking the zone.
_FIXED = timezone(timedelta(hours=8))
_ORIGIN = datetime(1999, 12, 27, tzinfo=_FIXED)  # a Monday: whole weeks from here are ISO weeks
_ORIGIN_DAY = _ORIGIN.toordinal()
_EARLIEST = datetime(2000, 1, 1, tzinfo=_FIXED).astimezone(UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=_FIXED).astimezone(UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WALL = datetime(1970, 1, 1, 8)  # what the clock on a wall in Shanghai showed then
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=_FIXED)
_FUTURE = timedelta(days=1)

_WEEK = re.compile(r"(\d{4})(?:-?W|年第?)(\d{1,2})周?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[ T]?(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
# What spreadsheets set to Chinese or English write, brought to one shape before _WRITTEN reads it.
_PLAIN = {"年": "-", "月": "-", "日": " ", "号": " ", "点": ":", "时": ":", "分": ":", "秒": " "}
_PLAIN |= {"上午": "AM", "下午": "PM"}
_UNPLAIN = re.compile("|".join(_PLAIN))
_WRITTEN = re.compile(
    r"""(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})
    (?:(?:\s+|T)(?P<half>[AP]M)?\s*
       (?P<h>\d{1,2})\s*:\s*(?:(?P<m>\d{1,2})\s*(?::\s*(?:(?P<s>\d{1,2})(?:\.\d+)?)?)?)?
       \s*(?P<tail>[AP]M)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?)?""",
    re.ASCII | re.VERBOSE,
)


def local(t: datetime) -> datetime:
    """The same instant on the clock in Shanghai."""
    return t.astimezone(SHANGHAI)


def week_of(t: datetime) -> str:
    """The ISO week of an aware instant in Shanghai, as "2026-W47"; right from 1992 on."""
    return _name((t - _ORIGIN).days // 7)


def day_of(t: datetime) -> int:
    """The day of the week of an aware instant in Shanghai, 1 (Monday) to 7; right from 1992 on."""
    return (t - _ORIGIN).days % 7 + 1


def date_of(t: datetime) -> str:
    """The date of an aware instant in Shanghai, as "2026-11-18"; right from 1992 on."""
    return _date((t - _ORIGIN).days)


def day_start(t: datetime) -> datetime:
    """Midnight in Shanghai before an aware instant; right from 1992 on."""
    return _ORIGIN + timedelta(days=(t - _ORIGIN).days)


def week_start(week: str) -> datetime:
    """Monday 00:00 in Shanghai."""
    day = date.fromordinal(_ORIGIN_DAY + 7 * _index(week))
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def week_end(week: str) -> datetime:
    """The first moment after the week: Monday 00:00 of the next one."""
    return week_start(shift(week, 1))


def shift(week: str, n: int) -> str:
    """The week n weeks later (earlier when n is negative)."""
    return _name(_index(week) + n)


def weeks_between(first: str, last: str) -> list[str]:
    """All weeks from first to last, both included; empty when last comes before first."""
    return [_name(i) for i in range(_index(first), _index(last) + 1)]


def parse_week(text: str, *, where: str = "week") -> str:
    """A week as people write it ("2026-W47", "2026w7", "2026年第47周"), in its one canonical form."""
    found = _WEEK.fullmatch(text.strip().upper())
    if found is None:
        raise _bad_week(where)
    year, week = int(found[1]), int(found[2])
    if not 2000 <= year < 2100 or not 1 <= week <= _weeks_in(year):
        raise _bad_week(where)
    return f"{year}-W{week:02d}"


def parse_time(value: str | datetime | float, *, where: str, now: datetime | None = None) -> datetime:
    """A moment as files and callers send it, in aware UTC; no zone means Shanghai.

    Text: ISO 8601, "2026/3/1 9:05", "2026年3月1日 9点5分", "20260301090500", 10 or 13 digits of Unix time.
    Numbers: Unix seconds or milliseconds; 20000 to 80000 is an Excel day number.
    Refuses what it cannot read, years outside 2000-2099 and, given `now`, more than a day ahead of it.
    """
    try:
        t = _read(value)
    except (ValueError, OverflowError):
        raise Invalid(
            "bad_time",
            "时间无法识别。请写成 2026-03-01 09:05、2026/3/1 9:05 或带时区的 2026-03-01T09:05:00+08:00",
            "This time cannot be read. Write 2026-03-01 09:05, 2026/3/1 9:05 or 2026-03-01T09:05:00+08:00",
            where,
        ) from None
    if not _EARLIEST <= t < _LATEST:
        raise Invalid(
            "time_out_of_range",
            "时间不在 2000 至 2099 年之间。请检查这一列是不是时间、单位是秒还是毫秒",
            "This time is not in the years 2000 to 2099. Check the column, and seconds against milliseconds",
            where,
        )
    if now is not None and t > now + _FUTURE:
        raise Invalid(
            "time_in_future",
            "时间比现在晚一天以上。请检查日期和时区",
            "This time is more than one day in the future. Check the date and the time zone",
            where,
        )
    return t


def moment_words(wall: datetime) -> tuple[str, str]:
    """A time on the wall clock in Chinese and in English, with its day of the week."""
    text, day = f"{wall.date()} {clock_words(wall, wall.date())}", wall.weekday()
    return f"{text}（{ZH_DAYS[day]}）", f"{EN_DAYS[day]} {text}"


def clock_words(wall: datetime, day: date) -> str:
    """The time on a day's clock, seconds only where there are any; the end of the day is 24:00."""
    if wall.date() > day:
        return "24:00"
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")[11:]


def span_words(length: timedelta) -> tuple[str, str]:
    """A length of time in Chinese and in English, to the second."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    parts = ((minutes // 60, "小时", "h"), (minutes % 60, "分钟", "min"), (seconds, "秒", "s"))
    told = [part for part in parts if part[0]] or [(0, "秒", "s")]
    return " ".join(f"{n} {zh}" for n, zh, _ in told), " ".join(f"{n} {en}" for n, _, en in told)


@lru_cache(maxsize=4096)
def _name(index: int) -> str:
    year, week, _ = date.fromordinal(_ORIGIN_DAY + 7 * index).isocalendar()
    return f"{year}-W{week:02d}"


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return date.fromordinal(_ORIGIN_DAY + days).isoformat()


@lru_cache(maxsize=4096)
def _index(week: str) -> int:
    canonical = parse_week(week)
    monday = date.fromisocalendar(int(canonical[:4]), int(canonical[6:]), 1)
    return (monday.toordinal() - _ORIGIN_DAY) // 7


def _weeks_in(year: int) -> int:
    return date(year, 12, 28).isocalendar().week  # 28 December is always in the last week of its year


def _bad_week(where: str) -> Invalid:
    # The text itself is never repeated: a wrong column may hold anything, a phone number too.
    return Invalid(
        "bad_week",
        "周的写法应为 2026-W47（ISO 周，周一开始；只有部分年份有第 53 周）",
        "Write the week as 2026-W47 (ISO week, from Monday; only some years have a week 53)",
        where,
    )


def _read(value: str | datetime | float) -> datetime:
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, datetime):
        return _to_utc(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return _read_number(value)
    raise ValueError("not a time")


def _to_utc(t: datetime) -> datetime:
    return _EPOCH + (t - _EPOCH_WALL) if t.tzinfo is None else t.astimezone(UTC)


def _read_text(text: str) -> datetime:
    text = text.strip()
    # fromisoformat takes any character as the separator and reads "2026-03-01+09:00" as nine o'clock.
    if text[4:5] == "-" and text[10:11] in ("", " ", "T"):
        try:
            return _to_utc(datetime.fromisoformat(text))
        except ValueError:
            pass
    text = unicodedata.normalize("NFKC", text).upper()
    if text.isdecimal() and len(text) in (10, 13):
        return _read_number(int(text))
    if compact := _COMPACT.fullmatch(text):
        return _to_utc(datetime(*(int(part or 0) for part in compact.groups())))  # type: ignore[arg-type]
    return _read_written(text)


def _read_written(text: str) -> datetime:
    plain = _UNPLAIN.sub(lambda found: _PLAIN[found[0]], text).strip()
    found = _WRITTEN.fullmatch(plain)
    if found is None:
        raise ValueError("not a time")
    hour = _hour(int(found["h"] or 0), found["half"] or found["tail"])
    clock = (hour, int(found["m"] or 0), int(found["s"] or 0))
    t = datetime(int(found[1]), int(found[2]), int(found[3]), *clock)
    if found["zone"] is None:
        return _to_utc(t)
    zone = found["zone"].replace("UTC", "Z")
    return _to_utc(datetime.fromisoformat(t.isoformat() + zone))


def _hour(hour: int, half: str | None) -> int:
    """The hour out of 24; half a day is named by spreadsheets set to Chinese or to English."""
    if half is None or (hour > 12 and half in ("下午", "PM")):
        return hour
    if not 0 <= hour <= 12:
        raise ValueError("not a time")
    return hour % 12 + (12 if half in ("下午", "PM") else 0)


def _read_number(number: float) -> datetime:
    if 20_000 <= number <= 80_000:  # Excel's day numbers carry no zone, and floating noise below a second
        return (_EXCEL_ZERO + timedelta(seconds=round(number * 86_400))).astimezone(UTC)
    if 1e8 <= number < 1e11:
        return _EPOCH + timedelta(seconds=number)
    if 1e11 <= number < 1e14:
        return _EPOCH + timedelta(milliseconds=number)
    raise ValueError("not a time")
