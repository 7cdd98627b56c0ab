"""What a file from outside is: a workbook, a CSV, JSON or a message, told by its content."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import BinaryIO

from chalicelib.intake.encoding import detect, open_text, require_file
from chalicelib.intake.mail import HEAD, is_mail
from chalicelib.model.errors import Invalid

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_JSON_SUFFIXES = {".json", ".jsonl", ".ndjson"}
_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".et"}
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
_NOT_TABLES = re.compile(rb"\s*(<html|<!doctype|<table|<meta|<\?xml|%PDF-|\x1f\x8b)", re.IGNORECASE)


def shape_of(path: Path) -> str:
    """One of "xlsx", "csv", "jsonl", "json" (an array) and "mail", by the content; the extension settles doubt."""
    require_file(path)
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith(_OLE):
            raise _ole(file, path)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if is_mail(head, path.suffix):
        return "mail"
    if _NOT_TABLES.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Invalid(
            "file.kind",
            "这不是表格（是网页、PDF 或压缩包）；请用 Excel 打开后另存为 .xlsx",
            "Not a table (a web page, PDF or archive): open it in a spreadsheet, save as .xlsx",
            path.name,
        )
    with open_text(path, detect(path)) as text:
        start = text.read(4096)
    if path.suffix.lower() in _WORKBOOKS and _NO_TEXT.search(start):
        raise broken(path)
    return _text_shape(start.lstrip(), path)


def broken(path: Path) -> Invalid:
    """The refusal of a workbook that cannot be read."""
    return Invalid(
        "file.broken",
        "不是完好的 .xlsx 文件；请用 Excel 打开后另存为 .xlsx，打不开就重新导出",
        "Not a sound .xlsx file: save it again in Excel as .xlsx; if that fails export it anew",
        path.name,
    )


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
