"""The worker: one bad contact holds nobody up, a save too large is halved, a race is run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.loop import admin
from chalicelib.loop.context import ATTEMPTS, Loop
from chalicelib.loop.listen.take import take
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import advance, batch_size, drain, put_off, work
from chalicelib.model.analysis import Analysis
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Conflict, TooLarge, describe
from chalicelib.model.people import User
from chalicelib.ports import Change, Store
from tests.loop.making import AGENT, LATE, Mute, contact, numbers, stored

POISON = "王小明的电话 13800138000 打不通"
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


class Choking(Mute):
    """Breaks on one text, with that text in its error."""

    healed = False

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """Nothing for every text, unless the poison is among them."""
        if not self.healed and (bad := [t for t in texts if "打不通" in t]):
            raise ValueError(f"cannot read {bad[0]!r}")
        return super().__call__(texts)


class Wrapped:
    """A store that does something else at `save`, and counts how often."""

    def __init__(self, store: Store, before: Callable[[Sequence[Change], Mapping[Any, int]], None]) -> None:
        self._store, self._before, self.saves = store, before, 0
        self.capacity = store.capacity

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Save, after what comes before."""
        self.saves += 1
        self._before(changes, cells)
        self._store.save(changes, cells)


def rows(n: int, text: str = "第 {} 条") -> list[dict[str, Any]]:
    common = {"channel": "phone", "customer": "", "time": MONDAY, "causes": (LATE,)}
    return [
        {**common, "text": text.format(i), "external_id": f"N{i}", "customer": f"u{i % 7}"} for i in range(n)
    ]


@pytest.fixture
def poisoned(loop, clock) -> tuple[Loop, Choking, str]:
    """Fifty contacts, one of which the analyser chokes on."""
    clock.now = MONDAY
    analyser = Choking()
    loop = replace(loop, analyser=lambda taxonomy: analyser)
    take(loop, AGENT, rows(49))
    bad = contact(loop, MONDAY, text=POISON, customer="13800138000")
    return loop, analyser, bad


def test_one_bad_contact_holds_nobody_up(poisoned):
    loop, _, bad = poisoned
    claimed = loop.store.due(MONDAY, 50)
    assert len(claimed) == 50
    (failed,) = work(loop, claimed)
    assert (failed.key, failed.attempts) == (bad, 0)
    assert [c.id for c in loop.store.scan(Contact) if c.pending] == [bad]
    assert sum(n for (_, _, field), n in loop.store.cells("week").items() if field == "n") == 49
    assert recount(loop).differences == 0


def test_what_fails_is_tried_again_later_and_later(poisoned, clock):
    loop, _, bad = poisoned
    drain(loop)
    waits = []
    while not loop.store.dead():
        assert drain(loop) == 0, "nothing is due yet"
        before = clock.now
        while not (claimed := loop.store.due(clock.now, 10)):
            clock.forward(seconds=1)
        waits.append(round((clock.now - before).total_seconds()))
        assert [w.key for w in work(loop, claimed)] == [bad]
    assert waits == [2, 4, 8, 16, 32, 64, 128], "eight tries in all"
    assert loop.store.waiting() == 0
    clock.forward(days=30)
    assert loop.store.due(clock.now, 10) == []


def _kill(loop: Loop, clock: Any) -> None:
    drain(loop)
    while not loop.store.dead():
        clock.forward(seconds=130)
        drain(loop)


def test_a_dead_letter_says_where_and_nothing_personal(poisoned, clock):
    loop, _, bad = poisoned
    _kill(loop, clock)
    (letter,) = admin.dead_letters(loop)
    assert (letter.kind, letter.key, letter.step, letter.attempts) == ("contact", bad, "tag", 8)
    assert letter.error.startswith("ValueError at ")
    assert not any(part in str(letter) for part in ("王小明", "13800138000", "打不通", "cannot read"))


def test_a_healed_analyser_and_a_revived_letter_finish_the_work(poisoned, clock):
    loop, analyser, bad = poisoned
    _kill(loop, clock)
    admin.send_again(loop, "contact", bad)
    assert drain(loop) == 0, "still broken: it goes back to waiting, with its tries from the start"
    assert (loop.store.waiting(), loop.store.dead()) == (1, [])
    analyser.healed = True
    clock.forward(seconds=2)
    assert drain(loop) == 1
    done = stored(loop, bad)
    assert (done.pending, done.analysis.version) == ("", "mute")
    assert loop.store.waiting() == 0
    assert sum(n for (_, _, field), n in loop.store.cells("week").items() if field == "n") == 50
    assert recount(loop).differences == 0


def test_how_often_is_a_setting(poisoned, clock):
    loop, _, _ = poisoned
    admin.save_settings(loop, {"max_tries": 1}, None)
    drain(loop)
    assert [d.attempts for d in loop.store.dead()] == [1]


def test_an_error_is_described_without_its_words():
    def fail() -> None:
        raise Conflict("store.conflict", "秘密", "secret")

    with pytest.raises(Conflict) as caught:
        fail()
    assert describe(caught.value).startswith("Conflict[store.conflict] at fail:")
    assert describe(KeyError("秘密")) == "KeyError"


def test_work_done_twice_is_done_once(loop, clock):
    clock.now = MONDAY
    take(loop, AGENT, rows(20))
    claimed = loop.store.due(MONDAY, 50)
    assert work(loop, claimed) == []
    before, versions = numbers(loop), {c.id: c.version for c in loop.store.scan(Contact)}
    assert work(loop, claimed) == []
    assert advance(loop, ["nobody"]) == []
    assert (numbers(loop), {c.id: c.version for c in loop.store.scan(Contact)}) == (before, versions)


def test_a_claim_that_is_dropped_comes_back_after_its_lease(loop, clock):
    clock.now = MONDAY
    take(loop, AGENT, rows(3))
    assert len(loop.store.due(clock.now, 10)) == 3
    clock.forward(seconds=4)
    assert drain(loop) == 0
    clock.forward(seconds=1)
    assert drain(loop) == 3


# Saves too large


def _small(limit: int) -> Callable[[Sequence[Change], Mapping[Any, int]], None]:
    def check(changes: Sequence[Change], cells: Mapping[Any, int]) -> None:
        if len(changes) + len({cell[:2] for cell in cells}) > limit:
            raise TooLarge("store.too_large", "太大", "too large")

    return check


def test_a_save_too_large_is_halved_until_it_fits(loop, clock):
    clock.now = MONDAY
    small = Wrapped(loop.store, _small(25))
    loop = replace(loop, store=small)
    outcomes = take(loop, AGENT, rows(40))
    assert [o.status for o in outcomes] == ["taken"] * 40
    assert drain(loop) == 40
    assert small.saves > 3
    assert recount(loop).differences == 0
    assert loop.store.waiting() == 0


def test_a_small_store_gets_small_batches(loop, clock):
    clock.now = MONDAY
    small = Wrapped(loop.store, _small(100))
    small.capacity = 100
    loop = replace(loop, store=small)
    assert batch_size(loop) == 6
    take(loop, AGENT, rows(40))
    assert drain(loop) == 40
    assert recount(loop).differences == 0


def test_what_alone_is_too_large_becomes_a_dead_letter_not_an_endless_loop(loop, clock):
    clock.now = MONDAY
    take(loop, AGENT, rows(3))
    tiny = replace(loop, store=Wrapped(loop.store, _small(0)))
    drain(tiny)
    while loop.store.waiting():
        clock.forward(seconds=130)
        drain(tiny)
    assert {d.error.split(" at ")[0] for d in loop.store.dead()} == {"TooLarge[store.too_large]"}


def test_order_of_outcomes_survives_the_halving(loop, clock):
    clock.now = MONDAY
    loop = replace(loop, store=Wrapped(loop.store, _small(9)))
    given = rows(20)
    given[3] = {**given[3], "text": ""}
    given[11] = {**given[11], "causes": ("no.such",)}
    outcomes = take(loop, AGENT, [*given, given[0]])
    assert [o.status for o in outcomes] == [
        "refused" if n in (3, 11) else "known" if n == 20 else "taken" for n in range(21)
    ]
    assert outcomes[20].id == outcomes[0].id


# Races


def _late_for(times: int) -> Callable[[Sequence[Change], Mapping[Any, int]], None]:
    left = [times]

    def check(changes: Sequence[Change], cells: Mapping[Any, int]) -> None:
        if left[0]:
            left[0] -= 1
            raise Conflict("store.conflict", "刚被改过", "changed just now")

    return check


def test_a_lost_race_is_run_again_from_the_start(loop, clock):
    clock.now = MONDAY
    key = contact(loop, MONDAY, LATE)
    busy = Wrapped(loop.store, _late_for(ATTEMPTS - 1))
    assert advance(replace(loop, store=busy), [key]) == []
    assert busy.saves == ATTEMPTS
    assert stored(loop, key).pending == ""


def test_a_race_lost_again_and_again_is_put_off_without_a_wait(loop, clock):
    clock.now = MONDAY
    key = contact(loop, MONDAY, LATE)
    busy = Wrapped(loop.store, _late_for(ATTEMPTS))
    (claimed,) = loop.store.due(clock.now, 1)
    assert [w.key for w in work(replace(loop, store=busy), [claimed])] == [key]
    assert drain(loop) == 1, "due at once"
    assert stored(loop, key).pending == ""


def test_a_refusal_is_no_race(loop):
    busy = Wrapped(loop.store, lambda changes, cells: None)

    def refuse(unit: Any) -> None:
        unit.put(User(name="x", role="agent"))
        raise Conflict("case.closed", "已办结", "closed")

    with pytest.raises(Conflict, match="closed"):
        replace(loop, store=busy).change(refuse)
    assert busy.saves == 0


def test_two_workers_open_one_case(loop, clock):
    """The second worker reads before the first one saves, and finds the case when it tries again."""
    clock.now = MONDAY
    a, b = contact(loop, MONDAY, LATE), contact(loop, MONDAY + timedelta(minutes=1), LATE)
    first = [True]

    def meanwhile(changes: Sequence[Change], cells: Mapping[Any, int]) -> None:
        if first and first.pop():
            advance(loop, [a])

    assert advance(replace(loop, store=Wrapped(loop.store, meanwhile)), [b]) == []
    (case,) = loop.store.scan(Case)
    assert case.contacts == 2
    assert stored(loop, a).repeated
    assert stored(loop, b).repeats
    assert recount(loop).differences == 0


def test_put_off_is_never_longer_than_an_hour(loop, clock):
    clock.now = MONDAY
    admin.save_settings(loop, {"max_tries": 50}, None)
    contact(loop, MONDAY, LATE)
    for _ in range(20):
        (owed,) = loop.store.due(clock.now, 1)
        put_off(loop, owed, ValueError())
        clock.forward(seconds=3_600)
    assert loop.store.waiting() == 1
