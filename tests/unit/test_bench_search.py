"""The bench of search: it finds its queries, compares every answer, and fails when one is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chalicelib.bench import search
from chalicelib.cli.__main__ import main
from chalicelib.cli.bench_search import show
from chalicelib.environment import Environment
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from chalicelib.model.entity import KINDS
from chalicelib.wiring import DATABASE, build

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loop, sqlite3.Connection]]:
    """A store of the bench's contacts, and its file."""
    folder: Path = tmp_path_factory.mktemp("bench")
    system = build(Environment(data=folder))
    search._fill(system.loop, 300, NOW)
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        yield system.loop, db
    system.close()


class Forgetful:
    """A store whose search loses the last one of a page."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def search(self, *asked: Any, **more: Any) -> Any:
        """All but one."""
        page = self.store.search(*asked, **more)
        return page._replace(keys=page.keys[:-1])


def test_every_sort_of_query_is_drawn_and_answered_rightly(filled):
    loop, db = filled
    queries = search._queries(db, Random(3), lambda label: None)
    assert [sort for sort, terms in queries.items() if len(terms) < 5] == []
    found = {sort: search._ask(loop, db, terms[:5]) for sort, terms in queries.items()}
    assert {f["wrong"] for f in found.values()} == {0}
    assert found["absent"]["found"] == 0 < found["rare"]["found"] < found["frequent"]["found"]
    assert all(f[f"{name}_p50_ms"] > 0 for f in found.values() for name in ("answer", "index", "like"))


def test_a_wrong_answer_is_counted(filled):
    loop, db = filled
    forgetful = replace(loop, store=Forgetful(loop.store))
    assert search._ask(forgetful, db, [["没有的话"], ["的"]])["wrong"] == 1


def test_without_the_index_all_else_is_the_same(filled):
    loop, _ = filled
    deaf = search._Deaf(loop.store)
    contact = search._contact(0, Random(1), ["独一无二的话"], NOW).model_copy(update={"id": "deaf"})
    replace(loop, store=deaf).change(lambda unit: unit.put(contact))
    kept = loop.store.get(Contact, ["deaf"])["deaf"]
    assert (kept.text[:6], type(kept), KINDS["contact"]) == ("独一无二的话", Contact, Contact)
    assert loop.store.search(Contact, ["独一无二"]).keys == []
    loop.change(lambda unit: unit.delete(unit.get(Contact, "deaf")))


def test_the_report_shows_all_sorts_and_fails_on_a_wrong_answer(capsys):
    ms = {f"{name}_p{q}_ms": 1.0 for name in ("answer", "index", "like") for q in (50, 95, 99)}
    queries = {sort: {"asked": 5, "found": 3, **ms} for sort in search.SORTS}
    write = {"with_index_per_cpu_second": 700.0, "without_index_per_cpu_second": 735.0, "slower": 0.05}
    show(
        {"contacts": 300, "letters": 45.0, "index_bytes": 1e6, "queries": queries, "wrong": 2, "write": write}
    )
    out = capsys.readouterr().out
    assert all(
        word in out for word in ("frequent", "rare", "absent", "two", "number", "letter", "5.0%", "each: 2")
    )


def test_what_writing_costs_is_measured_both_ways():
    cost = search._write_cost(20, 1, NOW)
    assert cost["with_index_per_cpu_second"] > 0
    assert cost["slower"] == pytest.approx(
        1 - cost["with_index_per_cpu_second"] / cost["without_index_per_cpu_second"]
    )


def test_too_few_contacts_are_refused(tmp_path, capsys):
    assert main(["bench", "search", "--contacts", "5", "--data", str(tmp_path)]) == 2
    assert "--contacts" in capsys.readouterr().err
