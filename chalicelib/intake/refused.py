"""Rows that could not be taken, in a file of their own: fix the cells, import that file again."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TextIO

from chalicelib.intake.fields import reasons
from chalicelib.model.errors import Invalid, LoopError

COLUMNS = ("行号 line", "原因 reason (zh)", "reason (en)", "code", "where")
"""Our own columns. After them come the file's own, or `JSON_COLUMN` where the file had no columns."""
JSON_COLUMN = "cells"
# A spreadsheet runs a cell that starts with one of these as a formula; an apostrophe before it prevents that.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")
_AGAIN = re.compile(r"-refused(-\d+)?$")


class Refused:
    """Writes `<name>-refused.csv` (mode 0600), created with the first refused row.

    A file from an earlier run is never overwritten: the next is `<name>-refused-2.csv`, and what is refused
    of that file again goes into `<name>-refused-3.csv`. `columns` are the file's own, None for JSON.
    """

    def __init__(self, name: Path, columns: Sequence[str] | None = None) -> None:
        self._name = name.with_name(_AGAIN.sub("", name.name) or name.name)
        self._columns = columns
        self._file: TextIO | None = None
        self.count = 0
        self.path: Path | None = None

    def __enter__(self) -> Refused:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, line: int, problem: LoopError, cells: Mapping[str, object] | None) -> None:
        """Write down one row: where it stood, why it was refused, and all of its cells."""
        try:
            file = self._file = self._file or self._create()
            _write(file, _row(self._columns, line, problem, cells or {}))
        except OSError as error:
            raise _unwritable(self._name) from error
        self.count += 1

    def close(self) -> None:
        """Finish the file; nothing happens when nothing was refused."""
        file, self._file = self._file, None
        try:
            if file:
                file.close()
        except OSError as error:
            raise _unwritable(self._name) from error

    def _create(self) -> TextIO:
        folder = self._name.absolute().parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in count(1):
            path = folder / f"{self._name.name}-refused{'' if number == 1 else f'-{number}'}.csv"
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            break
        self.path = path
        # An undecodable byte stays visible as \udcXX, and is read back as what it was.
        file = os.fdopen(handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        _write(file, _head(self._columns))
        return file


def head_text(columns: Sequence[str] | None) -> str:
    """The first line of such a list, for one that is put together elsewhere; `columns` as `Refused` takes them."""
    return _text(_head(columns))


def row_text(
    columns: Sequence[str] | None, line: int, problem: LoopError, cells: Mapping[str, object]
) -> str:
    """The line of one refused row, as it stands in the file."""
    return _text(_row(columns, line, problem, cells))


def _text(values: Iterable[object]) -> str:
    out = StringIO(newline="")
    _write(out, values)
    return out.getvalue().encode("utf-8", "backslashreplace").decode()


def _head(columns: Sequence[str] | None) -> tuple[str, ...]:
    return (*COLUMNS, *((JSON_COLUMN,) if columns is None else columns))


def _row(
    columns: Sequence[str] | None, line: int, problem: LoopError, cells: Mapping[str, object]
) -> tuple[object, ...]:
    return (line, *reasons(problem), problem.code, problem.where, *_own(columns, cells))


def _own(columns: Sequence[str] | None, cells: Mapping[str, object]) -> list[object]:
    """The row under the file's own columns; what has no column stands after the last, as it did there."""
    if columns is None:
        return [json.dumps(dict(cells), ensure_ascii=False, default=str)]
    extra = [value for name, value in cells.items() if name not in columns]
    # A row that was too short stays so, lest it be taken unfixed.
    names = [name for name in columns if extra or name in cells]
    return [cells.get(name, "") for name in names] + extra


def ours(headers: Sequence[object]) -> bool:
    """Whether these are the columns of a list of refused rows."""
    return tuple(headers[: len(COLUMNS)]) == COLUMNS


def own(values: Sequence[object]) -> list[object]:
    """What the row of such a list had in its file: without our columns, as it was before it was written."""
    return [_restored(value) for value in values[len(COLUMNS) :]]


def original(text: object) -> Mapping[str, object] | None:
    """The cells kept as JSON in a row of such a list; None when that is no JSON object any more."""
    try:
        cells = json.loads(str(text), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return cells if isinstance(cells, dict) else None


def _write(file: TextIO, values: Iterable[object]) -> None:
    csv.writer(file).writerow([_harmless(value) for value in values])


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _restored(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    plain = cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
    # An undecodable byte is one again, so that the row is refused until it is corrected.
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), plain)


def _unwritable(name: Path) -> Invalid:
    return Invalid(
        "refused.write",
        "写不了拒收清单，请检查数据目录的权限和剩余空间",
        "Cannot write the list of refused rows: check permissions and free space of the data folder",
        name.name,
    )
