"""The rows of an XLSX sheet, one at a time."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS

from chalicelib.intake.records import MAX_COLUMNS, Record, blank, too_wide
from chalicelib.intake.shape import broken
from chalicelib.model.errors import Invalid

MAX_UNPACKED, MAX_STRINGS, MAX_WHOLE = 500 << 20, 100 << 20, 5 << 20
"""Bytes of an XLSX once unzipped, of the texts that its cells share (all are kept), and of a part that openpyxl makes
a tree of (styles, theme, list of sheets): that takes 25 times as much."""
_EXCEL_ROWS = 1_048_576
MOST_EMPTY = 1_000
"""Rows without content one after another (formatted ones, or worse) behind which the sheet is at its end."""
_WIDEST = MAX_COLUMNS + 16  # a list of refused rows has columns of its own before those of the file
_OVERLAP = 4_000  # bytes; less than MOST_EMPTY rows can take
_CONTENT = re.compile(rb"<(?:\w+:)?[vt](?: [^>]*)?>\s*[^<\s]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+)(\d+):([A-Z]+)\d+"')


def sheet_records(path: Path, sheet: str | None) -> Iterator[Record]:
    """The rows of a sheet, each padded to the width of the header; merged banners are left out."""
    with _workbook(path) as book:
        page = _page(book, sheet, path)
        banners = _merged(page)
        width = 0
        for number, cells in _quiet(_filled_rows(page, path)):
            width = max(width, *cells)
            if len(cells) > 1 or (number, *cells) not in banners:
                yield Record(number, [cells.get(column) for column in range(1, width + 1)])


def count_sheet_rows(path: Path, sheet: str | None) -> int | None:
    """How many rows below the header the sheet says it has; None when it does not say."""
    with _workbook(path) as book:
        highest = _page(book, sheet, path).max_row
    return max(0, highest - 1) if highest else None


def sheet_names(path: Path) -> tuple[str, ...]:
    """The names of the worksheets, in their order."""
    with _workbook(path) as book:
        return tuple(page.title for page in book.worksheets)


class _TooBig(Exception):
    """The workbook has more than so many bytes of something."""


class _Archive(zipfile.ZipFile):
    """Gives no large part in one piece."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        info = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if info.file_size > MAX_WHOLE:
            raise _TooBig(MAX_WHOLE)
        return super().read(info, pwd)


class _Reader(ExcelReader):
    """Looks at the size of the shared texts before it reads them."""

    def read_strings(self) -> None:
        part: Any = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part and self.archive.getinfo(part.PartName[1:]).file_size > MAX_STRINGS:
            raise _TooBig(MAX_STRINGS)
        super().read_strings()


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                    raise _TooBig(MAX_UNPACKED)
            with warnings.catch_warnings(action="ignore"), _Archive(file) as archive:
                reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
                reader.archive.close()
                reader.archive = archive
                reader.read()
                with closing(reader.wb):
                    yield reader.wb
    except _TooBig as error:
        most = int(error.args[0]) >> 20
        what = {MAX_WHOLE: ("的样式", " of styles"), MAX_STRINGS: ("的文字", " of text")}
        zh, en = what.get(error.args[0], ("", ""))
        raise Invalid(
            "file.too_big",
            f"表格{zh}解压后超过 {most} MB；请拆成几个文件或另存为 CSV",
            f"The workbook exceeds {most} MB{en} unzipped: split it or save it as CSV",
            path.name,
        ) from None
    except Invalid:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part happens to cause
        raise broken(path) from error


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


def _filled_rows(page: Any, path: Path) -> Iterator[tuple[int, dict[int, object]]]:
    """(number, the cells that are not blank by column) of each row that has any.

    Not openpyxl's own rows: they are as wide as their last cell and filled up to their number, so that a kilobyte
    can unpack to millions of cells.
    """
    with page._get_source() as part:
        last, empty, at = 0, 0, 0
        for number, cells in _parser(page, part).parse():
            if number > _EXCEL_ROWS:
                return
            filled = {cell["column"]: value for cell in cells if not blank(value := _clean(cell["value"]))}
            empty = 0 if filled else empty + 1
            if empty == MOST_EMPTY:
                at = part.tell()
            elif empty > MOST_EMPTY and part.tell() > at:  # what was unpacked by then has been looked at
                _must_be_empty(page, at, path)
                return
            if filled and max(filled) > _WIDEST:
                raise too_wide(path.name)
            if filled and number > last:
                last = number
                yield number, filled


def _parser(page: Any, part: Any) -> WorkSheetParser:
    book = page.parent
    return WorkSheetParser(
        part,
        page._shared_strings,
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )


def _must_be_empty(page: Any, at: int, path: Path) -> None:
    """Invalid when there is content behind so many bytes of the sheet: rows must not be lost in silence."""
    with page._get_source() as part:
        part.seek(at - _OVERLAP)
        rest = b""
        while chunk := part.read(1 << 20):
            chunk = rest + chunk
            if _CONTENT.search(chunk):
                raise Invalid(
                    "file.gap",
                    f"表格中间有 {MOST_EMPTY} 行以上的空行；请删去空行再导入",
                    f"The sheet has more than {MOST_EMPTY} empty rows above others: delete them, import again",
                    path.name,
                )
            rest = chunk[-100:]


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
