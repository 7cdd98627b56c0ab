"""Search in the embedded store: folded texts, and an inverted index (FTS5) of the pairs of letters in them.

Chinese has no blanks between words, so the index holds every two letters that stand side by side. A term of
two or more letters is found where all its pairs are, and then looked for in the text itself: pairs alone
would also find 不退…退款 for 不退款. Nothing is missed and nothing is found that is not there.

The row number of a text is its time, so the newest come first without sorting, and a frequent term costs no
more than the page that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from operator import add
from typing import Any

from chalicelib.adapters.marks import foreign_mark
from chalicelib.adapters.sqlite_rows import Statement, changed
from chalicelib.model.entity import KINDS, Entity, Searched
from chalicelib.ports import Change, Page
from chalicelib.privacy.text import fold

SCHEMA = r"""
create table if not exists texts (
  at integer primary key, kind text not null, key text not null, text text not null, unique (kind, key));
create virtual table if not exists pairs using fts5 (
  held, content = '', detail = none, columnsize = 0,
  tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'");
"""
BUILT = 1
"""`user_version` of a file in which every text is indexed."""
MOST_READ, MOST_LOOKED_AT = 40_000, 10_000
"""Candidates one search reads, more than which only frequent pairs in a rare order have; and texts, when the
terms are of one letter."""
SAME_TIME = 20
"""Bits of a row number that tell texts of one millisecond apart; the others are the millisecond."""
FAR = 2**43 - 1
"""Milliseconds before and after 1970 (278 years) up to which row numbers follow time."""
LAST = 2**63 - 1
BY_PAIRS = """
select t.at, t.key, {fits} from pairs p cross join texts t on t.at = p.rowid
 where p.rowid < ? and pairs match ? order by p.rowid desc"""
ONE_BY_ONE = "select t.at, t.key, {fits} from texts t where t.at < ? order by t.at desc"
"""For terms of one letter, which are in no pair."""
AT_ONCE = 500
"""Texts indexed, and pages of the index rewritten, in one transaction; others may write in between."""

Progress = Callable[[int, int], None]
"""Told how many of how many texts are indexed."""
Writing = Callable[[], AbstractContextManager[Any]]
"""Opens a transaction and gives its connection (sqlite3's; only the store itself imports that)."""


def pairs(text: str) -> str:
    """Every two letters that stand side by side in a folded text, each once, separated by blanks."""
    found: set[str] = set()
    for run in text.split():
        found.update(map(add, run, run[1:]))
    return " ".join(pair for pair in found if pair.isprintable())


def statements(changes: Sequence[Change]) -> Iterator[Statement]:
    """What keeps the index in step with these changes; in the order of time, as FTS5 takes them fastest."""
    gone: list[tuple[int, str, str]] = []
    come: list[tuple[int, str, str, str]] = []
    for change in changes:
        entity = changed(change)
        was, now = (side.searched() if side else None for side in change)
        if was != now:
            gone += [(_row(was), entity.kind, entity.key)] if was else []
            come += [(_row(now), entity.kind, entity.key, fold(now.text))] if now else []
    for _, *ident in sorted(gone):
        yield (
            "insert into pairs (pairs, rowid, held) select 'delete', at, pairs(text) from texts"
            " where kind = ? and key = ?",
            (*ident,),
        )
        yield "delete from texts where kind = ? and key = ?", (*ident,)
    for row, *new in sorted(come):
        last = row + (1 << SAME_TIME) - 1
        yield (
            "insert into texts select coalesce(max(at) + 1, ?), ?, ?, ? from texts where at between ? and ?",
            (row, *new, row, last),
        )
        yield "insert into pairs (rowid, held) values (last_insert_rowid(), pairs(?))", (new[-1],)


def _row(searched: Searched) -> int:
    """The first row number of its millisecond."""
    return max(-FAR, min(int(searched.entry.sort), FAR)) << SAME_TIME


def search(db: Any, kind: str, terms: Sequence[str], limit: int, after: str) -> Page:
    """Keys of a kind whose text holds every term, newest first, as far as one search reads."""
    folded = [fold(term) for term in terms]
    fits = " and ".join(["t.kind = ?", *("instr(t.text, ?)" for _ in folded)])
    wanted = " ".join(pairs(term) for term in folded).split()
    match = " AND ".join('"' + pair.replace('"', '""') + '"' for pair in wanted)
    how, most = (BY_PAIRS, MOST_READ) if wanted else (ONE_BY_ONE, MOST_LOOKED_AT)
    rows = db.execute(how.format(fits=fits), (kind, *folded, _open_mark(after), *([match] if wanted else [])))
    with closing(rows):
        return page(rows, limit, most)


def page(rows: Iterable[tuple[int, str, int]], limit: int, most: int) -> Page:
    """The page that begins with the first candidate (row, key, whether it fits), from the first `most`."""
    keys: list[str] = []
    row = 0
    for read, (at, key, fits) in enumerate(rows, 1):
        if fits and len(keys) == limit:
            return Page(keys, str(row))
        if fits:
            keys.append(key)
            row = at
        if read == most:
            return Page(keys, str(at))
    return Page(keys, "")


def _open_mark(after: str) -> int:
    if not after:
        return LAST
    if not re.fullmatch(r"-?[0-9]{1,19}", after) or abs(int(after)) > LAST:
        raise foreign_mark()
    return int(after)


def index_all(writing: Writing, progress: Progress | None = None) -> None:
    """Index the texts of a file from before there was a search; what is killed on the way goes on later."""
    with writing() as db:
        kinds = _kinds()
        count = "select count(*) from items where kind = ?"
        total = sum(db.execute(count, (kind.kind,)).fetchone()[0] for kind in kinds)
    done = 0
    for kind in kinds:
        last, read = "", AT_ONCE
        while read == AT_ONCE:
            with writing() as db:
                read, last = _index_some(db, kind, last)
            done += read
            if progress and read:
                progress(done, total)
    with writing() as db:
        db.execute(f"pragma user_version = {BUILT}")


def _kinds() -> list[type[Entity]]:
    import chalicelib.model.kinds  # noqa: F401  all of them, whatever this process has used so far

    return [kind for kind in KINDS.values() if kind.searched is not Entity.searched]


def _index_some(db: Any, kind: type[Entity], last: str) -> tuple[int, str]:
    """How many entities after key `last` were looked at, and the key of the last one."""
    rows = db.execute(
        "select key, body, exists (select 1 from texts t where t.kind = i.kind and t.key = i.key)"
        " from items i where kind = ? and key > ? order by key limit ?",
        (kind.kind, last, AT_ONCE),
    ).fetchall()
    new = [Change(None, kind.model_validate_json(body)) for _, body, known in rows if not known]
    for statement in statements(new):
        db.execute(*statement)
    return len(rows), rows[-1][0] if rows else last


def merge(writing: Writing) -> None:
    """Merge the index into one segment: what was removed is still in the others."""
    pages, changes = -AT_ONCE, 2  # negative: begin with all segments
    while changes >= 2:  # fewer are FTS5's sign that there was nothing to merge
        with writing() as db:
            before = db.total_changes
            db.execute("insert into pairs (pairs, rank) values ('merge', ?)", (pages,))
            changes = db.total_changes - before
        pages = AT_ONCE
