"""Verdicts of projects: what stands now, the looks that were due, and what can be expected before the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.notices import notify
from chalicelib.loop.track.caveats import notes
from chalicelib.loop.track.project_weeks import Weeks, last_known, wait, weeks_of
from chalicelib.model.entity import stamp
from chalicelib.model.people import About
from chalicelib.model.project import (
    METHOD,
    MOVES,
    Look,
    Plan,
    Project,
    ProjectMove,
    ProjectState,
    VerdictState,
)
from chalicelib.model.weeks import shift, week_end, week_of, weeks_between

Row = dict[str, Any]
AT_ONCE = 20
AGAIN, PATIENCE = timedelta(hours=6), timedelta(days=14)
"""How soon a look is tried again when the last week has no denominator yet, and how long it waits for one."""
BRIEF = ("reason", "rate_ratio", "ci", "mean_ratio", "mean_ci", "power", "power_date", "n_before", "n_after",
         "displacement")  # fmt: skip
NOT_STARTED = (ProjectState.PROPOSED, ProjectState.ACCEPTED)


# showing


def standing(project: Project, now: datetime) -> Row:
    """Where the verdict stands by the calendar: which weeks it needs, how many of them are over, when it is due."""
    plan = project.plan
    over = len(weeks_between(plan.counts_from, shift(week_of(now), -1)))
    weeks = min(plan.weeks_after, over)
    if project.looked:
        state = VerdictState.JUDGED
    elif not project.started:
        state = VerdictState.NOT_STARTED
    elif now < plan.starts:
        state = VerdictState.WAITING
    elif week_of(now) < plan.counts_from:
        state = VerdictState.WASHING_IN
    else:
        state = VerdictState.DUE if weeks >= plan.weeks_after else VerdictState.NOT_ENOUGH_DATA
    return {
        "state": state,
        "weeks": weeks,
        "weeks_needed": plan.weeks_after,
        "due": due(plan, plan.weeks_after),
    }


def views(loop: Loop, projects: Iterable[Project]) -> list[Row]:
    """Projects with their newest look, for lists: one read, nothing is computed."""
    some, now = list(projects), loop.clock()
    taken = loop.unit().many(Look, [_keys(p)[-1] for p in some if p.looked])
    return [{"project": p, "verdict": _view(p, _of(p, taken)[-1:], now)} for p in some]


def view(loop: Loop, project: Project) -> Row:
    """A project with all its looks, and beside them what the numbers say now."""
    looks = looks_of(loop, project)
    found = _view(project, looks, loop.clock())
    found["looks"] = [_brief(look) for look in looks]
    if project.started:
        now = live(loop, project)
        names = ("line", "avoided", "as_of", "left_out", "notes", "stamp", "stamp_matches")
        found["live"] = {"word": now["verdict"], **{n: now.get(n) for n in (*BRIEF, *names)}}
        if not looks:
            found |= {name: found["live"][name] for name in ("word", *BRIEF)}
    else:
        found["outlook"] = outlook(loop, project)
    return {"project": project, "verdict": found}


def _view(project: Project, looks: list[Look], now: datetime) -> Row:
    """By the calendar, with the newest look if there is one."""
    stands = standing(project, now)
    newest = _brief(looks[-1]) if looks else {"word": None, **dict.fromkeys(BRIEF)}
    if project.started and not looks:
        newest |= {"word": "NOT_ENOUGH_DATA_YET", "reason": _waits(stands, project.plan)}
    return {**stands, **newest}


def _waits(stands: Row, plan: Plan) -> dict[str, str]:
    """Why there is no verdict yet, by the calendar."""
    weeks, needed, last = stands["weeks"], stands["weeks_needed"], plan.week(plan.weeks_after)
    return {
        "code": "too_few_periods",
        "zh": f"开始后（磨合期除外）过完 {weeks} 周，结论要 {needed} 周，到 {last} 过完、有数时下。",
        "en": f"{_weeks(weeks)} over since the start (wash-in apart), {needed} needed: the verdict comes when"
        f" {last} is over and its figures are in.",
    }


def _weeks(n: int) -> str:
    """No week, one week, so many weeks."""
    return "no week is" if not n else "one week is" if n == 1 else f"{n} weeks are"


def _brief(look: Look) -> Row:
    figures = {name: look.figures.get(name) for name in BRIEF}
    named = look.model_dump(
        mode="json", include={"weeks", "week", "at", "relapsed", "stamp", "stamp_matches"}
    )
    recent = look.recent and {"word": look.recent["verdict"], **{n: look.recent[n] for n in BRIEF[:5]}}
    return {"word": look.word, **figures, "look": {**named, "recent": recent}}


def looks_of(loop: Loop, project: Project) -> list[Look]:
    """The looks that were taken, the first one first."""
    return _of(project, loop.unit().many(Look, _keys(project)))


def _of(project: Project, taken: Mapping[str, Look]) -> list[Look]:
    return [taken[key] for key in _keys(project) if key in taken]


def _keys(project: Project) -> list[str]:
    return [f"{project.id}/{n:03d}" for n in project.plan.looks[: project.looked]]


# the numbers as they are


def live(loop: Loop, project: Project) -> Row:
    """Every figure by the weeks there are, named as `voc verdict --json` names them, and what is left out."""
    from chalicelib.loop.track import judging

    weeks = weeks_of(loop, project)
    return {**judging.live(weeks), **_behind(project, weeks)}


def _behind(project: Project, weeks: Weeks) -> Row:
    """The promise, its stamp, and what the table does not hold."""
    return {
        "config": weeks.config,
        "stamp": project.seal,
        "stamp_matches": project.seal == project.plan.seal,
        "sealed": project.plan.sealed,
        "ignored_columns": [],
        "missing_periods": weeks.missing,
        "as_of": weeks.rows[-1].week if weeks.rows else None,
        "left_out": list(weeks.left_out),
        "notes": notes(weeks),
    }


def outlook(loop: Loop, project: Project) -> Row:
    """Before the start: how sure the verdict will be after the agreed weeks, and how many it would take."""
    from chalicelib.loop.track import judging

    plan, weeks = project.plan, weeks_of(loop, project)
    before = weeks.before
    still = len(weeks_between(week_of(loop.clock()), shift(plan.first_week, -1)))
    missing = sum(week["week"] < plan.first_week for week in weeks.left_out)
    row = {
        "weeks_before": len(before),
        "weeks_left_out": missing,
        "a_week": sum(row.count for row in before) / len(before) if before else None,
        "minimum": judging.ahead(weeks, plan.minimum_effect),
        "expected": judging.ahead(weeks, plan.expected_effect),
    }
    return {**row, **_told(plan, len(before) + still, row)}


def _told(plan: Plan, before: int, row: Row) -> dict[str, str]:
    """The early warning in words."""
    fewest = METHOD["fewest_before"]
    if before < fewest:
        return {
            "code": "few_before",
            "zh": f"开始前最多只有 {before} 个有数的周，至少要 {fewest} 个：这样开始下不了结论，请推迟开始或补上缺的数。",
            "en": f"At most {before} weeks with figures before the start, and {fewest} are needed: begun like this there"
            " can be no verdict. Start later, or bring in what is missing.",
        }
    if row["minimum"] is None:
        return {
            "code": "not_known",
            "zh": "开始前还没有足够的数，看不出要多少周。",
            "en": "Not enough figures before the start to tell how many weeks it takes.",
        }
    kinds = (("minimum", "最小效果", "minimum effect"), ("expected", "预期效果", "expected effect"))
    told = [_effect(plan, row[name], zh, en) for name, zh, en in kinds if row[name]]
    needed = row["expected"] and row["expected"]["weeks_needed"]
    return {
        "code": "never" if needed is None else "too_short" if needed > plan.weeks_after else "enough",
        "zh": f"每周约 {row['a_week']:.0f} 次。" + "".join(zh for zh, _ in told),
        "en": f"About {row['a_week']:.0f} a week. " + " ".join(en for _, en in told),
    }


def _effect(plan: Plan, found: Row, zh: str, en: str) -> tuple[str, str]:
    size, power, after = f"{found['effect']:.0%}", f"{found['power']:.0%}", plan.weeks_after
    if found["weeks_needed"] is None:
        return (
            f"{zh} {size}：四年也看不出，{after} 周后的把握是 {power}。",
            f"The {en} of {size} cannot be seen in four years; after {after} weeks the power is {power}.",
        )
    weeks, date = found["weeks_needed"], found["power_date"]
    return (
        f"{zh} {size}：要 {weeks} 周（到 {date}）把握才有 80 %，{after} 周后是 {power}。",
        f"The {en} of {size} takes {weeks} weeks (until {date}) for a power of 80 %; after {after} it is {power}.",
    )


# looks


def due(plan: Plan, n: int) -> datetime:
    """When the n-th counted week is over, and known."""
    return week_end(plan.week(n)) + wait(plan)


def next_look(project: Project) -> datetime | None:
    """When the next look is due; None when all were taken."""
    plan = project.plan
    return due(plan, plan.looks[project.looked]) if project.looked < len(plan.looks) else None


def look_when_due(loop: Loop) -> int:
    """Take every look that is due, each exactly once; returns how many were taken."""
    taken = 0
    while found := loop.unit().find(Project, "project.look", "all", high=stamp(loop.clock()), limit=AT_ONCE):
        taken += sum(_look_at(loop, project.id) for project in found)
    return taken


def _look_at(loop: Loop, key: str) -> bool:
    """One look; numbers that no statistics can take are looked at again later and keep no other project waiting."""
    try:
        return loop.change(lambda unit: _look(unit, key))
    except (ArithmeticError, ValueError):
        return loop.change(lambda unit: _later(unit, key))


def _later(unit: LoopUnit, key: str) -> bool:
    if project := unit.get(Project, key):
        unit.put(project.model_copy(update={"look_at": unit.now + AGAIN}))
    return False


def _look(unit: LoopUnit, key: str) -> bool:
    project = unit.get(Project, key)
    if project is None or project.look_at is None or project.look_at > unit.now:
        return False
    n = project.plan.looks[project.looked]
    weeks = weeks_of(unit.loop, project)
    if not _known(project.plan, n, weeks, unit.now):
        return _later(unit, key)
    look = _taken(unit, project, n, weeks.until(project.plan.week(n)))
    after = project.model_copy(update={"looked": project.looked + 1})
    after = after.model_copy(update={"look_at": next_look(after)})
    after = after.with_event(unit.now, "VerdictReached", "system", weeks=n, word=look.word)
    _tell(unit, project, "verdict_reached")
    unit.put(look)
    unit.put(_reopened(unit, after) if look.relapsed else after)
    return True


def _known(plan: Plan, n: int, weeks: Weeks, now: datetime) -> bool:
    """Whether the last week has its figures, or a later one has, or none are to be expected any more. Weeks that
    another tagger read are waited for: somebody may have them read again."""
    last = plan.week(n)
    if now >= due(plan, n) + PATIENCE:
        return True
    if weeks.until(last).read_apart:
        return False
    if any(row.week >= last for row in weeks.rows):
        return True
    hopeless = [week for week in weeks.left_out if week["week"] == last and week["why"] != "no_denominator"]
    return bool(hopeless) and last_known(plan, now) >= last


def _taken(unit: LoopUnit, project: Project, n: int, weeks: Weeks) -> Look:
    from chalicelib.loop.track import judging

    earlier = _of(project, unit.many(Look, _keys(project)))
    better = [look.figures["mean_ratio"] for look in earlier if look.word == "IMPROVED"]
    numbers = project.plan.looks[: project.looked + 1]
    found = judging.take(weeks, numbers, better[-1] if better else None)
    return Look(
        project=project.id,
        weeks=n,
        week=project.plan.week(n),
        at=unit.now,
        word=found.figures["verdict"],
        reason=found.figures["reason"],
        figures={**found.figures, **_behind(project, weeks)},
        recent=found.recent and {n: v for n, v in found.recent.items() if n != "line"},
        relapsed=found.relapsed,
        stamp=project.seal,
        stamp_matches=project.seal == project.plan.seal,
        demo=project.demo,
    )


def _reopened(unit: LoopUnit, project: Project) -> Project:
    """The project with its improvement lost: open again, its owner told."""
    state = MOVES.get((project.state, ProjectMove.REOPEN))
    if state is None:
        return project
    _tell(unit, project, "project_relapsed")
    return project.model_copy(update={"state": state}).with_event(unit.now, "ProjectReopened", "system")


def _tell(unit: LoopUnit, project: Project, about: About) -> None:
    for to in (f"user:{project.owner}", f"department:{project.department}"):
        notify(unit, to, about, f"project:{project.id}")
