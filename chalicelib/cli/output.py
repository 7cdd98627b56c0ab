"""What the command line shows: tables and progress for people, one JSON line for programs."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from chalicelib.api.routing import plain


def nobody_reads(stream: TextIO) -> None:
    """The other end of the pipe is gone (| head): the command goes on, and what it says goes nowhere."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


class _Pipe(Console):
    def on_broken_pipe(self) -> None:
        nobody_reads(sys.stderr if self.stderr else sys.stdout)


OUT = _Pipe(soft_wrap=True, width=None if sys.stdout.isatty() else 140)
ERR = _Pipe(stderr=True, soft_wrap=True)
AWS = (
    "AWS 没有照办；请检查凭证、区域（AWS_PROFILE、AWS_DEFAULT_REGION）和权限",
    "AWS did not do it; check the credentials, the region (AWS_PROFILE, AWS_DEFAULT_REGION) and the permissions",
)
"""What is told of whatever AWS refuses."""
EVERY = 2.0
"""Seconds between two lines of progress where there is no terminal."""


class Advance(Protocol):
    """Tells how far a piece of work has come."""

    def __call__(self, done: int, total: int | None = None, label: str | None = None) -> None:
        """`done` of `total`; the label may change on the way."""
        ...


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on a terminal, a line every two seconds elsewhere; always on standard error."""
    if ERR.is_terminal:
        parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*parts, console=ERR, transient=True) as bar:
            task = bar.add_task(label, total=total)

            def advance(done: int, total: int | None = None, label: str | None = None) -> None:
                bar.update(task, completed=done, total=total, description=label)

            yield advance
    else:
        yield _Lines(label, total)


class _Lines:
    def __init__(self, label: str, total: int | None) -> None:
        self._label, self._total, self._next = label, total, time.monotonic() + EVERY

    def __call__(self, done: int, total: int | None = None, label: str | None = None) -> None:
        self._label, self._total = label or self._label, total or self._total
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            of = f"/{self._total}" if self._total else ""
            write(sys.stderr, f"{self._label} {done}{of}\n")


def lines(label: str) -> Advance:
    """Tells of work that is mostly none: a line every two seconds, and nothing when it is over sooner."""
    return _Lines(label, None)


def write(stream: TextIO, text: str) -> None:
    """Plain text at once, or nowhere when nobody reads any more."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        nobody_reads(stream)


def yuan(fen: float) -> str:
    """Fen as yuan."""
    return f"¥{fen / 100:,.2f}"


def say(text: str) -> None:
    """One line for people."""
    OUT.print(text, markup=False, highlight=False)


def table(title: str, rows: Iterable[Mapping[str, Any]], names: Sequence[tuple[str, str]]) -> None:
    """Rows as a table; `names` are (field, heading). An empty one says so."""
    rows = list(rows)
    if not rows:
        say(f"{title}：暂无 none yet")
        return
    grid = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD)
    for _, heading in names:
        grid.add_column(heading, overflow="fold")
    for row in rows:
        grid.add_row(*(_cell(row.get(field)) for field, _ in names))
    OUT.print(grid, markup=False, highlight=False)


def _cell(value: Any) -> str | Text:
    if isinstance(value, Text):
        return value
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, (list, tuple)):
        return "、".join(map(str, value))
    return str(value)


def result(value: Any) -> None:
    """The last line on standard output: one JSON object, escaped where the stream cannot write Chinese."""
    bare = (sys.stdout.encoding or "").lower().startswith("utf")
    write(sys.stdout, json.dumps(plain(value), ensure_ascii=not bare, default=str) + "\n")
