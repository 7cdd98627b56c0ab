"""The demo company: its texts are understood, its story runs through the real loop, and it goes without a trace."""

from __future__ import annotations

import string
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.demo import story
from chalicelib.demo.load import Summary, load
from chalicelib.demo.mark import unfinished
from chalicelib.demo.office import later
from chalicelib.demo.promising import ENDS
from chalicelib.demo.texts import texts, write
from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take_one
from chalicelib.loop.measure.completeness import completeness
from chalicelib.loop.measure.denominators import NewDenominator
from chalicelib.loop.measure.denominators import save as save_denominator
from chalicelib.loop.measure.ledger.closing import close as close_month
from chalicelib.loop.measure.ledger.closing import lines_of
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.rebuild import recount
from chalicelib.loop.removal import is_demo, parts, remove, writes
from chalicelib.loop.worker import drain
from chalicelib.model.case import Callback, CallbackState, Case
from chalicelib.model.contact import Contact, Original
from chalicelib.model.cycle import Cycle, Denominator
from chalicelib.model.entity import KINDS, Entity
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.ledger import Books, Statement
from chalicelib.model.people import SYSTEM, Notice, User
from chalicelib.model.project import Plan, Project, ProjectState
from chalicelib.model.promise import Promise, PromiseState
from chalicelib.model.source_count import SourceCount
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.model.voice import Andon, AndonState
from chalicelib.model.watch import AlarmState, AlarmWeek
from chalicelib.model.weeks import shift, week_of
from chalicelib.model.workdays import Hours
from chalicelib.wiring import analyser_for

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CAUSES = sorted(cause for cause in story.THEMES if cause != story.NOTHING_WRONG)


def quiet(what: str, done: int, total: int) -> None:
    """A progress nobody looks at."""


def an_empty_loop() -> Loop:
    return Loop(SqliteStore(":memory:"), KeyVault(b"d" * 32), analyser_for, lambda: NOW)


def tell(loop: Loop, contacts: int = 300, weeks: int = 3) -> Summary:
    return load(loop, NOW, quiet, password_hash="hash", weeks=weeks, contacts=contacts)


def everything(loop: Loop) -> list[Entity]:
    return [entity for kind in KINDS.values() for entity in loop.store.scan(kind)]


@pytest.fixture(scope="module")
def company() -> tuple[Loop, Summary]:
    """A three-week company with one real contact; only read."""
    loop = an_empty_loop()
    take_one(loop, SYSTEM, {"text": "快递到现在还没送到", "channel": "phone", "customer": "13800138000"})
    drain(loop)
    return loop, tell(loop)


# --- texts ---


@pytest.mark.parametrize("cause", CAUSES)
def test_most_texts_of_a_cause_are_understood(cause: str) -> None:
    rng, said = Random(3), texts()[cause]
    filled = [write(rng, cause, "电饭煲", "QH261101000001") for _ in range(4 * len(said))]
    found = analyser_for(default_taxonomy())(filled)
    assert len(said) >= 14
    assert sum(cause in {tag.code for tag in one.causes} for one in found) >= 0.7 * len(filled)


def test_what_shows_no_problem_is_not_taken_for_one() -> None:
    said = [text.format_map(Slots()) for text in texts()[story.NOTHING_WRONG]]
    found = analyser_for(default_taxonomy())(said)
    assert len(said) >= 60
    assert sum(bool(one.causes) for one in found) <= 0.05 * len(said)
    assert sum(one.kind == "complaint" for one in found) <= 0.1 * len(said)


class Slots(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return {"product": "电饭煲", "city": "杭州"}[name]


def test_every_slot_can_be_filled() -> None:
    used = {
        name for said in texts().values() for text in said for _, name, _, _ in string.Formatter().parse(text)
    }
    assert used - {None} <= {"product", "city", "days", "amount", "order", "mobile"}
    assert set(texts()) == set(story.THEMES)


# --- the story ---


def test_all_numbers_are_right(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    assert recount(loop).differences == 0


def test_about_as_many_contacts_as_asked_for_and_most_understood(company: tuple[Loop, Summary]) -> None:
    loop, told = company
    assert 230 <= told.contacts <= 370
    assert told.as_planned > 0.8
    assert sum(told.cases.values()) + 1 == len(list(loop.store.scan(Case)))
    assert {"unverified", "verified", "working"} <= set(told.cases)


def test_only_what_was_there_before_is_not_marked(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    assert sorted(e.kind for e in everything(loop) if not e.demo) == [
        "books", "case", "contact", "customer", "notice", "sequence"
    ]  # fmt: skip


def test_personal_data_in_texts_is_masked(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    masked = [c for c in loop.store.scan(Contact) if "mobile" in c.masked]
    assert masked
    assert all("【手机号】" in c.text for c in masked)


def test_everybody_does_their_part(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    assert {u.name: u.password for u in loop.store.scan(User)} == dict.fromkeys(story.PEOPLE, "hash")
    events = {event.name for case in loop.store.scan(Case) for event in case.history}
    assert {"CaseResolved", "CaseVerified", "CustomerCalled", "CaseCameBack", "ClockRanOut"} <= events
    states = {b.state for b in loop.store.scan(Callback)}
    assert {CallbackState.REACHED, CallbackState.NOT_REACHED} <= states
    assert sorted(c.state for c in loop.store.scan(Cycle)) == ["closed", "closed", "open"]
    assert [a.state for a in loop.store.scan(Andon)] == [AndonState.ANSWERED]


def test_promises_are_kept_late_broken_and_still_open(company: tuple[Loop, Summary]) -> None:
    """Three weeks hold few: all ways in which one ends are in the story as it is delivered."""
    loop, _ = company
    given = list(loop.store.scan(Promise))
    assert {p.by for p in given} <= {"agent.wang", "agent.li"}
    assert {p.state for p in given} >= {PromiseState.KEPT}
    assert all(p.demo and p.customer and p.due > p.created for p in given)
    assert sum(share for share in ENDS.values()) == pytest.approx(1)
    contacts = loop.unit().many(Contact, (p.contact for p in given))
    assert all(contacts[p.contact].agent == p.by for p in given)


def test_three_projects_run_and_one_is_proposed(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    states = {p.plan.cause: p.state for p in loop.store.scan(Project)}
    assert states.pop("billing.refund_slow") is ProjectState.PROPOSED
    assert set(states.values()) == {ProjectState.LIVE}


def test_one_week_lacks_a_denominator(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    weeks = {d.week for d in loop.store.scan(Denominator)}
    have = {d.week for d in loop.store.scan(Denominator) if d.name == story.MISSING_DENOMINATOR}
    assert (weeks - have, len(have)) == ({"2026-W46"}, 2)
    assert {d.denominator for d in default_taxonomy().causes} == {
        d.name for d in loop.store.scan(Denominator)
    }


def test_its_finished_weeks_were_judged_with_the_numbers_that_are_stored(
    company: tuple[Loop, Summary],
) -> None:
    loop, _ = company
    judged = {w.week: w for w in loop.store.scan(AlarmWeek)}
    assert set(judged) == {"2026-W45", "2026-W46"}
    weeks = by_week(loop.store, "week", "2026-W45", "2026-W46")
    for week, one in judged.items():
        stored = {t.cause: weeks[week][""][f"cause.{t.cause}"] for t in one.tested}
        assert {t.cause: t.contacts for t in one.tested} == stored
        assert {t.state for t in one.tested if t.denominator == "parcels"} == {AlarmState.TRIAL}
    assert {t.state for t in judged["2026-W46"].tested if t.denominator == story.MISSING_DENOMINATOR} == {
        AlarmState.NO_DENOMINATOR
    }


@pytest.mark.parametrize(
    "now",
    [
        "2026-11-22T23:50+08:00",
        "2026-11-23T00:10+08:00",
        "2026-11-23T07:20+08:00",
        "2026-11-23T08:30+08:00",
        "2026-11-24T00:10+08:00",
    ],
)
def test_what_is_over_is_counted_and_judged_at_whatever_hour_it_is_loaded(now: str) -> None:
    loop, moment = an_empty_loop(), datetime.fromisoformat(now)
    load(loop, moment, quiet, password_hash="hash", weeks=2, contacts=120)
    last, yesterday = shift(week_of(moment), -1), f"{moment - timedelta(days=1):%Y-%m-%d}"
    given = {(d.name, d.period) for d in loop.store.scan(Denominator)}
    names = {d.denominator for d in default_taxonomy().causes} - {story.MISSING_DENOMINATOR}
    assert names == {name for name, period in given if period == last}
    if week_of(moment - timedelta(days=1)) == week_of(moment):
        assert names < {name for name, period in given if period == yesterday}
    judged = {w.week: w for w in loop.store.scan(AlarmWeek)}
    assert set(judged) == {last}
    without = {t.denominator for t in judged[last].tested if t.state is AlarmState.NO_DENOMINATOR}
    assert without == {story.MISSING_DENOMINATOR}
    counted = {(s.day, s.channel) for s in loop.store.scan(SourceCount)}
    assert yesterday in {day for day, _ in counted}


def test_its_sources_counted_some_calls_that_never_came(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    rows = [row for row in completeness(loop, "2026-11-07", "2026-11-21") if row.reported is not None]
    assert len({row.day for row in rows}) == story.SOURCE_DAYS
    assert sum(row.missing for row in rows) in (0, story.UNRECORDED), "none when nobody called on that day"
    assert {row.state for row in rows} <= {"complete", "missing"}


def test_it_is_not_loaded_twice(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    with pytest.raises(Conflict, match=r"demo\.loaded"):
        tell(loop)


def test_the_same_seed_tells_the_same_story() -> None:
    assert tell(an_empty_loop(), 60, 1) == tell(an_empty_loop(), 60, 1)


def test_it_needs_the_taxonomy_as_delivered() -> None:
    loop, usual = an_empty_loop(), default_taxonomy()
    new_taxonomy(loop, SYSTEM, usual.departments, usual.causes[1:], None)
    with pytest.raises(Invalid, match=r"delivery\.late"):
        tell(loop)


# --- and its end ---


class Killed(Exception):
    pass


def test_what_is_real_stays_whatever_interrupts_the_removal() -> None:
    loop = an_empty_loop()
    take_one(
        loop, SYSTEM, {"text": "发票一直没开，电话16412345678", "channel": "phone", "customer": "13800138000"}
    )
    drain(loop)
    before = [*everything(loop), *(loop.store.cells(family) for family in loop.store.families())]
    tell(loop, 80, 2)
    of_demo = next(c for c in loop.store.scan(Contact) if c.demo and c.customer and not c.pending)
    later_one = Contact(id="x", channel="phone", fingerprint="", customer=of_demo.customer, text="又坏了",
                        time=NOW, received=NOW, taken_by="me", pending="tag", demo=True)  # fmt: skip
    loop.change(lambda unit: [unit.put(later_one), unit.put(Original(id="x", sealed=""))])
    drain(loop)

    def die(what: str, done: int, total: int) -> None:
        raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            remove(loop, die)
        assert is_demo(loop)
    assert remove(loop, quiet)
    assert not is_demo(loop)
    assert remove(loop, quiet) == {}
    after = [*everything(loop), *(loop.store.cells(family) for family in loop.store.families())]
    assert [e for e in after if getattr(e, "kind", "") != "sequence" and e != {}] == before
    assert recount(loop).differences == 0


def test_a_real_user_or_denominator_of_the_same_name_wins() -> None:
    loop = an_empty_loop()
    mine = User(name="exec", role="executive", password="mine")
    parcels = Denominator(name="parcels", period="2026-11-17", week="2026-W47", value=5)
    loop.change(lambda unit: [unit.put(mine), unit.put(parcels)])
    tell(loop, 40, 1)
    unit = loop.unit()
    kept = unit.get(User, "exec")
    assert kept is not None
    assert (kept.password, kept.demo) == ("mine", False)
    assert [d.value for d in unit.find(Denominator, "denominator.name", "parcels")] == [5]


def test_notices_about_nothing_but_the_demo_go_with_it() -> None:
    loop = an_empty_loop()
    stale = Notice(
        to="role:executive", about="x", subject="cases", day="d", at=NOW, subjects=("case:K-GONE",)
    )
    kept = replace_subjects(stale, "logistics")
    loop.change(lambda unit: [unit.put(stale), unit.put(kept)])
    remove(loop, quiet)
    assert [n.subjects for n in loop.store.scan(Notice)] == [("logistics",)]


def test_notices_of_a_demo_projects_verdict_go_with_it() -> None:
    loop = an_empty_loop()
    plan = Plan(metric="cpx", cause="delivery.late", starts=NOW)
    project = Project(id="P-1", title="t", hypothesis="h", owner="u", department="logistics", reach=0.1,
                      plan=plan, created=NOW, demo=True)  # fmt: skip
    told = Notice(to="user:u", about="verdict_reached", subject="project:P-1", day="d", at=NOW,
                  subjects=("project:P-1",))  # fmt: skip
    loop.change(lambda unit: [unit.put(project), unit.put(told)])
    remove(loop, quiet)
    assert [*loop.store.scan(Notice), *loop.store.scan(Project)] == []


def replace_subjects(notice: Notice, subject: str) -> Notice:
    return notice.model_copy(update={"subjects": (subject,), "subject": subject})


@pytest.mark.parametrize("capacity", [100, 20_000])
def test_saves_fit_the_store(company: tuple[Loop, Summary], capacity: int) -> None:
    loop, _ = company
    contacts = list(loop.store.scan(Contact))
    runs = list(parts(contacts, capacity))
    assert [c for run in runs for c in run] == contacts
    assert max(sum(map(writes, run)) for run in runs) < capacity


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-20T09:30+08:00", 30, "2026-11-20T10:00+08:00"),
        ("2026-11-20T17:30+08:00", 60, "2026-11-23T09:30+08:00"),
        ("2026-11-21T12:00+08:00", 10, "2026-11-23T09:10+08:00"),
        ("2026-11-19T07:00+08:00", 540, "2026-11-19T18:00+08:00"),
        ("2026-11-19T20:00+08:00", 600, "2026-11-23T10:00+08:00"),
    ],
)
def test_working_minutes_later(start: str, minutes: int, end: str) -> None:
    assert later(datetime.fromisoformat(start), minutes, Hours()) == datetime.fromisoformat(end)


def test_nothing_comes_from_the_future(company: tuple[Loop, Summary]) -> None:
    loop, _ = company
    assert max(max(c.received, c.time) for c in loop.store.scan(Contact)) <= NOW
    assert max(event.at for case in loop.store.scan(Case) for event in case.history) <= NOW


def test_an_interrupted_load_is_made_anew() -> None:
    loop, whole = an_empty_loop(), an_empty_loop()
    told = tell(whole)

    def killed(label: str, done: int, total: int) -> None:
        if label == "save" and done > total // 2:
            raise Killed

    with pytest.raises(Killed):
        load(loop, NOW, killed, password_hash="hash", weeks=3, contacts=300)
    assert unfinished(loop)
    assert tell(loop) == told
    assert not unfinished(loop)
    assert recount(loop).differences == 0
    assert len(everything(loop)) == len(everything(whole))


def test_what_real_people_change_is_no_longer_the_demos() -> None:
    loop = an_empty_loop()
    tell(loop)
    mine = next(d for d in loop.store.scan(Denominator) if "W" in d.period)
    new = NewDenominator(
        denominator=mine.name, period=mine.period, value=mine.value + 1, segment=mine.segment
    )
    save_denominator(loop, new)
    remove(loop, quiet)
    assert [d.value for d in loop.store.scan(Denominator)] == [mine.value + 1]


def test_a_fresh_process_knows_every_kind_to_remove() -> None:
    code = "from chalicelib.model.kinds import KINDS; print(*sorted(KINDS))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert {"voice", "andon", "project", "score", "demo_mark"} <= set(done.stdout.split())


def test_the_ledger_begins_anew_when_only_the_demo_was_in_it() -> None:
    loop = an_empty_loop()
    tell(loop, 80, 2)
    close_month(loop, SYSTEM, "2026-10")
    remove(loop, quiet)
    assert not {Books.kind, Statement.kind} & {e.kind for e in everything(loop)}


def test_a_demo_beside_real_work_books_nothing_in_its_closed_months() -> None:
    loop = an_empty_loop()
    row = {"text": "发票一直没开", "channel": "phone", "time": NOW - timedelta(days=40)}
    take_one(loop, SYSTEM, row)
    drain(loop)
    stated = close_month(loop, SYSTEM, "2026-10")
    tell(loop, 120, 5)
    assert any(c.charges[0].why == "late" for c in loop.store.scan(Contact) if c.demo and c.charges)
    assert lines_of(loop.store, "2026-10") == stated.lines
    remove(loop, quiet)
    assert [s.digest for s in loop.store.scan(Statement)] == [stated.digest]
    assert recount(loop).differences == 0
