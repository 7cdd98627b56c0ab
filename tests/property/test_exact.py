"""Whatever the order, however often and late: the numbers are those of the orderly run and of a count apart.

A stream of contacts (some dated three weeks ago), corrections, denominators and their corrections, work on cases,
call-backs, a merge and a split of causes, readings of the past and erasures is told once in order and once by
luck: shuffled, doubled, in batches, work dropped and done again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.admin import retag
from chalicelib.loop.context import Loop
from chalicelib.loop.customers import look_up
from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.take import take
from chalicelib.loop.measure import denominators
from chalicelib.loop.own import cases
from chalicelib.loop.own.members import members
from chalicelib.loop.rebuild import put_right, recount
from chalicelib.loop.repeat import callbacks
from chalicelib.loop.repeat.reshaping import Part, listed, merge, split
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain, work
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Contact
from chalicelib.model.errors import LoopError
from chalicelib.model.reshape import SETTLED
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from chalicelib.ports import Store
from tests.loop.making import ADMIN, AGENT, days
from tests.property.counting import counted, stored
from tests.stores import dynamo_store, moto_client

MONDAY = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
NOW = MONDAY + days(60)
OWNERS = {"a.late": "north", "a.lost": "north", "b.bill": "south", "parcel": "north"}
WINDOWS = {"a.late": 2, "a.lost": 7, "b.bill": 14, "parcel": 7}
PARTS = (
    Part(code="parcel.slow", label_zh="慢", words=("慢",)),
    Part(code="parcel.stuck", label_zh="不动", words=("不动",), department="south"),
)
TEXTS = ("快递慢", "快递不动", "账目", "你好")
TAXONOMY = Taxonomy(
    number=2,
    departments=tuple(Department(code=d, name_zh=d) for d in ("north", "south", "service")),
    causes=tuple(
        Cause(code=c, label_zh=c, department=d, window_days=WINDOWS[c], denominator="parcels",
              words=("快递",) if c == "parcel" else ())
        for c, d in OWNERS.items()
    ),
)  # fmt: skip
CHOSEN = st.lists(st.sampled_from(["a.late", "a.lost", "b.bill"]), max_size=2, unique=True)


class Words:
    """Reads a cause where one of its words is in the text."""

    version = "words"

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._words = {taxonomy.current(c.code): c.words for c in taxonomy.readable if c.words}

    def __call__(self, texts: Any) -> list[Analysis]:
        """One analysis a text."""
        return [
            Analysis(
                "words", tuple(Tag(c, 0.8) for c, words in self._words.items() if any(w in t for w in words))
            )
            for t in texts
        ]

    suggest = __call__


@dataclass
class Shop:
    """A loop with a clock that can be turned, and what has been told to it."""

    loop: Loop
    keys: dict[int, str] = field(default_factory=dict)


class _Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def shop(store: Store | None = None) -> Shop:
    loop = Loop(store or SqliteStore(":memory:"), KeyVault(b"p" * 32), Words, _Clock())
    loop.change(lambda unit: unit.put(TAXONOMY))
    return Shop(loop)


@dataclass(frozen=True)
class Stream:
    """What happens; indexes are of `rows`."""

    rows: list[dict[str, Any]]
    said: dict[int, tuple[str, ...]]
    exposures: list[tuple[str, int, int]]
    """Name, day, value: a later one of the same day corrects an earlier one."""
    merged: bool
    parted: bool
    erased: tuple[str, ...]


@st.composite
def streams(draw: Callable[..., Any]) -> Stream:
    gaps = st.sampled_from([0, 1, 3_600, 86_400, 2 * 86_400, 7 * 86_400, 7 * 86_400 + 1])
    time, rows = MONDAY, []
    for number in range(draw(st.integers(2, 10))):
        time += timedelta(seconds=draw(gaps))
        causes = tuple(draw(CHOSEN))
        rows.append(
            {
                "external_id": f"N{number}",
                "text": draw(st.sampled_from(TEXTS)),
                "time": time - draw(st.sampled_from([days(0), days(0), days(21)])),
                "channel": draw(st.sampled_from(["phone", "chat"])),
                "customer": draw(st.sampled_from(["", "13800138000", "13800138000", "13900139000"])),
                "contact_kind": draw(st.sampled_from(["complaint", "inquiry"])),
                "severity": draw(st.integers(0, 3)),
                "seconds": draw(st.sampled_from([0, 7, 240])),
                "order": draw(st.sampled_from(["", "", "DD1"])),
                **({"causes": causes} if causes else {}),
            }
        )
    wrong = draw(st.sets(st.integers(0, len(rows) - 1), max_size=3))
    exposures = st.tuples(st.sampled_from(["parcels", "orders"]), st.integers(0, 8), st.integers(0, 9))
    return Stream(
        rows,
        {n: tuple(draw(CHOSEN)) for n in sorted(wrong)},
        draw(st.lists(exposures, max_size=6)),
        draw(st.booleans()),
        draw(st.booleans()),
        tuple(draw(st.sets(st.sampled_from(["13800138000", "13900139000"]), max_size=1))),
    )


# the acts


def taken(here: Shop, rows: list[dict[str, Any]], numbers: list[int]) -> None:
    outcomes = take(here.loop, AGENT, [rows[n] for n in numbers])
    assert all(o.id for o in outcomes), [o.error for o in outcomes]
    here.keys |= {n: o.id for n, o in zip(numbers, outcomes, strict=True)}


def corrected(here: Shop, number: int, causes: tuple[str, ...]) -> None:
    correct(here.loop, ADMIN, here.keys[number], causes, "inquiry", 1)


def exposed(here: Shop, name: str, day: int, value: int) -> None:
    period = f"{MONDAY + days(day):%Y-%m-%d}"
    denominators.save(here.loop, denominators.NewDenominator(denominator=name, period=period, value=value))


def merged(here: Shop) -> None:
    merge(here.loop, ADMIN, "a.late", "a.lost")


def parted(here: Shop) -> None:
    split(here.loop, ADMIN, "parcel", PARTS)


def worked_on(here: Shop, luck: random.Random) -> None:
    """Some department accepts or resolves one of its cases, or a customer is called, as far as that may be."""
    open_cases = sorted(here.loop.store.scan(Case), key=lambda case: case.id)
    if not open_cases:
        return
    case = luck.choice(open_cases)
    with suppress(LoopError):
        match luck.randint(0, 2):
            case 0:
                cases.accept(here.loop, ADMIN, case.id)
            case 1:
                cases.resolve(here.loop, ADMIN, case.id, "办好了")
            case _:
                answer = luck.choice([{"reached": False}, {"reached": True, "resolved": luck.random() < 0.5,
                                                           "satisfaction": "satisfied"}])  # fmt: skip
                callbacks.answer(here.loop, ADMIN, case.id, callbacks.Answer.model_validate(answer))


def settle(here: Shop) -> None:
    """Everything that is owed is done, also the last look of merges and splits."""
    for _ in range(2):
        tick(here.loop)
        drain(here.loop)
        here.loop.clock.now += SETTLED  # type: ignore[attr-defined]
    tick(here.loop)
    drain(here.loop)
    assert here.loop.store.waiting() == 0
    assert all(one.done for one in listed(here.loop))


def forgotten(here: Shop, stream: Stream) -> None:
    """Erase; no number of any week changes, at once or when everything is read again."""
    before = stored(here.loop)
    for ref in stream.erased:
        with suppress(LoopError):
            erase(here.loop, ADMIN, look_up(here.loop, ref).id, "本人要求")
    assert stored(here.loop) == before
    if stream.erased:
        retag(here.loop)
        taken(here, stream.rows, list(range(len(stream.rows))))
        settle(here)
        assert stored(here.loop) == before


# the two ways to tell it


def in_order(stream: Stream) -> Shop:
    here = shop()
    for number in range(len(stream.rows)):
        taken(here, stream.rows, [number])
        drain(here.loop)
    for number, causes in stream.said.items():
        corrected(here, number, causes)
        drain(here.loop)
    for row in stream.exposures:
        exposed(here, *row)
    for wanted, act in ((stream.merged, merged), (stream.parted, parted)):
        if wanted:
            act(here)
            settle(here)
    settle(here)
    return here


def anyhow(stream: Stream, luck: random.Random, store: Store | None = None) -> Shop:
    here = shop(store)
    rows = [*range(len(stream.rows)), *luck.choices(range(len(stream.rows)), k=len(stream.rows) // 2)]
    luck.shuffle(rows)
    said, exposures = list(stream.said.items()), list(stream.exposures)
    reshapes = [act for wanted, act in ((stream.merged, merged), (stream.parted, parted)) if wanted]
    while rows or said or exposures or reshapes:
        match luck.randint(0, 7):
            case 0 | 1 if rows:
                size = luck.randint(1, 4)
                taken(here, stream.rows, rows[:size])
                rows = rows[size:]
            case 2 if ready := [one for one in said if one[0] in here.keys]:
                one = luck.choice(ready)
                corrected(here, *one)
                if luck.random() < 0.7:  # else it comes once more
                    said.remove(one)
            case 3 if exposures:
                exposed(here, *exposures[0])
                exposures = exposures if luck.random() < 0.3 else exposures[1:]
            case 4 if reshapes:
                act = luck.choice(reshapes)
                act(here)
                if luck.random() < 0.6:
                    reshapes.remove(act)
            case 5:
                worked_on(here, luck)
            case 6:
                claimed = here.loop.store.due(here.loop.clock(), luck.randint(1, 6))
                for _ in range(luck.randint(0, 2)):  # dropped, done, or done twice
                    assert work(here.loop, claimed) == []
            case 7:
                here.loop.clock.now += timedelta(seconds=luck.choice([11, 700]))  # type: ignore[attr-defined]
                tick(here.loop)
    here.loop.clock.now += timedelta(seconds=11)  # type: ignore[attr-defined]
    settle(here)
    return here


def facts(loop: Loop) -> dict[str, Any]:
    """What must not depend on the order: everything of contacts and denominators. Cases may differ, because which
    contact reopens what depends on when people acted; what departments pay for a contact hangs on its case."""
    numbers = {c: n for c, n in stored(loop).items() if c[0] in ("week", "cause", "x")}
    contacts = {c.id: (set(c.causes), c.severity, c.cost, c.repeats, c.repeated) for c in loop.store.scan(Contact)
                if c.channel != "callback"}  # fmt: skip
    return {"numbers": {c: n for c, n in numbers.items() if c[2] != "callbacks"}, "contacts": contacts}


def check(here: Shop) -> None:
    """The stored numbers are those of the count apart, the rebuild finds nothing, each case finds its contacts."""
    assert stored(here.loop) == counted(here.loop)
    assert recount(here.loop).differences == 0
    every = sorted(here.loop.store.scan(Contact), key=lambda c: (c.time, c.id))
    for case in here.loop.store.scan(Case):
        found = [c.id for c in members(here.loop.unit(), case, 99)]
        assert found == [c.id for c in every if c.case == case.id]


RELAXED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@RELAXED
@given(streams(), st.randoms(use_true_random=False))
def test_no_order_changes_a_number(stream, luck):
    expected, got = in_order(stream), anyhow(stream, luck)
    with closing(expected.loop.store), closing(got.loop.store):
        assert facts(got.loop) == facts(expected.loop)
        for here in (expected, got):
            check(here)
            forgotten(here, stream)
            check(here)


@settings(RELAXED, max_examples=8)
@given(streams(), st.randoms(use_true_random=False))
def test_a_rebuild_puts_every_number_back_bit_by_bit(stream, luck):
    here = anyhow(stream, luck)
    with closing(here.loop.store):
        right = stored(here.loop)
        some = luck.sample(sorted(right), k=min(5, len(right)))
        wrong = {cell: luck.choice([-right[cell], 1, -3]) for cell in some}
        wrong["cause", "2026-W01/nobody", "n"] = 2
        here.loop.store.save([], wrong)
        for contact in list(here.loop.store.scan(Contact))[:2]:  # marks that went wrong, numbers and all
            here.loop.change(lambda unit, c=contact: unit.put(unit.get(Contact, c.id).model_copy(update={"repeats": not c.repeats})))  # fmt: skip
        put_right(here.loop, recount(here.loop))
        drain(here.loop)
        assert stored(here.loop) == right == counted(here.loop)
        assert recount(here.loop).differences == 0


def test_erasure_between_the_owed_reading_and_the_reading_changes_no_number():
    here = shop()
    row = {
        "external_id": "N1",
        "text": "快递慢",
        "time": MONDAY,
        "channel": "phone",
        "customer": "13800138000",
    }
    with closing(here.loop.store):
        taken(here, [row], [0])
        drain(here.loop)
        before = stored(here.loop)
        assert ("cause", "2026-W37/parcel", "n") in before
        retag(here.loop)
        erase(here.loop, ADMIN, look_up(here.loop, "13800138000").id, "本人要求")
        drain(here.loop)
        assert stored(here.loop) == before
        check(here)


@pytest.mark.parametrize("seed", [5])
def test_the_same_on_dynamodb(seed):
    from moto import mock_aws

    times = (MONDAY, MONDAY - days(20))
    rows = [
        {"external_id": f"N{n}", "text": TEXTS[n], "time": time, "channel": "phone", "customer": "13800138000",
         "severity": n, "contact_kind": "complaint", **({"causes": ("a.late",)} if n else {})}
        for n, time in enumerate(times)
    ]  # fmt: skip
    exposures = [("parcels", 0, 5), ("parcels", 0, 7)]
    stream = Stream(rows, {1: ("b.bill",)}, exposures, merged=False, parted=False, erased=("13800138000",))
    expected = in_order(stream)
    with mock_aws(), dynamo_store(moto_client()) as store, closing(expected.loop.store):
        got = anyhow(stream, random.Random(seed), store)
        assert facts(got.loop) == facts(expected.loop)
        assert {type(e) for kind in (Case, Callback) for e in got.loop.store.scan(kind)} >= {Case}
        check(got)
        before = stored(got.loop)
        erase(got.loop, ADMIN, look_up(got.loop, "13800138000").id, "本人要求")
        assert stored(got.loop) == before
        store.save([], {("week", "2026-W37", "n"): 5, ("cause", "2026-W37/nobody", "n"): 1})
        put_right(got.loop, recount(got.loop))
        assert stored(got.loop) == before
