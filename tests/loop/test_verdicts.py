"""Verdicts in the loop: from stored numbers, with the promise sealed, at the weeks they are due, once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.vault import KeyVault
from chalicelib.cli.__main__ import main
from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.context import Loop
from chalicelib.loop.schedule import study
from chalicelib.loop.track import sheet
from chalicelib.loop.track.project_weeks import JUDGED, weeks_of
from chalicelib.loop.track.projects import move, replan
from chalicelib.loop.track.verdicts import live, look_when_due, looks_of, outlook, view, views
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Notice, Role
from chalicelib.model.project import Look, Project, ProjectMove, ProjectState
from chalicelib.model.seal import seal
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.model.weeks import shift, week_start
from tests.conftest import Clock
from tests.loop.judged import CAUSE, LEAD, START, at_week, contacts, parcels, plan, proposed, started, write
from tests.loop.making import ADMIN, Mute
from tests.stores import sqlite_store

ALL = range(-26, 32)
STEADY = {"delivery.late": lambda n: 60, "other": lambda n: 20}


def falls(to: float, at: int = 0, back: int = 99):
    return {CAUSE: lambda n: 100 * (to if at <= n < back else 1), **STEADY}


def read(loop, project) -> Project:
    return loop.unit().get(Project, project.id)


def judged(loop, clock, weeks: int, rates=None, **more) -> Project:
    write(loop, contacts(rates or falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26, **more)
    at_week(clock, weeks)
    look_when_due(loop)
    return read(loop, project)


# which weeks


def test_the_table_holds_the_weeks_before_as_agreed_and_all_complete_ones_since(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=12, control_causes=("delivery.late",))
    at_week(clock, 5)
    weeks = weeks_of(loop, project)
    assert [row.week for row in weeks.rows] == [shift(START, n) for n in range(-12, 5)]
    assert [row.begun for row in weeks.rows] == [0] * 12 + [1] * 5
    assert (weeks.wash_in, weeks.config["harmonics"]) == (1, 0)
    assert {row.exposure for row in weeks.rows} == {10_000}
    assert all(row.control > 30 for row in weeks.rows)
    assert set(weeks.rows[0].siblings) == {*(c.code for c in default_taxonomy().causes if c.group == "物流配送"), "other"} - {CAUSE}  # fmt: skip


@pytest.mark.parametrize(("lacking", "wash_in"), [((-3,), 1), ((-1,), 2), ((-2, -1), 3), ((0,), 1)])
def test_a_week_without_denominator_is_left_out_and_said(lacking, wash_in, loop, clock):
    write(loop, contacts(falls(0.6), ALL), *(parcels(range(n, n + 1)) for n in ALL if n not in lacking))
    project = started(loop, clock)
    at_week(clock, 12)
    weeks = weeks_of(loop, project)
    assert [(w["week"], w["why"]) for w in weeks.left_out] == [
        (shift(START, n), "no_denominator") for n in lacking
    ]
    assert weeks.wash_in == wash_in, "the first week that counts stays where it was agreed"
    assert live(loop, project)["n_after"] == 11


def test_a_week_in_which_nobody_listened_is_no_week_without_contacts(loop, clock):
    write(loop, contacts(falls(0.6), range(-5, 32)), parcels(ALL))
    project = started(loop, clock)
    at_week(clock, 12)
    found = live(loop, project)
    assert {w["why"] for w in found["left_out"]} == {"nothing_recorded"}
    assert (found["n_before"], found["verdict"]) == (5, "NOT_ENOUGH_DATA_YET")


def test_a_start_inside_a_week_washes_that_week_too(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock, starts=week_start(START) + timedelta(days=2))
    at_week(clock, 12)
    assert (project.plan.counts_from, live(loop, project)["n_wash_in"]) == (shift(START, 2), 2)


def test_a_year_of_weeks_before_brings_the_season_in(loop, clock):
    long = range(-104, 12)
    write(loop, contacts(falls(0.6), long), parcels(long))
    project = started(loop, clock, weeks_before=52)
    two = started(loop, clock, "更早的", weeks_before=104, cause="delivery.late")
    at_week(clock, 12)
    assert weeks_of(loop, project).config["harmonics"] == 1
    assert weeks_of(loop, two).config["harmonics"] == 2
    assert {"sin1", "cos1"} <= set(live(loop, project)["coefficients"])


def test_an_empty_company_reads_sensibly(loop, clock):
    project = proposed(loop)
    assert outlook(loop, project)["code"] == "few_before"
    assert view(loop, project)["verdict"]["word"] is None
    project = started(loop, clock)
    at_week(clock, 40)
    look_when_due(loop)
    found = view(loop, read(loop, project))["verdict"]
    assert (found["word"], found["rate_ratio"], found["power_date"]) == ("NOT_ENOUGH_DATA_YET", None, None)
    assert sheet.as_csv(weeks_of(loop, project)) == "time,count,exposure,intervention\n"


# the promise


def test_everything_that_enters_is_sealed_and_the_seal_can_be_made_again(loop, clock):
    project = started(loop, clock)
    found = live(loop, project)
    assert (
        found["stamp"]
        == project.seal
        == seal(found["sealed"])
        == seal(json.loads(json.dumps(found["sealed"])))
    )
    assert found["stamp_matches"]
    agreed = found["sealed"]["plan"]
    assert (agreed["denominator"], agreed["direction"], agreed["window_days"]) == ("parcels", "down", 7)
    assert "delivery.lost" in agreed["siblings"]
    with pytest.raises(Conflict, match="sealed"):
        replan(loop, LEAD, project.id, plan(minimum_effect=0.2), None)


def test_a_plan_changed_behind_the_loops_back_is_told(loop, clock):
    project = started(loop, clock)
    easier = project.plan.model_copy(update={"minimum_effect": 0.01})
    loop.change(lambda unit: unit.put(unit.get(Project, project.id).model_copy(update={"plan": easier})))
    assert not live(loop, read(loop, project))["stamp_matches"]


def test_a_start_after_the_first_week_is_known_is_refused(loop, clock):
    project = proposed(loop)
    move(loop, LEAD, project.id, ProjectMove.ACCEPT, None)
    at_week(clock, 2)
    with pytest.raises(Conflict, match="late_start"):
        move(loop, LEAD, project.id, ProjectMove.START, None)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"metric": "cost"}, "plan.metric"),
        ({"metric": "time_to_resolve"}, "plan.metric"),
        ({"metric": "fcr", "segment": "老客"}, "plan.segment"),
        ({"metric": "fcr", "direction": "down"}, "plan.direction"),
        ({"direction": "up"}, "plan.direction"),
        ({"denominator": "orders"}, "plan.denominator"),
    ],
)
def test_what_cannot_be_judged_is_refused_when_proposed(more, where, loop):
    with pytest.raises(Invalid) as refused:
        proposed(loop, **more)
    assert refused.value.where == where
    assert where != "plan.metric" or all(name in refused.value.en for name in JUDGED)


def test_acceptance_warns_of_too_few_contacts(loop, clock):
    few = {CAUSE: lambda n: 6}
    write(loop, contacts(few, ALL), parcels(ALL))
    clock.now = week_start(START) - timedelta(hours=1)
    project = proposed(loop, weeks_before=26)
    project = move(loop, LEAD, project.id, ProjectMove.ACCEPT, None)
    told = project.history[-1].data
    assert told["weeks_before"] == 25
    assert told["minimum"]["power"] < 0.3
    assert told["code"] in ("never", "too_short")
    assert "%" in told["zh"]
    assert "%" in told["en"]


# words


def test_an_improvement_is_shown_with_its_figures(loop, clock):
    project = judged(loop, clock, 9, control_causes=("delivery.late",))
    found = view(loop, project)["verdict"]
    assert (found["word"], found["state"], found["n_after"]) == ("IMPROVED", "judged", 8)
    assert found["ci"][0] < found["rate_ratio"] < found["ci"][1] < 1
    assert found["live"]["line"][-1]["expected"] > found["live"]["line"][-1]["count"]
    assert found["reason"]["zh"]
    assert found["reason"]["en"]
    assert views(loop, [project])[0]["verdict"]["word"] == "IMPROVED"


def test_contacts_that_went_to_a_sibling_are_moved(loop, clock):
    rates = {CAUSE: lambda n: 100 if n < 0 else 60, "delivery.lost": lambda n: 20 if n < 0 else 60}
    project = judged(loop, clock, 27, rates)
    found = view(loop, project)["verdict"]
    assert found["word"] == "MOVED"
    assert found["displacement"]["siblings"]["delivery.lost"]["rose"]


def test_two_projects_that_began_together_are_not_told_apart(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project, _ = started(loop, clock), started(loop, clock, "另一个")
    at_week(clock, 20)
    found = live(loop, project)
    assert (found["verdict"], found["joint"]["periods_apart"]) == ("NOT_SEPARABLE", {"P-2": 0})


@pytest.mark.parametrize(
    ("metric", "good", "of", "direction"),
    [("fcr", "first", "first", "up"), ("repeat_rate", "repeat", "n", "down")],
)
def test_shares_are_judged_by_weeks_older_than_the_window(metric, good, of, direction, loop, clock):
    def cells(n: int):
        # 200 a week; repeats fall from 80 to 30.
        repeats = 80 + n % 5 if n < 0 else 30 + n % 5
        names = {"n.1": 200, "repeat.1": repeats, "first.1": 200, "again.1": repeats}
        week = shift(START, n)
        fields = {("cause", f"{week}/{CAUSE}", name): v for name, v in names.items()}
        return {**fields, ("week", week, "n"): 500}

    write(loop, *(cells(n) for n in ALL))
    project = started(loop, clock, metric=metric, weeks_before=26)
    at_week(clock, 10)
    weeks = weeks_of(loop, project)
    assert weeks.rows[-1].week == shift(START, 8), "the last week is younger than its repeat window"
    assert weeks.rows[0].exposure == 200
    found = live(loop, project)
    assert (found["verdict"], weeks.config["direction"]) == ("IMPROVED", direction)
    assert found["rate_ratio"] == pytest.approx(168 / 118 if direction == "up" else 32 / 82, rel=0.05)
    assert weeks.config["least_dispersion"] < 1


def test_a_segment_is_judged_by_its_own_denominator_and_watches_the_rest(loop, clock):
    def cells(n: int):
        week, mine = shift(START, n), 100 if n < 0 else 55
        cause = {"n": 200, "segment.old": mine + n % 4, "segment.new": 200 - mine}
        x = {"value.old": 5_000, "days.old": 7}
        return {
            **{("cause", f"{week}/{CAUSE}", name): v for name, v in cause.items()},
            **{("x", f"{week}/parcels", name): v for name, v in x.items()},
            ("week", week, "n"): 500,
        }

    write(loop, *(cells(n) for n in ALL))
    project = started(loop, clock, segment="old", weeks_before=26)
    at_week(clock, 20)
    found = live(loop, project)
    assert found["verdict"] == "MOVED", "they only went to the other segments"
    assert found["displacement"]["siblings"]["segments_others"]["rose"]


# seams


def retag(loop, word: str = "压坏") -> None:
    usual = loop.unit().taxonomy
    causes = [
        c if c.code != CAUSE else c.model_copy(update={"words": (*c.words, word)}) for c in usual.causes
    ]
    new_taxonomy(loop, ADMIN, usual.departments, causes, None)


def test_a_seam_of_the_cause_after_the_start_ends_what_can_be_judged(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock)
    at_week(clock, 5)
    retag(loop)
    at_week(clock, 20)
    look_when_due(loop)
    found = live(loop, read(loop, project))
    assert (found["verdict"], found["reason"]["code"], found["power_date"]) == (
        "NOT_ENOUGH_DATA_YET",
        "seam",
        None,
    )
    assert [w["week"] for w in found["left_out"]] == [shift(START, n) for n in range(5, 20)]
    assert found["notes"][0]["code"] == "seam"
    assert {look.word for look in looks_of(loop, read(loop, project))} == {"NOT_ENOUGH_DATA_YET"}


def test_a_seam_after_the_verdict_leaves_it(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 11)
    retag(loop)
    look_when_due(loop)
    assert live(loop, read(loop, project))["verdict"] == "IMPROVED"


def test_a_seam_before_the_start_costs_the_weeks_before_it(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    retag(loop)  # 2026-W47, in the middle of the week
    project = started(loop, clock)
    at_week(clock, 12)
    found = live(loop, project)
    assert (found["n_before"], found["verdict"]) == (2, "NOT_ENOUGH_DATA_YET")


def test_a_version_that_leaves_the_cause_alone_is_no_seam(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(ALL))
    project = started(loop, clock)
    at_week(clock, 5)
    usual = loop.unit().taxonomy
    lost = [
        c if c.code != "delivery.lost" else c.model_copy(update={"definition_zh": "别的"})
        for c in usual.causes
    ]
    new_taxonomy(loop, ADMIN, usual.departments, lost, None)
    at_week(clock, 12)
    found = live(loop, project)
    assert found["left_out"] == []
    assert found["notes"] == [{"code": "siblings", **{k: found["notes"][0][k] for k in ("zh", "en")}}]
    assert "delivery.lost" not in weeks_of(loop, project).rows[0].siblings


# looks


def test_looks_are_taken_when_they_are_due_and_once(loop, clock):
    project = judged(loop, clock, 8)
    assert project.looked == 0, "the eighth week that counts is not over"
    (row,) = views(loop, [project])
    assert (row["verdict"]["word"], row["verdict"]["reason"]["code"]) == (
        "NOT_ENOUGH_DATA_YET",
        "too_few_periods",
    )
    assert shift(START, 8) in row["verdict"]["reason"]["en"]
    for weeks, taken in ((9, 1), (9, 1), (13, 1), (14, 2), (27, 3), (31, 3)):
        at_week(clock, weeks)
        study(loop)
        look_when_due(loop)
        assert read(loop, project).looked == taken
    project = read(loop, project)
    assert [(look.weeks, look.word, look.relapsed) for look in looks_of(loop, project)] == [
        (n, "IMPROVED", False) for n in (8, 13, 26)
    ]
    assert (project.look_at, project.state) == (None, ProjectState.LIVE)
    assert [e.name for e in project.history].count("VerdictReached") == 3


@pytest.mark.parametrize(
    ("n", "told"), [(1, "no week is over"), (2, "one week is over"), (4, "3 weeks are over")]
)
def test_few_weeks_are_told_in_words(n, told, loop, clock):
    write(loop, contacts({CAUSE: lambda week: 40}, range(-26, 10)), parcels(range(-26, 10)))
    project = started(loop, clock)
    at_week(clock, n)
    (row,) = views(loop, [project])
    assert told in row["verdict"]["reason"]["en"]


def test_a_look_waits_for_the_denominator_of_its_last_week_but_not_for_ever(loop, clock):
    write(loop, contacts(falls(0.6), ALL), parcels(range(-26, 8)))
    project = started(loop, clock, weeks_before=26)
    at_week(clock, 9)
    assert look_when_due(loop) == 0
    clock.forward(hours=7)
    write(loop, parcels(range(8, 9)))
    assert look_when_due(loop) == 1
    assert looks_of(loop, read(loop, project))[0].figures["n_after"] == 8
    at_week(clock, 14)
    assert look_when_due(loop) == 0
    clock.forward(days=15)
    assert look_when_due(loop) == 1, "nobody brings it any more"


def test_contacts_that_come_late_move_the_live_figure_and_no_look(loop, clock):
    project = judged(loop, clock, 9)
    before = view(loop, project)["verdict"]
    late = {("cause", f"{shift(START, n)}/{CAUSE}", "n"): 60 for n in range(0, 9)}
    write(loop, late)
    after = view(loop, project)["verdict"]
    assert after["looks"] == before["looks"]
    assert after["word"] == "IMPROVED"
    assert after["live"]["mean_ratio"] > before["live"]["mean_ratio"] * 1.3


@pytest.mark.parametrize("ended", [False, True])
def test_a_relapse_reopens_the_project_and_its_owner_is_told_once(ended, loop, clock):
    project = judged(loop, clock, 9, falls(0.5, back=9))
    if ended:
        move(loop, LEAD, project.id, ProjectMove.END, None)
    for weeks in (14, 27):
        at_week(clock, weeks)
        look_when_due(loop)
    project = read(loop, project)
    assert project.state is ProjectState.REOPENED
    assert [e.name for e in project.history].count("ProjectReopened") == 1
    told = [n for n in loop.store.scan(Notice) if n.about == "project_relapsed"]
    assert {n.to for n in told} == {"user:lead", "department:logistics"}
    assert {n.subject for n in told} == {f"project:{project.id}"}
    with pytest.raises(Conflict, match="end"):
        move(loop, LEAD, project.id, ProjectMove.START, None)
    assert move(loop, LEAD, project.id, ProjectMove.END, None).state is ProjectState.ENDED


def test_two_schedules_at_once_take_one_look(loop, clock):
    project = judged(loop, clock, 8)
    at_week(clock, 9)
    other = loop.unit()
    from chalicelib.loop.track.verdicts import _look

    _look(other, project.id)
    assert look_when_due(loop) == 1
    with pytest.raises(Conflict):
        other.commit()
    assert len(list(loop.store.scan(Look))) == 1


def test_a_list_computes_nothing_and_reads_once(loop, clock):
    project = judged(loop, clock, 27)

    class Counting:
        reads = 0

        def get(self, kind, keys):
            Counting.reads += 1
            return loop.store.get(kind, keys)

    from dataclasses import replace

    views(replace(loop, store=Counting()), [project] * 50)
    assert Counting.reads == 1


ACTS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 9)),
    st.tuples(st.just("late"), st.integers(-12, 25)),
    st.tuples(st.just("denominator"), st.integers(0, 25)),
    st.tuples(st.just("study"), st.just(0)),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(ACTS, min_size=3, max_size=8))
def test_whatever_comes_late_a_look_is_taken_once_and_stays(acts):
    clock, known = Clock(), dict[str, Look]()
    with sqlite_store() as store:
        loop = Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), clock)
        write(loop, contacts(falls(0.6, back=9), ALL), parcels(range(-26, 12)))
        project, given, at = started(loop, clock), set(range(-26, 12)), 0
        for act, n in [*acts, ("wait", 40), ("study", 0), ("study", 0)]:
            if act == "wait":
                at_week(clock, at := at + n)
            elif act == "late":
                write(loop, {("cause", f"{shift(START, n)}/{CAUSE}", "n"): 7})
            elif act == "denominator" and n not in given:
                given.add(n)
                write(loop, parcels(range(n, n + 1)))
            elif act == "study":
                look_when_due(loop)
                look_when_due(loop)
            now = {look.key: look for look in loop.store.scan(Look)}
            assert {key: now[key] for key in known} == known, "what was found stays"
            known = now
        project = read(loop, project)
        assert [look.weeks for look in looks_of(loop, project)] == [8, 13, 26]
        names = [event.name for event in project.history]
        assert names.count("VerdictReached") == 3
        assert names.count("ProjectReopened") == int(any(look.relapsed for look in known.values()))


# anybody can check


@pytest.mark.parametrize(
    "more", [{}, {"control_causes": ("delivery.late",)}, {"weeks_after": 20, "wash_in_weeks": 3}]
)
def test_the_table_and_config_give_the_command_the_same_verdict(more, loop, clock, tmp_path, capsys):
    project = judged(loop, clock, 22, **more)
    started(loop, clock, "后来的", starts=week_start(shift(START, 24)))
    at_week(clock, 26)
    weeks, found = weeks_of(loop, project), live(loop, project)
    table, config = tmp_path / "t.csv", tmp_path / "c.json"
    table.write_text(sheet.as_csv(weeks), "utf-8")
    config.write_text(json.dumps(weeks.config), "utf-8")
    capsys.readouterr()
    assert main(["verdict", "--in", str(table), "--config", str(config), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(checked) <= set(found)
    assert {k: v for k, v in checked.items() if k != "stamp"} == json.loads(
        json.dumps({k: found[k] for k in checked if k != "stamp"})
    )


def test_an_agent_sees_projects_and_another_lead_does_not(loop, clock):
    from chalicelib.loop.track.projects import visible
    from chalicelib.model.errors import NotFound

    project = proposed(loop)
    assert visible(loop.unit(), Caller("a", Role.AGENT), project.id) == project
    with pytest.raises(NotFound):
        visible(loop.unit(), Caller("b", Role.LEAD, ("quality",)), project.id)
