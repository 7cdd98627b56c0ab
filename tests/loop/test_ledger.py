"""Months of the ledger: when they close, what is in them, who may dispute and decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.measure.ledger.closing import close, closes, month_due
from chalicelib.loop.measure.ledger.disputed import listed
from chalicelib.loop.measure.ledger.disputes import AT_ONCE, IN_REQUEST, decide, dispute
from chalicelib.loop.measure.ledger.lines import causes_view, contacts_view, month_view
from chalicelib.loop.measure.ledger.shares import Share
from chalicelib.loop.rebuild import put_right, recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.ledger import Books, Dispute, Statement
from chalicelib.model.people import Caller, Notice, Role
from chalicelib.model.settings import Settings
from tests.loop.making import ADMIN, BILL, LATE, LOST, contact, done, stored

SEPTEMBER = datetime(2026, 9, 10, 2, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
LOGISTICS = Caller("lead", Role.LEAD, ("logistics",))
FINANCE = Caller("fin", Role.LEAD, ("finance",))
EXECUTIVE = Caller("x", Role.EXECUTIVE)


@pytest.fixture(autouse=True)
def september(clock: Any) -> None:
    clock.now = SEPTEMBER


def lines(loop: Any, month: str, caller: Caller = EXECUTIVE) -> dict[str, int]:
    return {row["account"]: row["fen"] for row in month_view(loop, caller, month)["lines"]}


def notices(loop: Any) -> set[tuple[str, str]]:
    return {(n.about, n.to) for n in loop.store.scan(Notice)}


# --- what a month holds ---


def test_a_company_without_contacts_has_an_open_and_balanced_month(loop):
    view = month_view(loop, EXECUTIVE, "2026-09")
    assert (view["state"], view["lines"], view["total"]["yuan"]) == ("open", [], "0.00")
    assert view["check"]["balanced"]
    tick(loop)
    assert loop.unit().get(Books, "books") is None


def test_departments_pay_for_their_causes_to_the_fen(loop):
    done(loop, SEPTEMBER, LATE, LOST, BILL, external_id="a", concession=1)
    done(loop, SEPTEMBER, external_id="b")
    done(loop, SEPTEMBER, LATE, external_id="c", channel="callback")
    view = month_view(loop, EXECUTIVE, "2026-09")
    assert {r["account"]: (r["contacts"], r["fen"], r["fen_yuan"]) for r in view["lines"]} == {
        "@unallocated": (1, 600, "6.00"),
        "finance": (1, 201, "2.01"),
        "logistics": (1, 400, "4.00"),
    }
    assert view["check"] == {
        "balanced": True, "booked": 1_201, "accounts": 1_201, "causes": 1_201, "cost_ever": 1_201,
        "charged_ever": 1_201,
    }  # fmt: skip
    causes = causes_view(loop, LOGISTICS, "2026-09", "logistics")["causes"]
    assert [(r["cause"], r["fen"], r["contacts"]) for r in causes] == [(LATE, 200, 1), (LOST, 200, 1)]


def test_the_sum_of_the_contacts_of_the_lines_is_explained(loop, clock):
    """Three contacts, of which one is shared by two departments and, in one of them, by two causes."""
    done(loop, SEPTEMBER, LATE, LOST, BILL, external_id="a")
    done(loop, SEPTEMBER, LATE, external_id="b")
    done(loop, SEPTEMBER, external_id="c")
    view = month_view(loop, EXECUTIVE, "2026-09")
    assert sum(row["contacts"] for row in view["lines"]) == view["counted"]["lines"] == 4
    assert view["counted"]["contacts"] == 3
    assert "各账户之和 4，即 3 条联络，多出的 1" in view["counted"]["zh"]
    own = month_view(loop, LOGISTICS, "2026-09")["counted"]
    assert (own["lines"], own["contacts"]) == (2, None)
    assert "各账户之和" not in own["zh"], "a lead is told nothing of the other departments"
    by_cause = causes_view(loop, LOGISTICS, "2026-09", "logistics")
    assert sum(row["contacts"] for row in by_cause["causes"]) == 3, "2 contacts, one of them in two causes"
    assert "各算一条" in by_cause["counted"]["zh"]
    clock.now = OCTOBER
    tick(loop)
    assert month_view(loop, EXECUTIVE, "2026-09")["counted"] == view["counted"], "as stated"


def test_a_cause_is_charged_what_its_cost_says(loop):
    for n, causes in enumerate(((LATE, BILL), (LATE, LOST, BILL), (BILL,))):
        done(loop, SEPTEMBER, *causes, external_id=str(n), concession=n)
    weeks = loop.store.cells("cause")
    cost = {sort.partition("/")[2]: n for (_, sort, field), n in weeks.items() if field == "cost"}
    rows = [r for d in ("logistics", "finance") for r in causes_view(loop, EXECUTIVE, "2026-09", d)["causes"]]
    assert {r["cause"]: r["fen"] for r in rows} == cost


def test_a_lead_sees_its_own_lines_only(loop):
    key = done(loop, SEPTEMBER, LATE, BILL).id
    dispute(loop, FINANCE, Share(BILL, contact=key), "不是财务的")
    assert lines(loop, "2026-09", LOGISTICS) == {"logistics": 300}
    assert lines(loop, "2026-09", FINANCE) == {"@suspense:finance": 300}
    assert month_view(loop, FINANCE, "2026-09")["check"] == {"balanced": True}
    for account in ("finance", "@suspense:finance", "@unallocated"):
        with pytest.raises(NotFound):
            causes_view(loop, LOGISTICS, "2026-09", account)
        with pytest.raises(NotFound):
            contacts_view(loop, LOGISTICS, "2026-09", account, BILL, "", 10)


# --- closing ---


def test_it_closes_five_working_days_after_the_end_by_the_calendar_of_the_year(loop):
    told = closes("2026-09", Settings())  # 1 to 7 October are days off, Saturday the 10th is worked
    assert told.at == datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
    assert "往后第 5 个工作日" in told.lines[-1].zh
    assert month_due(Settings(), told.at - timedelta(seconds=1)) == "2026-08"
    assert month_due(Settings(), told.at) == "2026-09"


def test_it_closes_by_itself_and_tells_those_who_pay(loop, clock):
    done(loop, SEPTEMBER, LATE, BILL)
    clock.now = closes("2026-09", Settings()).at - timedelta(minutes=1)
    tick(loop)
    assert month_view(loop, EXECUTIVE, "2026-09")["state"] == "open"
    clock.forward(minutes=1)
    tick(loop)
    view = month_view(loop, EXECUTIVE, "2026-09")
    assert (view["state"], view["statement"]["by"], view["check"]["balanced"]) == ("closed", "system", True)
    assert {to for about, to in notices(loop) if about == "month_closed"} == {
        "department:finance", "department:logistics", "role:executive",
    }  # fmt: skip


def test_imported_history_stays_open_until_the_month_the_ledger_began_closes(loop, clock):
    done(loop, SEPTEMBER - timedelta(days=200), LATE, external_id="old")
    tick(loop)
    older = done(loop, SEPTEMBER - timedelta(days=230), LATE, external_id="older")
    assert older.charges[0].why == "charge"
    clock.now = OCTOBER + timedelta(days=7)
    tick(loop)
    assert [s.month for s in loop.store.scan(Statement)] == [f"2026-{n:02d}" for n in range(1, 10)]


def test_a_month_that_is_not_over_cannot_be_closed(loop):
    with pytest.raises(Conflict, match=r"ledger\.not_over"):
        close(loop, ADMIN, "2026-09")
    assert loop.unit().get(Books, "books") is None


def test_erasure_keeps_what_was_charged(loop, clock):
    one = done(loop, SEPTEMBER, LATE)
    clock.now = OCTOBER
    close(loop, ADMIN, "2026-09")
    before = loop.store.cells("charge")
    erase(loop, ADMIN, one.customer, "本人要求")
    assert stored(loop, one.id).charges == one.charges
    assert loop.store.cells("charge") == before
    assert recount(loop).differences == 0


def test_other_rates_change_closed_contacts_in_the_open_month(loop, clock):
    one = done(loop, SEPTEMBER, LATE)
    clock.now = OCTOBER
    close(loop, ADMIN, "2026-09")
    loop.change(lambda unit: unit.put(Settings(default_rate={"fixed": 250})))
    correct(loop, ADMIN, one.id, [LATE], "inquiry", 1)
    drain(loop)
    assert lines(loop, "2026-09") == {"logistics": 600}
    (row,) = month_view(loop, EXECUTIVE, "2026-10")["lines"]
    assert (row["fen"], row["reversed"], row["reversals"], row["contacts"]) == (150, 150, 1, 0)


def test_contacts_older_than_the_ledger_are_charged_by_a_rebuild(loop):
    one = done(loop, SEPTEMBER, LATE)
    loop.change(lambda unit: unit.put(unit.get(type(one), one.id).model_copy(update={"charges": ()})))
    assert not month_view(loop, EXECUTIVE, "2026-09")["check"]["balanced"]
    found = recount(loop)
    assert (found.uncharged, found.differences) == ([one.id], 1)
    put_right(loop, found)
    drain(loop)
    assert stored(loop, one.id).charges == one.charges
    assert recount(loop).differences == 0


# --- disputes ---


@pytest.fixture
def late(loop) -> str:
    """A contact that logistics pays 600 for."""
    return done(loop, SEPTEMBER, LATE).id


def test_a_share_is_disputed_once_however_often_it_is_said(loop, late):
    first = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的", to="finance")
    again = dispute(loop, ADMIN, Share(LATE, "2026-09"), "换个说法")
    assert (again.id, again.reason, again.version) == (first.id, "不是我们的", first.version)
    with pytest.raises(Conflict, match=r"dispute\.held"):
        dispute(loop, ADMIN, Share(LATE, contact=late), "不是我们的", "logistics")
    assert len(list(loop.store.scan(Dispute))) == 1


def test_two_at_once_open_one_dispute(loop, late):
    made: list[Any] = []

    class Racing(type(loop)):  # type: ignore[misc]
        """Somebody else disputes the same share between this one's reading and saving."""

        def change(self, decide: Any) -> Any:
            def slowly(unit: Any) -> Any:
                result = decide(unit)
                if not made:
                    made.append(dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "我先"))
                return result

            return super().change(slowly)

    second = dispute(
        Racing(loop.store, loop.vault, loop.analyser, loop.clock), LOGISTICS, Share(LATE, "2026-09"), "我后"
    )
    assert (second.id, second.reason) == (made[0].id, "我先")


@pytest.mark.parametrize(
    ("caller", "share", "more", "refused", "code"),
    [
        (LOGISTICS, {}, {}, Invalid, "dispute.share"),
        (LOGISTICS, {"month": "2026-09", "contact": "c"}, {}, Invalid, "dispute.share"),
        (LOGISTICS, {"month": "2026-08"}, {}, Invalid, "dispute.nothing"),
        (FINANCE, {"month": "2026-09"}, {}, Invalid, "dispute.nothing"),
        (FINANCE, {"month": "2026-09"}, {"department": "logistics"}, Forbidden, "role.department"),
        (LOGISTICS, {"contact": "c"}, {}, Invalid, "dispute.nothing"),
        (LOGISTICS, {"month": "2026-09"}, {"to": "logistics"}, Invalid, "dispute.to"),
        (LOGISTICS, {"month": "2026-09"}, {"to": "nowhere"}, Invalid, "department.unknown"),
    ],
)
def test_what_cannot_be_disputed_is_refused(loop, late, caller, share, more, refused, code):
    with pytest.raises(refused) as error:
        dispute(loop, caller, Share(LATE, **share), "不是我们的", **more)
    assert error.value.code == code
    assert lines(loop, "2026-09") == {"logistics": 600}


def test_ten_working_days_then_executives_are_told_and_nothing_moves(loop, late, clock):
    one = dispute(
        loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的", to="finance"
    )  # Sunday the 20th is worked
    assert one.due == datetime(2026, 9, 23, 2, 0, tzinfo=UTC)
    (shown,) = listed(loop, FINANCE)
    assert "10 个工作日" in shown["clock"][-1]["zh"]
    assert shown["shares"] == {"contacts": 1, "fen": 600, "yuan": "6.00"}
    clock.now = one.due
    tick(loop)
    tick(loop)
    assert ("dispute_clock_ran_out", "role:executive") in notices(loop)
    assert lines(loop, "2026-09") == {"@suspense:logistics": 600}
    with pytest.raises(Forbidden):
        decide(loop, FINANCE, one.id, "upheld", "我们认")
    assert decide(loop, EXECUTIVE, one.id, "upheld", "财务的").to == "finance"
    assert lines(loop, "2026-09") == {"finance": 600}


def test_the_department_named_may_take_it_in_time(loop, late):
    one = dispute(loop, LOGISTICS, Share(LATE, contact=late), "不是我们的", to="finance")
    with pytest.raises(Forbidden):
        decide(loop, LOGISTICS, one.id, "upheld", "自己裁定")
    with pytest.raises(Forbidden):
        decide(loop, FINANCE, one.id, "upheld", "给别人", to="quality")
    with pytest.raises(NotFound):
        decide(loop, Caller("q", Role.LEAD, ("quality",)), one.id, "upheld", "不相干")
    decide(loop, FINANCE, one.id, "upheld", "我们认")
    assert lines(loop, "2026-09") == {"finance": 600}


def test_a_decision_is_made_once(loop, late):
    one = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的", to="finance")
    with pytest.raises(Conflict, match="version"):
        decide(loop, EXECUTIVE, one.id, "refused", "是物流的", version=one.version - 1)
    made = decide(loop, EXECUTIVE, one.id, "refused", "是物流的")
    assert decide(loop, EXECUTIVE, one.id, "refused", "再说一次") == made
    with pytest.raises(Conflict, match=r"dispute\.decided"):
        decide(loop, EXECUTIVE, one.id, "upheld", "改主意")
    with pytest.raises(Conflict, match=r"dispute\.decided"):
        dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "还是不服")
    assert lines(loop, "2026-09") == {"logistics": 600}


def test_upheld_needs_somebody_to_bear_it(loop, late):
    one = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的")
    for to in ("", "logistics"):
        with pytest.raises(Invalid, match=r"dispute\.to"):
            decide(loop, EXECUTIVE, one.id, "upheld", "成立", to=to)


def test_a_ruling_follows_the_contact_through_corrections(loop, late):
    one = dispute(loop, LOGISTICS, Share(LATE, contact=late), "不是我们的", to="finance")
    correct(loop, ADMIN, late, [LATE, LOST], "inquiry", 1)
    drain(loop)
    assert lines(loop, "2026-09") == {"@suspense:logistics": 300, "logistics": 300}
    correct(loop, ADMIN, late, [LOST], "inquiry", 1)
    drain(loop)
    assert lines(loop, "2026-09") == {"logistics": 600}
    decide(loop, EXECUTIVE, one.id, "upheld", "财务的")
    correct(loop, ADMIN, late, [LATE], "inquiry", 1)
    drain(loop)
    assert lines(loop, "2026-09") == {"finance": 600}


def test_a_contact_that_comes_after_the_dispute_is_not_in_it(loop, late):
    dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的")
    done(loop, SEPTEMBER, LATE, external_id="later")
    assert lines(loop, "2026-09") == {"@suspense:logistics": 600, "logistics": 600}
    (row,) = [r for r in month_view(loop, LOGISTICS, "2026-09")["lines"] if r["account"] == "logistics"]
    assert (row["disputed"], row["disputed_yuan"]) == (600, "6.00")


def test_what_comes_to_a_disputed_line_later_is_disputed_too(loop, late, clock):
    one = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的")
    done(loop, SEPTEMBER, LATE, external_id="later")
    clock.now += timedelta(days=1)
    grown = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "这条也是")
    assert (grown.id, grown.fen, grown.due, grown.reason) == (one.id, 1_200, one.due, one.reason)
    assert [event.name for event in grown.history] == ["DisputeOpened", "DisputeGrew"]
    assert lines(loop, "2026-09") == {"@suspense:logistics": 1_200}
    assert dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "再说一次").version == grown.version


@pytest.mark.parametrize(("word", "bears"), [("refused", "logistics"), ("upheld", "finance")])
def test_the_rest_of_a_line_that_was_decided_is_disputed_anew(word, bears, loop, late):
    single = done(loop, SEPTEMBER, LATE, external_id="single").id
    decide(loop, EXECUTIVE, dispute(loop, LOGISTICS, Share(LATE, contact=single), "不是").id, "refused", "是")
    one = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的", to="finance")
    assert one.fen == 600, "the single one was decided"
    decide(loop, EXECUTIVE, one.id, word, "就这样")
    with pytest.raises(Conflict, match=r"dispute\.decided"):
        dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "还是不服")
    done(loop, SEPTEMBER, LATE, external_id="later")
    rest = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "新来的不是我们的")
    assert (rest.id != one.id, rest.fen, rest.state) == (True, 600, "open")
    found = lines(loop, "2026-09")
    assert found["@suspense:logistics"] == 600
    assert found[bears] == (1_200 if bears == "logistics" else 600)
    assert sum(found.values()) == 1_800


def test_a_contact_of_others_is_refused_as_one_that_is_not_there(loop, late):
    told = []
    for share in (Share(LATE, contact=late), Share(LATE, contact="C-NONE"), Share("no.cause", "2026-09")):
        with pytest.raises(Invalid) as error:
            dispute(loop, FINANCE, share, "不是我们的")
        told.append(error.value.as_dict())
    assert told[0] == told[1] == told[2]


def test_a_larger_line_is_moved_by_the_schedule(loop):
    n = IN_REQUEST + AT_ONCE + 1
    for i in range(n):
        contact(loop, SEPTEMBER - timedelta(seconds=i), LATE, external_id=str(i), customer="")
    drain(loop)
    one = dispute(loop, LOGISTICS, Share(LATE, "2026-09"), "不是我们的")
    assert (one.moving, one.fen) == (True, 600 * n)
    tick(loop)
    assert lines(loop, "2026-09") == {"@suspense:logistics": 600 * n}
    assert not loop.unit().get(Dispute, one.id).moving
