"""The cycle over weeks: it opens, decides, closes and carries over by itself, on a clock that tests turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.repeat import agenda, cycles, minutes, outcomes, proposals, reshaping, wording
from chalicelib.loop.repeat.agenda import PARTS, Part
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.loop.repeat.proposals import NewCause
from chalicelib.loop.schedule import tick
from chalicelib.loop.track import projects
from chalicelib.loop.track.baselines import NewBaseline, act
from chalicelib.loop.worker import drain
from chalicelib.model import watch
from chalicelib.model.case import Case
from chalicelib.model.cycle import LAPSED, RESULTS, AgendaSnooze, Cycle, Decision, Item, Recorded
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Look, Plan, Project, ProjectMove, ProjectState
from chalicelib.model.proposal import Proposal, ProposalState
from chalicelib.model.weeks import shift, week_of, week_start, weeks_between
from tests.conftest import Clock
from tests.loop.finding import a_proposal
from tests.loop.making import ADMIN, LATE, Mute, contact

EXEC = Caller("exec", Role.EXECUTIVE)
OTHER = Caller("exec2", Role.EXECUTIVE)
LOGISTICS = Caller("lead", Role.LEAD, ("logistics",))
QUALITY = Caller("q", Role.LEAD, ("quality",))


def by_week(loop: Loop) -> dict[str, Cycle]:
    """All cycles."""
    return {c.week: c for c in cycles.history(loop, 200)}


def wish(what: str, about: str, reason: str = "一直在涨", **more: str) -> Wish:
    return Wish(what, about, reason, **more)  # type: ignore[arg-type]


def propose(loop: Loop, cause: str = LATE, title: str = "换承运商") -> Project:
    plan = Plan(metric="cpx", cause=cause, starts=week_start(shift(week_of(loop.clock()), 1)))
    return projects.propose(
        loop, LOGISTICS, title=title, hypothesis="更准时", owner="", department="logistics", plan=plan
    )


def ids(cycle: Cycle, part: str) -> list[str]:
    return [item.code for item in cycle.agenda if item.part == part]


# --- Weeks ---


MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""2026-11-23 00:00 in Shanghai."""


def test_it_opens_at_midnight_in_shanghai(loop, clock):
    clock.now = MONDAY - timedelta(milliseconds=1)
    tick(loop)
    assert cycles.current(loop).week == "2026-W47"
    clock.now = MONDAY
    tick(loop)
    found = by_week(loop)
    assert {w: c.state for w, c in found.items()} == {"2026-W47": "closed", "2026-W48": "open"}
    assert (found["2026-W48"].opened, found["2026-W48"].prepared) == (MONDAY, MONDAY)
    assert found["2026-W47"].lapsed
    assert "没有决定" in wording.state(found["2026-W47"])


@pytest.mark.parametrize(
    ("now", "weeks"),
    [
        (datetime(2026, 12, 27, 15, 0, tzinfo=UTC), ["2026-W52", "2026-W53", "2027-W01"]),
        (datetime(2025, 12, 20, 0, 0, tzinfo=UTC), ["2025-W51", "2025-W52", "2026-W01"]),
    ],
)
def test_years_end(loop, clock, now, weeks):
    clock.now = now
    for _ in weeks:
        tick(loop)
        clock.forward(days=7)
    assert sorted(by_week(loop)) == weeks
    assert [c.state for _, c in sorted(by_week(loop).items())] == ["closed", "closed", "open"]


def test_a_tick_that_comes_three_weeks_late_leaves_no_week_without_a_cycle(loop, clock):
    tick(loop)
    decide(loop, EXEC, wish("other", LATE))
    clock.forward(days=28)
    tick(loop)
    found = by_week(loop)
    assert sorted(found) == ["2026-W47", "2026-W48", "2026-W49", "2026-W50", "2026-W51"]
    assert [found[w].missed for w in sorted(found)] == [False, True, True, True, False]
    assert "服务未运行" in wording.state(found["2026-W49"])
    assert [d.about for d in found["2026-W51"].carried] == [LATE], "the last words anybody said"
    assert "自动关闭" in wording.state(found["2026-W47"])
    assert found["2026-W51"].state == "open"


def test_years_without_a_tick_are_made_up_for_in_parts(loop, clock):
    tick(loop)
    clock.forward(days=7 * 60)
    decide(loop, EXEC, wish("other", "外包"))
    assert len(by_week(loop)) == 61
    assert [c.week for c in by_week(loop).values() if c.state == "open"] == [week_of(clock.now)]
    assert cycles.current(loop).decisions[0].about == "外包"


def test_ticks_change_nothing_twice(loop, clock):
    clock.forward(days=7)
    tick(loop)
    before = by_week(loop)
    clock.forward(hours=3)
    tick(loop)
    assert by_week(loop) == before


def test_two_ticks_at_once_open_one(loop, clock):
    tick(loop)
    clock.forward(days=14)
    start = Barrier(4)

    def late() -> None:
        start.wait()
        tick(loop)

    threads = [Thread(target=late) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {w: c.state for w, c in by_week(loop).items()} == {
        "2026-W47": "closed", "2026-W48": "closed", "2026-W49": "open"
    }  # fmt: skip
    assert by_week(loop)["2026-W49"].prepared


def test_closed_early_the_next_one_waits_for_its_agenda(loop, clock):
    contact(loop, clock.now, LATE)
    drain(loop)
    closed = cycles.close(loop, EXEC, "2026-W47")
    assert (closed.state, closed.closed_by, closed.focus[0]["cause"]) == ("closed", "exec", LATE)
    assert "过完之前" in wording.state(closed)
    following = cycles.current(loop)
    assert (following.week, following.prepared, following.agenda) == ("2026-W48", None, ())
    assert "周一" in wording.state(following)
    decide(loop, EXEC, wish("other", LATE, "提前说"))
    with pytest.raises(Conflict, match=r"cycle\.future"):
        cycles.close(loop, EXEC, "2026-W48")
    clock.forward(days=7)
    tick(loop)
    ready = cycles.current(loop)
    assert (ready.week, ids(ready, "focus")) == ("2026-W48", [LATE])
    assert [d.reason for d in ready.decisions] == ["提前说"]


def test_an_empty_company_has_an_empty_agenda(loop):
    tick(loop)
    cycle = cycles.current(loop)
    assert (cycle.agenda, cycle.left_out, cycle.snoozed) == ((), {}, {})
    assert cycle.prepared


STEP = st.one_of(
    st.sampled_from(["tick", "close", "current"]),
    st.integers(1, 40).map(lambda days: f"wait {days}"),
    st.integers(0, 5).map(lambda n: f"say {n}"),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_whatever_happens_every_week_has_one_cycle_and_no_decision_is_lost(steps):
    store, clock, said = SqliteStore(":memory:"), Clock(), set()
    loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), clock)
    tick(loop)
    for step in steps:
        word, _, n = step.partition(" ")
        if word == "wait":
            clock.forward(days=int(n))
        elif word == "say":
            said |= {
                (d.id, d.reason) for d in decide(loop, EXEC, wish("other", "外包", f"第 {n} 次")).decisions
            }
        elif word == "close" and (week := cycles.current(loop).week) <= week_of(clock.now):
            cycles.close(loop, EXEC, week)
        else:
            tick(loop)
    tick(loop)
    found = sorted(by_week(loop).items())
    assert [w for w, _ in found] == weeks_between("2026-W47", found[-1][0])
    assert [c.state for _, c in found] == ["closed"] * (len(found) - 1) + ["open"]
    assert found[-1][0] in (week_of(clock.now), shift(week_of(clock.now), 1))
    kept = [(d.id, d.reason) for _, c in found for d in c.decisions]
    assert sorted(kept) == sorted(said)
    for (_, before), (_, after) in pairwise(found):
        assert after.carried == (before.carried if before.missed else before.decisions)
    store.close()


# --- The agenda ---


def test_the_focus_list_is_of_complete_weeks_with_its_factors(loop, clock):
    contact(loop, clock.now, LATE, seconds=600)
    drain(loop)
    tick(loop)
    assert ids(cycles.current(loop), "focus") == [], "this week is not over"
    clock.forward(days=7)
    tick(loop)
    (item,) = (i for i in cycles.current(loop).agenda if i.part == "focus")
    assert (item.code, item.department, item.numbers["contacts"]) == (LATE, "logistics", 1)
    assert item.numbers["priority"] == pytest.approx(
        item.numbers["cost"] * item.numbers["irritation"] * (1 - item.numbers["reach"]), abs=0.01
    )


def test_what_an_alarm_counts_and_its_ratio_are_of_the_same_weeks(loop, clock):
    one = watch.Tested(
        cause=LATE, department="logistics", state=watch.AlarmState.ALARM, contacts=76, denominator="parcels",
        ratio=212 / 85.5, observed=212.0, expected=85.5,
    )  # fmt: skip
    week = watch.AlarmWeek(week="2026-W46", judged=clock.now, q=0.1, taxonomy=1, tested=(one,))
    loop.change(lambda unit: unit.put(week))
    (item,) = PARTS["alarms"].rows(loop, "2026-W47")
    assert "contacts" not in item.numbers, "76 are of one week, the ratio is of three"
    assert wording.figures(item, {}) == "看到 2026-W46　三周联络 212　三周平常 85.5　平常的倍数 2.48"


@pytest.mark.parametrize(("ratio", "shown"), [(0.4152, "0.42"), (0.4149, "0.41"), (0.125, "0.13")])
def test_a_verdict_has_the_figure_of_the_board(loop, clock, ratio, shown):
    propose(loop)
    look = Look(
        project="P-1", weeks=4, week="2026-W46", at=clock.now, word="IMPROVED", reason={"zh": "", "en": ""},
        figures={"mean_ratio": ratio}, stamp="", stamp_matches=True,
    )  # fmt: skip
    loop.change(lambda unit: unit.put(look))
    (item,) = PARTS["verdicts"].rows(loop, "2026-W47")
    assert wording.figure(item, "ratio", {}) == shown


def test_overdue_cases_and_tasks_are_counted_by_department(loop, clock):
    from chalicelib.loop.coordinate.together import ask, finish
    from chalicelib.loop.own import cases
    from tests.loop.making import case_of

    first, second = (contact(loop, clock.now, LATE, customer=f"u{n}") for n in range(2))
    drain(loop)
    case = case_of(loop, first)
    cases.accept(loop, ADMIN, case.id)
    asked = ask(loop, ADMIN, case.id, "quality", "查一下", "2h", None)
    ask(loop, ADMIN, case.id, "it", "再查", "2h", None)
    clock.forward(days=5)
    tick(loop)
    finish(loop, ADMIN, case.id, next(t.id for t in asked.tasks), "好了", None)
    cycle = cycles.current(loop)
    rows = {i.id: i.numbers["overdue"] for i in cycle.agenda if i.part in ("cases", "tasks")}
    assert rows == {"tasks/it": 1}, "as it is now; no case clock has run out"
    clock.forward(days=60)
    late = {i.id: i.numbers["overdue"] for i in PARTS["cases"].rows(loop, cycle.week)}
    assert late == {"cases/logistics": 2}
    assert case_of(loop, second).department == "logistics"


def test_long_parts_are_cut_and_say_so(loop):
    for n in range(30):
        loop.change(lambda unit, n=n: unit.put(a_proposal("2026-W46", f"甲{n}", 10 + n)))
    tick(loop)
    cycle = cycles.current(loop)
    assert len(ids(cycle, "proposals")) == 20
    assert cycle.left_out == {"proposals": 10}
    assert len(cycle.model_dump_json()) < 40_000


def test_what_nobody_decided_carries_over_with_its_first_week(loop, clock):
    propose(loop)
    tick(loop)
    for week in ("2026-W48", "2026-W49"):
        clock.forward(days=7)
        tick(loop)
        (item,) = (i for i in cycles.current(loop).agenda if i.part == "projects")
        assert (item.since, cycles.current(loop).week) == ("2026-W47", week)
    clock.forward(days=21)
    tick(loop)
    (item,) = (i for i in cycles.current(loop).agenda if i.part == "projects")
    assert item.since == "2026-W47", "missed weeks hand it on"
    decide(loop, EXEC, wish("accept_proposal", "P-1"))
    clock.forward(days=7)
    tick(loop)
    (item,) = (i for i in cycles.current(loop).agenda if i.part == "projects")
    assert (item.since, item.numbers["state"]) == ("", "accepted"), "decided: a new matter"


def test_what_happened_once_stays_until_it_is_decided(loop, clock):
    """A part of events, as alarms are: rung in the first week only."""

    def rung(loop: Loop, week: str) -> list[Item]:
        return (
            [Item(part="bells", code="b1", label="铃", department="logistics")] if week == "2026-W47" else []
        )

    parts = {"bells": Part("铃", "Bells", rung, stays=True)}
    first = agenda.computed(loop, Cycle(week="2026-W47", opened=clock.now), None, parts)
    second = agenda.computed(loop, Cycle(week="2026-W48", opened=clock.now), first, parts)
    assert [(i.code, i.since) for i in second.agenda] == [("b1", "2026-W47")]
    said = Decision(id="D-1", what="other", about="bells/b1", reason="看过", by="exec", at=clock.now)
    third = agenda.computed(
        loop,
        Cycle(week="2026-W49", opened=clock.now),
        second.model_copy(update={"decisions": (said,)}),
        parts,
    )
    assert third.agenda == ()


def test_the_agenda_says_what_is_there_until_the_cycle_is_closed(clock, loop):
    """A part that moves in the middle of the week: what is new is added, what holds no longer goes."""
    known: dict[str, int] = {}

    def rung(loop: Loop, week: str) -> list[Item]:
        return [Item(part="bells", code=code, label="铃", numbers={"times": n}) for code, n in known.items()]

    parts = {"bells": Part("铃", "Bells", rung, most=3), "focus": PARTS["focus"]}
    stand = Item(part="focus", code=LATE, label="慢")
    cycle = agenda.computed(loop, Cycle(week="2026-W47", opened=clock.now), None, parts)
    cycle = cycle.model_copy(update={"agenda": (stand,)})
    assert agenda.kept_up(loop, cycle, parts) is cycle
    known |= {"b1": 1, "b2": 1}
    more = agenda.kept_up(loop, cycle, parts)
    assert [i.code for i in more.agenda] == ["b1", "b2", LATE], "in the order of the parts"
    said = Decision(id="D-1", what="other", about="bells/b1", reason="看过", by="exec", at=clock.now)
    more = more.model_copy(update={"decisions": (said,)})
    known.clear()
    known |= {"b3": 1, "b1": 5, "b2": 7, "b4": 1}
    more = agenda.kept_up(loop, more, parts)
    assert [(i.code, i.numbers) for i in more.agenda] == [
        ("b3", {"times": 1}), ("b1", {"times": 1}), ("b2", {"times": 7}), (LATE, {})
    ], "what was decided stays as it was"  # fmt: skip
    assert more.left_out == {"bells": 1}
    assert agenda.kept_up(loop, more, parts) is more
    known.clear()
    assert [i.code for i in agenda.kept_up(loop, more, parts).agenda] == ["b1", LATE]


def test_a_cause_proposed_in_the_middle_of_the_week_comes_on_the_agenda(loop, clock):
    tick(loop)
    assert cycles.current(loop).agenda == ()
    first, second = a_proposal("2026-W47", "甲"), a_proposal("2026-W47", "乙")
    for proposal in (first, second):
        loop.change(lambda unit, proposal=proposal: unit.put(proposal))
    tick(loop)
    assert sorted(ids(cycles.current(loop), "proposals")) == sorted([first.id, second.id])
    decide(loop, EXEC, wish("accept_proposal", first.id))
    decide(loop, EXEC, wish("snooze", f"proposals/{second.id}"))
    kept = cycles.current(loop)
    assert sorted(ids(kept, "proposals")) == sorted([first.id, second.id]), "decided, so it stays"
    assert (kept.undecided(), kept.snoozed) == ([], {})


def test_a_project_started_elsewhere_is_no_longer_to_be_started(loop):
    propose(loop)
    tick(loop)
    assert ids(cycles.current(loop), "projects") == ["P-1"]
    projects.move(loop, LOGISTICS, "P-1", ProjectMove.ACCEPT, None)
    (item,) = cycles.current(loop).agenda
    assert item.numbers["state"] == "accepted"
    projects.move(loop, LOGISTICS, "P-1", ProjectMove.START, None)
    assert cycles.current(loop).agenda == ()


# --- Decisions ---


def test_to_start_a_project_from_a_cause_proposes_then_starts_it(loop, clock):
    cycle = decide(loop, EXEC, wish("start_project", LATE))
    (made,) = cycle.decisions
    assert (made.result, made.made, made.department) == ("project_proposed", "P-1", "logistics")
    project = projects.visible(loop.unit(), EXEC, "P-1")
    assert (project.state, project.plan.cause, project.plan.starts) == (
        ProjectState.PROPOSED, LATE, week_start("2026-W48")
    )  # fmt: skip
    again = decide(loop, EXEC, wish("start_project", LATE))
    assert again.decisions == cycle.decisions, "the same decision again"
    clock.forward(minutes=1)
    assert decide(loop, OTHER, wish("start_project", LATE, "我也要")).decisions[-1].result == "project_waits"
    clock.forward(minutes=1)
    assert decide(loop, EXEC, wish("accept_proposal", LATE)).decisions[-1].result == "project_accepted"
    assert decide(loop, EXEC, wish("start_project", LATE, "开始")).decisions[-1].result == "project_started"
    assert projects.visible(loop.unit(), EXEC, "P-1").state is ProjectState.LIVE
    assert decide(loop, EXEC, wish("start_project", LATE, "再来")).decisions[-1].result == "project_runs"
    assert len(projects.listed(loop, EXEC)) == 1


def test_what_the_loop_refuses_is_refused_and_not_recorded(loop):
    propose(loop)
    for refused, asked in (
        (Conflict, wish("start_project", "P-1")),
        (NotFound, wish("start_project", "P-9")),
        (NotFound, wish("start_project", "no.such.cause")),
        (NotFound, wish("accept_proposal", "N-NOSUCHTHING")),
        (Conflict, wish("accept_proposal", "billing.unclear")),
        (Invalid, wish("snooze", "nothing known")),
        (Invalid, wish("snooze", LATE, until="2026-W47")),
        (Invalid, wish("snooze", LATE, until="2027-W30")),
        (Invalid, wish("snooze", LATE, until="soon")),
    ):
        with pytest.raises(refused):
            decide(loop, EXEC, asked)
    assert cycles.current(loop).decisions == ()


def test_a_lead_decides_for_their_own_department_only(loop):
    propose(loop)
    for asked in (wish("accept_proposal", "P-1"), wish("start_project", "P-1")):
        with pytest.raises(NotFound):
            decide(loop, QUALITY, asked)
    for asked in (wish("start_project", "delivery.damaged"), wish("snooze", LATE)):
        with pytest.raises(Forbidden):
            decide(loop, QUALITY, asked)
    assert cycles.current(loop).decisions == ()
    assert decide(loop, LOGISTICS, wish("accept_proposal", "P-1")).decisions[0].made == "P-1"


def test_a_proposed_cause_is_accepted_by_the_cycle(loop):
    proposal = a_proposal("2026-W46")
    loop.change(lambda unit: unit.put(proposal))
    cycle = decide(loop, EXEC, wish("accept_proposal", proposal.id, "常有人说"))
    (made,) = cycle.decisions
    after = loop.store.get(Proposal, [proposal.id])[proposal.id]
    assert (after.state, after.cause) == (ProposalState.ACCEPTED, made.made)
    assert (made.result, made.reason, made.by) == ("proposal_accepted", "常有人说", "exec")
    assert made.made in loop.unit().taxonomy.by_code
    assert decide(loop, EXEC, wish("accept_proposal", proposal.id, "常有人说")) == cycle


def test_one_project_is_proposed_however_the_two_meet(loop, clock):
    """The other one is stored between this one's look for it and the number it takes."""
    words = {"title": "加固", "hypothesis": "换箱子", "owner": "", "department": "logistics"}
    plan = Plan(metric="cpx", cause=LATE, starts=clock.now + timedelta(days=7))
    theirs: list[Any] = []

    class Slow(LoopUnit):
        def find(self, kind, index, *rest, **more):
            found = super().find(kind, index, *rest, **more)
            if index == "project.cause" and not theirs:
                theirs.append(projects.propose(loop, EXEC, **words, plan=plan))
            return found

    class Racing(Loop):
        def unit(self):
            return Slow(self)

    mine = projects.propose(Racing(loop.store, loop.vault, loop.analyser, clock), OTHER, **words, plan=plan)
    assert [mine.id] == [theirs[0].id] == [p.id for p in projects.listed(loop, EXEC)]


def test_two_executives_at_once_lose_nothing(loop, clock):
    tick(loop)
    start, told = Barrier(2), list[Conflict]()

    def say(caller: Caller) -> None:
        start.wait()
        for n in range(5):
            decide(loop, caller, wish("other", f"{caller.name} {n}"))
            try:
                decide(loop, caller, wish("start_project", LATE, f"{caller.name} 要"))
            except Conflict as conflict:
                told.append(conflict)

    threads = [Thread(target=say, args=(caller,)) for caller in (EXEC, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = cycles.current(loop).decisions
    assert len({d.id for d in made}) == len(made) == 11
    assert len(projects.listed(loop, EXEC)) == 1
    (first,) = (d for d in made if d.about == LATE)
    assert len(told) == 5, "the second was told each time"
    for conflict in told:
        assert (conflict.code, first.by in conflict.zh, first.reason in conflict.zh) == (
            "cycle.decided",
            True,
            True,
        )


def test_who_is_overtaken_has_changed_nothing(loop, clock):
    """Both had seen the same; the other one is stored between this one's look and its save."""
    tick(loop)
    theirs = wish("snooze", LATE, "先放四周", until="2026-W51", seen=0)
    mine = wish("snooze", LATE, "只放一周", until="2026-W48", seen=0)
    once: list[Cycle] = []

    class Slow(LoopUnit):
        def commit(self) -> None:
            if self.changes() and not once:
                once.append(decide(loop, OTHER, theirs))
            super().commit()

    class Racing(Loop):
        def unit(self):
            return Slow(self)

    with pytest.raises(Conflict, match=r"cycle\.decided") as refused:
        decide(Racing(loop.store, loop.vault, loop.analyser, clock), EXEC, mine)
    assert all(told in refused.value.zh for told in ("exec2", "暂缓", "先放四周"))
    assert [d.by for d in cycles.current(loop).decisions] == ["exec2"]
    assert [s.until for s in loop.store.get(AgendaSnooze, [LATE]).values()] == ["2026-W51"]


def test_a_cycle_holds_only_so_many_decisions(loop):
    cycle = cycles.current(loop)
    one = Decision(id="D", what="other", about="x", reason="理由" * 250, by="exec", at=loop.clock())
    many = tuple(one.model_copy(update={"id": f"D-{n}"}) for n in range(cycles.MOST_DECISIONS))
    full = {"decisions": many, "carried": many}
    loop.change(lambda unit: unit.put(unit.get(Cycle, cycle.week).model_copy(update=full)))
    with pytest.raises(Conflict, match=r"cycle\.full"):
        decide(loop, EXEC, wish("other", LATE))
    closed = cycles.close(loop, EXEC, cycle.week)
    assert len(closed.outcomes) == cycles.MOST_DECISIONS
    assert len(closed.model_dump_json().encode()) < 600_000


def test_long_reasons_are_shortened_and_masked(loop):
    (made,) = decide(loop, EXEC, wish("other", LATE, "客户13800138000说的" + "很长" * 400)).decisions
    assert len(made.reason) == cycles.LONGEST_REASON
    assert "13800138000" not in made.reason
    assert len(decide(loop, EXEC, wish("other", LATE, "客户13800138000说的" + "很长" * 400)).decisions) == 1


def test_a_snoozed_row_returns_in_its_week(loop, clock):
    propose(loop)
    tick(loop)
    cycle = decide(loop, EXEC, wish("snooze", "projects/P-1", until="2026-W50"))
    assert (cycle.decisions[0].result, cycle.decisions[0].until) == ("snoozed", "2026-W50")
    seen = {}
    for _ in range(4):
        clock.forward(days=7)
        tick(loop)
        now = cycles.current(loop)
        seen[now.week] = (ids(now, "projects"), now.snoozed)
    assert seen == {
        "2026-W48": ([], {"projects": 1}),
        "2026-W49": ([], {"projects": 1}),
        "2026-W50": (["P-1"], {}),
        "2026-W51": (["P-1"], {}),
    }


def test_a_later_snooze_takes_the_place_of_an_earlier_one(loop):
    decide(loop, EXEC, wish("snooze", LATE, until="2026-W50"))
    decide(loop, EXEC, wish("snooze", LATE, until="2026-W49"))
    assert [s.until for s in loop.store.get(AgendaSnooze, [LATE]).values()] == ["2026-W49"]
    assert decide(loop, EXEC, wish("snooze", "delivery.lost")).decisions[-1].until == "2026-W51", "four weeks"


# --- What became of it ---


def test_the_next_cycle_says_what_became_of_each_decision(loop, clock):
    clock.forward(days=-7)
    contact(loop, clock.now, LATE)
    drain(loop)
    clock.forward(days=7)
    tick(loop)
    proposal = a_proposal("2026-W46")
    loop.change(lambda unit: unit.put(proposal))
    propose(loop)
    for asked in (
        wish("accept_proposal", "P-1"),
        wish("accept_proposal", proposal.id),
        wish("snooze", "delivery.lost", until="2026-W49"),
        wish("snooze", "delivery.damaged", until="2026-W51"),
        wish("other", LATE, "先看看"),
        wish("other", "外包", "先看看"),
        wish("rebase", "billing.unclear"),
    ):
        decide(loop, EXEC, asked)
    cycles.close(loop, EXEC, "2026-W47")
    early = cycles.current(loop)
    assert [o.state for o in outcomes.now(loop.unit(), early)][4:6] == ["noted", "only_noted"], (
        "no agenda yet"
    )
    clock.forward(days=7)
    projects.move(loop, LOGISTICS, "P-1", ProjectMove.START, None)
    tick(loop)
    states = [o.state for o in outcomes.now(loop.unit(), cycles.current(loop))]
    assert states == [
        "project_live", "proposal_accepted", "asleep", "asleep", "still_listed", "only_noted", "rebased"
    ]  # fmt: skip
    closed = cycles.close(loop, EXEC, "2026-W48")
    projects.move(loop, LOGISTICS, "P-1", ProjectMove.END, None)
    assert [o.state for o in outcomes.of_cycle(loop.unit(), closed)] == states, "minutes are frozen"
    assert closed.outcomes[0].detail.startswith("P-1 ")


def test_of_a_note_on_a_case_nothing_is_followed(loop, clock):
    """No agenda lists one case, so none can say that it is gone from there."""
    contact(loop, clock.now, LATE)
    drain(loop)
    tick(loop)
    (case,) = loop.unit().find(Case, "case.state", "to_accept")
    assert decide(loop, EXEC, wish("other", case.id)).decisions[0].department == "logistics"
    clock.forward(days=7)
    tick(loop)
    assert [o.state for o in outcomes.now(loop.unit(), cycles.current(loop))] == ["only_noted"]


def test_what_became_of_a_proposal_says_what_was_made_of_it(loop, clock):
    """Refused, merged, and accepted but retired since; however the refusal was minuted."""
    tick(loop)
    refused, merged, accepted = (a_proposal("2026-W46", word) for word in ("甲词", "乙词", "丙词"))
    for proposal in (refused, merged, accepted):
        loop.change(lambda unit, proposal=proposal: unit.put(proposal))
    proposals.refuse(loop, ADMIN, refused.id, "太少")
    proposals.merge(loop, ADMIN, merged.id, LATE)
    proposals.accept(loop, ADMIN, accepted.id, NewCause(code="new.one"))
    clock.forward(minutes=1)
    decide(loop, EXEC, wish("other", refused.id, "再想想"))
    assert [(d.what, d.result, d.made) for d in cycles.current(loop).decisions] == [
        ("refuse_proposal", "proposal_refused", ""),
        ("merge_proposal", "proposal_merged", LATE),
        ("accept_proposal", "proposal_accepted", "new.one"),
        ("other", "noted", ""),
    ]
    clock.forward(days=7)
    tick(loop)
    cycle = minutes.of(loop, EXEC, cycles.current(loop))
    assert [(o.state, o.detail) for o in cycle.outcomes] == [
        ("proposal_refused", ""),
        ("proposal_merged", LATE),
        ("proposal_accepted", "new.one"),
        ("proposal_refused", ""),
    ]
    assert wording.about(cycle.carried[0], cycle.names) == f"甲词 {refused.id}"
    assert wording.became(cycle.outcomes[1], cycle.names).endswith("（东西送得太慢）")
    taxonomy = loop.unit().taxonomy
    causes = [c.model_copy(update={"active": c.code != "new.one"}) for c in taxonomy.causes]
    new_taxonomy(loop, ADMIN, taxonomy.departments, causes, None)
    assert outcomes.now(loop.unit(), cycle)[2].state == "cause_retired"


def test_what_became_of_a_merged_cause_and_of_a_baseline(loop, clock):
    tick(loop)
    decide(loop, EXEC, wish("rebase", LATE))
    reshaping.merge(loop, ADMIN, "delivery.lost", LATE, reason="是一回事")
    clock.forward(days=7)
    tick(loop)
    cycle = cycles.current(loop)
    assert [(d.what, d.result) for d in cycle.carried] == [("rebase", "rebased"), ("reshape", "cause_merged")]
    assert [o.state for o in outcomes.now(loop.unit(), cycle)] == ["rebased", "cause_merged"]
    act(loop, EXEC, NewBaseline(cause=LATE, week="2026-W47", what="revoke", reason="看错了"))
    assert [o.state for o in outcomes.now(loop.unit(), cycle)] == ["rebase_revoked", "cause_merged"]


def test_of_two_snoozes_the_later_holds(loop, clock):
    decide(loop, EXEC, wish("snooze", LATE, until="2026-W51"))
    decide(loop, EXEC, wish("snooze", LATE, until="2026-W48"))
    clock.forward(days=7)
    tick(loop)
    assert {(o.state, o.detail) for o in outcomes.now(loop.unit(), cycles.current(loop))} == {
        ("returned", "2026-W48")
    }


def test_a_snooze_that_is_over_says_so(loop, clock):
    decide(loop, EXEC, wish("snooze", LATE, until="2026-W48"))
    clock.forward(days=7)
    tick(loop)
    assert [o.state for o in outcomes.now(loop.unit(), cycles.current(loop))] == ["returned"]


def test_there_are_words_for_every_code():
    assert set(wording.RESULT) == set(RESULTS)
    assert set(wording.WHAT) == {code for kinds in get_args(Recorded) for code in get_args(kinds)}
    assert set(wording.STATE) == set(outcomes.STATES)
    assert all(
        zh and en and zh != en
        for t in (wording.RESULT, wording.STATE, wording.NUMBER)
        for zh, en in t.values()
    )


# --- Minutes ---


def test_closing_twice_closes_once_and_keeps_the_names(loop, clock):
    decide(loop, EXEC, wish("other", LATE))
    closed = cycles.close(loop, EXEC, "2026-W47")
    clock.forward(hours=1)
    assert cycles.close(loop, OTHER, "2026-W47") == closed
    assert closed.names["logistics"]
    assert closed.names[LATE] == loop.unit().taxonomy.label(LATE)
    assert minutes.of(loop, EXEC, closed) == closed


def test_a_cycle_nobody_closed_keeps_its_decisions(loop, clock):
    decide(loop, EXEC, wish("other", LATE))
    clock.forward(days=7)
    tick(loop)
    lapsed = by_week(loop)["2026-W47"]
    assert (lapsed.closed_by, len(lapsed.decisions)) == (LAPSED, 1)
    assert "没有决定" not in wording.state(lapsed)
    assert cycles.close(loop, EXEC, "2026-W47") == lapsed, "it is closed already"
    assert [d.about for d in cycles.current(loop).carried] == [LATE]


def test_a_lead_sees_the_rows_and_decisions_of_their_departments(loop, clock):
    propose(loop)
    tick(loop)
    decide(loop, EXEC, wish("other", LATE))
    decide(loop, EXEC, wish("other", "所有人", "大家看"))
    cycle = cycles.current(loop)
    mine, theirs = minutes.of(loop, LOGISTICS, cycle), minutes.of(loop, QUALITY, cycle)
    assert (len(mine.agenda), len(mine.decisions)) == (1, 2)
    assert (theirs.agenda, [d.about for d in theirs.decisions]) == ((), ["所有人"])
    assert "logistics" not in theirs.names
    assert "P-1" not in theirs.model_dump_json()
    clock.forward(days=7)
    tick(loop)
    following = minutes.of(loop, QUALITY, cycles.current(loop))
    assert [o.decision.about for o in following.outcomes] == ["所有人"]
    assert LATE not in following.model_dump_json()
