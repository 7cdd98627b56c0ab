"""Rows from CSV, XLSX and JSON files and messages, one at a time; a bad row is a problem on that row, not an end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from chalicelib.intake.encoding import refusal
from chalicelib.intake.json_rows import json_array, json_lines
from chalicelib.intake.mail import mail_rows
from chalicelib.intake.records import MAX_COLUMNS, Record, blank, csv_records, too_wide
from chalicelib.intake.rows import Header, Row, header, row
from chalicelib.intake.shape import shape_of
from chalicelib.intake.workbook import count_sheet_rows, sheet_names, sheet_records

OTHERS = {"jsonl": json_lines, "json": json_array, "mail": mail_rows}
"""Readers of files without columns of their own."""


def read_rows(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Stream a file's rows. Invalid at once if it is no table, at the first row for its header."""
    shape = shape_of(path)
    return _rows(path, shape, sheet)


def headers(path: Path, sheet: str | None = None) -> tuple[str, ...]:
    """The column names; for JSON all keys of the first 200 rows."""
    names = own_columns(path, sheet)
    if names is not None:
        return names
    first = islice(read_rows(path, sheet), 200)
    keys = tuple(dict.fromkeys(key for each in first for key in each.cells or each.named))
    if len(keys) > MAX_COLUMNS:
        raise too_wide(path.name)
    return keys


def own_columns(path: Path, sheet: str | None = None) -> tuple[str, ...] | None:
    """The column names of a table; None for JSON, and for refused rows of JSON."""
    shape = shape_of(path)
    if shape not in ("csv", "xlsx"):
        return None
    head = _header(_records(path, shape, sheet), path, shape)
    return None if head.json else head.names


def sheets(path: Path) -> tuple[str, ...]:
    """The names of a workbook's sheets, the first one first; none for other files."""
    return sheet_names(path) if shape_of(path) == "xlsx" else ()


def count_rows(path: Path, sheet: str | None = None) -> int | None:
    """About how many rows there are, for a progress bar; None when only reading would tell."""
    shape = shape_of(path)
    if shape == "xlsx":
        return count_sheet_rows(path, sheet)
    if shape in ("json", "mail"):
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
            head = _header(records, path, shape)
            yield from (row(record, head, path) for record in records)
        else:
            yield from OTHERS[shape](path)
    except OSError as error:
        raise refusal(error, path) from error


def _header(records: Iterator[Record], path: Path, shape: str) -> Header:
    return header(records, path, ".xlsx" if shape == "xlsx" else "UTF-8")


def _records(path: Path, shape: str, sheet: str | None) -> Iterator[Record]:
    """All records that are not blank, the header first."""
    records = sheet_records(path, sheet) if shape == "xlsx" else csv_records(path)
    return (each for each in records if each.values is None or not all(map(blank, each.values)))
