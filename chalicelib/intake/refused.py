"""Rows that could not be taken, in a file beside the data: fix the cells, import that file again."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TextIO

from chalicelib.model.errors import Invalid, LoopError

COLUMNS = ("line", "code", "reason_zh", "reason_en", "where", "cells")
# A spreadsheet runs a cell that starts like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Refused:
    """Writes `<data>-refused.csv` beside the data folder (mode 0600), created with the first refused row.

    A file from an earlier run is never overwritten: the next is `<data>-refused-2.csv`.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
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
        original = json.dumps(dict(cells or {}), ensure_ascii=False, default=str)
        row = (line, problem.code, problem.zh, problem.en, problem.where, original)
        try:
            file = self._file = self._file or self._create()
            csv.writer(file).writerow([_harmless(cell) for cell in row])
        except OSError as error:
            raise _unwritable(self._data) from error
        self.count += 1

    def close(self) -> None:
        """Finish the file; nothing happens when nothing was refused."""
        file, self._file = self._file, None
        try:
            if file:
                file.close()
        except OSError as error:
            raise _unwritable(self._data) from error

    def _create(self) -> TextIO:
        folder = self._data.absolute().parent
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = folder / f"{self._data.stem}-refused{'' if number == 1 else f'-{number}'}.csv"
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            break
        self.path = path
        # An undecodable byte stays visible as \udcXX, which is also how JSON reads it back.
        file = os.fdopen(handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        csv.writer(file).writerow(COLUMNS)
        return file


def original(headers: Sequence[str], values: Sequence[object]) -> Mapping[str, object] | None:
    """The cells kept in one row of such a file; None when it is another file or the cells are no JSON."""
    if tuple(headers) != COLUMNS or len(values) != len(COLUMNS):
        return None
    try:
        cells = json.loads(str(values[-1]), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return cells if isinstance(cells, dict) else None


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _unwritable(data: Path) -> Invalid:
    return Invalid(
        "refused.write",
        "写不了拒收清单，请检查数据目录上一级的权限和剩余空间",
        "Cannot write the list of refused rows: check permissions and free space beside the data",
        data.name,
    )
