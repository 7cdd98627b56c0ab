"""The rows of a JSON file: an object a line, or an array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from chalicelib.intake import connect
from chalicelib.intake.encoding import detect, open_text
from chalicelib.intake.records import Lines, LineTooLong
from chalicelib.intake.rows import Row, checked, no_object
from chalicelib.model.errors import Invalid

MAX_ARRAY = 64 << 20  # bytes of one JSON array: it cannot be streamed
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def json_lines(path: Path) -> Iterator[Row]:
    """One object a line, or several; a line that is none is a refused row."""
    with open_text(path, detect(path)) as text:
        lines = Lines(text)
        while True:
            number = lines.begin()
            try:
                line = next(lines)
            except StopIteration:
                return
            except LineTooLong:
                yield no_object(number, path, "")
                continue
            if line.strip():
                yield from _rows(number, line.rstrip("\r\n"), path)


def json_array(path: Path) -> Iterator[Row]:
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
            value, at = _DECODER.raw_decode(content, at)
        except (ValueError, RecursionError):
            yield no_object(line, path, content[at : at + 1000])  # where the next one begins is unknown
            return
        yield _object(line, value, path)


def _rows(line: int, raw: str, path: Path) -> Iterator[Row]:
    """Of one line: usually one; several where a stream was stored with nothing between them."""
    try:
        values = list(_values(raw))
    except (ValueError, RecursionError):
        yield no_object(line, path, raw)  # one that is broken off says nothing of the others
        return
    yield from (_object(line, value, path) for value in values)


def _values(raw: str) -> Iterator[object]:
    at = _skip(raw, 0)
    while at < len(raw):
        value, at = _DECODER.raw_decode(raw, at)
        yield value
        at = _skip(raw, at)


def _object(line: int, value: object, path: Path) -> Row:
    if isinstance(value, dict):
        return _record(line, value, path) if connect.is_record(value) else checked(line, value, path)
    return no_object(line, path, str(value)[:1000])


def _record(line: int, value: dict[str, object], path: Path) -> Row:
    """Of a telephone system that writes records of its own."""
    try:
        return checked(line, connect.contact_of(value), path)
    except Invalid as later:
        return Row(line, None, later, value, connect.FIELDS)


def _skip(content: str, at: int) -> int:
    while at < len(content) and content[at] in " \t\r\n,":
        at += 1
    return at
