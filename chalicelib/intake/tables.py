"""Rows from CSV, XLSX and JSON files, one at a time; a bad row is a problem on that row, not an end."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string

from chalicelib.intake import refused
from chalicelib.intake.encoding import (
    Lines,
    LineTooLong,
    Record,
    csv_records,
    detect,
    open_text,
    refusal,
    shape_of,
    unstorable,
)
from chalicelib.model.errors import Invalid

MAX_UNPACKED = 500 << 20  # bytes of an XLSX once unzipped
MAX_ARRAY = 64 << 20  # bytes of one JSON array: it cannot be streamed
MAX_HEADER = 64  # characters; a longer "column name" is a row of data
_EXCEL_ROWS = 1_048_576
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+)(\d+):([A-Z]+)\d+"')


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `line` is its first physical line (its row number in XLSX).

    Either `cells` or `problem` is set; with a problem, `original` keeps what could be read.
    """

    line: int
    cells: dict[str, object] | None
    problem: Invalid | None = None
    original: Mapping[str, object] = field(default_factory=dict)


def read_rows(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Stream a file's rows. Invalid at once if it is no table, at the first row for its header."""
    shape = shape_of(path)
    return _rows(path, shape, sheet)


def headers(path: Path, sheet: str | None = None) -> tuple[str, ...]:
    """The column names; for JSON (and a list of refused rows) all keys of the first 200 rows."""
    shape = shape_of(path)
    if shape in ("csv", "xlsx"):
        names = _header(_records(path, shape, sheet), path)
        if names != refused.COLUMNS:
            return names
    first = islice(read_rows(path, sheet), 200)
    return tuple(dict.fromkeys(key for row in first for key in row.cells or ()))


def count_rows(path: Path, sheet: str | None = None) -> int | None:
    """About how many rows there are, for a progress bar; None when only reading would tell."""
    shape = shape_of(path)
    if shape == "xlsx":
        with _workbook(path) as book:
            highest = _page(book, sheet, path).max_row
        return max(0, highest - 1) if highest else None
    if shape == "json":
        return None
    with path.open("rb") as file:
        lines, last = 0, b"\n"
        while chunk := file.read(1 << 20):
            lines, last = lines + chunk.count(b"\n"), chunk
    return max(0, lines + (not last.endswith((b"\n", b"\n\x00"))) - (shape == "csv"))


def _rows(path: Path, shape: str, sheet: str | None) -> Iterator[Row]:
    try:
        if shape in ("csv", "xlsx"):
            records = _records(path, shape, sheet)
            names = _header(records, path)
            yield from (_row(record, names, path) for record in records)
        else:
            yield from _json_lines(path) if shape == "jsonl" else _json_array(path)
    except OSError as error:
        raise refusal(error, path) from error


def _records(path: Path, shape: str, sheet: str | None) -> Iterator[Record]:
    """All records that are not blank, the header first."""
    records = _sheet_records(path, sheet) if shape == "xlsx" else csv_records(path)
    return (each for each in records if each.values is None or not all(map(_blank, each.values)))


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _header(records: Iterator[Record], path: Path) -> tuple[str, ...]:
    """The column names; trailing empty ones are dropped, others without a name are called "column N"."""
    record = next(records, None)
    values = [str("" if value is None else value).strip() for value in (record and record.values) or ()]
    while values and not values[-1]:
        values.pop()
    where = f"{path.name}:{record.line}" if record else path.name
    # Never the names themselves: a file without a header shows a customer's row here.
    if not values or any(len(name) > MAX_HEADER or unstorable(name) for name in values):
        raise Invalid(
            "header.missing",
            "第一行不是列名：请在第一行写列名，并用 UTF-8 编码保存",
            "The first row holds no column names: put names there and save as UTF-8",
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


def _row(record: Record, names: tuple[str, ...], path: Path) -> Row:
    line, values, raw = record
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
            {"raw": raw},
        )
    if (kept := refused.original(names, values)) is not None:
        return _checked(line, dict(kept), path)
    cells = dict(zip(names, values, strict=False))
    extra = {f"column {number}": value for number, value in enumerate(values, 1) if number > len(names)}
    if len(values) < len(names) or not all(map(_blank, extra.values())):
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
    return _checked(line, cells, path)


def _checked(line: int, cells: dict[str, object], path: Path) -> Row:
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


def _json_lines(path: Path) -> Iterator[Row]:
    with open_text(path, detect(path)) as text:
        lines = Lines(text)
        while True:
            number = lines.begin()
            try:
                line = next(lines)
            except StopIteration:
                return
            except LineTooLong:
                yield _bad_json(number, path, "")
                continue
            if line.strip():
                yield _json_row(number, line.rstrip("\r\n"), path)


def _json_row(line: int, raw: str, path: Path) -> Row:
    try:
        return _json_object(line, json.loads(raw, parse_constant=lambda _: None), path)
    except (ValueError, RecursionError):
        return _bad_json(line, path, raw)


def _json_object(line: int, value: object, path: Path) -> Row:
    if isinstance(value, dict):
        return _checked(line, value, path)
    return _bad_json(line, path, str(value)[:1000])


def _bad_json(line: int, path: Path, raw: str) -> Row:
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


def _json_array(path: Path) -> Iterator[Row]:
    """The objects of one array (or written one after another over several lines), each at its line."""
    if path.stat().st_size > MAX_ARRAY:
        raise Invalid(
            "file.too_big",
            "JSON 数组超过 64 MB；请改成每行一个对象的 .jsonl",
            "The JSON array exceeds 64 MB: write one object a line (.jsonl)",
            path.name,
        )
    with open_text(path, detect(path)) as text:
        content = text.read()
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    line, counted, at = 1, 0, _skip(content, 0)
    array = content.startswith("[", at)
    at += array
    while True:
        at = _skip(content, at)
        line, counted = line + content.count("\n", counted, at), at
        if array and content.startswith("]", at):
            array, at = False, at + 1  # anything more is read, and refused or taken, like loose objects
            continue
        if not array and at == len(content):
            return
        try:
            value, at = decoder.raw_decode(content, at)
        except (ValueError, RecursionError):
            yield _bad_json(line, path, content[at : at + 1000])  # where the next one begins is unknown
            return
        yield _json_object(line, value, path)


def _skip(content: str, at: int) -> int:
    while at < len(content) and content[at] in " \t\r\n,":
        at += 1
    return at


def _sheet_records(path: Path, sheet: str | None) -> Iterator[Record]:
    """The rows of a sheet, each padded to the width of the header; merged banners are left out."""
    with _workbook(path) as book:
        page = _page(book, sheet, path)
        banners = _merged(page)
        page.reset_dimensions()  # some exporters write wrong ones
        width = 0
        for number, row in enumerate(_quiet(page.iter_rows(max_row=_EXCEL_ROWS, values_only=True)), 1):
            values = [_clean(value) for value in row]
            width = max(width, len(values))
            filled = [column for column, value in enumerate(values, 1) if not _blank(value)]
            if len(filled) != 1 or (number, filled[0]) not in banners:
                yield Record(number, values + [None] * (width - len(values)))


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                    raise Invalid(
                        "file.too_big",
                        "表格解压后超过 500 MB；请拆成几个文件或另存为 CSV",
                        "The workbook exceeds 500 MB unzipped: split it or save it as CSV",
                        path.name,
                    )
            with warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                yield book
    except Invalid:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part happens to cause
        raise Invalid(
            "file.broken",
            "不是完好的 .xlsx 文件；请用 Excel 打开后另存为 .xlsx",
            "Not a sound .xlsx file: open it in a spreadsheet and save it as .xlsx",
            path.name,
        ) from error


def _page(book: Any, sheet: str | None, path: Path) -> Any:
    pages = {page.title: page for page in book.worksheets}
    if pages and sheet is None:
        return next(iter(pages.values()))
    if sheet not in pages:
        known = ", ".join(pages)
        raise Invalid(
            "file.sheet", f"没有这个工作表；现有：{known}", f"No such sheet; there are: {known}", path.name
        )
    return pages[sheet]


def _merged(page: Any) -> set[tuple[int, int]]:
    """(row, column) where a merge over several columns begins; openpyxl's streaming mode does not tell."""
    found, rest = set(), b""
    with page._get_source() as part:
        while chunk := part.read(1 << 20):
            chunk = rest + chunk
            for left, row, right in _MERGED.findall(chunk) if b"mergeCell " in chunk else ():
                if left != right:
                    found.add((int(row), column_index_from_string(left.decode())))
            rest = chunk[-100:]
    return found


def _quiet(rows: Iterator[Any]) -> Iterator[Any]:
    """The same rows without openpyxl's warnings about styles; in batches, as the filter is process-wide."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            batch = list(islice(rows, 500))
        if not batch:
            return
        yield from batch


def _clean(value: object) -> object:
    """Whole floats as int (1.38e10 is a phone number), and no escaped carriage returns."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value.replace("_x000D_", "") if isinstance(value, str) else value
