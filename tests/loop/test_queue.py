"""The queue: both orders, pages without gap or repetition, what its rows say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.loop.context import Loop
from chalicelib.loop.own import queue as queues
from chalicelib.loop.own.queue import Asked
from chalicelib.loop.worker import drain
from chalicelib.model.case import CaseState
from chalicelib.model.errors import Invalid, NotFound
from tests.loop.making import LATE, LOST, Mute, contact

OLD = timedelta(days=14)


@pytest.fixture
def loop(store: Any, vault: Any, clock: Any) -> Loop:
    """The store a test names, an analyser that finds nothing."""
    return Loop(store, vault, lambda taxonomy: Mute(), clock)


@pytest.fixture
def told(loop: Any, clock: Any) -> Any:
    """Contacts two weeks ago, whose cost is known; then cases of today."""
    for n in range(4):
        contact(loop, clock.now - OLD, LATE, customer=f"old{n}", seconds=60)
        contact(loop, clock.now - OLD, LOST, customer=f"lost{n}", seconds=60, concession=9_000)
    drain(loop)
    return loop


def _ids(loop: Any, caller: Any, **asked: Any) -> list[str]:
    """Every page of it, one after the other."""
    found, cursor = [], ""
    while True:
        page = queues.queue(loop, caller, Asked(cursor=cursor, **asked))
        found += [case.id for case in page.cases]
        if not (cursor := page.cursor):
            return found


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
@pytest.mark.parametrize("order", ["clock", "cost"])
def test_pages_follow_each_other_however_many_run_out_at_one_moment(
    loop: Any, people: Any, clock: Any, order: str
) -> None:
    for n in range(11):
        contact(loop, clock.now - timedelta(minutes=n // 6), LATE, customer=f"u{n}", severity=n % 2)
    drain(loop)
    lead = people["lead.logistics"]
    whole = _ids(loop, lead, order=order, limit=100)
    assert len(set(whole)) == 11
    for limit in (1, 3, 11):
        assert _ids(loop, lead, order=order, limit=limit) == whole


def test_what_comes_in_meanwhile_neither_hides_nor_repeats_a_case(told: Any, people: Any, clock: Any) -> None:
    lead = people["lead.logistics"]
    whole = _ids(told, lead, order="cost")
    first = queues.queue(told, lead, Asked(order="cost", limit=3))
    contact(told, clock.now, LOST, customer="new", severity=3)
    drain(told)
    rest = queues.queue(told, lead, Asked(order="cost", limit=100, cursor=first.cursor))
    assert [case.id for case in (*first.cases, *rest.cases)] == whole


def test_by_cost_the_dear_the_bad_and_the_repeated_come_first(told: Any, people: Any, clock: Any) -> None:
    for n, (cause, severity) in enumerate([(LATE, 0), (LATE, 3), (LOST, 0), (LATE, 0)]):
        contact(told, clock.now, cause, customer=f"c{n}", severity=severity)
    contact(told, clock.now + timedelta(minutes=1), LATE, customer="c3", severity=0)
    clock.forward(minutes=2)
    drain(told)
    found = queues.listing(told, people["lead.logistics"], Asked(order="cost", state=CaseState.TO_ACCEPT))
    today = [row for row in found["rows"] if row["quote"].startswith(f"第 {clock.now:%Y-%m-%d}")]
    assert [(r["cause"], r["contacts"], r["irritation"]) for r in today] == [
        (LOST, 1, 0.25),
        (LATE, 1, 1.0),
        (LATE, 2, 0.25),
        (LATE, 1, 0.25),
    ]
    assert today[0]["cost"] == 9_200  # 60 s at the usual rate, the fixed cost, the concession
    assert today[2]["cost"] == 2 * today[3]["cost"] == 400


def test_without_finished_weeks_a_cost_is_unknown_and_the_worse_case_comes_first(
    loop: Any, people: Any, clock: Any
) -> None:
    contact(loop, clock.now, LATE, customer="a", severity=1)
    contact(loop, clock.now, LATE, customer="b", severity=2)
    drain(loop)
    rows = queues.listing(loop, people["lead.logistics"], Asked(order="cost"))["rows"]
    assert [(row["cost"], row["severity"]) for row in rows] == [(None, 2), (None, 1)]


def test_a_row_says_who_is_waited_for_and_what_the_customer_said(loop: Any, people: Any, clock: Any) -> None:
    contact(
        loop, clock.now, LATE, customer="a", text="快递 三天没到，打13800138000没人接" + "啊" * 80, severity=2
    )
    drain(loop)
    clock.forward(days=1)
    (row,) = queues.listing(loop, people["lead.logistics"], Asked())["rows"]
    waited = row["waited_for"]
    assert (waited["department"], waited["for"], waited["minutes"], waited["late"]) == (
        "logistics",
        "accept",
        540,
        False,
    )
    assert "13800138000" not in row["quote"]
    assert len(row["quote"]) == queues.QUOTE
    assert row["quote"].startswith("快递 三天没到")


def test_tabs_are_counted_for_the_first_page(told: Any, people: Any) -> None:
    lead = people["lead.logistics"]
    first = queues.listing(told, lead, Asked(limit=2))
    assert first["counts"] == {"to_accept": 8, "came_back": 0, "working": 0, "unverified": 0}
    assert "counts" not in queues.listing(told, lead, Asked(limit=2, cursor=first["cursor"]))
    assert queues.listing(told, people["lead.quality"], Asked())["counts"]["to_accept"] == 0
    assert queues.listing(told, people["exec"], Asked(department="logistics"))["counts"]["to_accept"] == 8


def test_a_lead_learns_nothing_of_another_department(told: Any, people: Any) -> None:
    with pytest.raises(NotFound):
        queues.queue(told, people["lead.quality"], Asked(department="logistics"))


@pytest.mark.parametrize("cursor", ["x", "1", "/", "１/K-1", "1/" + "K" * 99, "-1/K"])
def test_a_foreign_mark_is_refused(loop: Any, people: Any, cursor: str) -> None:
    for order in ("clock", "cost"):
        with pytest.raises(Invalid, match=r"cases\.page"):
            queues.queue(loop, people["exec"], Asked(order=order, cursor=cursor))
