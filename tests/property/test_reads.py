"""What an executive's page reads of the store does not grow with the contacts: counted at 1,000 and at 100,000."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.api.routing import DOOR
from chalicelib.bench.filling import denominators, histories
from chalicelib.loop.context import Loop
from chalicelib.loop.focus.matrix import score
from chalicelib.loop.measure.tally import tally
from chalicelib.loop.repeat.cycles import close
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.loop.track import projects
from chalicelib.loop.unit import contribution
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Entity
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Plan, ProjectMove
from chalicelib.model.weeks import shift, week_of
from chalicelib.ports import Change
from tests.conftest import USERS, WEDNESDAY
from tests.loop.making import ADMIN, LATE, LOST, Mute
from tests.stores import sqlite_store

WEEKS = 26
FEW, MANY = 1_000, 100_000
STORED = 1_000
"""Contacts that are there as entities too; of all others only the numbers, which is all that a page may read."""
PAGES = (
    "/focus",
    "/metrics",
    f"/metrics?cause={LATE}",
    "/metrics?department=logistics",
    "/series?by=all",
    "/series?by=cause",
    f"/series?by=cause&part={LATE}",
    "/trend?metric=cpx",
    f"/trend?metric=repeat_rate&cause={LATE}",
    "/trend?metric=resolution_rate",
    "/matrix",
    "/cycles/current",
    "/cycles",
    "/projects",
    "/overview",
    "/alarms",
    "/chart",
    f"/chart?metric=fcr&cause={LATE}",
    "/skyline",
    "/split",
    "/completeness",
    "/health-of-loop",
    "/ledger",
)
LISTED = 400
"""Entities a page may list: decisions, projects, scores, the most urgent; never all of anything."""
READS = ("get", "find", "search", "cells", "families", "due", "dead", "waiting", "waking", "scan")


class Counting:
    """A store that counts how often it is read, and how many keys, entities and numbers come back."""

    def __init__(self, store: Any) -> None:
        self._store, self.calls, self.rows = store, Counter[str](), Counter[str]()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in READS:
            return found

        def read(*asked: Any, **more: Any) -> Any:
            answer = found(*asked, **more)
            answer = list(answer) if name == "scan" else answer
            self.calls[name] += 1
            size = answer.keys if name in ("find", "search") else answer
            self.rows[name] += len(size) if hasattr(size, "__len__") else 1
            return answer

        return read


def fill(loop: Loop, count: int) -> None:
    """The numbers of so many contacts with their cases and call-backs: those of a thousand, counted as often as it
    takes. Of them a thousand are stored, and two thousand more that no number knows where there are many."""
    unit, now = loop.unit(), loop.clock()
    made = histories(Random(8), unit.taxonomy, unit.settings, now, STORED if count == FEW else 3 * STORED)
    told = [_recent(entity, loop) for history in made for entity in history]
    for some in _by(told, 500):
        loop.store.save([Change(None, entity.model_copy(update={"version": 1})) for entity in some], {})
    loop.change(lambda unit: [unit.put(d) for d in denominators(unit.taxonomy, now)])
    basis = histories(Random(8), unit.taxonomy, unit.settings, now, STORED)
    counted = [Change(None, _recent(entity, loop)) for history in basis for entity in history]
    loop.store.save([], {cell: n * (count // STORED) for cell, n in contribution(counted, tally).items()})


def _recent(entity: Entity, loop: Loop) -> Entity:
    """Two years of times, four to a half year."""
    at = "opened" if isinstance(entity, Case) else "time" if isinstance(entity, Contact) else "created"
    now, time = loop.clock(), getattr(entity, at)
    return entity.model_copy(update={at: now - (now - time) / 4})


def _by(entities: Sequence[Entity], n: int) -> Iterator[Sequence[Entity]]:
    return (entities[i : i + n] for i in range(0, len(entities), n))


def decided(loop: Loop) -> None:
    """A page full of things: two projects, scores, a closed cycle and an open one with a decision."""
    loop.change(lambda unit: unit.put(_user("exec")))
    for cause in (LATE, LOST):
        plan = Plan(metric="cpx", cause=cause, starts=loop.clock())
        made = projects.propose(loop, ADMIN, title=f"去掉 {cause}", hypothesis="可以", owner="", department="logistics", plan=plan)  # fmt: skip
        projects.move(loop, ADMIN, made.id, ProjectMove.ACCEPT, None)
        projects.move(loop, ADMIN, made.id, ProjectMove.START, None)
        score(loop, Caller("lead", Role.LEAD, ("logistics",)), cause, "logistics", 1, 2)
    decide(loop, ADMIN, Wish("other", LATE, "先看看"))
    close(loop, ADMIN, week_of(loop.clock()))
    decide(loop, ADMIN, Wish("other", LOST, "再看看"))


def _user(name: str) -> Any:
    from chalicelib.model.people import User

    role, departments = USERS[name]
    return User(name=name, role=role, departments=departments)


def filled(count: int) -> Iterator[Loop]:
    """A company with so many contacts."""
    with sqlite_store() as store:
        loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), lambda: WEDNESDAY)
        fill(loop, count)
        decided(loop)
        yield loop


@pytest.fixture(scope="module")
def small() -> Iterator[Loop]:
    """A thousand contacts."""
    yield from filled(FEW)


@pytest.fixture(scope="module")
def large() -> Iterator[Loop]:
    """A hundred thousand."""
    yield from filled(MANY)


def read(api: Any, loop: Loop, page: str) -> tuple[dict[str, int], dict[str, int], Any]:
    """Calls and rows that one page costs, and what it says."""
    counting = Counting(loop.store)
    DOOR.loop = lambda: Loop(counting, loop.vault, loop.analyser, loop.clock)
    answer = api("GET", page, user="exec")
    assert answer.status == 200, answer.text
    return dict(counting.calls), dict(counting.rows), answer.json


def test_an_executives_pages_read_as_much_of_a_hundred_thousand_contacts_as_of_a_thousand(api, small, large):
    assert small.store.cells("cause").keys() == large.store.cells("cause").keys()
    shown = {}
    for page in PAGES:
        few_calls, few_rows, _ = read(api, small, page)
        many_calls, many_rows, shown[page] = read(api, large, page)
        assert many_calls == few_calls, page
        assert many_rows.get("cells") == few_rows.get("cells"), page
        assert many_rows.get("get", 0) + many_rows.get("find", 0) <= LISTED, (page, many_rows)
        assert not {"scan", "search", "due"} & set(many_calls), page
    assert sum(cause["contacts"] for cause in shown["/focus"]["causes"]) > FEW  # it did see the many
    assert len(shown) >= 14


def test_no_page_reads_contacts(api, large):
    """Whatever a page shows of contacts comes from the stored numbers; loop health looks up the first contact of each
    project, the trends corrected for label error the few that were looked at twice."""
    for page in PAGES:
        kinds = Counter[str]()
        counting = _Kinds(large.store, kinds)
        DOOR.loop = lambda counting=counting: Loop(counting, large.vault, large.analyser, large.clock)
        assert api("GET", page, user="exec").status == 200
        bound = 20 if page in ("/overview", "/health-of-loop") else 0
        assert kinds["contact"] + kinds["original"] + kinds["customer"] <= bound, (page, kinds)
        assert kinds, page


class _Kinds:
    def __init__(self, store: Any, kinds: Counter[str]) -> None:
        self._store, self._kinds = store, kinds

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in ("get", "find", "search", "scan"):
            return found

        def noted(kind: Any, *asked: Any, **more: Any) -> Any:
            self._kinds[kind.kind] += 1
            return found(kind, *asked, **more)

        return noted


def test_a_page_that_reads_contacts_would_be_noticed(api, small, large):
    last = week_of(WEDNESDAY)
    page = f"/contacts?first={shift(last, -12)}&last={last}&channel=store"
    assert read(api, small, page)[1] != read(api, large, page)[1]
    assert read(api, large, page)[1]["get"] > LISTED
