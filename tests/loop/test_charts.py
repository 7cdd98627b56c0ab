"""Charts of the loop's own series: finished weeks as points, locked baselines, seams and re-bases, what is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop.admin import new_taxonomy
from chalicelib.loop.context import Loop
from chalicelib.loop.measure import denominators
from chalicelib.loop.measure.registry import REGISTRY, Scope
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.track.alarms import judge
from chalicelib.loop.track.alarms import shown as alarms_shown
from chalicelib.loop.track.baselines import NewBaseline, act, listed
from chalicelib.loop.track.charts import chart, cutting_of, marks, with_points
from chalicelib.loop.track.readers import switches
from chalicelib.loop.track.seams import cuts, seams
from chalicelib.loop.track.series import metric_by_week
from chalicelib.loop.track.settled import settled
from chalicelib.loop.track.skyline import skyline
from chalicelib.loop.track.weekly import LONGEST, weekly
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.tagger import TaggerVersion
from chalicelib.model.weeks import shift, week_start, weeks_between
from chalicelib.stats.chart import Series
from chalicelib.stats.chart import chart as drawn
from tests.loop.making import ADMIN, BILL, LATE, LOST, days, done
from tests.loop.weeks_of import LAST, begins, fill, give_x

EXEC = Caller("exec", Role.EXECUTIVE)
LEAD = Caller("lead", Role.LEAD, ("logistics",))
X = [120, 133, 118, 141, 125, 160, 129, 137, 122, 131, 127, 140]
N = [10000, 10400, 9900, 10800, 10100, 10900, 10000, 10500, 9800, 10200, 10050, 10700]
"""The requirement's check values: u 0.0128334009, first limits 0.0105279791 .. 0.0151388227 without the clamp."""


def shown(loop: Any, weeks: int = 60, cause: str = LATE, metric: str = "cpx", **scope: str) -> dict[str, Any]:
    now = shift(LAST, 1)
    return chart(loop, metric, Scope(shift(now, 1 - weeks), now, cause, **scope))


def test_an_empty_company_has_no_points_and_says_why(loop):
    found = shown(loop)
    assert (found["weeks"], found["segments"], found["begin"]) == ([], [], None)
    assert (found["running"]["state"], found["running"]["value"]) == ("no_denominator", None)
    assert skyline(weekly(loop), cutting_of(weekly(loop)), EXEC)["causes"] == []


@pytest.mark.parametrize("metric", REGISTRY)
def test_every_metric_has_a_chart_on_an_empty_store(loop, metric):
    assert shown(loop, cause="", metric=metric)["weeks"] == []


def test_the_check_values_come_out_of_the_loop(loop):
    fill(loop, LATE, X)
    give_x(loop, "parcels", N)
    found = shown(loop)
    assert found["chart"] == "u"
    assert found["segments"][0]["mean"] == pytest.approx(12.8334009)
    first = found["weeks"][0]
    assert (first["value"], first["n"], first["count"]) == (12.0, 10_000, 120)
    assert first["limits"] == pytest.approx(
        (12.8334009 - 3 * 1.1328460, 12.8334009 + 3 * 1.1328460), rel=1e-4
    )
    assert [w["baseline"] for w in found["weeks"]] == [True] * 12
    assert found["segments"][0]["locked"]


def test_the_running_week_has_no_point(loop):
    fill(loop, LATE, [*X, 500], last=shift(LAST, 1))
    give_x(loop, "parcels", [*N, 100], last=shift(LAST, 1))
    found = shown(loop)
    assert [w["week"] for w in found["weeks"]][-1] == LAST
    assert found["running"]["week"] == shift(LAST, 1)
    assert "limits" not in found["running"]


def test_a_week_without_x_has_no_point_and_is_not_zero(loop):
    fill(loop, LATE, X)
    give_x(loop, "parcels", [*N[:5], None, *N[6:]])
    gap = shown(loop)["weeks"][5]
    assert (gap["state"], gap["value"], gap["count"], gap["limits"], gap["signals"]) == (
        "no_denominator", None, 160, None, []
    )  # fmt: skip


def test_a_first_week_that_did_not_begin_on_monday_is_no_point(loop):
    fill(loop, LATE, X)
    give_x(loop, "parcels", [10_000, *N], last=LAST)
    before = shift(begins(12), -1)
    loop.store.save(
        [], {("week", before, "n"): 3, ("week", before, "n.5"): 3, ("week", before, f"cause.{LATE}"): 3}
    )
    assert shown(loop)["begin"] == begins(12)


def test_weeks_after_the_baseline_never_move_it(loop):
    fill(loop, LATE, X)
    give_x(loop, "parcels", N)
    before = shown(loop)["segments"][0]["mean"]
    fill(loop, LATE, [900, 1], last=shift(LAST, 2))
    give_x(loop, "parcels", [10_000, 10_000], last=shift(LAST, 2))
    later = loop.at(week_start(shift(LAST, 3)))
    found = chart(later, "cpx", Scope(begins(12), shift(LAST, 3), LATE))
    assert (len(found["weeks"]), found["segments"][0]["mean"]) == (14, before)
    assert found["weeks"][12]["signals"] == ["outside"]
    assert found["weeks"][12]["side"] == "above"


def test_how_many_weeks_are_shown_changes_no_limit(loop):
    fill(loop, LATE, [*X, 130, 131, 132])
    give_x(loop, "parcels", [*N, 10_000, 10_000, 10_000])
    assert shown(loop, 4)["weeks"] == shown(loop, 60)["weeks"][-3:]


def test_a_late_contact_changes_its_own_week(loop, clock):
    done(loop, week_start(begins(13)), LATE, customer="u0")
    fill(loop, LATE, X)
    give_x(loop, "parcels", [10_000, *N])
    before = shown(loop)["weeks"]
    done(loop, week_start(begins(10)) + days(1), LATE, customer="u1")
    after = shown(loop)["weeks"]
    changed = [w["week"] for w, v in zip(after, before, strict=True) if w["count"] != v["count"]]
    assert changed == [begins(10)]


def test_contacts_of_causes_and_departments_are_counted_once_more_with_the_week(loop):
    done(loop, week_start(begins(3)), LATE, BILL)
    numbers = weekly(loop)
    parts = [("week", ""), ("cause", LATE), ("cause", BILL), ("cause", LOST), ("department", "logistics")]
    assert [numbers.contacts(part, begins(3)) for part in parts] == [1, 1, 1, 0, 1]
    assert numbers.parts("cause") == sorted((BILL, LATE))


COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(COUNTS, st.data())
def test_the_light_reading_says_what_the_registry_says(counts, data):
    x = data.draw(st.lists(st.sampled_from([None, 500, 1_000]), min_size=len(counts), max_size=len(counts)))
    store = SqliteStore(":memory:")
    loop = Loop(store, None, None, lambda: week_start(shift(LAST, 1)))  # type: ignore[arg-type]
    fill(loop, LATE, counts)
    give_x(loop, "parcels", x)
    for scope in (Scope(begins(30), LAST, LATE), Scope(begins(30), LAST, department="logistics")):
        mine = chart(loop, "cpx", scope)["weeks"]
        theirs = {row["week"]: row for row in metric_by_week(loop, "cpx", scope)}
        assert [{k: w[k] for k in theirs[w["week"]]} for w in mine] == [theirs[w["week"]] for w in mine]
    store.close()


def test_x_given_by_segment_only_is_what_the_registry_makes_of_it(loop):
    fill(loop, LATE, X)
    for i, value in enumerate(N):
        new = denominators.NewDenominator(
            denominator="parcels", period=begins(12 - i), value=value, segment="unknown"
        )
        denominators.save(loop, new)
    assert [w["n"] for w in shown(loop)["weeks"]] == N


def test_what_a_chart_draws_the_statistics_draw(loop):
    fill(loop, LATE, [*X, 190, 140])
    give_x(loop, "parcels", [*N, 10_000, 10_000])
    plain = drawn(Series(counts=[*X, 190, 140], exposures=[n / 1000 for n in [*N, 10_000, 10_000]]))
    assert [w["signals"] for w in shown(loop)["weeks"]] == [list(p.signals) for p in plain.points if p]
    assert [w["limits"] for w in shown(loop)["weeks"]] == [p.limits for p in plain.points if p]


def test_a_trend_has_the_limits_of_the_chart(loop):
    fill(loop, LATE, X)
    give_x(loop, "parcels", N)
    scope = Scope(begins(3), shift(LAST, 1), LATE)
    rows = with_points(loop, "cpx", scope, metric_by_week(loop, "cpx", scope))
    assert [row["limits"] for row in rows[:3]] == [w["limits"] for w in shown(loop, 4)["weeks"]]
    assert (rows[3]["week"], rows[3]["limits"]) == (shift(LAST, 1), None)


# not yet known


def test_a_repeat_rate_waits_for_its_window(loop, clock):
    for weeks in (4, 2, 1):
        done(loop, week_start(begins(weeks)) + days(weeks == 1), LATE, customer=f"u{weeks}")
    clock.now = week_start(shift(LAST, 1)) + days(3)
    found = shown(loop, metric="repeat_rate")
    assert [w["state"] for w in found["weeks"]] == ["known", "no_data", "known", "not_yet_known"]
    young = found["weeks"][-1]
    assert (young["value"], young["limits"], young["unknown"]) == (None, None, 1)
    assert found["chart"] == "p"


@pytest.mark.parametrize(
    ("metric", "unknown", "days_later", "state"),
    [
        ("time_to_resolve", 5, 0, "known"),
        ("time_to_resolve", 6, 300, "not_yet_known"),
        ("resolution_rate", 50, 6, "not_yet_known"),
        ("resolution_rate", 50, 7, "known"),
        ("cost", 0, 0, "known"),
    ],
)
def test_a_figure_that_time_alone_will_move_has_not_settled(loop, metric, unknown, days_later, state):
    value = Value(state=State.KNOWN, value=1.0, n=100, count=50, unknown=unknown)
    now = week_start(shift(LAST, 1)) + days(days_later)
    found = settled(metric, Scope(LAST, LAST), LAST, value, loop.unit().taxonomy, now)
    assert (found.state, found.value is None) == (state, state != "known")


# seams


def changed(loop: Any, **of_late: Any) -> None:
    taxonomy = loop.unit().taxonomy
    causes = [c.model_copy(update=of_late) if c.code == LATE else c for c in taxonomy.causes]
    new_taxonomy(loop, Caller("boss", Role.ADMIN), taxonomy.departments, causes, taxonomy.number)


def test_a_seam_cuts_the_causes_it_touches_and_no_others(loop, clock):
    for cause in (LATE, LOST):
        fill(loop, cause, [10] * 20)
    for name in ("parcels", "orders"):
        give_x(loop, name, [10_000] * 20)
    clock.now = week_start(begins(6)) + days(2)
    changed(loop, words=("送 慢",))
    clock.now = week_start(shift(LAST, 1))
    late, lost = (shown(loop, cause=cause)["segments"] for cause in (LATE, LOST))
    assert [(s["first"], s["why"], s["reason"], s["locked"]) for s in late] == [
        (begins(20), "start", "", True), (begins(6), "seam", "2", False)
    ]  # fmt: skip
    assert [s["first"] for s in lost] == [begins(20)]
    (company,) = shown(loop, cause="")["segments"]
    assert company["why"] == "start"
    (seam,) = shown(loop)["seams"]
    assert (seam["taxonomy"], seam["causes"], seam["departments"]) == (
        2,
        [LATE, "other"],
        ["logistics"],
    )


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"label_zh": "换个说法"}, False),
        ({"active": False}, True),
        ({"denominator": "orders"}, False),
        ({"definition_zh": "送得晚"}, True),
        ({"words": ("慢",)}, True),
    ],
)
def test_only_what_changes_the_counting_is_a_seam(loop, clock, change, touched):
    changed(loop, **change)
    rows = seams(loop, "2026-W01", "2026-W53")
    assert bool(cuts(rows, LATE)) is touched
    assert cuts(rows, LOST) == {}


def test_a_cause_that_changes_hands_cuts_the_departments_and_not_itself(loop):
    changed(loop, department="quality")
    rows = seams(loop, "2026-W01", "2026-W53")
    assert cuts(rows, LATE) == {}
    assert [bool(cuts(rows, department=d)) for d in ("logistics", "quality", "finance")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ([{"a": 9}, {"a": 9}, {"b": 9}, {"b": 9}], [(2, "b", False)]),
        ([{"a": 9}, {"a": 4, "b": 5}, {"b": 9}, {"b": 9}], [(1, "b", True)]),
        ([{"a": 9}, {"a": 8, "b": 1}, {"a": 4, "b": 5}, {"b": 9}], [(1, "b", True)]),
        ([{"a": 9}, {"a": 4, "b": 5}, {"a": 9}, {"a": 9}], [(1, "b", True), (2, "a", False)]),
        ([{"a": 99}, {"a": 99, "b": 1}, {"a": 99}, {"a": 99}], []),
        ([{"a": 9}, {}, {}, {"b": 9}], [(3, "b", False)]),
        ([{}, {"b": 9}, {"b": 9}, {"b": 9}], []),
        ([{"b": 9}, {"b": 9}, {"b": 9}, {"b": 9}], []),
    ],
)
def test_a_seam_of_the_tagger_is_where_another_model_begins_to_read(read, found):
    company = {f"2026-W{40 + i}": {f"reader.{m}": n for m, n in week.items()} for i, week in enumerate(read)}
    assert switches(company) == [(f"2026-W{40 + i}", model, mixed) for i, model, mixed in found]


def test_another_tagger_is_a_seam_of_its_own_kind_that_cuts_nothing(loop, clock):
    fill(loop, LATE, [10] * 20)
    give_x(loop, "parcels", [10_000] * 20)
    since = begins(5)
    read = {("week", week, "reader.a"): 10 for week in weeks_between(begins(20), shift(since, -1))}
    read |= {("week", week, "reader.0123abcd"): 10 for week in weeks_between(since, LAST)}
    loop.store.save([], read)
    loop.change(lambda unit: unit.put(TaggerVersion(number=3, digest="0123abcd" * 4)))
    clock.now = week_start(shift(LAST, 1)) + days(4)
    found = shown(loop)
    (seam,) = found["seams"]
    assert (seam["week"], seam["what"], seam["tagger"], seam["mixed"]) == (since, "tagger", 3, False)
    assert [s["why"] for s in found["segments"]] == ["start"]
    assert marks(loop, since, since) == [seam]
    assert marks(loop, begins(3), LAST) == []
    judge(loop, LAST)
    assert alarms_shown(loop, EXEC, LAST)["seams"] == [seam]


# re-basing


def rebase(loop: Any, week: str, reason: str = "换了承运商", by: Caller = EXEC, **more: Any) -> Any:
    return act(loop, by, NewBaseline(cause=LATE, week=week, reason=reason, **more))


def test_a_baseline_begins_again_by_an_act_and_only_another_act_takes_it_back(loop):
    fill(loop, LATE, [100] * 12 + [200] * 14)
    give_x(loop, "parcels", [10_000] * 26)
    assert shown(loop)["weeks"][-1]["signals"]
    rebase(loop, begins(14))
    assert [s["why"] for s in shown(loop)["segments"]] == ["start", "rebase"]
    assert shown(loop)["segments"][1]["reason"] == "换了承运商"
    assert shown(loop)["weeks"][-1]["signals"] == []
    rebase(loop, begins(14), "弄错了", what="revoke")
    assert [s["why"] for s in shown(loop)["segments"]] == ["start"]
    (row,) = listed(loop, EXEC)
    assert [(a.what, a.by, a.reason) for a in row["baseline"].acts] == [
        ("rebase", "exec", "换了承运商"), ("revoke", "exec", "弄错了")
    ]  # fmt: skip
    assert row["in_force"] == {}


def test_the_same_act_again_changes_nothing(loop):
    once, again = rebase(loop, LAST), rebase(loop, LAST)
    assert (once.version, again.version, len(again.acts)) == (1, 1, 1)


def test_one_series_re_based_is_no_other(loop):
    rebase(loop, LAST)
    cutting = cutting_of(weekly(loop))
    assert cutting.of("cpx", Scope("", "", LATE)).rebases == {LAST: "换了承运商"}
    assert cutting.of("cpx", Scope("", "", LOST)).rebases == {}
    assert cutting.of("fcr", Scope("", "", LATE)).rebases == {}


@pytest.mark.parametrize(
    ("by", "fields", "error"),
    [
        (Caller("l", Role.LEAD, ("quality",)), {}, NotFound),
        (Caller("a", Role.AGENT), {}, Forbidden),
        (LEAD, {"cause": ""}, Forbidden),
        (EXEC, {"week": "2026-W48"}, Invalid),
        (EXEC, {"cause": "no.such"}, NotFound),
        (EXEC, {"metric": "nps"}, NotFound),
        (EXEC, {"metric": "response_rate"}, Invalid),
        (EXEC, {"what": "revoke"}, Conflict),
    ],
)
def test_who_may_not_and_what_cannot_be_is_refused(loop, by, fields, error):
    new = NewBaseline(**{"cause": LATE, "week": LAST, "reason": "没有理由", **fields})
    with pytest.raises(error):
        act(loop, by, new)
    assert listed(loop, ADMIN) == []


def test_a_lead_re_bases_its_own_and_words_are_masked(loop):
    saved = rebase(loop, LAST, "客户 13800138000 说的", by=LEAD)
    assert "13800138000" not in saved.acts[0].reason
    assert listed(loop, Caller("l", Role.LEAD, ("quality",))) == []


# skyline


def test_the_skyline_orders_by_volume_and_shows_seven_finished_weeks(loop):
    fill(loop, LATE, [20] * 15)
    fill(loop, LOST, [30] * 15)
    fill(loop, BILL, [25] * 15, department="finance")
    give_x(loop, "parcels", [10_000] * 15)
    numbers = weekly(loop)
    found = skyline(numbers, cutting_of(numbers), EXEC)
    assert [(row["cause"], row["contacts"]) for row in found["causes"]] == [
        (LOST, 210),
        (BILL, 175),
        (LATE, 140),
    ]
    assert found["weeks"] == numbers.weeks[-7:]
    assert [bar["value"] for bar in found["causes"][0]["bars"]] == [3.0] * 7
    assert found["causes"][0]["bars"][0]["limits"] == shown(loop, 8, LOST)["weeks"][0]["limits"]
    assert {bar["state"] for bar in found["causes"][1]["bars"]} == {"no_denominator"}
    mine = skyline(numbers, cutting_of(numbers), LEAD, 1)
    assert ([row["cause"] for row in mine["causes"]], mine["left_out"]) == ([LOST], 1)


def test_ten_years_back_is_as_far_as_it_goes(loop):
    assert LONGEST == 520
    assert replace(weekly(loop), weeks=()).rates(("cause", LATE)) == []
