"""The order of arrival changes no number: shuffled, doubled, batched, dropped and sent again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.take import take
from chalicelib.loop.measure import denominators
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import drain, work
from chalicelib.model.contact import Contact
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from tests.loop.making import ADMIN, AGENT, Mute, days

MONDAY = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
NOW = MONDAY + days(90)
VAULT = KeyVault(b"o" * 32)
OWNERS = {"a.late": "north", "a.lost": "north", "b.bill": "south", "c.rude": "service"}
WINDOWS = {"a.late": 2, "a.lost": 7, "b.bill": 14, "c.rude": 30}
TAXONOMY = Taxonomy(
    number=2,
    departments=tuple(Department(code=d, name_zh=d) for d in ("north", "south", "service")),
    causes=tuple(
        Cause(code=c, label_zh=c, department=d, window_days=WINDOWS[c], denominator="parcels")
        for c, d in OWNERS.items()
    ),
)
CAUSES = st.lists(st.sampled_from(sorted(OWNERS)), max_size=3, unique=True)


@dataclass
class Shop:
    """A loop with a clock that can be turned."""

    loop: Loop
    clock: Any


class _Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def shop() -> Shop:
    clock = _Clock()
    loop = Loop(SqliteStore(":memory:"), VAULT, lambda taxonomy: Mute(), clock)
    loop.change(lambda unit: unit.put(TAXONOMY))
    return Shop(loop, clock)


@st.composite
def histories(draw: Callable[..., Any]) -> tuple[list[dict[str, Any]], dict[int, tuple[str, ...]]]:
    """Rows by time, and what some of them are corrected to."""
    gaps = st.sampled_from([0, 1, 60, 3_600, 86_400, 3 * 86_400, 7 * 86_400, 7 * 86_400 + 1])
    time, rows = MONDAY, []
    for number in range(draw(st.integers(2, 14))):
        time += timedelta(seconds=draw(gaps))
        row = {
            "external_id": f"N{number}",
            "text": f"第 {number} 条",
            "time": time,
            "channel": draw(st.sampled_from(["phone", "chat", "callback"])),
            "customer": draw(st.sampled_from(["", "u1", "u1", "u2"])),
            "causes": tuple(draw(CAUSES)),
            "contact_kind": draw(st.sampled_from(["complaint", "inquiry", "praise"])),
            "severity": draw(st.integers(0, 3)),
            "seconds": draw(st.sampled_from([0, 7, 240])),
            "segment": draw(st.sampled_from(["new", "old"])),
            "order": draw(st.sampled_from(["", "", "DD1", "DD2"])),
        }
        rows.append(row)
    wrong = draw(st.sets(st.integers(0, len(rows) - 1), max_size=4))
    return rows, {n: tuple(draw(CAUSES)) for n in sorted(wrong)}


def in_order(rows: list[dict[str, Any]], said: dict[int, tuple[str, ...]]) -> Loop:
    """Every row by itself, each finished before the next comes; then the corrections."""
    loop = shop().loop
    keys = []
    for row in rows:
        keys.append(take(loop, AGENT, [row])[0].id)
        drain(loop)
    for number, causes in said.items():
        correct(loop, ADMIN, keys[number], causes, "inquiry", 1)
        drain(loop)
    return loop


def anyhow(rows: list[dict[str, Any]], said: dict[int, tuple[str, ...]], luck: random.Random) -> Loop:
    """The same by luck: in any order, twice, in batches; corrections between; work done twice or dropped."""
    here = shop()
    loop, keys = here.loop, dict[int, str]()
    owed = [*range(len(rows)), *luck.choices(range(len(rows)), k=len(rows) // 2)]
    luck.shuffle(owed)
    corrections = list(said.items())
    luck.shuffle(corrections)
    while owed or corrections:
        batch, owed = owed[: (size := luck.randint(1, 5))], owed[size:]
        outcomes = take(loop, AGENT, [rows[n] for n in batch])
        keys |= {n: o.id for n, o in zip(batch, outcomes, strict=True)}
        for number, causes in [c for c in corrections if c[0] in keys and (not owed or luck.random() < 0.5)]:
            correct(loop, ADMIN, keys[number], causes, "inquiry", 1)
            corrections.remove((number, causes))
        claimed = loop.store.due(here.clock(), luck.randint(1, 6))
        for _ in range(luck.randint(0, 2)):  # dropped, done, or done twice
            assert work(loop, claimed) == []
        if luck.random() < 0.3:
            here.clock.now += timedelta(seconds=11)
    here.clock.now += timedelta(seconds=11)
    drain(loop)
    assert loop.store.waiting() == 0
    return loop


def facts(loop: Loop) -> dict[str, Any]:
    """What must not depend on the order: all but which case a contact joined."""
    contacts = {c.id: c for c in loop.store.scan(Contact)}
    departments = loop.store.cells("department")
    return {
        "numbers": {
            cell: n for family in ("week", "cause", "x") for cell, n in loop.store.cells(family).items()
        },
        "departments": {cell: n for cell, n in departments.items() if cell[2] != "cost"},
        "charged": sum(n for cell, n in departments.items() if cell[2] == "cost"),
        "contacts": {
            k: (c.causes, c.contact_kind, c.severity, c.cost, c.repeats, c.repeated, set(c.departments))
            for k, c in contacts.items()
        },
    }


RELAXED = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@RELAXED
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_number(history, luck):
    rows, said = history
    expected, got = in_order(rows, said), anyhow(rows, said, luck)
    with closing(expected.store), closing(got.store):
        assert facts(got) == facts(expected)
        for loop in (expected, got):
            assert recount(loop).differences == 0


@settings(RELAXED, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["parcels", "orders"]), st.integers(0, 20), st.integers(0, 9)),
                max_size=20, unique_by=lambda row: row[:2]), st.randoms(use_true_random=False))  # fmt: skip
def test_denominators_add_up_in_any_order(values, luck):
    def stored(given: list[tuple[str, int, int]]) -> Any:
        loop = shop().loop
        for name, day, value in given:
            period = f"{MONDAY + days(day):%Y-%m-%d}"
            new = denominators.NewDenominator(denominator=name, period=period, value=value)
            denominators.save(loop, new)
        assert recount(loop).differences == 0
        with closing(loop.store):
            return loop.store.cells("x")

    shuffled = values * 2
    luck.shuffle(shuffled)
    assert stored(shuffled) == stored(values)


def test_a_corrected_denominator_counts_once():
    loop = shop().loop
    for value in (100, 40, 40, 0, 60):
        new = denominators.NewDenominator(denominator="parcels", period="2026-W37", value=value)
        denominators.save(loop, new)
    assert loop.store.cells("x") == {
        ("x", "2026-W37/parcels", "value.all"): 60,
        ("x", "2026-W37/parcels", "days.all"): 7,
    }


def _costs(order: list[int]) -> Counter[str]:
    """What each department is charged for three contacts of one customer that come in this order."""
    rows = [
        {"causes": ("a.late",), "time": MONDAY},
        {"causes": ("b.bill", "a.late"), "time": MONDAY + days(1)},
        {"causes": ("b.bill",), "time": MONDAY + days(2)},
    ]
    loop = shop().loop
    for n in order:
        row = {"text": "x", "channel": "phone", "customer": "u1", "seconds": 2, "external_id": f"N{n}"}
        take(loop, AGENT, [{**row, **rows[n]}])
        drain(loop)
    charged: Counter[str] = Counter()
    with closing(loop.store):
        for (_, sort, field), n in loop.store.cells("department").items():
            if field == "cost":
                charged[sort.partition("/")[2]] += n
    assert sum(charged.values()) % 3 == 0
    return charged


@pytest.mark.parametrize("order", [[0, 2, 1], [2, 1, 0], [1, 0, 2]])
def test_what_a_department_is_charged_does_not_depend_on_the_order(order):
    rate = _costs([0, 1, 2])
    assert _costs(order) == rate
