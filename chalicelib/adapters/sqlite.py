"""The embedded store: one SQLite file in WAL mode, one writer behind a lock, a reader a thread."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from chalicelib.adapters import sqlite_search as texts
from chalicelib.adapters.sqlite_rows import (
    CLEARED,
    CLEARING,
    SCHEMA,
    changed,
    entry_statements,
    item_statement,
    open_mark,
)
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict
from chalicelib.ports import Cells, Change, DeadLetter, Page, Work

E = TypeVar("E", bound=Entity)

CHUNK = 500
"""SQLite's older builds take 999 parameters a statement."""


class SqliteStore:
    """The `Store` port on one SQLite file; `:memory:` keeps it in the process, for tests.

    An acknowledged save survives the end of the process; with `durable` also a power cut. The first opening
    of a file from before there was a search indexes its texts and tells `progress`.
    """

    capacity = 20_000

    def __init__(self, path: str, durable: bool = False, progress: texts.Progress | None = None) -> None:
        self._path, self._durable = path, durable
        self._lock = threading.RLock()
        self._local = threading.local()
        self._writer = self._connect()
        self._writer.executescript(SCHEMA + texts.SCHEMA)
        version = self._writer.execute("pragma user_version").fetchone()[0]
        if version < texts.BUILT:
            texts.index_all(self._writing, progress)
        if version < CLEARED:
            with self._writing() as db:
                for statement in CLEARING:
                    db.execute(statement)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        weakref.finalize(self, db.close)  # each thread's own connection, when nobody needs the store any more
        db.execute("pragma journal_mode = wal")
        db.execute(f"pragma synchronous = {'full' if self._durable else 'normal'}")
        db.execute("pragma secure_delete = on")  # what is erased is gone from the file too
        db.execute("pragma cache_size = -16384")
        db.create_function("pairs", 1, texts.pairs, deterministic=True)
        return db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if self._path == ":memory:":
            with self._lock:
                yield self._writer
        else:
            if not hasattr(self._local, "db"):
                self._local.db = self._connect()
            yield self._local.db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
                raise

    def close(self) -> None:
        """Close the writer and this thread's reader; the write-ahead log is folded in."""
        if hasattr(self._local, "db"):
            self._local.db.close()
        self._writer.close()

    @contextmanager
    def frozen(self) -> Iterator[SqliteStore]:
        """This store as it is now, for reading: one read transaction of its own."""
        if self._path == ":memory:":
            with self._lock:
                yield self
            return
        copy = object.__new__(SqliteStore)
        copy._path, copy._lock = (
            ":memory:",
            threading.RLock(),
        )  # read through the one connection, as in memory
        copy._writer = self._connect()
        copy._writer.execute("begin")
        try:
            yield copy
        finally:
            copy._writer.close()

    # entities

    def get(self, kind: type[E], keys: Sequence[str]) -> dict[str, E]:
        """The entities that exist among `keys`."""
        found: dict[str, E] = {}
        with self._reading() as db:
            for i in range(0, len(keys), CHUNK):
                part = keys[i : i + CHUNK]
                marks = ",".join("?" * len(part))
                rows = db.execute(
                    f"select key, body from items where kind = ? and key in ({marks})", (kind.kind, *part)
                )
                found.update((key, kind.model_validate_json(body)) for key, body in rows)
        return found

    def find(
        self,
        kind: type[Entity],
        index: str,
        partition: str,
        *,
        low: str = "",
        high: str = "~",
        limit: int = 100,
        newest_first: bool = False,
        after: str = "",
    ) -> Page:
        """Keys of one index partition, in order of sort and key."""
        where, params = "sort >= ? and sort <= ?", [low, high]
        if after:
            where += f" and (sort, key) {'<' if newest_first else '>'} (?, ?)"
            params += open_mark(after)
        way = "desc" if newest_first else "asc"
        with self._reading() as db:
            rows = db.execute(
                f"select sort, key from entries where idx = ? and part = ? and kind = ? and {where}"
                f" order by sort {way}, key {way} limit ?",
                (index, partition, kind.kind, *params, limit + 1),
            ).fetchall()
        more = json.dumps(rows[limit - 1]) if len(rows) > limit else ""
        return Page([key for _, key in rows[:limit]], more)

    def search(self, kind: type[Entity], terms: Sequence[str], *, limit: int = 100, after: str = "") -> Page:
        """Keys of the entities whose text holds every term, newest first."""
        with self._reading() as db:
            return texts.search(db, kind.kind, terms, limit, after)

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Apply all or nothing; Conflict when a `before` is not what is stored."""
        with self._writing() as db:
            for change in changes:
                _save_one(db, change)
            for statement in texts.statements(changes):
                db.execute(*statement)
            db.executemany(
                "insert into cells values (?, ?, ?, ?)"
                " on conflict (family, sort, field) do update set n = n + excluded.n",
                ((*cell, n) for cell, n in cells.items() if n),
            )

    def scan(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a kind in key order, read in pages so that writers are not held up."""
        last = ""
        while True:
            with self._reading() as db:
                rows = db.execute(
                    "select key, body from items where kind = ? and key > ? order by key limit ?",
                    (kind.kind, last, CHUNK),
                ).fetchall()
            for _, body in rows:
                yield kind.model_validate_json(body)
            if len(rows) < CHUNK:
                return
            last = rows[-1][0]

    def settle(self, *, everything: bool) -> None:
        """Nothing is kept apart here."""

    def scrub(self) -> None:
        """Leave nothing of removed texts in the search index and the write-ahead log; others may write meanwhile.
        A second or so for 100,000 texts."""
        texts.merge(self._writing)
        with self._lock:
            self._writer.execute("pragma busy_timeout = 0")  # somebody reads: the log is folded in later
            self._writer.execute("pragma wal_checkpoint(truncate)").fetchall()
            self._writer.execute("pragma busy_timeout = 60000")

    # stored numbers

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """All stored numbers of a family whose sort lies in [low, high]."""
        with self._reading() as db:
            rows = db.execute(
                "select sort, field, n from cells where family = ? and sort >= ? and sort <= ? and n != 0",
                (family, low, high),
            )
            return {(family, sort, field): n for sort, field, n in rows}

    def families(self) -> list[str]:
        """The families that have stored numbers."""
        with self._reading() as db:
            return [f for (f,) in db.execute("select distinct family from cells order by family")]

    # owed work

    def due(self, now: datetime, limit: int, lease: float = 5.0) -> list[Work]:
        """Claim owed work, oldest first, for `lease` seconds."""
        t = now.timestamp()
        with self._reading() as db:
            some = db.execute(
                "select 1 from items where pending != '' and ready <= ? limit 1", (t,)
            ).fetchone()
        if not some:
            return []
        with self._writing() as db:
            rows = db.execute(
                "update items set ready = ? where rowid in (select rowid from items"
                " where pending != '' and ready <= ? order by ready, rowid limit ?)"
                " returning rowid, kind, key, pending, tries",
                (t + lease, t, limit),
            ).fetchall()
        return [Work(kind, key, step, tries) for _, kind, key, step, tries in sorted(rows)]

    def postpone(self, work: Work, error: str, until: datetime | None) -> None:
        """Count a failure; never again (a dead letter) when `until` is None."""
        with self._writing() as db:
            db.execute(
                "update items set ready = ?, tries = tries + 1, error = ?"
                " where kind = ? and key = ? and pending = ?",
                (until.timestamp() if until else None, error, work.kind, work.key, work.step),
            )

    def dead(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters."""
        with self._reading() as db:
            rows = db.execute(
                "select kind, key, pending, tries, error from items"
                " where pending != '' and ready is null order by kind, key limit ?",
                (limit,),
            )
            return [DeadLetter(*row) for row in rows]

    def revive(self, kind: str, key: str) -> bool:
        """Owe a dead letter's step again."""
        with self._writing() as db:
            done = db.execute(
                "update items set ready = 0, tries = 0, error = ''"
                " where kind = ? and key = ? and pending != '' and ready is null",
                (kind, key),
            )
            return done.rowcount > 0

    def waiting(self) -> int:
        """How many entities are owed a step, dead letters left out."""
        with self._reading() as db:
            row = db.execute(
                "select count(*) from items where pending != '' and ready is not null"
            ).fetchone()
            return int(row[0])

    def waking(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(kind, key) of entities whose `wake` has come, earliest first."""
        with self._reading() as db:
            return db.execute(
                "select kind, key from items where wake is not null and wake <= ? order by wake limit ?",
                (now.timestamp(), limit),
            ).fetchall()


def _save_one(db: sqlite3.Connection, change: Change) -> None:
    if db.execute(*item_statement(change)).rowcount != 1:
        raise Conflict(
            "store.conflict",
            "这条记录刚被别人改过，请刷新后再试",
            "somebody else changed this just now; read it again and repeat",
            f"{changed(change).kind}",
        )
    for statement in entry_statements(change):
        db.execute(*statement)
