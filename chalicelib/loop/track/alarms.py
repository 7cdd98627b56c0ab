"""Alarms on all watched causes together, judged once when a week is over and kept as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.exposure import Rate
from chalicelib.loop.measure.registry import Scope, denominator_of
from chalicelib.loop.notices import notify
from chalicelib.loop.track.changes import alarm_row
from chalicelib.loop.track.charts import Cutting
from chalicelib.loop.track.readers import seams_of_tagger
from chalicelib.loop.track.weekly import LONGEST, Weekly, weekly
from chalicelib.model.demo import DemoMark
from chalicelib.model.people import Caller
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.model.watch import AlarmState, AlarmWeek, Snooze, Tested
from chalicelib.model.weeks import shift, week_end, week_of, weeks_between

if TYPE_CHECKING:
    from chalicelib.stats.alarms import Alarm, Watched

Row = dict[str, Any]
WAITS = timedelta(days=3)
"""So long after its end a week waits for its denominators and for contacts nobody has read yet."""
CATCH_UP = 26
"""Weeks judged at once when nothing ran for so long; what is older stays unjudged."""
REMEMBERED = 104
"""Judged weeks whose alarms are left out of what is held for quiet."""
COMPARED = 15
"""Weeks before a judged one that are told of when another tagger read some of them: a baseline and the three sums."""
AGAIN = 3
"""An alarm on a cause that had one in the last so many weeks is the same alarm still."""


def judge_when_due(loop: Loop) -> list[AlarmWeek]:
    """What the schedule does at each of its looks: judge the weeks that are over and can be. Safe to repeat."""
    unit = loop.unit()
    last = shift(week_of(unit.now), -1)
    if unit.get(AlarmWeek, last):
        return []
    newest = unit.find(AlarmWeek, "alarm_week.all", "all", limit=1, newest_first=True)
    first = max(shift(newest[0].week, 1), shift(last, 1 - CATCH_UP)) if newest else last
    judged = []
    for week in weeks_between(first, last):
        if not ready(loop, week):
            break
        if found := judge(loop, week):
            judged.append(found)
    return judged


def ready(loop: Loop, week: str) -> bool:
    """Whether a week that is over can be judged: all is in, or it has waited long enough."""
    if loop.clock() >= week_end(week) + WAITS:
        return True
    if loop.store.waiting():
        return False
    unit = loop.unit()
    before, now = (_denominators(unit, w) for w in (shift(week, -1), week))
    return bool(now) and before <= now


def _denominators(unit: LoopUnit, week: str) -> set[str]:
    """The watched causes' denominators that are there for a whole week, by segment or not."""
    names = {denominator_of(unit.taxonomy, Scope("", "", cause)) for cause in watched(unit.taxonomy)}
    there = unit.store.cells("x", week, f"{week}/~")
    days = {(sort.partition("/")[2], field): n for (_, sort, field), n in there.items()}
    return {
        name for (name, field), n in days.items() if name in names and field.startswith("days.") and n >= 7
    }


def watched(taxonomy: Taxonomy) -> list[str]:
    """The causes that are watched: all active ones, and OTHER."""
    return [*(cause.code for cause in taxonomy.active), OTHER]


def judge(loop: Loop, week: str) -> AlarmWeek | None:
    """Judge one finished week and keep it (as the demo company's while one is there), with notices to those concerned; the kept one if it was judged before,
    None where there is nothing to judge yet."""
    numbers = weekly(loop, week)
    if not numbers.weeks or not any(
        numbers.contacts(("cause", cause), week)
        for cause in watched(numbers.taxonomy)
        for week in numbers.weeks
    ):
        return None
    unit = loop.unit()
    demo = unit.get(DemoMark, "demo") is not None
    past = unit.find(
        AlarmWeek, "alarm_week.all", "all", high=shift(week, -1), limit=REMEMBERED, newest_first=True
    )
    snoozed = {s.cause for s in unit.find(Snooze, "snooze.all", "all") if s.rests_in(week)}
    tested = _tested(numbers, Cutting(loop, shift(week, 1 - LONGEST), week), past, snoozed)

    def decide(unit: LoopUnit) -> AlarmWeek | None:
        if known := unit.get(AlarmWeek, week):
            return known
        mark = unit.get(DemoMark, "demo")
        if (mark is not None) != demo:  # the demo company came or went meanwhile: these are not its numbers
            return None
        if mark:
            unit.guard(mark)
        return _keep(unit, week, tested, demo)

    return loop.change(decide)


def _tested(
    numbers: Weekly, cutting: Cutting, past: Sequence[AlarmWeek], snoozed: set[str]
) -> tuple[Tested, ...]:
    from chalicelib.stats.alarms import alarms

    causes = watched(numbers.taxonomy)
    rates = {cause: numbers.rates(("cause", cause)) for cause in causes}
    alarmed = {cause: [w.week for w in past for t in w.alarms if t.cause == cause] for cause in causes}
    starts = {cause: _start(numbers.weeks, cutting, cause) for cause in causes}
    series = [_series(numbers.weeks, cause, rates[cause], starts[cause], alarmed[cause]) for cause in causes]
    recent = shift(numbers.weeks[-1], -AGAIN)
    return tuple(
        _row(
            numbers,
            alarm,
            rates[alarm.name][-1],
            since=numbers.weeks[min(starts[alarm.name], len(numbers.weeks) - 1)],
            again=any(w >= recent for w in alarmed[alarm.name]),
            snoozed=alarm.name in snoozed,
        )
        for alarm in alarms(series)
    )


def _start(weeks: Sequence[str], cutting: Cutting, cause: str) -> int:
    """The place of the latest seam or re-base of a cause's contacts per X."""
    cut = cutting.of("cpx", Scope("", "", cause))
    latest = max((*cut.rebases, *cut.seams), default="")
    return sum(week < latest for week in weeks)


def _series(
    weeks: Sequence[str], cause: str, rates: Sequence[Rate | None], start: int, alarmed: Sequence[str]
) -> Watched:
    """Weeks under an alarm, and those whose sums raised it, say nothing about what is quiet."""
    from chalicelib.stats.alarms import GAP, Watched

    loud = {shift(week, -back) for week in alarmed for back in range(GAP)}
    return Watched(
        cause,
        [rate.contacts if rate else None for rate in rates],
        [rate.x if rate else None for rate in rates],
        start,
        frozenset(place for place, week in enumerate(weeks) if week in loud),
    )


STATES = {"alarm": AlarmState.ALARM, "quiet": AlarmState.QUIET, "trial": AlarmState.TRIAL}


def _row(
    numbers: Weekly, alarm: Alarm, rate: Rate | None, *, since: str, again: bool, snoozed: bool
) -> Tested:
    week = numbers.weeks[-1]
    longest = alarm.windows[-1] if alarm.windows else None
    state = STATES.get(alarm.state, AlarmState.NO_DENOMINATOR)
    return Tested(
        cause=alarm.name,
        department=numbers.taxonomy.department_of(alarm.name),
        state=state,
        contacts=numbers.contacts(("cause", alarm.name), week),
        denominator=denominator_of(numbers.taxonomy, Scope("", "", alarm.name)),
        x=rate.x if rate else None,
        p=alarm.p,
        q=alarm.q_value,
        ratio=alarm.ratio,
        observed=longest.observed if longest else None,
        expected=longest.expected if longest else None,
        since=since,
        new=state is AlarmState.ALARM and not again,
        snoozed=snoozed,
    )


def _keep(unit: LoopUnit, week: str, tested: tuple[Tested, ...], demo: bool) -> AlarmWeek:
    from chalicelib.stats.alarms import Q

    kept = unit.put(
        AlarmWeek(week=week, judged=unit.now, q=Q, taxonomy=unit.taxonomy.number, tested=tested, demo=demo)
    )
    for alarm in kept.alarms:
        if alarm.new and not alarm.snoozed:
            for to in (f"department:{alarm.department}", "role:executive"):
                notify(unit, to, "alarm_raised", f"cause:{alarm.cause}", digest=f"alarms:{week}")
    return kept


def of_week(loop: Loop, week: str = "") -> AlarmWeek | None:
    """What was judged of a week, by default the newest judged one; None when it has not been judged."""
    unit = loop.unit()
    if week:
        return unit.get(AlarmWeek, week)
    return next(iter(unit.find(AlarmWeek, "alarm_week.all", "all", limit=1, newest_first=True)), None)


def shown(loop: Loop, caller: Caller, week: str = "") -> Row:
    """The judged week as interfaces show it: alarms with their sentences first, then all that was tested. A lead sees
    its departments' causes. `seams` says where another tagger began to read in the weeks that were compared. `judged` is None for a week that has not been judged."""
    unit = loop.unit()
    found = of_week(loop, week)
    snoozes = [s for s in unit.find(Snooze, "snooze.all", "all") if s.rests_in(week_of(unit.now))]
    tested = [t for t in found.tested if caller.sees([t.department])] if found else []
    counts = Counter(str(t.state) for t in tested)
    return {
        "week": found.week if found else week or shift(week_of(unit.now), -1),
        "judged": found.judged if found else None,
        "q": found.q if found else None,
        "taxonomy": found.taxonomy if found else None,
        "states": {str(state): counts[str(state)] for state in AlarmState},
        "alarms": [alarm_row(found.week, t, unit.taxonomy) for t in found.alarms if t in tested]
        if found
        else [],
        "tested": tested,
        "seams": seams_of_tagger(loop, shift(found.week, -COMPARED), found.week) if found else [],
        "snoozes": [s for s in snoozes if caller.sees([unit.taxonomy.department_of(s.cause)])],
    }
