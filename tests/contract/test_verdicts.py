"""Looks and reasons on both stores: where they are listed, taken once, changed by two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.track.projects import move
from chalicelib.loop.track.verdicts import live, look_when_due, looks_of, view
from chalicelib.loop.track.whys import say_why, withdraw_why
from chalicelib.model.errors import Conflict
from chalicelib.model.kinds import KINDS
from chalicelib.model.people import Role, User
from chalicelib.model.project import Look, Project, ProjectMove, ProjectState
from chalicelib.model.weeks import week_start
from chalicelib.model.why import Why
from tests.conftest import Clock
from tests.loop.judged import CAUSE, LEAD, START, at_week, contacts, parcels, proposed, write
from tests.loop.making import ADMIN, Mute

WEEKS = range(-12, 14)


@pytest.fixture
def clock() -> Clock:
    return Clock(week_start(START) - timedelta(days=1))


@pytest.fixture
def loop(store, clock) -> Loop:
    """The store with an analyser that knows nothing."""
    loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), clock)
    loop.change(lambda unit: unit.put(User(name="lead", role=Role.LEAD, departments=("logistics",))))
    return loop


def test_the_kinds_are_known():
    assert {Look, Why} <= set(KINDS.values())


def test_looks_are_taken_once_and_a_relapse_reopens(loop, clock):
    rates = {CAUSE: lambda n: 40 if 0 <= n < 9 else 100}
    write(loop, contacts(rates, WEEKS), parcels(WEEKS))
    project = proposed(loop)
    for order in (ProjectMove.ACCEPT, ProjectMove.START):
        project = move(loop, LEAD, project.id, order, None)
    taken = []
    for week in (8, 9, 9, 14, 14):
        at_week(clock, week)
        taken.append(look_when_due(loop))
    assert taken == [0, 1, 0, 1, 0]
    project = loop.unit().get(Project, project.id)
    assert project.state is ProjectState.REOPENED
    looks = looks_of(loop, project)
    assert [(look.weeks, look.word, look.relapsed) for look in looks] == [
        (8, "IMPROVED", False),
        (13, looks[1].word, True),
    ]
    assert loop.store.find(Look, "look.all", "all").keys == [look.key for look in looks]
    assert looks[0].figures["line"][-1]["time"] == "2027-W05"
    shown = view(loop, project)["verdict"]
    assert shown["live"]["stamp_matches"]
    assert live(loop, project)["n_after"] == 12 or shown["n_after"] == 13


def test_reasons_are_kept_and_two_at_once_do_not_exceed_the_whole(loop):
    project = proposed(loop).id
    row = say_why(loop, ADMIN, project, text="箱子太薄", assumption=True, share=60)
    slow = loop.unit()
    seen = slow.get(Why, project)
    row = withdraw_why(loop, ADMIN, project, row["because"][0]["id"], None)
    assert (row["because"], row["version"]) == ([], 2)
    slow.put(seen.with_event(loop.clock(), "ReasonGiven", "x"))
    with pytest.raises(Conflict):
        slow.commit()
