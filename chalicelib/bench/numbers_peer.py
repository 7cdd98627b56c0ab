"""The peer of `voc bench numbers`: a plain SQLite table that keeps no numbers and sums them when somebody looks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.numbers import by_week
from chalicelib.model.contact import Contact
from chalicelib.model.weeks import shift, week_of

BATCH = 200
"""Contacts a save, as the worker does them."""
READ_WEEKS, READS = 26, 20
PEER = """
create table counted (week text, cause text, contact text, day integer, channel text, segment text, kind text,
  severity integer, cost integer, seconds integer, repeats integer, primary key (contact, cause)) without rowid;
create index counted_week on counted (week, cause);
"""
PEER_LOOK = """
select week, cause, count(*), sum(severity), sum(cost), sum(repeats) from counted
where week between ? and ? group by week, cause
"""


class Took(NamedTuple):
    """Seconds by the clock on the wall, and of the processor: what others did meanwhile is not in these."""

    wall: float
    cpu: float


def timed(call: Callable[[], object]) -> Took:
    """How long a call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def batches(contacts: Sequence[Contact]) -> Iterator[list[Contact]]:
    """As many as are saved at once."""
    rest = iter(contacts)
    while some := list(islice(rest, BATCH)):
        yield some


def insert(file: Path, contacts: Sequence[Contact]) -> None:
    """The peer: the same settings of SQLite, the same batches, only the rows."""
    with closing(_peer(file)) as db:
        for some in batches(contacts):
            with db:
                db.executemany(f"insert into counted values ({','.join('?' * 11)})", _rows(some))


def _peer(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file)
    db.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + PEER)
    return db


def _rows(contacts: Sequence[Contact]) -> Iterator[tuple[Any, ...]]:
    for c in contacts:
        same = (
            c.time.isoweekday(),
            c.channel,
            c.segment,
            c.contact_kind,
            c.severity,
            c.cost,
            c.seconds,
            c.repeats,
        )
        for cause in c.causes or ("",):
            yield (week_of(c.time), cause, c.id, *same)


def looks(loop: Loop, file: Path) -> dict[str, Any]:
    """Milliseconds to read half a year by cause and week, from the stored numbers and by the peer's GROUP BY."""
    last = week_of(loop.clock())
    first = shift(last, 1 - READ_WEEKS)
    with closing(_peer(file)) as db:
        contacts = loop.store.scan(Contact)
        while some := list(islice(contacts, 5_000)):
            with db:
                db.executemany(f"insert into counted values ({','.join('?' * 11)})", _rows(some))
        theirs = [timed(lambda: db.execute(PEER_LOOK, (first, last)).fetchall()) for _ in range(READS)]
        rows = {(w, c): n for w, c, n, *_ in db.execute(PEER_LOOK, (first, last)) if c}
    file.unlink()
    ours = [timed(lambda: by_week(loop.store, "cause", first, last)) for _ in range(READS)]
    found = by_week(loop.store, "cause", first, last)
    same = {(w, c): fields["n"] for w, parts in found.items() for c, fields in parts.items() if fields["n"]}
    return {
        "look_ms": 1000 * median(took.wall for took in ours),
        "peer_look_ms": 1000 * median(took.wall for took in theirs),
        "looks_agree": same == rows,
    }
