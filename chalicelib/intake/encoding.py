"""Files from outside: what they are, which encoding, and the lines and records of the text ones."""

from __future__ import annotations

import codecs
import csv
import mmap
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from chalicelib.model.errors import Invalid

_CHUNK = 1 << 20
LONGEST_LINE = 8 << 20  # characters; a "line" beyond this is no table and must not fill the memory
MAX_FIELD = 1 << 20  # characters in one CSV cell
_DELIMITERS = ",;\t"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_JSON_SUFFIXES = {".json", ".jsonl", ".ndjson"}
_NOT_TABLES = re.compile(rb"\s*(<html|<!doctype|<table|<meta|<\?xml|%PDF-|\x1f\x8b)", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

# The csv module has one limit for the whole process, lower than ours by default.
csv.field_size_limit(max(MAX_FIELD, csv.field_size_limit()))


class LineTooLong(ValueError):
    """A physical line longer than LONGEST_LINE."""


class Record(NamedTuple):
    """The cells of one record; `values` is None, and `raw` its first line, when its quotes do not match."""

    line: int
    values: Sequence[object] | None
    raw: str = ""


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Turn each undecodable byte into U+DC00 + byte: "surrogateescape", but also below 0x80 (UTF-16)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("huisheng.keep", _keep)


def require_file(path: Path) -> None:
    """Refuse what is missing, not a regular file, not readable or empty (Invalid)."""
    try:
        if path.is_dir():
            raise Invalid(
                "file.folder",
                "这是文件夹，请给出其中的一个文件",
                "This is a folder: name one file inside it",
                path.name,
            )
        if path.exists() and not path.is_file():
            raise Invalid("file.kind", "这不是普通文件", "This is not a regular file", path.name)
        with path.open("rb") as file:
            if not file.read(1):
                raise Invalid(
                    "file.empty",
                    "文件是空的，请检查是否导出成功",
                    "The file is empty: check that the export worked",
                    path.name,
                )
    except (OSError, ValueError) as error:
        raise refusal(error, path) from error


def refusal(error: OSError | ValueError, path: Path) -> Invalid:
    """What the operating system said, as something a person can act on."""
    if isinstance(error, FileNotFoundError | ValueError):
        return Invalid("file.missing", "找不到文件，请检查路径", "No such file: check the path", path.name)
    if isinstance(error, PermissionError):
        return Invalid(
            "file.forbidden",
            "没有读取权限，请调整文件权限后重试",
            "No permission to read: change the file's permissions and try again",
            path.name,
        )
    return Invalid(
        "file.unreadable",
        "文件读取失败，请复制到本机磁盘后重试",
        "Reading failed: copy the file to a local disk and try again",
        path.name,
    )


def shape_of(path: Path) -> str:
    """One of "xlsx", "csv", "jsonl" and "json" (an array), by the content; the extension settles doubt."""
    require_file(path)
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith(_OLE):
            raise _ole(file, path)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if _NOT_TABLES.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Invalid(
            "file.kind",
            "这不是表格（是网页、PDF 或压缩包）；请用 Excel 打开后另存为 .xlsx",
            "Not a table (a web page, PDF or archive): open it in a spreadsheet, save as .xlsx",
            path.name,
        )
    with open_text(path, detect(path)) as text:
        return _text_shape(text.read(4096).lstrip(), path)


def _text_shape(start: str, path: Path) -> str:
    if not start:
        raise Invalid("file.empty", "文件里只有空行", "The file holds nothing but blank lines", path.name)
    called_json = path.suffix.lower() in _JSON_SUFFIXES
    if re.match(r"\[\s*\{|\{\s*[\r\n]", start) or (start[0] == "[" and path.suffix.lower() == ".json"):
        return "json"
    if re.match(r'\{\s*["}]', start) or (called_json and re.search(r"^\s*[\[{]", start, re.MULTILINE)):
        return "jsonl"
    return "csv"


def _ole(file: BinaryIO, path: Path) -> Invalid:
    """An old binary workbook and an encrypted new one come in the same container."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        encrypted = content.find("EncryptedPackage".encode("utf-16-le")) >= 0
    if encrypted:
        return Invalid(
            "file.encrypted",
            "文件有密码；请在 Excel 中去掉密码，另存后再导入",
            "The file has a password: remove it in the spreadsheet, save, import again",
            path.name,
        )
    return Invalid(
        "file.old_excel",
        "这是旧版 .xls 文件；请在 Excel 中另存为 .xlsx",
        "This is an old .xls file: save it as .xlsx",
        path.name,
    )


def detect(path: Path) -> str:
    """ "utf-8", "utf-8-sig", "gb18030" or "utf-16": a byte-order mark, else strict decoding of the whole file.

    A file that is cleanly neither is judged by its lines. Lines that are not in the encoding named then
    decode to text with `unstorable` characters, so that they alone can be refused.
    """
    require_file(path)
    with path.open("rb") as file:
        head = file.read(3)
    for mark, name in _BOMS.items():
        if head.startswith(mark):
            return name
    return "utf-8" if _decodes(path, "utf-8") else _by_lines(path)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _by_lines(path: Path) -> str:
    """ "gb18030" if most lines that are not UTF-8 are GB18030 and outnumber the lines surely UTF-8.

    Why not simply try GB18030 on the whole file: half of all Chinese UTF-8 lines decode as GB18030 too
    (to nonsense), so one damaged byte could turn a good UTF-8 file into nonsense. The other way round a
    line of GB18030 almost never decodes as UTF-8 with characters from U+0800 up.
    """
    sure = not_utf8 = gb18030 = 0
    with path.open("rb") as file:
        while line := file.readline(_CHUNK):
            if line.isascii():
                continue
            text = _decoded(line, "utf-8")
            sure += text is not None and max(text) >= "\u0800"
            not_utf8 += text is None
            gb18030 += text is None and _decoded(line, "gb18030") is not None
    return "gb18030" if not_utf8 > sure and 2 * gb18030 > not_utf8 else "utf-8"


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text, line ends untouched, undecodable bytes as `unstorable` characters."""
    return path.open(encoding=encoding, errors="huisheng.keep", newline="")


def unstorable(value: object) -> bool:
    """Whether any text in the value holds NUL, an undecodable byte or half a surrogate pair."""
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, dict):
        return any(unstorable(key) or unstorable(item) for key, item in value.items())
    return isinstance(value, list) and any(map(unstorable, value))


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


def _delimiter(head: str) -> str:
    """The delimiter that gives the header the most cells; the comma on a tie."""

    def width(delimiter: str) -> int:
        return len(next(csv.reader(head.lstrip("\r\n").splitlines(keepends=True), delimiter=delimiter), []))

    return max(_DELIMITERS, key=width)
