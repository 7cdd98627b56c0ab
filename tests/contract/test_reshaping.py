"""Merging and splitting causes on both stores, from contacts to numbers and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.focus.matrix import score
from chalicelib.loop.rebuild import recount
from chalicelib.loop.repeat.following import reshape_now
from chalicelib.loop.repeat.reshaping import Part, listed, merge, split
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.case import Case
from chalicelib.model.kinds import KINDS
from chalicelib.model.people import Caller, Role
from chalicelib.model.reshape import SETTLED, Reshape
from tests.conftest import Clock
from tests.loop.finding import ByWords
from tests.loop.making import ADMIN, LATE, LOST, days, done, stored

PARTS = (
    Part(code="delivery.slow", label_zh="路上太慢", words=("慢",)),
    Part(code="delivery.stuck", label_zh="停着不动", words=("不动",)),
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loop(store, clock) -> Loop:
    """The store with tags by words."""
    return Loop(store, KeyVault(b"k" * 32), ByWords, clock)


def test_the_kind_is_known():
    assert Reshape in KINDS.values()


def test_a_merge_and_then_a_split(loop, clock):
    words = ("太慢了", "三天没到")
    keys = [
        done(loop, clock.now - days(9 + n), LATE, customer=f"u{n}", text=t).id for n, t in enumerate(words)
    ]
    score(loop, Caller("lead", Role.LEAD, ("logistics",)), LATE, "logistics", 1, 1)
    merge(loop, ADMIN, LATE, LOST)
    (one,) = listed(loop)
    assert loop.store.find(Reshape, "reshape.owed", "all").keys == [one.key]
    assert reshape_now(loop, one.key).owed == 2
    drain(loop)
    assert {stored(loop, key).causes for key in keys} == {(LOST,)}
    assert len(loop.store.find(Case, "case.cause", LOST).keys) == 2

    split(loop, ADMIN, LOST, PARTS)
    tick(loop)
    drain(loop)
    assert [stored(loop, key).causes for key in keys] == [("delivery.slow",), (LOST,)]
    clock.now += SETTLED + timedelta(seconds=1)
    tick(loop)
    drain(loop)
    assert all(one.done for one in listed(loop))
    assert loop.store.find(Reshape, "reshape.owed", "all").keys == []
    assert recount(loop).differences == 0
