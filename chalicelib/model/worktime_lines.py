"""The arithmetic of a due time in words, line by line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby

from chalicelib.model.weeks import EN_DAYS, ZH_DAYS, clock_words, moment_words, span_words
from chalicelib.model.workdays import Hours, Line, calendar, calendar_known, days_between, is_workday

_MAX_CALENDAR_LINES = 12  # a longer explanation sums up the rest of its days off


def start_line(wall: datetime, begin: datetime) -> Line:
    """When counting began, and why later than asked."""
    zh, en = moment_words(wall)
    if begin == wall:
        return Line(f"从 {zh}开始", f"from {en}")
    next_zh, next_en = moment_words(begin)
    zh = f"从 {zh}开始，不在工作时间，从下次上班 {next_zh}起算"
    return Line(zh, f"from {en}, outside opening hours: counted from the next opening, {next_en}")


def end_line(day: date, since: datetime, rest: timedelta, *, more: bool) -> Line:
    """What is counted on the last day."""
    (zh, en), start, end = span_words(rest), clock_words(since, day), clock_words(since + rest, day)
    again = ("再", " more") if more else ("", "")
    return Line(f"{day} {start} 起{again[0]} {zh} → {end}", f"{en}{again[1]} from {day} {start} → {end}")


def calendar_lines(first: date, last: date, hours: Hours) -> list[Line]:
    """What the calendar did between two days: runs of days off, worked weekends, years it does not know."""
    lines, untold = list[Line](), 0
    for worked, run in groupby(days_between(first, last), lambda day: is_workday(day, hours)):
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
    own, weekend, off = Line("本单位假日", "own day off"), Line("周末", "weekend"), calendar().off
    why = list(dict.fromkeys(own if d in hours.extra_holidays else off.get(d, weekend) for d in days))
    zh = "、".join(line.zh for line in why) + ("" if why == [weekend] else "放假")
    en = ", ".join(line.en for line in why)
    first, last = days[0], days[-1]
    until = last.isoformat()[5 if first.year == last.year else 0 :]
    to = ("", "") if first == last else (f" 至 {until}", f" to {until}")
    return Line(f"{first}{to[0]} {zh}，不计", f"{first}{to[1]} off: {en}, not counted")


def _worked_line(day: date, hours: Hours) -> Line | None:
    """Why a day is worked that people would take for a day off; None for an ordinary day."""
    name = calendar().worked.get(day)
    if name is None and day not in hours.extra_workdays:
        return None
    why = Line("本单位规定", "own day") if name is None else Line(f"{name.zh}调休", f"in lieu for {name.en}")
    zh_day, en_day = ZH_DAYS[day.weekday()], EN_DAYS[day.weekday()]
    return Line(f"{day}（{zh_day}）{why.zh}上班，计入", f"{en_day} {day} worked ({why.en}), counted")
