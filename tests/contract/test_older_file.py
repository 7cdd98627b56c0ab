"""A data folder of an earlier version: what it listed otherwise is read right, and names nobody who is erased."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase
from chalicelib.loop.notices import inbox, notify
from chalicelib.model.entity import stamp
from chalicelib.model.people import Caller, Notice, Role
from tests.conftest import Clock
from tests.loop.making import ADMIN, LATE, Mute, done


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Loop]:
    """The store of a folder that an earlier version filled with a contact and two notices of one day."""
    path, clock = str(tmp_path / "x.db"), Clock()
    store = SqliteStore(path)
    loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), clock)
    told = done(loop, clock.now, LATE)
    for case in ("K-1", "K-2"):
        clock.forward(hours=1)
        loop.change(lambda unit, case=case: notify(unit, "user:agent", "mentioned", f"case:{case}"))
    more = [
        ("customer.all", "all", "customer", told.customer),
        ("contact.case", told.case, "contact", told.id),
        ("callback.case", "K-0", "callback", "K-0/1"),
        *(("callback.state", state, "callback", f"K-0/{state}") for state in ("reached", "to_call")),
        *(("callback.department", f"it/{s}", "callback", f"K-0/{s}") for s in ("reached", "to_call")),
    ]
    for listing, partition, kind, key in more:
        row = (listing, partition, stamp(told.time), kind, key)
        store._writer.execute("insert into entries values (?, ?, ?, ?, ?)", row)
    for notice in store.scan(Notice):
        row = (stamp(notice.at), notice.key)
        store._writer.execute("update entries set sort = ? where idx = 'notice.to' and key = ?", row)
    store._writer.execute("pragma user_version = 1")
    store.close()
    store = SqliteStore(path)
    yield Loop(store, loop.vault, loop.analyser, clock)
    store.close()


def rows(loop: Loop, where: str, *values: str) -> int:
    assert isinstance(loop.store, SqliteStore)
    found = loop.store._writer.execute(f"select count(*) from entries where {where}", values).fetchone()
    return int(found[0])


def test_who_is_erased_is_in_no_listing_that_is_no_more(older: Loop) -> None:
    (customer,) = {c for (c,) in older.store._writer.execute("select key from items where kind = 'customer'")}
    assert rows(older, "idx in ('customer.all', 'contact.case', 'callback.case')") == 0
    assert (rows(older, "idx like 'callback.%'"), rows(older, "key = ?", "K-0/to_call")) == (2, 2)
    assert rows(older, "part = ? or key = ?", customer, customer) > 0
    erase(older, ADMIN, customer, "本人要求")
    assert rows(older, "part = ? or key = ?", customer, customer) == 0


def test_its_notices_are_read_by_their_time_also_when_told_again(older: Loop) -> None:
    def told() -> list[str]:
        return [one.subject for one in inbox(older, Caller("agent", Role.AGENT), limit)]

    for limit in (1, 2, 5):
        assert told() == ["case:K-2", "case:K-1"][:limit]
    older.clock.forward(hours=1)
    older.change(lambda unit: notify(unit, "user:agent", "mentioned", "case:K-1", anew=True))
    older.clock.forward(hours=1)
    older.change(lambda unit: notify(unit, "user:agent", "mentioned", "case:K-3"))
    for limit in (1, 2, 5):
        assert told() == ["case:K-3", "case:K-1", "case:K-2"][:limit]
