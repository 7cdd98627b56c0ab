"""A loop without language processing: these tests choose the causes themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop.context import Loop
from chalicelib.model.people import Role, User
from tests.loop.making import Mute


@pytest.fixture
def loop(clock, vault) -> Iterator[Loop]:
    """SQLite in memory, an analyser that finds nothing, one lead."""
    store = SqliteStore(":memory:")
    loop = Loop(store, vault, lambda taxonomy: Mute(), clock)
    loop.change(lambda unit: unit.put(User(name="lead", role=Role.LEAD, departments=("logistics",))))
    yield loop
    store.close()
