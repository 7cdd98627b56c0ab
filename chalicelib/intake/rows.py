"""A record to a row: the header, the cells under it, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.intake import refused
from chalicelib.intake.encoding import unstorable
from chalicelib.intake.records import MAX_COLUMNS, Record, blank, too_wide
from chalicelib.model.errors import Invalid

MAX_HEADER = 64  # characters; a longer "column name" is a row of data
MAX_NESTED = 8
"""Lists and objects within one another in a cell of JSON; turns of a dialogue need one or two."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `line` is its first physical line (its row number in XLSX).

    Either `cells` or `problem` is set; with a problem, `original` keeps what could be read.
    """

    line: int
    cells: dict[str, object] | None
    problem: Invalid | None = None
    original: Mapping[str, object] = field(default_factory=dict)
    named: Sequence[str] = ()
    """The fields that rows of its kind have, where a refused one says: messages and records of telephone systems."""


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a file's own columns; `refused` when it is a list of refused rows with ours before them."""

    names: tuple[str, ...]
    refused: bool = False

    @property
    def json(self) -> bool:
        """Whether its only column holds each row's cells as JSON."""
        return self.refused and self.names == (refused.JSON_COLUMN,)


def header(records: Iterator[Record], path: Path, save: str = "UTF-8") -> Header:
    """The column names; trailing empty ones are dropped, others without a name are called "column N"."""
    record = next(records, None)
    found = (record and record.values) or ()
    values = [str("" if value is None else value).strip() for value in found]
    if refused.ours(values):
        values = [str(value) for value in refused.own(values)]
        return Header(_names(values, record, path, save), refused=True)
    return Header(_names(values, record, path, save))


def _names(values: list[str], record: Record | None, path: Path, save: str) -> tuple[str, ...]:
    while values and not values[-1]:
        values.pop()
    where = f"{path.name}:{record.line}" if record else path.name
    if len(values) > MAX_COLUMNS:
        raise too_wide(where)
    # Never the names themselves: a file without a header shows a customer's row here.
    if not values or any(len(name) > MAX_HEADER or unstorable(name) for name in values):
        raise Invalid(
            "header.missing",
            f"第一行不是列名：请在第一行写列名，并用 {save} 保存",
            f"The first row holds no column names: put names there and save as {save}",
            where,
        )
    first = {name: number for number, name in reversed(list(enumerate(values, 1)))}
    for number, name in enumerate(values, 1):
        if name and first[name] != number:
            raise Invalid(
                "header.duplicate",
                f"第 {number} 列与第 {first[name]} 列重名，请改名或删去一列",
                f"Columns {first[name]} and {number} have the same name: rename one",
                where,
            )
    return tuple(name or f"column {number}" for number, name in enumerate(values, 1))


def row(record: Record, head: Header, path: Path) -> Row:
    """The cells of a record under their names, or why they cannot be taken."""
    line, values, raw = record
    names = head.names
    if values is None:
        return Row(
            line,
            None,
            Invalid(
                "row.quotes",
                "引号不成对，或一格超过 1 MB；内容里的引号要写成两个",
                "Quotes do not match, or a cell exceeds 1 MB: double the quotes inside a cell",
                f"{path.name}:{line}",
            ),
            {f"column {len(names) + 1}": raw},
        )
    if head.refused:
        values = refused.own(values)
    if head.json:
        return _from_json(line, values, path)
    cells = dict(zip(names, values, strict=False))
    if len(values) < len(names) or not all(map(blank, values[len(names) :])):
        extra = {f"column {number}": value for number, value in enumerate(values, 1) if number > len(names)}
        return Row(
            line,
            None,
            Invalid(
                "row.ragged",
                f"应有 {len(names)} 格，实有 {len(values)} 格；含分隔符的内容要加引号",
                f"{len(names)} cells expected, {len(values)} found: quote cells that hold the delimiter",
                f"{path.name}:{line}",
            ),
            cells | extra,
        )
    return checked(line, cells, path)


def _from_json(line: int, values: Sequence[object], path: Path) -> Row:
    text = values[0] if values else ""
    if (kept := refused.original(text)) is not None:
        return checked(line, dict(kept), path)
    return no_object(line, path, str(text))


def no_object(line: int, path: Path, raw: str) -> Row:
    """The refusal of a row that should be a JSON object, with what it is instead."""
    return Row(
        line,
        None,
        Invalid(
            "row.json",
            "这一行不是一个完整的 JSON 对象",
            "This line is not one complete JSON object",
            f"{path.name}:{line}",
        ),
        {"raw": raw},
    )


def checked(line: int, cells: dict[str, object], path: Path) -> Row:
    """A row of these cells; refused when some of their text cannot be stored, or they are nested too deeply."""
    if nested(cells):
        return Row(line, None, too_nested(f"{path.name}:{line}"), {"raw": ""})  # too deep to be written down
    if unstorable(cells):
        return Row(
            line,
            None,
            Invalid(
                "row.encoding",
                "这一行有无法解码的字符；请改正后用 UTF-8 保存",
                "This row has characters that cannot be decoded: correct them and save as UTF-8",
                f"{path.name}:{line}",
            ),
            cells,
        )
    return Row(line, cells)


def nested(cells: Mapping[str, object]) -> bool:
    """Whether lists and objects lie deeper in a cell than MAX_NESTED; what goes deeper ends in RecursionError."""
    level: list[object] = list(cells.values())
    for _ in range(MAX_NESTED + 1):
        level = [item for each in level for item in _inside(each)]
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def too_nested(where: str) -> Invalid:
    """The refusal of a row whose cells are nested too deeply."""
    return Invalid(
        "row.nested",
        "这一行的单元格里有嵌套太深的 JSON；请改成文字或数字",
        "A cell of this row holds JSON nested too deeply: make it text or a number",
        where,
    )
