"""Plain tables of figures for the statistics: every cell checked, the first bad one named by file, line and column."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from chalicelib.intake.tables import headers, read_rows
from chalicelib.model.errors import Invalid

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_PLAIN = ("应为数字，如 120 或 0.35，不带千位分隔符和单位", "must be a number such as 120 or 0.35, without thousands separators or units")  # fmt: skip


class Bounds(NamedTuple):
    """What a number may be; `hint` says what to do about one that is not."""

    least: float | None = None
    most: float | None = None
    above: bool = False
    """More than `least`."""
    whole: bool = False
    hint: tuple[str, str] = ("", "")

    def hold(self, value: float) -> bool:
        """Whether a number is inside."""
        low = self.least is None or (value > self.least if self.above else value >= self.least)
        return low and (self.most is None or value <= self.most) and not (self.whole and value % 1)

    def told(self) -> tuple[str, str]:
        """What it must be, in words."""
        kind = ("整数", "a whole number") if self.whole else ("数", "a number")
        edge = ("大于", "above") if self.above else ("不小于", "of at least")
        low = (
            ("", "") if self.least is None else (f"{edge[0]} {self.least:g} 的", f" {edge[1]} {self.least:g}")
        )
        high = ("", "") if self.most is None else (f"不大于 {self.most:g} 的", f", at most {self.most:g}")
        return (
            f"应为{low[0]}{high[0]}{kind[0]}{self.hint[0]}",
            f"must be {kind[1]}{low[1]}{high[1]}{self.hint[1]}",
        )


ANY = Bounds()


class Cell(NamedTuple):
    """One row; its cells are asked for by column. What is wrong with one is told without repeating it."""

    file: str
    line: int
    cells: Mapping[str, object]

    def text(self, column: str) -> str:
        """A cell that must hold something."""
        text = str(self.cells.get(column) or "").strip()
        if not text:
            raise self.wrong(column, "不能为空，请填写", "must not be empty: fill it in")
        return text

    def number(self, column: str, bounds: Bounds = ANY) -> float | None:
        """A finite number within bounds, None where the cell is empty."""
        cell = self.cells.get(column)
        text = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()
        if not text:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            raise self.wrong(column, *_PLAIN)
        if not bounds.hold(value):
            raise self.wrong(column, *bounds.told())
        return value

    def needed(self, column: str, bounds: Bounds = ANY) -> float:
        """A number that must be there."""
        value = self.number(column, bounds)
        if value is None:
            zh, en = bounds.told()
            raise self.wrong(column, f"不能为空，{zh}", f"must not be empty: it {en}")
        return value

    def wrong(self, column: str, zh: str, en: str) -> Invalid:
        """The refusal of a cell."""
        where = f"{self.file}:{self.line}:{column}"
        return Invalid(
            "table.cell",
            f"第 {self.line} 行 {column} 列：{zh}。整个文件没有计算",
            f"line {self.line}, column {column}: {en}. Nothing of the file was computed",
            where,
        )


def columns(path: Path, prefixes: Sequence[str] = ()) -> dict[str, str]:
    """Column name -> as the file writes it: in lower case, but for what follows one of the prefixes."""
    return {_known(name.strip(), prefixes): name for name in headers(path)}


def _known(name: str, prefixes: Sequence[str]) -> str:
    small = name.lower()
    prefix = next((one for one in prefixes if small.startswith(one) and len(name) > len(one)), "")
    return prefix + name[len(prefix) :] if prefix else small


def measured(
    path: Path, needed: Sequence[str], optional: Sequence[str] = (), prefixes: Sequence[str] = ()
) -> Iterator[Cell]:
    """The rows with the needed columns, and where the file has them the optional ones and those that begin with a
    prefix; others are passed over. A file without rows is refused."""
    there = columns(path, prefixes)
    lacking = [name for name in needed if name not in there]
    if lacking:
        raise Invalid(
            "table.columns",
            f"缺少列 {'、'.join(lacking)}；第一行应为 {','.join(needed)}",
            f"missing column {', '.join(lacking)}; the first row should read {','.join(needed)}",
            f"{path.name}:1",
        )
    own = [name for name in there if name.startswith(tuple(prefixes))] if prefixes else []
    names = {name: there[name] for name in (*needed, *optional, *own) if name in there}
    none = True
    for row in read_rows(path):
        none = False
        if row.cells is None:
            raise row.problem or Invalid(
                "table.row", "这一行读不出", "this row cannot be read", f"{path.name}:{row.line}"
            )
        yield Cell(path.name, row.line, {name: row.cells.get(written) for name, written in names.items()})
    if none:
        raise Invalid(
            "table.empty",
            "只有列名，没有数据，请检查是否导出成功",
            "There are column names and no rows: check the export",
            path.name,
        )
