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

    def number(self, column: str, least: float | None = None) -> float | None:
        """A finite number, None where the cell is empty."""
        cell = self.cells.get(column)
        text = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()
        if not text:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            raise self.wrong(
                column,
                "应为数字，如 120 或 0.35，不带千位分隔符和单位",
                "must be a number such as 120 or 0.35, without thousands separators or units",
            )
        if least is not None and value < least:
            raise self.wrong(column, f"不能小于 {least:g}", f"must not be below {least:g}")
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


def columns(path: Path) -> dict[str, str]:
    """Column name in lower case -> as the file writes it."""
    return {name.strip().lower(): name for name in headers(path)}


def measured(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Cell]:
    """The rows with the needed columns, and the optional ones where the file has them; others are passed over."""
    there = columns(path)
    lacking = [name for name in needed if name not in there]
    if lacking:
        raise Invalid(
            "table.columns",
            f"缺少列 {'、'.join(lacking)}；第一行应为 {','.join(needed)}",
            f"missing column {', '.join(lacking)}; the first row should read {','.join(needed)}",
            f"{path.name}:1",
        )
    names = {name: there[name] for name in (*needed, *optional) if name in there}
    for row in read_rows(path):
        if row.cells is None:
            raise row.problem or Invalid(
                "table.row", "这一行读不出", "this row cannot be read", f"{path.name}:{row.line}"
            )
        yield Cell(path.name, row.line, {name: row.cells.get(own) for name, own in names.items()})
