"""A file that came over the web: looked at, mapped and handed back row by row; nothing of it is kept.

The sender keeps the file and the rows: it sends the rows again in pieces to be taken, which is safe to repeat. The
cells of a row travel as one JSON text that only this side reads, so that no number loses digits on the way.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.intake import columns, refused
from chalicelib.intake.encoding import safe_name, unstorable
from chalicelib.intake.load import USUAL_CHANNEL, unread
from chalicelib.intake.rows import Row, nested, too_nested
from chalicelib.intake.tables import count_rows, headers, own_columns, read_rows, sheets
from chalicelib.intake.takers import Ordinals, fields_of, take_rows
from chalicelib.loop.context import Loop
from chalicelib.model.errors import Invalid, LoopError
from chalicelib.model.people import Caller

SAMPLES, LONGEST_SAMPLE = 5, 200
"""Rows that are shown before anything is taken, and characters of a cell."""
MOST_LOOKED_AT = 1_000
"""Rows that are read for these samples; of a file with more it is said about how many there are."""
MOST_ROWS = 100_000
"""Of one file."""
MOST_BYTES = 3_000_000
"""Of rows in one answer: the gateway lets 6 MB through, and JSON within JSON grows."""
MOST_UNPACKED = 100 << 20
"""Bytes of a workbook once unzipped: more takes longer than a request may last."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and which sheet of it."""

    name: str
    content: bytes
    sheet: str | None = None


def look(upload: Upload, kind: str | None = None) -> dict[str, Any]:
    """What the file is: its sheets and columns, the mapping guessed (or why there is none), the first rows.

    Raises Invalid when it cannot be read at all.
    """
    with _stored(upload) as path:
        names = sheets(path)
        found: dict[str, Any] = {"sheets": names, "sheet": upload.sheet or (names[0] if names else None)}
        try:
            found["columns"], found["own"] = headers(path, upload.sheet), own_columns(path, upload.sheet)
        except Invalid as error:
            if len(names) < 2:  # with more sheets another one may be meant
                raise
            return found | {
                "columns": (),
                "own": None,
                "samples": [],
                "about": None,
                "exact": False,
                **_guess((), kind, error),
            }
        first = list(islice(read_rows(path, upload.sheet), MOST_LOOKED_AT + 1))
        found["samples"], found["exact"] = _samples(first), len(first) <= MOST_LOOKED_AT
        found["about"] = len(first) if found["exact"] else count_rows(path, upload.sheet)
        return found | _guess(found["columns"], kind)


def _guess(names: Sequence[str], kind: str | None, why: Invalid | None = None) -> dict[str, Any]:
    try:
        if why:
            raise why
        mapping = columns.guess(names, kind)
    except Invalid as error:
        return {"mapping": None, "problem": error.as_dict()}
    if mapping.kind == "contacts" and "channel" not in mapping.fields:
        mapping = replace(mapping, constants={**mapping.constants, "channel": USUAL_CHANNEL})
    shown = {name: getattr(mapping, name) for name in ("kind", "fields", "constants", "unused", "missing")}
    return {"mapping": shown, "problem": None}


def _samples(rows: Iterable[Row]) -> list[dict[str, str]]:
    """The first rows that can be read."""
    good = (row.cells for row in rows if row.cells is not None and not row.problem)
    return [{name: _shown(value) for name, value in cells.items()} for cells in islice(good, SAMPLES)]


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = (
        value if isinstance(value, str) else _json(value) if isinstance(value, (list, dict)) else str(value)
    )
    return text[:LONGEST_SAMPLE]


def rows(upload: Upload, mapping: columns.Mapping, after: int = 0) -> dict[str, Any]:
    """The rows behind the first `after` ones, as many as fit an answer, and where the next answer starts (None at
    the end). `rows`: line, cells, ordinal; `refused`: those that cannot be read."""
    with _stored(upload) as path:
        own, ordinals = own_columns(path, upload.sheet), Ordinals(mapping)
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        size, following = 0, None
        for n, row in enumerate(read_rows(path, upload.sheet)):
            if row.cells is None or row.problem:
                text = _refusal(own, row.line, row.problem or unread(), row.cells or row.original)
            else:  # counted from the first row on, whatever this answer begins with
                text = {
                    "line": row.line,
                    "cells": _json(row.cells),
                    "ordinal": ordinals(fields_of(mapping, row.cells)),
                }
            if n >= MOST_ROWS:
                raise _too_long(path)
            if n < after:
                continue
            if size > MOST_BYTES:
                following = n
                break
            (good if "cells" in text else bad).append(text)
            size += len(_json(text).encode())
        return {"head": refused.head_text(own), "rows": good, "refused": bad, "next": following}


def take_piece(
    loop: Loop,
    caller: Caller,
    mapping: columns.Mapping,
    own: Sequence[str] | None,
    piece: Sequence[tuple[int, str, int]],
) -> dict[str, Any]:
    """Take rows (line, cells, ordinal) that `rows` handed out; what is refused comes with its line of the list."""
    read = [(line, _cells(text), ordinal) for line, text, ordinal in piece]
    good = [(line, cells, ordinal) for line, cells, ordinal in read if not isinstance(cells, Invalid)]
    results = take_rows(loop, caller, mapping, [cells for _, cells, _ in good], lambda n, fields: good[n][2])
    bad = [
        _refusal(own, line, why, {"raw": text})
        for (line, why, _), (_, text, _) in zip(read, piece, strict=True)
        if isinstance(why, Invalid)
    ]
    bad += [
        _refusal(own, line, result, cells)
        for (line, cells, _), result in zip(good, results, strict=True)
        if isinstance(result, LoopError)
    ]
    taken = sum(result is True for result in results)
    return {
        "taken": taken,
        "known": sum(result is False for result in results),
        "refused": sorted(bad, key=lambda row: row["line"]),
    }


def _refusal(
    own: Sequence[str] | None, line: int, error: LoopError, cells: Mapping[str, object]
) -> dict[str, Any]:
    faults = [fault.as_dict() for fault in error.faults]
    return {
        "line": line,
        **error.as_dict(),
        "faults": faults,
        "csv": refused.row_text(own, line, error, cells),
    }


def _cells(text: str) -> dict[str, object] | Invalid:
    """The cells of a row, or why it is refused."""
    try:
        cells = json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        return too_nested("cells")
    except ValueError:
        return unread()
    if not isinstance(cells, dict):
        return unread()
    if nested(cells):
        return too_nested("cells")
    return unread() if unstorable(cells) else cells


def _json(value: object) -> str:
    """JSON whose lone surrogates are escaped: the answer is UTF-8."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@contextmanager
def _stored(upload: Upload) -> Iterator[Path]:
    """The file on disk for as long as it is read, in a folder that nobody else may enter."""
    with TemporaryDirectory(prefix="voc-") as folder:
        path = Path(folder) / safe_name(upload.name)
        path.write_bytes(upload.content)
        if upload.content.startswith(b"PK\x03\x04"):
            _must_be_small(path)
        elif max(upload.content.count(end) for end in (b"\n", b"\r")) > MOST_ROWS + 1:  # before any is taken
            raise _too_long(path)
        yield path


def _too_long(path: Path) -> Invalid:
    return Invalid(
        "import.large",
        f"文件超过 {MOST_ROWS} 行，请拆开，或请管理员用 ./voc import 导入",
        f"the file has more than {MOST_ROWS} rows; split it, or ask the administrator to use ./voc import",
        path.name,
    )


def _must_be_small(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # what is wrong with it is said where it is read
    if size > MOST_UNPACKED:
        raise Invalid(
            "import.large",
            "表格太大，请拆开，或请管理员用 ./voc import 导入",
            "the workbook is too large; split it, or ask the administrator to use ./voc import",
            path.name,
        )
