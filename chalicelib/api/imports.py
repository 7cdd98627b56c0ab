"""Routes of the import page: look at a file, read its rows, take them in pieces."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pydantic import Field

from chalicelib.api.routing import ANYONE, ROUTES, Ask, Body, Step, may
from chalicelib.intake import columns
from chalicelib.intake.fields import KINDS
from chalicelib.model.entity import Given
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.people import Caller

MOST_ROWS = 500
"""Rows of one piece."""
LONGEST_CONTENT = 5_900_000
"""Characters of Base64: what one request lets through, some 4.4 MB of file."""
LIKE = {
    "contacts": "take_contacts",
    "denominators": "save_denominator",
    "customers": "save_customer",
    "callbacks": "answer_callback",
    "source_counts": "save_source_count",
}
"""Kind of file -> the route whose roles may import it."""
step = Step("listen")
route = step.route


class FileSent(Body):
    """A file. It is read and forgotten; up to 4.4 MB, larger ones go by `./voc import`."""

    name: str = Field(max_length=255)
    content: str = Field(max_length=LONGEST_CONTENT, description="Base64")
    sheet: str | None = Field(None, max_length=255, description="Of a workbook; the first one otherwise")


class FileLook(FileSent):
    """A file to be looked at, and what it holds when that is known."""

    kind: str | None = Field(None, max_length=40, description="contacts, customers ...; guessed otherwise")


class Mapped(Body):
    """Which column is which field."""

    kind: str = Field(max_length=40)
    fields: dict[str, str] = Field(description="Field -> column")
    constants: dict[str, str] = Field({}, description="Field -> the same value in all rows")


class FileRows(FileSent):
    """A file and how it is mapped."""

    mapping: Mapped
    after: int = Field(0, ge=0, description="`next` of the answer before")


class FileRow(Given):
    """A row as it was handed out."""

    line: int = Field(strict=True)
    cells: str
    ordinal: int = Field(0, strict=True)


class Piece(Body):
    """Rows to take; each is taken or refused on its own."""

    mapping: Mapped
    own: list[str] | None = Field(None, description="The file's own columns, as they were answered")
    rows: list[FileRow] = Field(min_length=1, max_length=MOST_ROWS)


@route("GET", "/imports", ANYONE, "The kinds of file the caller may import")
def kinds_of_files(ask: Ask) -> Any:
    return {"kinds": [kind for kind in KINDS if _may(ask.caller, kind)]}


@route(
    "POST", "/imports/look", ANYONE, "A file's columns, the mapping guessed, its first rows", body=FileLook
)
def look_at_file(ask: Ask) -> Any:
    from chalicelib.intake.upload import Upload, look

    b = ask.body(FileLook)
    found = look(Upload(b.name, _content(b.content), b.sheet), b.kind)
    kinds = {
        kind: [{"name": name, "needed": known.needed} for name, known in fields.items()]
        for kind, fields in KINDS.items()
        if _may(ask.caller, kind)
    }
    return {**found, "kinds": kinds}


@route("POST", "/imports/rows", ANYONE, "A file's rows under a mapping; nothing is taken yet", body=FileRows)
def read_file_rows(ask: Ask) -> Any:
    from chalicelib.intake.upload import Upload, rows

    b = ask.body(FileRows)
    return rows(Upload(b.name, _content(b.content), b.sheet), _mapping(ask, b.mapping), b.after)


@route("POST", "/imports/take", ANYONE, "Take up to 500 of these rows; safe to repeat", body=Piece)
def take_file_rows(ask: Ask) -> Any:
    from chalicelib.intake.upload import take_piece

    b = ask.body(Piece)
    mapping = _mapping(ask, b.mapping)
    return take_piece(ask.loop, ask.caller, mapping, b.own, [(r.line, r.cells, r.ordinal) for r in b.rows])


def _mapping(ask: Ask, said: Mapped) -> columns.Mapping:
    """The mapping, of a kind that the caller may import."""
    mapping = columns.told(said.kind, said.fields, said.constants)
    if not _may(ask.caller, mapping.kind):
        raise Forbidden(
            "import.kind", "您的角色不能导入这一类文件", "your role may not import this kind of file", "kind"
        )
    return mapping


def _may(caller: Caller, kind: str) -> bool:
    try:
        may(_route_like(kind), caller)
    except Forbidden:
        return False
    return True


def _route_like(kind: str) -> Any:
    return next(route for route in ROUTES if route.name == LIKE[kind])


def _content(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(
            "import.content", "文件内容不是 Base64", "the file's content is not Base64", "content"
        ) from None
