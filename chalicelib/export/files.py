"""One table in one file, CSV or Parquet: there whole or not at all, readable by its owner only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TextIO

from chalicelib.export.engine import connect, literal, name
from chalicelib.loop.export.columns import WEEK, Column, Row
from chalicelib.loop.export.table import head, line

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Format = Literal["csv", "parquet"]
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


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


class Writer:
    """Writes files of one format; DuckDB, which makes the Parquet, is started once."""

    def __init__(self, form: Format) -> None:
        self.form, self._open = form, ExitStack()
        self._database: DuckDBPyConnection | None = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *failure: object) -> None:
        self._open.close()

    def write(self, path: Path, rows: Iterable[Row], columns: Sequence[Column], week: str = "") -> Written:
        """Write the rows; a file that says the same already is left as it is. With `week`, CSV has it as its first
        column, Parquet in the folder's name."""
        seen = _Seen(rows)
        with part_of(path) as part:
            if self.form == "csv":
                _csv(part, seen, columns, week)
            else:
                self._parquet(part, seen, columns)
            written = Written(seen.count, seen.digest.hexdigest(), digest(part), part.stat().st_size)
            if path.is_file() and digest(path) == written.sha256:
                part.unlink()  # the file keeps its time, and what copies files on sees nothing new
        return written

    def _parquet(self, path: Path, seen: _Seen, columns: Sequence[Column]) -> None:
        """By way of JSON lines, which DuckDB reads in pieces: many rows need no more memory than few."""
        lines = path.with_name(path.name + ".jsonl")
        try:
            with _private(lines) as out:
                out.writelines(text for _, text in seen)
            self._duckdb().execute(_copy(lines, path, columns))
        finally:
            lines.unlink(missing_ok=True)

    def _duckdb(self) -> DuckDBPyConnection:
        if self._database is None:
            self._database = self._open.enter_context(connect())
        return self._database


def _csv(path: Path, seen: _Seen, columns: Sequence[Column], week: str) -> None:
    shown = (WEEK, *columns) if week else columns
    with _private(path) as out:
        out.write(head(shown))
        for row, _ in seen:
            out.write(line({WEEK.name: week, **row}, shown))


def _copy(lines: Path, path: Path, columns: Sequence[Column]) -> str:
    types = ", ".join(f"{name(c.name)}: {literal(c.type)}" for c in columns)
    return (
        f"copy (select {', '.join(name(c.name) for c in columns)} from read_json({literal(lines)},"
        f" format = 'newline_delimited', hive_partitioning = false, columns = {{{types}}}))"
        f" to {literal(path)} (format parquet, compression zstd)"
    )


class _Seen:
    """Rows that pass, each also as a line of JSON; counted and digested in their order."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count, self.digest = 0, hashlib.sha256()

    def __iter__(self) -> Iterator[tuple[Row, str]]:
        for row in self._rows:
            text = ENCODER.encode(row) + "\n"
            self.count += 1
            self.digest.update(text.encode())
            yield row, text


def _private(path: Path) -> TextIO:
    opener: Callable[[str, int], int] = lambda file, flags: os.open(file, flags, 0o600)  # noqa: E731
    return open(path, "w", encoding="utf-8", newline="", opener=opener)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
