"""Merging causes and splitting one: what moves, what stays, what is refused, and that every number stays exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.customers import look_up
from chalicelib.loop.erasure import erase
from chalicelib.loop.focus.matrix import matrix, score
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.labels import labels
from chalicelib.loop.own import cases
from chalicelib.loop.rebuild import recount
from chalicelib.loop.repeat.following import reshape_now, reshape_when_due
from chalicelib.loop.repeat.reshaping import Part, listed, merge, split
from chalicelib.loop.schedule import tick
from chalicelib.loop.track import projects
from chalicelib.loop.track.seams import seams
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact, Step
from chalicelib.model.errors import Conflict, Forbidden, Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Plan, ProjectMove
from chalicelib.model.reshape import SETTLED
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import week_of
from tests.loop.making import ADMIN, AGENT, BILL, LATE, LOST, case_of, contact, days, done, numbers, stored

LOGISTICS, FINANCE = (Caller(f"lead.{d}", Role.LEAD, (d,)) for d in ("logistics", "finance"))
PARTS = (
    Part(code="delivery.slow", label_zh="路上太慢", words=("慢",)),
    Part(code="delivery.stuck", label_zh="停在一处不动", words=("不动",), department="service"),
)


class Words:
    """Reads a cause where one of its words is in the text; a merged one as what it became."""

    version = "words"

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.words = {taxonomy.current(c.code): c.words for c in taxonomy.readable}

    def __call__(self, texts):
        """One analysis a text."""
        return [
            Analysis(
                "words", tuple(Tag(c, 0.9) for c, words in self.words.items() if any(w in t for w in words))
            )
            for t in texts
        ]


@pytest.fixture
def reading(loop):
    return replace(loop, analyser=Words)


def follow(loop) -> None:
    for one in listed(loop):
        reshape_now(loop, one.key)
    drain(loop)


def by_cause(loop, cause: str) -> dict[str, int]:
    """The cause's stored numbers over all weeks."""
    out: dict[str, int] = {}
    for (_, sort, field), n in loop.store.cells("cause").items():
        if sort.endswith(f"/{cause}"):
            out[field] = out.get(field, 0) + n
    return out


def _whole(found):
    marks = ("first.", "again.", "repeat.", "cause.", "department.")
    return {c: n for c, n in found.items() if c[0] == "week" and not c[2].startswith(marks)}


# Merging


def test_a_merge_counts_the_whole_past_under_the_other_cause(loop, clock):
    a = done(loop, clock.now - days(20), LATE, customer="u1")
    b = done(loop, clock.now - days(17), LOST, customer="u1")
    both = done(loop, clock.now - days(3), LATE, LOST, customer="u2")
    bill = done(loop, clock.now - days(2), BILL, LATE, customer="u3")
    before = numbers(loop)
    merge(loop, ADMIN, LATE, LOST, "同一件事")
    assert numbers(loop) == before  # the numbers move with the contacts
    follow(loop)
    assert [stored(loop, c.id).causes for c in (a, b, both, bill)] == [
        (LOST,),
        (LOST,),
        (LOST,),
        (BILL, LOST),
    ]
    assert by_cause(loop, LATE) == {}
    assert by_cause(loop, LOST)["n"] == 4
    assert (stored(loop, a.id).repeated, stored(loop, b.id).repeats) == (
        True,
        True,
    )  # now they are one matter
    assert _whole(numbers(loop)) == _whole(before)  # the company as a whole is what it was
    assert recount(loop).differences == 0
    (one,) = listed(loop)
    assert (one.owed, one.first, one.done) == (3, week_of(a.time), False)


def test_a_merge_again_changes_nothing_and_a_last_look_ends_it(loop, clock):
    done(loop, clock.now - days(2), LATE)
    first = merge(loop, ADMIN, LATE, LOST)
    follow(loop)
    assert merge(loop, ADMIN, LATE, LOST).key == first.key
    assert reshape_when_due(loop) == 0  # too early for the last look
    late = done(loop, clock.now, LATE, customer="u2")
    read_before = {"causes": (LATE,), "departments": ("logistics",), "taxonomy": 1}  # by the version before
    loop.change(lambda unit: unit.put(unit.get(Contact, late.id).model_copy(update=read_before)))
    assert by_cause(loop, LATE)["n"] == 1
    clock.forward(seconds=SETTLED.total_seconds())
    tick(loop)
    drain(loop)
    (one,) = listed(loop)
    assert one.done
    assert stored(loop, late.id).causes == (LOST,)
    assert by_cause(loop, LATE) == {}
    assert by_cause(loop, LOST)["n"] == 2
    assert loop.store.find(type(one), "reshape.owed", "all").keys == []
    assert recount(loop).differences == 0


def test_late_and_repeated_news_of_a_merged_cause_counts_under_the_other(loop, clock):
    known = done(loop, clock.now - days(9), BILL)
    merge(loop, ADMIN, LATE, LOST)
    follow(loop)
    late = done(loop, clock.now - days(21), LATE, customer="u9")  # a source that still sends the old code
    correct(loop, ADMIN, known.id, [LATE], "complaint", 1)
    drain(loop)
    assert stored(loop, late.id).causes == stored(loop, known.id).causes == (LOST,)
    assert by_cause(loop, LATE) == {}
    assert recount(loop).differences == 0


def test_what_people_said_teaches_the_other_cause(loop, clock):
    one = done(loop, clock.now - days(1), BILL)
    correct(loop, Caller("lead", Role.LEAD, ("finance",)), one.id, [LATE], "complaint", 1)
    merge(loop, ADMIN, LATE, LOST)
    taxonomy = loop.unit().taxonomy
    (label,) = labels([stored(loop, one.id)], taxonomy)
    assert label.causes == {LOST}
    assert {LATE, LOST} <= {c.code for c in taxonomy.readable}
    assert LATE not in {c.code for c in taxonomy.active}


def test_open_cases_are_carried_and_the_new_owner_is_asked(loop, clock):
    one = done(loop, clock.now - days(1), LATE, customer="u1")
    closed = done(loop, clock.now - days(60), LATE, customer="u2")
    cases.accept(loop, LOGISTICS, one.case)
    merge(loop, ADMIN, LATE, BILL)
    follow(loop)
    case, old = case_of(loop, one), case_of(loop, closed)
    assert (case.id, case.cause, case.department, case.asked_department) == (
        one.case,
        BILL,
        "logistics",
        "finance",
    )
    assert old.cause == BILL
    assert loop.store.find(Case, "case.cause", LATE).keys == []
    assert (case.contacts, stored(loop, one.id).case) == (1, case.id)
    cases.accept(loop, FINANCE, case.id)
    assert case_of(loop, one).department == "finance"
    again = done(loop, clock.now, BILL, customer="u1")
    assert again.case == case.id
    assert recount(loop).differences == 0


def test_scores_of_the_running_cycle_go_along(loop):
    score(loop, LOGISTICS, LATE, "logistics", 1, 2)
    score(loop, FINANCE, LATE, "finance", 5, 5)
    score(loop, FINANCE, LOST, "finance", 2, 2)
    merge(loop, ADMIN, LATE, LOST)
    (row,) = matrix(loop, ADMIN, week_of(loop.clock()))
    assert (row["cause"], row["customer_value"], row["departments"]) == (LOST, 1.5, ["finance", "logistics"])
    with pytest.raises(Invalid, match=LOST):
        score(loop, LOGISTICS, LATE, "logistics", 1, 2)


def project(loop, cause: str, *controls: str, moves: tuple[str, ...] = ()):
    plan = Plan(metric="cpx", cause=cause, control_causes=controls, starts=loop.clock() + days(1))
    made = projects.propose(loop, ADMIN, title=f"去掉 {cause} {controls}", hypothesis="可以", owner="", department="logistics", plan=plan)  # fmt: skip
    for order in moves:
        projects.move(loop, ADMIN, made.id, ProjectMove(order), None)
    return made.id


def test_plans_that_nobody_began_are_changed(loop):
    own, control, ended = (
        project(loop, LATE, LOST, BILL),
        project(loop, BILL, LATE, moves=("accept",)),
        project(loop, LATE, moves=("end",)),
    )
    merge(loop, ADMIN, LATE, LOST)
    plans = {key: projects.visible(loop.unit(), ADMIN, key).plan for key in (own, control, ended)}
    assert (plans[own].cause, plans[own].control_causes) == (LOST, (BILL,))
    assert (plans[control].cause, plans[control].control_causes) == (BILL, (LOST,))
    assert plans[ended].cause == LATE


def test_a_plan_that_goes_to_a_cause_of_another_group_has_its_neighbours(loop):
    key, near = project(loop, LATE), project(loop, LOST)

    def plan_of(key):
        return projects.visible(loop.unit(), ADMIN, key).plan

    merge(loop, ADMIN, LATE, BILL)
    fresh = project(loop, BILL, "product.defect")
    assert plan_of(key).siblings == plan_of(fresh).siblings
    assert BILL in plan_of(near).siblings
    assert LATE not in plan_of(near).siblings


@pytest.mark.parametrize("causes", [(LATE,), (LOST,), (BILL, LATE), (BILL, LOST)])
def test_a_merge_waits_for_projects_that_run(loop, causes):
    key = project(loop, *causes, moves=("accept", "start"))
    with pytest.raises(Conflict, match=key):
        merge(loop, ADMIN, LATE, LOST)
    assert loop.unit().taxonomy.by_code[LATE].active
    projects.move(loop, ADMIN, key, ProjectMove.END, None)
    assert merge(loop, ADMIN, LATE, LOST).into == (LOST,)


@pytest.mark.parametrize(
    ("cause", "into", "error"),
    [(LATE, LATE, Invalid), ("no.such", LATE, Invalid), (LATE, "no.such", Invalid), ("other", LATE, Invalid)],
)
def test_what_cannot_be_merged(loop, cause, into, error):
    with pytest.raises(error):
        merge(loop, ADMIN, cause, into)
    assert listed(loop) == []


def test_only_an_admin_and_only_on_the_version_that_was_seen(loop):
    for who in (AGENT, LOGISTICS):
        with pytest.raises(Forbidden):
            merge(loop, who, LATE, LOST)
        with pytest.raises(Forbidden):
            split(loop, who, LATE, PARTS)
    with pytest.raises(Conflict):
        merge(loop, ADMIN, LATE, LOST, number=9)
    with pytest.raises(Conflict):
        split(loop, ADMIN, LATE, PARTS, number=9)


def test_merges_in_a_row_end_at_the_last_cause(loop, clock):
    one = done(loop, clock.now - days(8), LATE)
    merge(loop, ADMIN, LATE, LOST)
    merge(loop, ADMIN, LOST, BILL)
    follow(loop)
    assert stored(loop, one.id).causes == (BILL,)
    taxonomy = loop.unit().taxonomy
    assert (taxonomy.current(LATE), taxonomy.takes(LATE)) == (BILL, {LATE, LOST, BILL})
    assert case_of(loop, one).cause == BILL
    assert recount(loop).differences == 0


def test_a_file_that_does_not_tell_keeps_what_took_a_causes_place(loop):
    merge(loop, ADMIN, LATE, LOST)
    now = loop.unit().taxonomy
    bare = [c.model_copy(update={"merged_into": ""}) for c in now.causes]
    assert new_taxonomy(loop, ADMIN, now.departments, bare, None).by_code[LATE].merged_into == LOST
    without = [c for c in now.causes if c.code != LATE]
    assert new_taxonomy(loop, ADMIN, now.departments, without, None).by_code[LATE].merged_into == LOST
    awake = [
        c.model_copy(update={"active": True, "merged_into": ""}) if c.code == LATE else c for c in now.causes
    ]
    assert new_taxonomy(loop, ADMIN, now.departments, awake, None).current(LATE) == LATE


# Splitting


def test_a_split_moves_what_is_read_as_a_part_and_leaves_the_rest(reading, clock):
    loop, words = reading, ("快递太慢了", "快递一直不动", "快递三天没到")
    taxonomy = loop.unit().taxonomy
    causes = [
        c.model_copy(update={"words": ("快递",)}) if c.code == LATE else c.model_copy(update={"words": ()})
        for c in taxonomy.causes
    ]
    new_taxonomy(loop, ADMIN, taxonomy.departments, causes, None)
    slow, stuck, rest = (
        done(loop, clock.now - days(14 + n), customer=f"u{n}", text=text) for n, text in enumerate(words)
    )
    said = done(loop, clock.now - days(3), LATE, customer="u8", text="还是不动")
    settled = done(loop, clock.now - days(2), LATE, customer="u9", text="快点")
    assert all(stored(loop, c.id).causes == (LATE,) for c in (slow, stuck, rest, said, settled))
    split(loop, ADMIN, LATE, PARTS, "两种原因两种办法")
    follow(loop)
    assert [stored(loop, c.id).causes for c in (slow, stuck, rest, said, settled)] == [
        ("delivery.slow",), ("delivery.stuck",), (LATE,), ("delivery.stuck",), (LATE,),
    ]  # fmt: skip
    assert (by_cause(loop, "delivery.stuck")["n"], by_cause(loop, LATE)["n"]) == (2, 2)
    assert all(stored(loop, c.id).case == c.case for c in (slow, stuck, rest, said))
    assert (
        done(loop, clock.now, customer="u7", text="快递三天没到").causes == ()
    )  # nobody looks for it any more
    joined = done(loop, clock.now, "delivery.slow", customer="u8")
    assert joined.case == said.case
    assert recount(loop).differences == 0
    clock.forward(seconds=SETTLED.total_seconds())
    kept = numbers(loop)
    tick(loop)
    drain(loop)
    assert listed(loop)[0].done
    assert numbers(loop) == kept
    loop.change(lambda unit: unit.put(unit.get(Contact, rest.id).model_copy(update={"pending": Step.TAG})))
    drain(loop)
    assert stored(loop, rest.id).causes == (LATE,)  # read once more, it stays


def test_parts_take_after_the_whole(loop):
    split(loop, ADMIN, LATE, PARTS)
    codes = loop.unit().taxonomy.by_code
    slow, stuck, whole = codes["delivery.slow"], codes["delivery.stuck"], codes[LATE]
    assert (slow.department, slow.denominator, slow.group) == (
        whole.department,
        whole.denominator,
        whole.group,
    )
    assert stuck.department == "service"
    assert (whole.active, whole.split_into) == (False, ("delivery.slow", "delivery.stuck"))
    assert LATE not in {c.code for c in loop.unit().taxonomy.readable}


def test_a_contact_may_not_be_given_a_cause_that_was_split(loop, clock):
    split(loop, ADMIN, LATE, PARTS)
    with pytest.raises(Invalid, match=r"delivery\.slow, delivery\.stuck"):
        contact(loop, clock.now, LATE)


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        (("a.one",), Invalid),
        (("a.one", "a.one"), Invalid),
        (("a.one", LOST), Conflict),
        ((LATE, "a.one"), Conflict),
    ],
)
def test_what_cannot_be_split(loop, codes, error):
    with pytest.raises(error):
        split(loop, ADMIN, LATE, [Part(code=code, label_zh="部分") for code in codes])
    assert listed(loop) == []


@pytest.mark.parametrize(
    "wrong", [{"code": "Big Letters"}, {"label_zh": ""}, {"department": "moon"}, {"words": ("",)}]
)
def test_a_part_that_is_no_cause_is_refused(loop, wrong):
    parts = [PARTS[0], PARTS[1].model_copy(update=wrong)]
    with pytest.raises(Invalid):
        split(loop, ADMIN, LATE, parts)
    assert listed(loop) == []


@pytest.mark.parametrize("moves", [(), ("accept",), ("accept", "start")])
def test_a_split_waits_for_every_project_that_is_not_over(loop, moves):
    key = project(loop, LATE, moves=moves)
    with pytest.raises(Conflict, match=key):
        split(loop, ADMIN, LATE, PARTS)
    projects.move(loop, ADMIN, key, ProjectMove.END, None)
    assert split(loop, ADMIN, LATE, PARTS).into == ("delivery.slow", "delivery.stuck")


def test_erased_contacts_follow_a_merge_and_stay_at_a_split(loop, clock):
    one = done(loop, clock.now - days(15), LATE, customer="13800138000", text="太慢了")
    erase(loop, ADMIN, look_up(loop, "13800138000").id, "本人要求")
    split(loop, ADMIN, LATE, PARTS)
    follow(loop)
    assert stored(loop, one.id).causes == (LATE,)
    assert stored(loop, one.id).pending == Step.NONE
    other = done(loop, clock.now - days(15), BILL, customer="13800138001")
    erase(loop, ADMIN, look_up(loop, "13800138001").id, "本人要求")
    merge(loop, ADMIN, BILL, LOST)
    follow(loop)
    assert stored(loop, other.id).causes == (LOST,)
    assert recount(loop).differences == 0


# Seams


def test_both_leave_a_seam_that_says_whose(loop, clock):
    one = done(loop, clock.now - days(15), LATE)
    merge(loop, ADMIN, LATE, LOST)
    follow(loop)
    clock.forward(days=7)
    split(loop, ADMIN, LOST, PARTS)
    week = week_of(clock.now)
    merged, divided = seams(loop, week_of(one.time), week)
    assert (merged["what"], merged["cause"], merged["causes"]) == ("merge", LOST, [LATE, LOST])
    assert (merged["reaches"], merged["week"]) == (week_of(one.time), week_of(clock.now - timedelta(days=7)))
    assert (divided["what"], divided["causes"], divided["reaches"]) == (
        "split", [LOST, "delivery.slow", "delivery.stuck", "other"], week,
    )  # fmt: skip
