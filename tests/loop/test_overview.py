"""The executive page, the split into volume and friction, and loop health."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.api.routing import plain
from chalicelib.loop.listen.source_counts import NewSourceCount, save
from chalicelib.loop.overview import PARTS, overview
from chalicelib.loop.track import projects
from chalicelib.loop.track.alarms import judge_when_due
from chalicelib.loop.track.health import health, median_days
from chalicelib.loop.track.split import Periods, friction_interval, periods, split
from chalicelib.loop.track.weekly import weekly
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Plan, ProjectMove
from chalicelib.model.weeks import shift, week_start, weeks_between
from chalicelib.stats.intervals import median_interval, split_change
from tests.loop.making import ADMIN, BILL, LATE, LOST, days, done
from tests.loop.weeks_of import LAST, begins, fill, give_x

EXEC = Caller("exec", Role.EXECUTIVE)
LEAD = Caller("lead", Role.LEAD, ("logistics",))
QUIET = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103]


def kinds(found: dict[str, Any]) -> list[str]:
    return [change["kind"] for change in found["changes"]]


def full(loop: Any, late: list[int]) -> None:
    fill(loop, LATE, late)
    for name in ("parcels", "orders"):
        give_x(loop, name, [10_000] * len(late))


# the page


def test_an_empty_company_reads_sensibly(loop):
    found = overview(loop, EXEC)
    assert set(found) == {"week", "begin", "newest", "running", *PARTS}
    assert kinds(found) == ["not_judged", "not_enough_data"]
    assert (found["chart"]["weeks"], found["skyline"]["causes"], found["heat_map"]["departments"]) == (
        [],
        [],
        [],
    )
    assert found["chart"]["running"]["state"] == "no_denominator"
    assert {found["three_rates"][r].state.value for r in ("response_rate", "satisfaction_rate")} == {
        "no_data"
    }
    assert found["health"]["whole"]["days"].state == "no_data"
    assert found["health"]["top_causes_live"].state == "no_data"
    assert found["completeness"]["state"] == "not_reported"
    assert plain(found)


def test_without_a_signal_nothing_is_said_to_have_changed(loop):
    full(loop, QUIET)
    (judged,) = judge_when_due(loop)
    found = overview(loop, EXEC)
    assert kinds(found) == ["none"]
    quiet = sum(t.state == "quiet" for t in judged.tested)
    assert f"把 {quiet} 个原因放在一起判定" in found["changes"][0]["zh"]


def test_an_earlier_week_has_the_page_it_had(loop):
    full(loop, [*QUIET, 160, 165, 158])
    judge_when_due(loop)
    newest, earlier = overview(loop, EXEC), overview(loop, EXEC, shift(LAST, -3))
    assert (newest["week"], newest["newest"], newest["begin"]) == (LAST, LAST, earlier["begin"])
    weeks = [row["week"] for row in earlier["chart"]["weeks"]]
    assert weeks[-1] == earlier["week"] == earlier["heat_map"]["weeks"][-1] == shift(LAST, -3)
    assert earlier["chart"]["weeks"] == [row for row in newest["chart"]["weeks"] if row["week"] in weeks]
    assert (newest["chart"]["running"]["week"], earlier["chart"]["running"]) == (shift(LAST, 1), None)
    assert "alarm" in kinds(newest)
    assert "alarm" not in kinds(earlier)
    assert overview(loop, EXEC, LAST)["changes"] == newest["changes"]
    assert plain(earlier)


def test_a_week_before_the_first_contact_has_an_empty_page_and_one_that_is_not_over_none(loop):
    full(loop, QUIET)
    found = overview(loop, EXEC, "2020-W01")
    assert (found["begin"], found["chart"]["weeks"], found["skyline"]["causes"]) == (None, [], [])
    assert kinds(found) == ["not_judged", "not_enough_data"]
    with pytest.raises(Invalid, match="2026-W46"):
        overview(loop, EXEC, shift(LAST, 1))


def test_what_changed_is_told_from_the_numbers(loop):
    full(loop, [*QUIET, 160, 165, 158])
    judge_when_due(loop)
    found = overview(loop, EXEC)
    assert kinds(found) == ["alarm", "signal"]
    alarm, signal = found["changes"]
    assert (alarm["cause"], alarm["observed"]) == (LATE, 483)
    assert "483 条" in alarm["zh"]
    assert "483 contacts" in alarm["en"]
    assert (signal["side"], "outside" in signal["signals"]) == ("above", True)
    assert f"{signal['value']:.2f}" in signal["zh"]


def test_missing_contacts_are_among_the_changes(loop):
    full(loop, QUIET)
    save(loop, ADMIN, checked(NewSourceCount, {"channel": "phone", "day": "2026-11-17", "count": 40}))
    (gap,) = (c for c in overview(loop, EXEC)["changes"] if c["kind"] == "missing_contacts")
    assert (gap["missing"], gap["reported"], gap["share"]) == (40, 40, 1.0)


def test_a_lead_sees_its_own_departments(loop):
    full(loop, [*QUIET, 160, 165, 158])
    fill(loop, BILL, [30] * 19, department="finance")
    judge_when_due(loop)
    found = overview(loop, Caller("l", Role.LEAD, ("finance",)))
    assert [row["department"] for row in found["heat_map"]["departments"]] == ["finance"]
    assert [row["cause"] for row in found["skyline"]["causes"]] == [BILL]
    assert "alarm" not in kinds(found)


def test_the_heat_map_is_judged_by_each_departments_own_limits(loop):
    full(loop, [*QUIET, 160, 165, 158])
    fill(loop, BILL, [300] * 19, department="finance")
    rows = {row["department"]: row["cells"][-1] for row in overview(loop, EXEC)["heat_map"]["departments"]}
    assert (rows["logistics"]["value"], rows["logistics"]["side"]) == (15.8, "above")
    assert (rows["logistics"]["signals"] != [], rows["finance"]["signals"]) == (True, [])


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: Any) -> None:
        self._store, self.asked = store, Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not callable(method):
            return method

        def call(*args: Any, **more: Any) -> Any:
            self.asked[name] += 1
            return method(*args, **more)

        return call


def reads(loop: Any) -> Counter[str]:
    store = Counting(loop.store)
    overview(replace(loop, store=store), EXEC)
    return store.asked


def test_how_much_is_read_does_not_depend_on_how_many_contacts_there_are(loop):
    full(loop, QUIET)
    done(loop, week_start(LAST), LATE)
    few = reads(loop)
    for n in range(40):
        done(loop, week_start(LAST) + timedelta(hours=n), LATE, customer=f"u{n}")
    fill(loop, LATE, [9_000] * 16)
    assert reads(loop) == few
    assert few["scan"] == 0


# volume and friction


COUNT, EXPOSURE = st.integers(0, 10**6), st.integers(1, 10**8)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(COUNT, EXPOSURE, COUNT, EXPOSURE)
def test_volume_and_friction_make_the_change_exactly(n0, x0, n1, x1):
    volume, friction = split_change(n0, x0, n1, x1)
    assert volume + friction == n1 - n0
    low, high = friction_interval(n0, x0, n1, x1)
    assert low - 1e-5 <= float(friction) <= high + 1e-5


def test_the_interval_of_friction_is_the_one_of_two_poisson_rates():
    """By hand from the exact limits 81.36 .. 121.63 of 100 and 126.96 .. 176.02 of 150."""
    low, high = friction_interval(100, 10_000, 150, 10_000)
    assert (low, high) == (pytest.approx(18.40, abs=0.05), pytest.approx(82.01, abs=0.05))
    assert friction_interval(100, 10_000, 100, 10_000)[0] < 0 < friction_interval(100, 10_000, 100, 10_000)[1]


def test_a_change_is_split_by_cause(loop):
    fill(loop, LATE, [100] * 4 + [150] * 4)
    fill(loop, BILL, [10] * 8, department="finance")
    give_x(loop, "parcels", [10_000] * 4 + [12_000] * 4)
    numbers = weekly(loop)
    found = split(numbers, EXEC, periods(numbers))
    assert (found["before"], found["after"]) == ([begins(8), begins(5)], [begins(4), LAST])
    late, bill = found["causes"]
    assert (late["cause"], late["change"], late["volume"], late["friction"]) == (LATE, 200, 80.0, 120.0)
    assert late["before"]["value"] == 10.0
    assert late["friction_interval"][0] > 0
    assert (bill["state"], bill["change"], bill["volume"], bill["friction"]) == (
        "no_denominator",
        0,
        None,
        None,
    )
    assert found["all"]["state"] == "no_denominator"
    assert [row["cause"] for row in split(numbers, LEAD, periods(numbers))["causes"]] == [LATE]


def test_the_shown_digits_add_up_too(loop):
    fill(loop, LATE, [7] * 4 + [11] * 4)
    give_x(loop, "parcels", [3_331] * 4 + [3_007] * 4)
    numbers = weekly(loop)
    (late,) = split(numbers, EXEC, periods(numbers))["causes"]
    assert Fraction(str(late["volume"])) + Fraction(str(late["friction"])) == late["change"] == 16


def test_one_week_without_x_leaves_the_change_itself(loop):
    fill(loop, LATE, [100] * 4 + [150] * 4)
    give_x(loop, "parcels", [10_000, None, *[10_000] * 6])
    numbers = weekly(loop)
    (late,) = split(numbers, EXEC, periods(numbers))["causes"]
    assert (late["change"], late["state"], late["friction"]) == (200, "no_denominator", None)
    assert (late["before"]["count"], late["before"]["value"]) == (400, None)


@pytest.mark.parametrize(
    "asked",
    [
        {"last": "2026-W47"},
        {"first": "2026-W46", "last": "2026-W45"},
        {"before": "2026-W40", "until": "2026-W44", "first": "2026-W44", "last": "2026-W46"},
        {"before": "2026-W44", "until": "2026-W40"},
    ],
)
def test_periods_that_are_no_periods_are_refused(loop, asked):
    with pytest.raises(Invalid):
        periods(weekly(loop), **asked)


def test_periods_may_be_of_different_length(loop):
    assert periods(weekly(loop), "2026-W45", "2026-W46", "2026-W01", "2026-W10") == Periods(
        tuple(weeks_between("2026-W01", "2026-W10")), ("2026-W45", "2026-W46")
    )


# loop health


def project(loop: Any, clock: Any, cause: str = LATE, orders: tuple[str, ...] = (), wait: float = 2) -> str:
    plan = Plan(metric="cpx", cause=cause, starts=clock.now + days(30))
    made = projects.propose(
        loop, LEAD, title=f"改进 {cause}", hypothesis="换承运商", owner="", department="logistics", plan=plan
    )
    for order in orders:
        clock.forward(days=wait)
        projects.move(loop, LEAD, made.id, ProjectMove(order), None)
    return made.id


def steps(loop: Any) -> dict[str, tuple[str, float | None, int, int]]:
    found = health(loop, weekly(loop))
    return {
        row["to"]: (str(row["days"].state), row["days"].value, row["days"].n, row["days"].unknown)
        for row in found["steps"]
    }


def test_each_step_is_measured_from_the_log_and_what_is_not_there_yet_is_counted(loop, clock):
    done(loop, clock.now - days(10), LATE)
    done(loop, clock.now - days(3), LATE, customer="u2")
    project(loop, clock, orders=("accept", "start"))
    project(loop, clock, LOST)
    assert steps(loop) == {
        "proposal": ("known", pytest.approx(10.0), 1, 0),
        "accepted": ("known", 2.0, 1, 1),
        "live": ("known", 2.0, 1, 0),
        "verdict": ("not_yet_known", None, 0, 1),
    }


def test_a_project_that_ended_before_a_step_no_longer_waits_for_it(loop, clock):
    project(loop, clock, orders=("end",))
    assert steps(loop)["accepted"] == ("no_data", None, 0, 0)


def test_the_share_of_top_causes_that_are_worked_on(loop, clock):
    full(loop, QUIET)
    fill(loop, LOST, [50] * 16)
    project(loop, clock, orders=("accept", "start"))
    value = health(loop, weekly(loop))["top_causes_live"]
    assert (value.value, value.count, value.n) == (0.5, 1, 2)


@pytest.mark.parametrize(
    ("n", "ends"),
    [
        (0, None),
        (5, None),
        (6, (1, 6)),
        (8, (1, 8)),
        (9, (2, 8)),
        (10, (2, 9)),
        (20, (6, 15)),
        (100, (40, 61)),
    ],
)
def test_the_interval_of_a_median_is_the_sign_tests(n, ends):
    """Conover's table; R: DescTools::MedianCI(1:n, method="exact")."""
    assert median_interval(list(range(n, 0, -1))) == ends


def test_a_median_says_how_many_it_stands_on():
    assert median_days([], 0).state == "no_data"
    assert (median_days([], 2).state, median_days([], 2).unknown) == ("not_yet_known", 2)
    known = median_days([5.0, 1.0, 3.0], 1)
    assert (known.value, known.low, known.n, known.unknown) == (3.0, None, 3, 1)
