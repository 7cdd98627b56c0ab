"""One table in one file, CSV or Parquet: there whole or not at all, readable by its owner only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from chalicelib.export.engine import connect, name, text
from chalicelib.loop.export.columns import Column, Row
from chalicelib.loop.export.table import head, line

Format = Literal["csv", "parquet"]
BLOCK = 1 << 20


class Written(NamedTuple):
    """What is in a file: its rows, the digest of the rows (the same for CSV and Parquet), the file's own."""

    rows: int
    rows_sha256: str
    sha256: str
    bytes: int


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A hidden name beside the path to write to: it takes the path's place at the end, if it is still there then
    and nothing went wrong."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield part
        if part.exists():
            part.chmod(0o600)
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, form: Format, rows: Iterable[Row], columns: Sequence[Column]) -> Written:
    """Write the rows; a file that says the same already is left as it is."""
    seen = _Seen()
    with part_of(path) as part:
        (_csv if form == "csv" else _parquet)(part, seen(rows), columns)
        written = Written(seen.rows, seen.digest.hexdigest(), digest(part), part.stat().st_size)
        if path.is_file() and digest(path) == written.sha256:
            part.unlink()  # the file keeps its time, and what copies files on sees nothing new
    return written


class _Seen:
    """Counts rows that pass, and digests them in their order."""

    def __init__(self) -> None:
        self.rows, self.digest = 0, hashlib.sha256()

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            self.digest.update(_json(row).encode())
            yield row


def _json(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv(path: Path, rows: Iterable[Row], columns: Sequence[Column]) -> None:
    with _private(path) as out:
        out.write(head(columns))
        for row in rows:
            out.write(line(row, columns))


def _parquet(path: Path, rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """By way of JSON lines, which DuckDB reads in pieces: rows by the million need no more memory than few."""
    lines = path.with_name(path.name + ".jsonl")
    try:
        with _private(lines) as out:
            for row in rows:
                out.write(_json(row))
        types = ", ".join(f"{name(c.name)}: {text(c.type)}" for c in columns)
        with connect() as database:
            database.execute(
                f"copy (select {', '.join(name(c.name) for c in columns)} from read_json({text(lines)},"
                f" format = 'newline_delimited', hive_partitioning = false, columns = {{{types}}}))"
                f" to {text(path)} (format parquet, compression zstd)"
            )
    finally:
        lines.unlink(missing_ok=True)


def _private(path: Path) -> TextIO:
    opener: Callable[[str, int], int] = lambda file, flags: os.open(file, flags, 0o600)  # noqa: E731
    return open(path, "w", encoding="utf-8", newline="", opener=opener)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
