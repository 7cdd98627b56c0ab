"""The cycle on both stores: opens, decides, snoozes, lapses, closes; and the largest one fits."""

from __future__ import annotations

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.coordinate.together import ask, finish
from chalicelib.loop.repeat import cycles
from chalicelib.loop.repeat.agenda import PARTS
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.case import Case
from chalicelib.model.cycle import AgendaSnooze, Cycle, Decision, Item, Outcome
from chalicelib.model.kinds import KINDS
from chalicelib.model.people import Caller, Role
from tests.conftest import Clock
from tests.loop.making import ADMIN, LATE, Mute, case_of, contact

EXEC = Caller("exec", Role.EXECUTIVE)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loop(store, clock) -> Loop:
    """The store with an analyser that finds nothing."""
    return Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), clock)


def test_the_kinds_are_known():
    assert {Cycle, AgendaSnooze} <= set(KINDS.values())


def test_weeks_go_by(loop, clock):
    contact(loop, clock.now, LATE)
    drain(loop)
    tick(loop)
    decide(loop, EXEC, Wish("start_project", LATE, "一直在涨"))
    decide(loop, EXEC, Wish("snooze", LATE, "等一等"))
    clock.forward(days=7)
    tick(loop)
    now = cycles.current(loop)
    assert (now.week, [d.result for d in now.carried]) == ("2026-W48", ["project_proposed", "snoozed"])
    assert (now.snoozed, [i.id for i in now.agenda]) == ({"focus": 1}, ["projects/P-1"])
    closed = cycles.close(loop, EXEC, "2026-W48")
    assert [o.state for o in closed.outcomes] == ["project_proposed", "asleep"]
    clock.forward(days=28)
    tick(loop)
    assert [c.week for c in cycles.history(loop)] == [f"2026-W{n}" for n in (52, 51, 50, 49, 48, 47)]
    assert [c.missed for c in cycles.history(loop)] == [False, True, True, False, False, False]
    assert [i.id for i in cycles.current(loop).agenda] == ["projects/P-1", "cases/logistics"]


def test_overdue_tasks_are_found_by_their_clock(loop, clock):
    first = contact(loop, clock.now, LATE)
    drain(loop)
    case = case_of(loop, first)
    asked = ask(loop, ADMIN, case.id, "quality", "查一下", "2h", None)
    ask(loop, ADMIN, case.id, "it", "再查", "3d", None)
    assert loop.store.find(Case, "case.task", "open").keys == [case.id]
    clock.forward(days=1)
    assert [i.id for i in PARTS["tasks"].rows(loop, "2026-W47")] == ["tasks/quality"]
    finish(loop, ADMIN, case.id, asked.tasks[0].id, "好了", None)
    assert PARTS["tasks"].rows(loop, "2026-W47") == []
    clock.forward(days=10)
    assert [i.id for i in PARTS["tasks"].rows(loop, "2026-W47")] == ["tasks/it"]


def test_the_largest_cycle_fits_one_item(loop, clock):
    tick(loop)
    label = "很" * 60
    agenda = tuple(
        Item(part=part, code=f"{n}{'c' * 60}", label=label, department="d" * 60, numbers={"cause": label, "cost": 10**9})
        for part, known in {**PARTS, "more": PARTS["focus"], "yet_more": PARTS["focus"]}.items()
        for n in range(known.most)
    )  # fmt: skip
    made = [
        Decision(
            id=f"D-{n}", what="other", about=f"{n}" + "关" * 95, by="exec", at=clock.now, department="d" * 60,
            reason="".join(chr(0x4E00 + (n * 977 + i * 131) % 20_000) for i in range(cycles.LONGEST_REASON)),
        )
        for n in range(cycles.MOST_DECISIONS)
    ]  # fmt: skip
    outcomes = tuple(Outcome(decision=d, state="still_listed") for d in made)
    full = {"agenda": agenda, "decisions": tuple(made), "carried": tuple(made), "outcomes": outcomes}
    after = loop.change(lambda unit: unit.put(unit.get(Cycle, "2026-W47").model_copy(update=full)))
    assert loop.store.get(Cycle, ["2026-W47"])["2026-W47"] == after
    closed = cycles.close(loop, EXEC, "2026-W47")
    assert loop.store.get(Cycle, ["2026-W47"])["2026-W47"] == closed
