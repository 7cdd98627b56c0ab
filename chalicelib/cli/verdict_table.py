"""The table of `voc verdict`: columns, their checks, and the names of periods."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from chalicelib.intake.tables import read_rows
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import parse_week, shift, weeks_between
from chalicelib.stats.its import Series
from chalicelib.stats.reasons import Label

NEEDED, OPTIONAL = ("time", "count", "exposure", "intervention"), ("season", "control")
OTHER, SIBLING = "intervention_", "sibling_"
"""Columns that begin so: another project on the metric; a series that contacts may have moved to."""
MOST_GAPS = 3
"""Times as many periods as rows there may be."""
_MONTH = re.compile(r"((?:19|20)\d\d)-?(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Table:
    """A file that has been read."""

    series: Series
    siblings: dict[str, np.ndarray]
    label: Label
    ignored: tuple[str, ...]


def read_table(path: Path) -> Table:
    """Read and check; Invalid names the file, the line and the column."""
    rows = [(row.line, _cells(row.cells, row.problem)) for row in read_rows(path)]
    names = tuple(rows[0][1]) if rows else ()
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise Invalid(
            "verdict.columns",
            f"缺少列 {'、'.join(missing)}；需要 time、count、exposure、intervention，可有 season、control",
            f"columns missing: {', '.join(missing)}; needed are time, count, exposure and intervention, and there"
            " may be season and control",
            path.name,
        )
    column = _Columns(path.name, rows)
    index, label = _periods(column)
    others = [name for name in names if name.startswith(OTHER) and name != OTHER]
    siblings = [name for name in names if name.startswith(SIBLING) and name != SIBLING]
    series = Series(
        time=index,
        count=column.numbers("count", whole=True),
        exposure=column.numbers("exposure", least=0.0, above=True),
        after=_begun(column),
        season=column.numbers("season", least=1.0, whole=True) if "season" in names else None,
        control=column.numbers("control") if "control" in names else None,
        others={name.removeprefix(OTHER): column.numbers(name, whole=True, most=1.0) for name in others},
    )
    known = {*NEEDED, *OPTIONAL, *others, *siblings}
    return Table(
        series,
        {name.removeprefix(SIBLING): column.numbers(name, whole=True) for name in siblings},
        label,
        tuple(name for name in names if name not in known),
    )


def _cells(cells: Mapping[str, object] | None, problem: Invalid | None) -> dict[str, str]:
    if cells is None:
        raise problem or Invalid("row", "这一行读不懂", "this row cannot be read")
    return {_known(name.strip()): str("" if cell is None else cell).strip() for name, cell in cells.items()}


def _known(name: str) -> str:
    """Our own words in small letters; the names of projects and siblings as they are written."""
    small = name.lower()
    prefix = next((one for one in (OTHER, SIBLING) if small.startswith(one)), "")
    return prefix + name[len(prefix) :] if prefix else small


class _Columns:
    """The cells by column, with what to say of a bad one."""

    def __init__(self, file: str, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
        self._file, self._rows = file, rows

    def texts(self, name: str) -> list[str]:
        return [cells.get(name, "") for _, cells in self._rows]

    def bad(self, at: int, name: str, zh: str, en: str) -> Invalid:
        """The refusal of one cell; what stands in it is not repeated."""
        line = self._rows[at][0]
        return Invalid("verdict.cell", f"第 {line} 行 {name} 列：{zh}", f"line {line}, column {name}: {en}",
                       f"{self._file}:{line}:{name}")  # fmt: skip

    def numbers(
        self,
        name: str,
        *,
        least: float = 0.0,
        above: bool = False,
        whole: bool = False,
        most: float = 1e12,
    ) -> np.ndarray:
        """A column of numbers within bounds."""
        return np.array(
            [
                self._number(at, name, text, least, above, whole, most)
                for at, text in enumerate(self.texts(name))
            ]
        )

    def _number(
        self, at: int, name: str, text: str, least: float, above: bool, whole: bool, most: float
    ) -> float:
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if least <= value <= most and not (above and value == least) and not (whole and value % 1):
            return value
        kind = ("整数", "a whole number") if whole else ("数", "a number")
        edge = ("大于", "above") if above else ("不小于", "of at least")
        upper = (f"、不大于 {most:g}", f" and at most {most:g}") if most < 1e12 else ("", "")
        hint = (
            ("；没有分母的期请整行删去", "; leave out the row of a period without a denominator")
            if above
            else ("", "")
        )
        raise self.bad(
            at,
            name,
            f"应为{edge[0]} {least:g}{upper[0]} 的{kind[0]}{hint[0]}",
            f"should be {kind[1]} {edge[1]} {least:g}{upper[1]}{hint[1]}",
        )


def _begun(column: _Columns) -> np.ndarray:
    after = column.numbers("intervention", whole=True, most=1.0)
    for at in np.flatnonzero(np.diff(after) < 0) + 1:
        raise column.bad(
            int(at),
            "intervention",
            "开始以后不能再回到 0；表里只能有一次开始",
            "cannot go back to 0 once it has begun; a table holds one start",
        )
    return after


def _periods(column: _Columns) -> tuple[np.ndarray, Label]:
    """(1, 2, … for each row, with gaps where periods are missing; the name of any period)."""
    texts = column.texts("time")
    counted: list[int]
    name: Callable[[int], str]
    if all(_MONTH.fullmatch(text) for text in texts):
        counted, name = [_month(text) for text in texts], _month_name
    elif all(_DAY.fullmatch(text) for text in texts):
        counted, name = [_day(column, at, text).toordinal() for at, text in enumerate(texts)], _day_name
    elif any("W" in text.upper() or "周" in text for text in texts):
        counted, name = [_week(column, at, text) for at, text in enumerate(texts)], _week_name
    else:
        counted, name = [int(n) for n in column.numbers("time", least=-1e9, whole=True, most=1e9)], str
    for at, (before, now) in enumerate(pairwise(counted), 1):
        if now <= before:
            raise column.bad(
                at,
                "time",
                "时间没有往后走：每期一行，从早到晚",
                "time does not go on: one row a period, the earliest first",
            )
    step = math.gcd(*(now - before for before, now in pairwise(counted))) or 1
    index = np.array([(one - counted[0]) // step + 1 for one in counted], float)
    if index[-1] > MOST_GAPS * len(index) + MOST_GAPS:
        raise column.bad(
            len(index) - 1,
            "time",
            "间隔不齐，缺的期太多；各期应等长，例如都是一周或都是一个月",
            "uneven steps, too many periods are missing; periods have one length, such as a week or a month",
        )
    return index, lambda period: name(counted[0] + (period - 1) * step)


_FIRST_WEEK = "2000-W01"


def _week(column: _Columns, at: int, text: str) -> int:
    try:
        return len(weeks_between(_FIRST_WEEK, parse_week(text)))
    except Invalid as error:
        raise column.bad(at, "time", error.zh, error.en) from error


def _week_name(number: int) -> str:
    return shift(_FIRST_WEEK, number - 1)


def _month(text: str) -> int:
    found = _MONTH.fullmatch(text)
    return int(found[1]) * 12 + int(found[2]) - 1 if found else 0


def _month_name(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _day(column: _Columns, at: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise column.bad(at, "time", "没有这一天", "there is no such day") from error


def _day_name(number: int) -> str:
    return str(date.min + timedelta(days=number - 1))
