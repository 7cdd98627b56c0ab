"""Files from outside: whether they can be read, in which encoding, and as what text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from chalicelib.model.errors import Invalid

_CHUNK = 1 << 20
_HARMFUL = re.compile(r"[^\w .()（）\-]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Turn each undecodable byte into U+DC00 + byte: "surrogateescape", but also below 0x80 (UTF-16)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("huisheng.keep", _keep)


def safe_name(name: str) -> str:
    """What a file that came under this name is called while it is read: no folder, at most 60 characters."""
    return _HARMFUL.sub("_", name.rpartition("/")[2])[-60:].strip(". ") or "file"


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


def stream_lines(stream: Iterable[bytes]) -> Iterator[str]:
    """The lines of a stream, which can be read only once: UTF-8, or GB18030 from the first line on that is not
    UTF-8 but is GB18030, until a line comes that is surely UTF-8. Undecodable bytes as `unstorable` characters."""
    encoding, sure = "utf-8", False
    for line in stream:
        if not line.isascii():
            text = _decoded(line, "utf-8")
            if text is not None and max(text) >= "\u0800":
                encoding, sure = "utf-8", True
            elif text is None and not sure and _decoded(line, "gb18030") is not None:
                encoding = "gb18030"
        yield line.decode(encoding, "huisheng.keep")


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
