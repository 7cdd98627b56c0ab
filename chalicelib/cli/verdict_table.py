"""The table of `voc verdict`: columns, their checks, and the names of periods."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from chalicelib.cli.measured import Bounds, Cell, columns, measured
from chalicelib.intake.tables import headers
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import parse_week, shift, weeks_between
from chalicelib.stats.glm import Array
from chalicelib.stats.its import Series, array
from chalicelib.stats.reasons import Label

NEEDED, OPTIONAL = ("time", "count", "exposure", "intervention"), ("season", "control")
OTHER, SIBLING = "intervention_", "sibling_"
"""Columns that begin so: another project on the metric; a series that contacts may have moved to."""
COUNT, RATE, FLAG = Bounds(least=0, whole=True), Bounds(least=0), Bounds(least=0, most=1, whole=True)
SEASON, WHOLE = Bounds(least=1, most=366, whole=True), Bounds(least=-1e9, most=1e9, whole=True)
EXPOSURE = Bounds(
    least=0,
    above=True,
    hint=("；没有分母的期请整行删去", "; leave out the row of a period without a denominator"),
)
MOST_GAPS = 3
"""Times as many periods as rows there may be."""
_MONTH = re.compile(r"((?:19|20)\d\d)-?(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Table:
    """A file that has been read."""

    series: Series
    siblings: dict[str, Array]
    label: Label
    ignored: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """Periods between the first row and the last that no row has."""
        there = {int(period) for period in self.series.time}
        return [self.label(period) for period in range(1, max(there)) if period not in there]


def read_table(path: Path) -> Table:
    """Read and check; Invalid names the file, the line and the column."""
    rows = list(measured(path, NEEDED, OPTIONAL, (OTHER, SIBLING)))
    names = tuple(rows[0].cells)

    def numbers(name: str, bounds: Bounds) -> list[float]:
        return [row.needed(name, bounds) for row in rows]

    def named(prefix: str, bounds: Bounds) -> dict[str, list[float]]:
        return {n.removeprefix(prefix): numbers(n, bounds) for n in names if n.startswith(prefix)}

    index, label = _periods(rows)
    series = Series.of(
        named(OTHER, FLAG),
        time=index,
        count=numbers("count", COUNT),
        exposure=numbers("exposure", EXPOSURE),
        after=_begun(rows),
        season=numbers("season", SEASON) if "season" in names else None,
        control=numbers("control", RATE) if "control" in names else None,
    )
    siblings = {name: array(column) for name, column in named(SIBLING, COUNT).items()}
    used = {columns(path, (OTHER, SIBLING))[name] for name in names}
    return Table(series, siblings, label, tuple(n.strip() for n in headers(path) if n not in used))


def _begun(rows: Sequence[Cell]) -> list[float]:
    after = [row.needed("intervention", FLAG) for row in rows]
    for row, (before, now) in zip(rows[1:], pairwise(after), strict=True):
        if now < before:
            raise row.wrong(
                "intervention",
                "开始以后不能再回到 0；表里只能有一次开始",
                "cannot go back to 0 once it has begun; a table holds one start",
            )
    return after


def _periods(rows: Sequence[Cell]) -> tuple[list[float], Label]:
    """(1, 2, … for each row, with gaps where periods are missing; the name of any period)."""
    texts = [row.text("time") for row in rows]
    name: Callable[[int], str]
    if all(_MONTH.fullmatch(text) for text in texts):
        counted, name = [_month(text) for text in texts], _month_name
    elif all(_DAY.fullmatch(text) for text in texts):
        counted, name = [_day(row).toordinal() for row in rows], _day_name
    elif any("W" in text.upper() or "周" in text for text in texts):
        counted, name = [_week(row) for row in rows], _week_name
    else:
        counted, name = [int(row.needed("time", WHOLE)) for row in rows], str
    for row, (before, now) in zip(rows[1:], pairwise(counted), strict=True):
        if now <= before:
            raise row.wrong(
                "time",
                "时间没有往后走：每期一行，从早到晚",
                "time does not go on: one row a period, the earliest first",
            )
    step = math.gcd(*(now - before for before, now in pairwise(counted))) or 1
    index = [float((one - counted[0]) // step + 1) for one in counted]
    if index[-1] > MOST_GAPS * len(index) + MOST_GAPS:
        raise rows[-1].wrong(
            "time",
            "间隔不齐，缺的期太多；各期应等长，例如都是一周或都是一个月",
            "uneven steps, too many periods are missing; periods have one length, such as a week or a month",
        )
    return index, lambda period: name(counted[0] + (period - 1) * step)


_FIRST_WEEK = "2000-W01"


def _week(row: Cell) -> int:
    try:
        return len(weeks_between(_FIRST_WEEK, parse_week(row.text("time"))))
    except Invalid as error:
        raise row.wrong("time", error.zh, error.en) from error


def _week_name(number: int) -> str:
    return shift(_FIRST_WEEK, number - 1)


def _month(text: str) -> int:
    found = _MONTH.fullmatch(text)
    return int(found[1]) * 12 + int(found[2]) - 1 if found else 0


def _month_name(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _day(row: Cell) -> date:
    try:
        return date.fromisoformat(row.text("time"))
    except ValueError as error:
        raise row.wrong("time", "没有这一天", "there is no such day") from error


def _day_name(number: int) -> str:
    return str(date.min + timedelta(days=number - 1))
