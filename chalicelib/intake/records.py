"""The lines of a text file, and the records of a CSV."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from chalicelib.intake.encoding import detect, open_text
from chalicelib.model.errors import Invalid

_CHUNK = 1 << 20
LONGEST_LINE = 8 << 20  # characters; a "line" beyond this is no table and must not fill the memory
MAX_FIELD = 1 << 20  # characters in one CSV cell
MAX_COLUMNS = 256
_DELIMITERS = ",;\t"

# The csv module has one limit for the whole process, lower than ours by default.
csv.field_size_limit(max(MAX_FIELD, csv.field_size_limit()))


class LineTooLong(ValueError):
    """A physical line longer than LONGEST_LINE."""


class Record(NamedTuple):
    """The cells of one record; `values` is None, and `raw` its first line, when its quotes do not match."""

    line: int
    values: Sequence[object] | None
    raw: str = ""


class Lines:
    """The physical lines of a text file, counted; after a broken record all but its first are read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._number = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        self._number += 1
        try:
            line = self._again.popleft() if self._again else self._read()
        except LineTooLong:
            self._record.append("\x00\n")  # if it comes round again it is refused again, and still counted
            raise
        self._record.append(line)
        return line

    def begin(self) -> int:
        """Start a record; the number (from 1) of the line it will start on."""
        self._record.clear()
        return self._number + 1

    def only_first(self) -> str:
        """Give all lines of the record but the first back, to be read again; the first one."""
        first, *rest = self._record
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        return first

    def _read(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            self._number -= 1
            raise StopIteration
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (more := self._file.readline(_CHUNK)) and more[-1] not in "\r\n":
                pass
            raise LineTooLong
        return line


def csv_records(path: Path) -> Iterator[Record]:
    """Records of a CSV; where the quotes do not match, only the first line is given up."""
    encoding = detect(path)
    with open_text(path, encoding) as text:
        delimiter = _delimiter(text.read(1 << 16))
    with open_text(path, encoding) as text:
        lines = Lines(text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            line = lines.begin()
            try:
                record = Record(line, next(reader))
            except StopIteration:
                return
            except (csv.Error, LineTooLong):
                record = Record(line, None, lines.only_first())
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield record


def blank(value: object) -> bool:
    """Whether a cell holds nothing but white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def too_wide(where: str) -> Invalid:
    """The refusal of a file with more than MAX_COLUMNS columns."""
    return Invalid(
        "file.columns",
        f"列数超过 {MAX_COLUMNS}；请删去不用的列再导入",
        f"More than {MAX_COLUMNS} columns: delete those not needed, import again",
        where,
    )


def _delimiter(head: str) -> str:
    """The delimiter that gives the header the most cells; the comma on a tie."""

    def width(delimiter: str) -> int:
        return len(next(csv.reader(head.lstrip("\r\n").splitlines(keepends=True), delimiter=delimiter), []))

    return max(_DELIMITERS, key=width)
