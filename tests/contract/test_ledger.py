"""The ledger on both stores: what guards a booking, closing in the middle of work, disputes, any order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from moto import mock_aws

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.measure.ledger.closing import close, digest_of, lines_of, stop_booking
from chalicelib.loop.measure.ledger.disputes import decide, dispute, move, move_when_due, rule_on
from chalicelib.loop.measure.ledger.lines import contacts_view, month_view, page
from chalicelib.loop.measure.ledger.shares import Share
from chalicelib.loop.own.route import route
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Conflict, Invalid, NotFound
from chalicelib.model.ledger import SUSPENSE, Books, Dispute, Statement
from chalicelib.model.months import month_of, month_shift, month_start
from chalicelib.model.people import Caller, Role
from chalicelib.ports import Change
from tests.conftest import Clock
from tests.loop.making import ADMIN, BILL, LATE, LOST, Mute, contact, done, stored, use_taxonomy
from tests.stores import dynamo_store, moto_client, sqlite_store

SEPTEMBER = datetime(2026, 9, 10, 2, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
NORTH, SOUTH = Caller("n", Role.LEAD, ("north",)), Caller("s", Role.LEAD, ("south",))
EXECUTIVE = Caller("x", Role.EXECUTIVE)
WINDOWS, OWNERS = {LATE: 7, LOST: 7, BILL: 7}, {"delivery_late": "north", "delivery_lost": "north"}


def a_loop(store) -> Loop:
    loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), Clock(SEPTEMBER))
    use_taxonomy(loop, WINDOWS, **OWNERS, billing_unclear="south")
    return loop


@pytest.fixture
def loop(store) -> Loop:
    """In September; north owns two causes, south one."""
    return a_loop(store)


def total(loop: Loop, month: str = "") -> dict[str, int]:
    """account -> fen, of one month or all."""
    out: dict[str, int] = {}
    for (_, sort, field), n in loop.store.cells("charge", month, f"{month}~").items():
        if field == "fen":
            account = sort.partition("/")[2]
            out[account] = out.get(account, 0) + n
    return {account: n for account, n in out.items() if n}


# --- what guards a booking ---


def books(version: int, since: str = "2026-09") -> Books:
    return Books(since=since, version=version)


def some(key: str) -> Contact:
    return Contact(
        id=key, version=1, channel="phone", fingerprint="f", text="t", time=SEPTEMBER, received=SEPTEMBER, taken_by="a"
    )  # fmt: skip


def test_a_guard_lets_a_save_through_only_while_the_entity_is_as_it_was(store):
    one = books(1)
    store.save([Change(None, one)], {})
    store.save([Change(one, one), Change(None, some("a"))], {("f", "s", "n"): 1})
    assert store.get(Books, ["books"])["books"] == one
    store.save([Change(one, books(2))], {})
    with pytest.raises(Conflict) as error:
        store.save([Change(None, some("b")), Change(one, one)], {("f", "s", "n"): 1})
    assert (error.value.code, error.value.where) == ("store.conflict", "books")
    assert store.get(Contact, ["a", "b"]).keys() == {"a"}
    assert store.cells("f") == {("f", "s", "n"): 1}


def test_a_guard_for_what_is_gone_lets_nothing_through(store):
    with pytest.raises(Conflict):
        store.save([Change(one := books(1), one), Change(None, some("a"))], {})
    assert not store.get(Contact, ["a"])


def test_many_saves_under_one_guard_leave_it_alone(store):
    store.save([Change(None, one := books(1))], {})
    for n in range(5):
        store.save([Change(one, one), Change(None, some(str(n)))], {})
    assert store.get(Books, ["books"])["books"].version == 1


# --- closing in the middle of work ---


def test_no_booking_lands_in_a_month_that_closed_meanwhile(loop):
    done(loop, SEPTEMBER, LATE, external_id="first")
    key = contact(loop, SEPTEMBER, LATE)
    loop.clock.now = OCTOBER
    slow = loop.unit()
    route(slow, slow.get(Contact, key))
    made = close(loop, ADMIN, "2026-09")
    with pytest.raises(Conflict):
        slow.commit()
    drain(loop)
    (booked,) = stored(loop, key).charges
    assert (booked.month, booked.why, booked.of) == ("2026-10", "late", "2026-09")
    assert lines_of(loop.store, "2026-09") == made.lines
    assert month_view(loop, EXECUTIVE, "2026-09")["check"]["balanced"]


def test_a_correction_that_was_begun_before_the_closing_is_a_reversal_after_it(loop):
    one = done(loop, SEPTEMBER, LATE)
    loop.clock.now = OCTOBER
    slow = loop.unit()
    route(slow, slow.get(Contact, one.id).model_copy(update={"seconds": 3_600}))
    close(loop, ADMIN, "2026-09")
    with pytest.raises(Conflict):
        slow.commit()
    assert stored(loop, one.id) == one
    correct(loop, ADMIN, one.id, [BILL], "complaint", 1)
    drain(loop)
    assert [(c.month, c.account, c.fen) for c in stored(loop, one.id).charges] == [
        ("2026-09", "north", 600),
        ("2026-10", "north", -600),
        ("2026-10", "south", 600),
    ]
    assert total(loop, "2026-09") == {"north": 600}


def test_work_that_books_nothing_new_does_not_meet_the_closing(loop):
    one = done(loop, SEPTEMBER, LATE)
    loop.clock.now = OCTOBER
    slow = loop.unit()
    slow.put(slow.get(Contact, one.id).model_copy(update={"repeats": True}))
    close(loop, ADMIN, "2026-09")
    slow.commit()
    assert stored(loop, one.id).repeats


def test_a_closing_that_was_killed_between_its_two_steps_is_finished_by_the_schedule(loop):
    done(loop, SEPTEMBER, LATE)
    loop.clock.now = OCTOBER - timedelta(days=7)
    loop.change(lambda unit: stop_booking(unit, "2026-09"))
    assert month_view(loop, EXECUTIVE, "2026-09")["state"] == "closing"
    late = done(loop, SEPTEMBER, LATE, external_id="x")
    assert late.charges[0].month == "2026-10"
    tick(loop)
    view = month_view(loop, EXECUTIVE, "2026-09")
    assert (view["state"], view["total"]["fen"]) == ("closed", 600)
    tick(loop)
    assert len(list(loop.store.scan(Statement))) == 1


def test_months_close_in_order_each_with_its_statement(loop):
    for back in (3, 1, 0):
        done(loop, month_start(month_shift("2026-09", -back)), LATE, external_id=str(back))
    loop.clock.now = OCTOBER
    made = close(loop, EXECUTIVE, "2026-09")
    assert close(loop, ADMIN, "2026-09") == made
    months = {s.month: s for s in loop.store.scan(Statement)}
    assert {m: s.fen for m, s in months.items()} == {
        "2026-06": 600,
        "2026-07": 0,
        "2026-08": 600,
        "2026-09": 600,
    }
    for month, one in months.items():
        before = months.get(month_shift(month, -1))
        assert one.previous == (before.digest if before else "")
        assert one.digest == digest_of(month, one.lines, one.previous)
    assert made.lines[0].contacts == 1


# --- disputes ---


def test_a_line_goes_into_suspense_and_out_by_decision(loop):
    for n in range(3):
        done(loop, SEPTEMBER, LATE, external_id=str(n))
    done(loop, SEPTEMBER, LOST, BILL, external_id="other")
    loop.clock.now = OCTOBER
    close(loop, ADMIN, "2026-09")
    one = dispute(loop, NORTH, Share(LATE, "2026-09"), "不是我们的", to="south")
    assert (one.department, one.fen, one.moving) == ("north", 1_800, False)
    assert total(loop, "2026-10") == {"north": -1_800, f"{SUSPENSE}north": 1_800}
    decide(loop, EXECUTIVE, one.id, "upheld", "确是南边")
    assert total(loop, "2026-10") == {"north": -1_800, "south": 1_800}
    assert total(loop) == {"north": 300, "south": 2_100}
    assert recount(loop).differences == 0


def test_what_closed_in_suspense_is_released_in_the_month_open_then(loop):
    key = done(loop, SEPTEMBER, LATE).id
    one = dispute(loop, NORTH, Share(LATE, contact=key), "不是我们的")
    loop.clock.now = OCTOBER
    close(loop, ADMIN, "2026-09")
    assert total(loop) == {f"{SUSPENSE}north": 600}
    decide(loop, EXECUTIVE, one.id, "refused", "是北边的")
    assert total(loop, "2026-09") == {f"{SUSPENSE}north": 600}
    assert total(loop, "2026-10") == {f"{SUSPENSE}north": -600, "north": 600}


def test_who_still_moves_by_an_older_state_moves_nothing(loop):
    done(loop, SEPTEMBER, LATE)
    one = dispute(loop, NORTH, Share(LATE, "2026-09"), "不是我们的", to="south")
    new = done(loop, SEPTEMBER, LATE, external_id="new")
    slow = loop.unit()
    rule_on(slow, one.id, [new.id])
    assert slow.get(Contact, new.id).rulings
    decide(loop, EXECUTIVE, one.id, "refused", "是北边的")
    with pytest.raises(Conflict):
        slow.commit()
    assert total(loop) == {"north": 1_200}


def test_moving_that_stops_half_way_is_finished_by_the_schedule(loop):
    for n in range(4):
        done(loop, SEPTEMBER, LATE, external_id=str(n))
    one = dispute(loop, NORTH, Share(LATE, "2026-09"), "不是我们的", to="south")
    again = loop.unit().get(Dispute, one.id).model_copy(update={"moving": True})
    loop.change(lambda unit: (unit.get(Dispute, one.id), unit.put(again))[1])
    with pytest.raises(Conflict, match=r"dispute\.moving"):
        decide(loop, EXECUTIVE, one.id, "refused", "是北边的")
    move_when_due(loop)
    assert not loop.unit().get(Dispute, one.id).moving
    assert total(loop) == {f"{SUSPENSE}north": 2_400}
    assert move(loop, one.id).version == again.version + 2


def test_every_booking_of_a_line_is_found_behind_it_once(loop):
    kept = [done(loop, SEPTEMBER, LATE, external_id=str(n)).id for n in range(3)]
    loop.clock.now = OCTOBER
    close(loop, ADMIN, "2026-09")
    correct(loop, ADMIN, kept[0], [BILL], "complaint", 1)
    drain(loop)
    late = done(loop, SEPTEMBER, LATE, external_id="late").id
    nothing = done(loop, OCTOBER, external_id="nothing").id

    def behind(month: str, account: str, cause: str) -> dict[str, int]:
        found, cursor = [], ""
        while True:
            view = contacts_view(loop, EXECUTIVE, month, account, cause, cursor, 2)
            found, cursor = found + view["contacts"], view["cursor"]
            if not cursor:
                assert len({row["contact"] for row in found}) == len(found)
                return {row["contact"]: row["fen"] for row in found}

    assert behind("2026-09", "north", LATE) == dict.fromkeys(kept, 600)
    assert behind("2026-10", "north", LATE) == {kept[0]: -600, late: 600}
    assert behind("2026-10", "south", BILL) == {kept[0]: 600}
    assert behind("2026-10", "@unallocated", "-") == {nothing: 600}
    assert page(loop, "2026-11", LATE).keys == []
    with pytest.raises(Invalid):
        page(loop, "2026-11", LATE, "7:")


# --- any order ---

CAUSES = st.lists(st.sampled_from([LATE, LOST, BILL]), max_size=3, unique=True)


class Ledger(RuleBasedStateMachine):
    """Contacts, corrections, new owners, closings and disputes in any order, through the loop."""

    @initialize()
    def begin(self) -> None:
        self.context = self.opened()
        self.loop = a_loop(self.context.__enter__())
        self.keys: list[str] = []
        self.version = 2

    def opened(self):
        return sqlite_store()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            assert recount(self.loop).differences == 0
            self.context.__exit__(None, None, None)

    @rule(causes=CAUSES, back=st.integers(0, 70), seconds=st.sampled_from([0, 1, 61]), worked=st.booleans())
    def take(self, causes, back, seconds, worked) -> None:
        n = len(self.keys)
        time = self.loop.clock() - timedelta(days=back)
        key = contact(self.loop, time, *causes, external_id=str(n), seconds=seconds, concession=n)
        self.keys.append(key)
        if worked:
            drain(self.loop)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), causes=CAUSES)
    def correct(self, data, causes) -> None:
        correct(self.loop, ADMIN, data.draw(st.sampled_from(self.keys)), causes, "inquiry", 1)
        drain(self.loop)

    @rule(
        causes=st.sampled_from(["delivery_late", "delivery_lost"]), owner=st.sampled_from(["north", "south"])
    )
    def new_owner(self, causes, owner) -> None:
        unit = self.loop.unit()
        changed = {c.code.replace(".", "_"): c.department for c in unit.taxonomy.causes} | {causes: owner}
        made = tuple(
            c.model_copy(update={"department": changed[c.code.replace(".", "_")]})
            for c in unit.taxonomy.causes
        )
        self.version += 1
        new = unit.taxonomy.model_copy(update={"version": 0, "number": self.version, "causes": made})
        self.loop.change(lambda unit: unit.put(new))

    @rule(days=st.sampled_from([1, 12, 31]))
    def wait(self, days) -> None:
        self.loop.clock.forward(days=days)
        tick(self.loop)

    @rule(ago=st.integers(1, 2))
    def close(self, ago) -> None:
        with suppress(NotFound):  # a month before the first booking has no statement
            close(self.loop, ADMIN, month_shift(month_of(self.loop.clock()), -ago))

    @precondition(lambda self: self.keys)
    @rule(
        data=st.data(), cause=st.sampled_from([LATE, LOST, BILL]), line=st.booleans(), ago=st.integers(0, 2)
    )
    def dispute(self, data, cause, line, ago) -> None:
        month = month_shift(month_of(self.loop.clock()), -ago)
        share = Share(cause, month) if line else Share(cause, contact=data.draw(st.sampled_from(self.keys)))
        with suppress(Conflict, Invalid):  # nothing to dispute, or disputed before
            dispute(self.loop, data.draw(st.sampled_from([NORTH, SOUTH])), share, "不是我们的")

    @rule(data=st.data(), word=st.sampled_from(["upheld", "refused"]))
    def decide(self, data, word) -> None:
        open_ones = self.loop.unit().find(Dispute, "dispute.state", "open")
        if open_ones:
            one = data.draw(st.sampled_from(open_ones))
            to = "south" if one.department == "north" else "north"
            decide(self.loop, EXECUTIVE, one.id, word, "裁定", to)

    @invariant()
    def charged_is_cost(self) -> None:
        if not hasattr(self, "loop"):
            return
        month = month_of(self.loop.clock())
        check = month_view(self.loop, EXECUTIVE, month)["check"]
        cost = sum(c.cost for c in self.loop.store.scan(Contact))
        assert check["balanced"]
        assert sum(total(self.loop).values()) == check["charged_ever"] == cost
        for one in self.loop.store.scan(Statement):
            assert (one.lines, one.digest) == (
                lines_of(self.loop.store, one.month),
                digest_of(one.month, one.lines, one.previous),
            )
        suspense = sum(n for account, n in total(self.loop).items() if account.startswith(SUSPENSE))
        undecided = [d.id for d in self.loop.unit().find(Dispute, "dispute.state", "open")]
        held = self.loop.store.cells("dispute")
        assert suspense == sum(held.get(("dispute", number, "fen"), 0) for number in undecided)


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class OnSqlite(Ledger.TestCase):
    settings = settings(max_examples=20, stateful_step_count=14, deadline=None, suppress_health_check=QUIET)


class LedgerOnDynamo(Ledger):
    """The same on the other store."""

    def opened(self):
        @contextmanager
        def both() -> Iterator[object]:
            with ExitStack() as stack:
                stack.enter_context(mock_aws())
                yield stack.enter_context(dynamo_store(moto_client()))

        return both()


class OnDynamo(LedgerOnDynamo.TestCase):
    settings = settings(max_examples=3, stateful_step_count=8, deadline=None, suppress_health_check=QUIET)
