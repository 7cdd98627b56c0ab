"""What the embedded store writes: its tables, the statements of a change, the mark between two pages."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chalicelib.adapters.marks import foreign_mark
from chalicelib.model.entity import Entity
from chalicelib.ports import Change

SCHEMA = """
create table if not exists items (
  kind text not null, key text not null, version integer not null, body text not null,
  pending text not null, ready real, tries integer not null default 0, error text not null default '',
  wake real, primary key (kind, key));
create index if not exists items_due on items (ready) where pending != '';
create index if not exists items_wake on items (wake) where wake is not null;
create table if not exists entries (
  idx text not null, part text not null, sort text not null, kind text not null, key text not null,
  primary key (idx, part, sort, kind, key)) without rowid;
create table if not exists cells (
  family text not null, sort text not null, field text not null, n integer not null,
  primary key (family, sort, field)) without rowid;
"""
CLEARED = 2
"""`user_version` of a file without the listings of earlier versions that nothing takes anybody out of any more."""
CLEARING = (
    "delete from entries where idx in ('contact.case', 'customer.all', 'callback.case')"
    " or (idx = 'callback.state' and part != 'to_call')"
    " or (idx = 'callback.department' and part not like '%/to_call')",
    f"pragma user_version = {CLEARED}",
)
Statement = tuple[str, tuple[object, ...]]
"""SQL and its parameters."""


def changed(change: Change) -> Entity:
    """The entity a change is about."""
    before, after = change
    entity = after or before
    assert entity is not None, "a change without an entity"
    return entity


def item_statement(change: Change) -> Statement:
    """What writes the entity; it touches one row, or none when `before` is not what is stored."""
    before, after = change
    if after is None:
        gone = changed(change)
        return (
            "delete from items where kind = ? and key = ? and version = ?",
            (gone.kind, gone.key, gone.version),
        )
    if change.guards:
        return (
            "update items set version = version where kind = ? and key = ? and version = ?",
            (after.kind, after.key, after.version),
        )
    wake = after.wake.timestamp() if after.wake else None
    row = (after.version, after.model_dump_json(), after.pending, wake)
    if before is None:
        return (
            "insert or ignore into items (version, body, pending, wake, ready, kind, key)"
            " values (?, ?, ?, ?, 0, ?, ?)",
            (*row, after.kind, after.key),
        )
    return (
        "update items set version = ?, body = ?, pending = ?, wake = ?, ready = 0, tries = 0,"
        " error = '' where kind = ? and key = ? and version = ?",
        (*row, after.kind, after.key, before.version),
    )


def entry_statements(change: Change) -> Iterator[Statement]:
    """What takes the entity out of the indexes it left, and puts it into those it is new in."""
    before, after = change
    entity = changed(change)
    old = set(before.entries()) if before else set()
    new = set(after.entries()) if after else set()
    ident = (entity.kind, entity.key)
    for entry in old - new:
        yield (
            "delete from entries where idx = ? and part = ? and sort = ? and kind = ? and key = ?",
            (*entry, *ident),
        )
    for entry in new - old:
        yield "insert or ignore into entries values (?, ?, ?, ?, ?)", (*entry, *ident)


def open_mark(after: str) -> list[str]:
    """Sort and key of the last row of the page before; Invalid when this list gave no such mark."""
    try:
        mark = json.loads(after)
    except (ValueError, RecursionError):
        mark = None
    if not (
        isinstance(mark, list)
        and len(mark) == 2
        and all(isinstance(p, str) and p.isprintable() for p in mark)
    ):
        raise foreign_mark()
    return mark
