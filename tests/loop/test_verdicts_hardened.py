"""What could make a verdict say more than the numbers do: each was tried, and none does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.measure.denominators import NewDenominator
from chalicelib.loop.measure.denominators import save as save_denominator
from chalicelib.loop.repeat.reshaping import merge
from chalicelib.loop.schedule import study
from chalicelib.loop.track.projects import move, propose
from chalicelib.loop.track.verdicts import live, look_when_due, looks_of, view
from chalicelib.model.errors import Conflict, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Project, ProjectMove
from chalicelib.model.weeks import shift, week_start
from tests.loop.judged import CAUSE, LEAD, START, at_week, contacts, parcels, plan, proposed, started, write
from tests.loop.making import ADMIN

ALL = range(-26, 32)
LOST = "delivery.lost"
FINANCE = Caller("lead.f", Role.LEAD, ("finance",))
EXEC = Caller("exec", Role.EXECUTIVE, ())


def gone_to(cause: str, before: int = 20):
    """Forty contacts a week go from CAUSE to another cause."""
    return {
        CAUSE: lambda n: 100 if n < 0 else 60,
        cause: lambda n: before if n < 0 else before + 40,
        "delivery.late": lambda n: 60,
    }


def edit(loop, code: str, **changes) -> None:
    usual = loop.unit().taxonomy
    causes = [c if c.code != code else c.model_copy(update=changes) for c in usual.causes]
    new_taxonomy(loop, ADMIN, usual.departments, causes, None)


def read(loop, project) -> Project:
    return loop.unit().get(Project, project.id)


def test_a_project_that_cannot_be_judged_keeps_no_other_one_waiting(loop, clock):
    late = {"delivery.damaged": lambda n: 100, "delivery.lost": lambda n: 60 if n < 0 else 30}
    write(loop, contacts(late, ALL), parcels(range(0, 1)))
    project = started(loop, clock)
    healthy = started(loop, clock, "找得到", cause=LOST)
    for n in (1, 12, 30):
        at_week(clock, n, 24 * 5)
        study(loop)
        assert view(loop, project)["verdict"]["live"]["word"] == "NOT_ENOUGH_DATA_YET"
    assert read(loop, healthy).looked
    assert {look.word for look in looks_of(loop, read(loop, project))} == {"NOT_ENOUGH_DATA_YET"}


def test_a_cause_made_after_the_start_hides_no_contacts(loop, clock):
    write(loop, contacts(gone_to("delivery.wet", 0), ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26)
    usual = loop.unit().taxonomy
    wet = usual.by_code[CAUSE].model_copy(
        update={"code": "delivery.wet", "label_zh": "淋湿", "words": ("湿",)}
    )
    new_taxonomy(loop, ADMIN, usual.departments, [*usual.causes, wet], None)
    at_week(clock, 27)
    found = live(loop, project)
    assert found["verdict"] == "MOVED", found["reason"]


def test_a_sibling_that_is_merged_away_is_followed(loop, clock):
    rates = gone_to("product.defect", 40)
    write(loop, contacts(rates, ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 2)
    merge(loop, ADMIN, LOST, "product.defect")
    at_week(clock, 27)
    found = live(loop, project)
    assert found["verdict"] == "MOVED", found["reason"]
    assert "product.defect" in found["displacement"]["siblings"]


@pytest.mark.parametrize(("cause", "into"), [(CAUSE, LOST), (LOST, CAUSE), ("delivery.late", LOST)])
def test_later_looks_do_not_judge_what_was_merged_after_the_end(cause, into, loop, clock):
    rates = {CAUSE: lambda n: 100 if n < 0 else 60, "delivery.late": lambda n: 60}
    write(loop, contacts(rates, ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26, control_causes=("delivery.late",))
    at_week(clock, 10)
    look_when_due(loop)
    project = move(loop, LEAD, project.id, ProjectMove.END, None)
    merge(loop, ADMIN, cause, into)
    write(loop, {("cause", f"{shift(START, n)}/{CAUSE}", "n"): 90 for n in range(9, 32)})
    at_week(clock, 28)
    look_when_due(loop)
    first, *later = looks_of(loop, read(loop, project))
    assert first.word == "IMPROVED"
    assert [(look.word, look.reason["code"], look.relapsed) for look in later] == [
        ("NOT_ENOUGH_DATA_YET", "reshaped", False)
    ] * 2
    assert f"「{loop.unit().taxonomy.label(into)}」" in later[0].reason["zh"]
    assert read(loop, project).state == "ended"


def test_a_verdict_says_in_words_where_the_contacts_went(loop, clock):
    write(loop, contacts(gone_to(LOST), ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 27)
    reason = live(loop, project)["reason"]
    cause = loop.unit().taxonomy.by_code[LOST]
    assert cause.label_zh in reason["zh"]
    assert cause.label_en in reason["en"]
    assert LOST not in reason["zh"] + reason["en"]


def test_a_merge_before_the_start_is_in_the_promise(loop, clock):
    write(loop, contacts({LOST: lambda n: 100 if n < 0 else 60}, ALL), parcels(ALL))
    project = proposed(loop, cause=CAUSE, weeks_before=26)
    merge(loop, ADMIN, CAUSE, LOST)
    clock.now = project.plan.starts + timedelta(hours=1)
    for order in (ProjectMove.ACCEPT, ProjectMove.START):
        project = move(loop, LEAD, project.id, order, None)
    at_week(clock, 27)
    assert live(loop, project)["verdict"] == "IMPROVED"


def test_a_control_that_changes_its_meaning_ends_what_can_be_judged(loop, clock):
    rates = {CAUSE: lambda n: 100, "delivery.late": lambda n: 60 if n < 0 else 120}
    write(loop, contacts(rates, ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26, control_causes=("delivery.late",))
    at_week(clock, 2)
    edit(loop, "delivery.late", words=("慢", "晚"))
    at_week(clock, 20)
    found = live(loop, project)
    assert (found["verdict"], found["reason"]["code"]) == ("NOT_ENOUGH_DATA_YET", "seam")


def test_denominators_that_are_changed_afterwards_are_named(loop, clock):
    write(loop, contacts(gone_to(LOST), ALL), parcels(range(0, 32)))
    for n in range(-26, 0):
        save_denominator(
            loop, NewDenominator(denominator="parcels", period=shift(START, n), value=10_000), "b"
        )
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 10)
    assert not [n for n in live(loop, project)["notes"] if n["code"] == "denominators"]
    week = shift(START, -3)
    save_denominator(loop, NewDenominator(denominator="parcels", period=week, value=7_000), "lead")
    (note,) = [n for n in live(loop, project)["notes"] if n["code"] == "denominators"]
    assert week in note["zh"]


def read_by(model: str, weeks: range, n: int = 660):
    """So many contacts of each week read by a model."""
    return {("week", shift(START, week), f"reader.{model}"): n for week in weeks}


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (range(-26, 3), range(3, 32), 26, 2),  # after the start: the weeks since are not comparable
        (range(-26, -4), range(-4, 32), 4, 26),  # before it: the weeks until then
        (range(-26, 0), range(0, 32), 0, 26),
    ],
)
def test_a_verdict_does_not_cross_another_tagger_until_one_has_read_all(old, new, before, after, loop, clock):
    write(loop, contacts({CAUSE: lambda n: 100 if n < 0 else 60}, ALL), parcels(ALL))
    write(loop, read_by("aaaaaaaa", old), read_by("bbbbbbbb", new))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 27)
    found = live(loop, project)
    assert (found["verdict"], found["reason"]["code"]) == ("NOT_ENOUGH_DATA_YET", "tagger")
    assert (found["n_before"], found["n_after"], found["power_date"]) == (before, after, None)
    assert "retag" in found["reason"]["zh"]
    assert [n["code"] for n in found["notes"]] == ["tagger"]
    write(loop, read_by("bbbbbbbb", old), read_by("aaaaaaaa", old, -660))
    found = live(loop, project)
    assert (found["verdict"], found["notes"]) == ("IMPROVED", [])


def test_a_look_waits_for_the_past_to_be_read_again(loop, clock):
    write(loop, contacts({CAUSE: lambda n: 100 if n < 0 else 60}, ALL), parcels(ALL))
    write(loop, read_by("aaaaaaaa", range(-26, 3)), read_by("bbbbbbbb", range(3, 32)))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 10)
    look_when_due(loop)
    assert not read(loop, project).looked
    write(loop, read_by("bbbbbbbb", range(-26, 3)), read_by("aaaaaaaa", range(-26, 3), -660))
    at_week(clock, 10, 12)
    look_when_due(loop)
    assert [look.word for look in looks_of(loop, read(loop, project))] == ["IMPROVED"]


def test_a_look_does_not_wait_for_ever(loop, clock):
    write(loop, contacts({CAUSE: lambda n: 100 if n < 0 else 60}, ALL), parcels(ALL))
    write(loop, read_by("aaaaaaaa", range(-26, 3)), read_by("bbbbbbbb", range(3, 32)))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 12)
    look_when_due(loop)
    (look,) = looks_of(loop, read(loop, project))
    assert (look.word, look.reason["code"]) == ("NOT_ENOUGH_DATA_YET", "tagger")


def test_a_few_contacts_that_kept_their_reading_spoil_nothing(loop, clock):
    write(loop, contacts({CAUSE: lambda n: 100 if n < 0 else 60}, ALL), parcels(ALL))
    write(loop, read_by("bbbbbbbb", ALL, 650), read_by("aaaaaaaa", range(-26, 3), 10))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 27)
    assert live(loop, project)["verdict"] == "IMPROVED"


def test_a_start_in_the_past_is_refused_even_where_the_wash_in_hides_it(loop, clock):
    project = proposed(loop, wash_in_weeks=10)
    move(loop, LEAD, project.id, ProjectMove.ACCEPT, None)
    at_week(clock, 2)
    with pytest.raises(Conflict, match="late_start"):
        move(loop, LEAD, project.id, ProjectMove.START, None)


@pytest.mark.parametrize("who", [FINANCE, Caller("agent", Role.AGENT, ())])
def test_a_cause_is_removed_by_the_department_that_owns_it(who, loop):
    words = {"title": "别人的", "hypothesis": "试试", "owner": "", "department": "finance", "plan": plan()}
    with pytest.raises(Invalid, match=r"project.department"):
        propose(loop, who, **words)
    assert propose(loop, EXEC, **words).department == "finance"


@pytest.mark.parametrize("field", ["siblings", "control_causes"])
def test_a_lead_names_no_cause_whose_numbers_are_not_its_business(field, loop):
    words = {"title": "看看", "hypothesis": "看看", "owner": "", "department": "logistics"}
    with pytest.raises(NotFound):
        propose(loop, LEAD, **words, plan=plan(**{field: ("billing.unclear",)}))


def test_an_owner_that_is_a_person_is_masked(loop):
    words = {"title": "加固", "hypothesis": "换箱子", "department": "logistics", "plan": plan()}
    assert "13900001111" not in propose(loop, LEAD, owner="张三13900001111", **words).owner


def test_what_is_answered_is_json_whatever_the_numbers(loop, clock):
    rare = {CAUSE: lambda n: 0.03, "delivery.late": lambda n: 60}
    write(loop, contacts(rare, ALL), parcels(ALL))
    project = started(loop, clock)
    for n in (1, 2, 5, 10, 20):
        at_week(clock, n)
        json.dumps(live(loop, project), allow_nan=False, default=str)


def test_contacts_that_fall_to_nothing_were_avoided(loop, clock):
    rates = {CAUSE: lambda n: 30 if n < 0 else 0, "delivery.late": lambda n: 60 if n < 0 else 90}
    write(loop, contacts(rates, ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26)
    clock.now = week_start(shift(START, 27)) + timedelta(hours=1)
    look_when_due(loop)
    found = live(loop, project)
    assert found["verdict"] == "MOVED", found["reason"]
    assert found["displacement"]["avoided"] == pytest.approx(30 * 26, rel=0.2)
