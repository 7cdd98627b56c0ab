"""Decisions of the cycle that do something: each is done and recorded in one save, and safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.repeat import cycles, proposals, whose, wording
from chalicelib.loop.repeat.minutes import seen_by
from chalicelib.loop.repeat.proposals import NewCause
from chalicelib.loop.track import projects
from chalicelib.loop.track.baselines import NewBaseline, act_in
from chalicelib.loop.track.snoozing import NewSnooze, snooze_in
from chalicelib.model.cycle import AgendaSnooze, Cycle, Decision, What
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.project import Plan, Project, ProjectMove, ProjectState
from chalicelib.model.taxonomy import Cause
from chalicelib.model.weeks import parse_week, shift, week_of, week_start
from chalicelib.privacy.mask import mask

SNOOZE_WEEKS, LONGEST_SNOOZE = 4, 26
PROPOSED, ACCEPTED, LIVE = ProjectState.PROPOSED, ProjectState.ACCEPTED, ProjectState.LIVE


@dataclass(frozen=True)
class Wish:
    """A decision as it is asked for."""

    what: What
    about: str
    reason: str
    until: str = ""
    cause: NewCause | None = None
    """For a proposal: the cause that it becomes."""
    version: int | None = None
    """Of the project that is named, or that there is on the cause, as it was seen."""
    week: str = ""
    """The cycle in which it is decided: refused when another one is open by now."""
    seen: int | None = None
    """How many decisions about the same thing the decider had seen: refused when there are more by now."""


Came = dict[str, str]
"""What came of it: result, made, department."""
Act = Callable[[LoopUnit, Caller, Wish], Came]
MEANWHILE = timedelta(seconds=30)
"""A decision of somebody else that is younger than this was hardly seen by one who does not say what was seen."""


def decide(loop: Loop, caller: Caller, wish: Wish) -> Cycle:
    """Do what is decided and record it in the open cycle with what came of it, in one save.

    What the loop refuses is refused and not recorded. Of two people who decide on the same thing at the same moment
    the second is told what the first decided.
    """
    cycles.current(loop)
    return loop.change(lambda unit: _decided(unit, caller, wish))


def _decided(unit: LoopUnit, caller: Caller, wish: Wish) -> Cycle:
    cycle = cycles.ensure_cycle(unit)
    wish = replace(wish, until=_until(wish, week_of(unit.now)))
    if _recorded(unit, cycle, wish):
        return cycle
    _not_overtaken(unit, caller, cycle, wish)
    cycles.must_have_room(cycle)
    if wish.what == "accept_proposal" and wish.about.startswith("N-"):
        given = (wish.cause or NewCause()).model_copy(update={"reason": wish.reason})
        proposals.accept_in(unit, _deciding(caller), wish.about, given)  # records the decision itself
        return cycles.ensure_cycle(unit)
    came = ACTS[wish.what](unit, caller, wish)
    return cycles.record(unit, caller, wish.what, wish.about, wish.reason, wish.until, **came)


def _recorded(unit: LoopUnit, cycle: Cycle, wish: Wish) -> bool:
    words = mask(wish.reason).text[: cycles.LONGEST_REASON]
    number = cycles.number_of(unit, cycle, wish.what, wish.about, words, wish.until)
    return any(d.id == number for d in cycle.decisions)


def _not_overtaken(unit: LoopUnit, caller: Caller, cycle: Cycle, wish: Wish) -> None:
    """Conflict when the cycle that the decider saw is closed, or somebody else has decided the same meanwhile."""
    if wish.week and (week := parse_week(wish.week, where="week")) != cycle.week:
        raise Conflict(
            "cycle.closed",
            f"{week} 不是开着的那一期，这项决定没有记下；请在 {cycle.week} 里再定",
            f"{week} is not the open cycle and this was not recorded; decide it in {cycle.week}",
            "week",
        )
    same = _about_the_same(caller, cycle, _names(wish.about))
    if wish.seen is None and wish.version is None:
        unseen = [d for d in same if d.by != caller.name and d.at > unit.now - MEANWHILE]
    else:
        unseen = same[wish.seen :] if wish.seen is not None else []
    if unseen:
        raise _overtaken(unseen[-1])


def _about_the_same(caller: Caller, cycle: Cycle, names: set[str]) -> list[Decision]:
    """The decisions about any of these names that the caller may see, oldest first."""
    visible = cycle if caller.only is None else seen_by(caller, cycle)
    return [d for d in visible.decisions if names & (_names(d.about) | {d.made}) - {""}]


def _overtaken(newest: Decision) -> Conflict:
    zh, en = wording.WHAT[newest.what]
    return Conflict(
        "cycle.decided",
        f"{newest.by} 刚对这一项作了决定：{zh}（{newest.reason}）；请先看过再定，您写的还在",
        f"{newest.by} has just decided on this: {en} ({newest.reason}); look at it first, what you wrote is kept",
        "about",
    )


def _as_seen(unit: LoopUnit, caller: Caller, project: Project, wish: Wish) -> None:
    """Conflict when the project is not as the decider saw it, also when nothing would be left to do: whose decision
    that was, if it was one of this cycle by somebody else."""
    if wish.version in (None, project.version):
        return
    since = _about_the_same(caller, cycles.ensure_cycle(unit), {project.id, *_names(wish.about)})
    if since and since[-1].by != caller.name and since[-1].at >= project.history[-1].at:
        raise _overtaken(since[-1])
    same_version(project, wish.version)


def _names(about: str) -> set[str]:
    """A row's id and its code: `alarms/delivery.late` is about delivery.late."""
    return {about, about.rpartition("/")[2]}


def _deciding(caller: Caller) -> Caller:
    """What an executive decides in the cycle holds for every department; a lead decides for their own."""
    return replace(caller, role=Role.ADMIN) if caller.role is Role.EXECUTIVE else caller


def _until(wish: Wish, week: str) -> str:
    """The week in which what is put off returns: later than this one, at most half a year."""
    if wish.what != "snooze":
        return ""
    until = parse_week(wish.until, where="until") if wish.until else shift(week, SNOOZE_WEEKS)
    if not week < until <= shift(week, LONGEST_SNOOZE):
        raise Invalid(
            "cycle.until",
            f"暂缓到的周应在 {shift(week, 1)} 到 {shift(week, LONGEST_SNOOZE)} 之间",
            f"give a week from {shift(week, 1)} to {shift(week, LONGEST_SNOOZE)} to put it off to",
            "until",
        )
    return until


def _start_project(unit: LoopUnit, caller: Caller, wish: Wish) -> Came:
    """Start the accepted project that is named, or that there is on the cause; without one, propose one."""
    project = _project(unit, caller, wish.about, (ACCEPTED, PROPOSED, LIVE))
    if project is None:
        return _propose(unit, caller, _cause(unit, wish.about), wish.reason)
    _as_seen(unit, caller, project, wish)
    if project.state is LIVE:
        return _came("project_runs", project)
    if project.state is PROPOSED and project.id != wish.about:
        return _came("project_waits", project)
    return _came("project_started", _moved(unit, caller, project, ProjectMove.START))


def _propose(unit: LoopUnit, caller: Caller, cause: Cause, reason: str) -> Came:
    """A project on the cause with what is usual; its owner can still change the plan, and accepts it."""
    if caller.role is Role.LEAD:
        caller.must_lead(cause.department)
    words = projects.Words(f"减少「{cause.label_zh}」", reason, "", cause.department)
    plan = Plan(metric="cpx", cause=cause.code, starts=week_start(shift(week_of(unit.now), 1)))
    project = projects.propose_in(unit, caller, words, plan)
    return _came("project_proposed", project)


def _accept_proposal(unit: LoopUnit, caller: Caller, wish: Wish) -> Came:
    """Accept the proposed project that is named, or that there is on the cause."""
    project = _project(unit, caller, wish.about, (PROPOSED,))
    if project is None:
        _cause(unit, wish.about)
        raise Conflict(
            "cycle.nothing_proposed",
            "这个原因上没有待接受的项目；新原因的提议请写 N-… 编号",
            "no project is proposed on this cause; name a proposed cause by its number, N-…",
            "about",
        )
    _as_seen(unit, caller, project, wish)
    return _came("project_accepted", _moved(unit, caller, project, ProjectMove.ACCEPT))


def _moved(unit: LoopUnit, caller: Caller, project: Project, order: ProjectMove) -> Project:
    return projects.move_in(unit, _deciding(caller), project.id, order, None)


def _snooze(unit: LoopUnit, caller: Caller, wish: Wish) -> Came:
    """Put a row of the agenda off, or every row about a cause; it returns in that week."""
    department = whose.of_row(unit, cycles.ensure_cycle(unit), wish.about)
    if department is None:
        raise Invalid(
            "cycle.about",
            "本期议程里没有这一项；写议程里的编号或原因代码",
            "the agenda has no such row; give a row's id or a cause's code",
            "about",
        )
    if caller.role is Role.LEAD:
        caller.must_lead(department)
    unit.get(AgendaSnooze, wish.about)
    words = mask(wish.reason).text[: cycles.LONGEST_REASON]
    unit.put(AgendaSnooze(about=wish.about, until=wish.until, reason=words, by=caller.name, at=unit.now))
    _rest_alarms(unit, caller, wish)
    return {"result": "snoozed", "department": department}


def _rest_alarms(unit: LoopUnit, caller: Caller, wish: Wish) -> None:
    """Nobody is told of the alarms of a cause that is put off, up to the week before it returns."""
    cause = wish.about.removeprefix("alarms/")
    known = unit.taxonomy.by_code.get(cause)
    if known and known.active:
        snooze_in(unit, caller, NewSnooze(cause=cause, until=shift(wish.until, -1), reason=wish.reason))


def _rebase(unit: LoopUnit, caller: Caller, wish: Wish) -> Came:
    """Begin the baseline of a cause's contacts per X again with this week: the old level is past."""
    cause = _cause(unit, wish.about.removeprefix("alarms/"))
    new = NewBaseline(cause=cause.code, week=week_of(unit.now), reason=wish.reason)
    caller.must_see([cause.department], "cause")
    act_in(unit, caller, new)
    return {"result": "rebased", "made": cause.code, "department": cause.department}


def _note(unit: LoopUnit, caller: Caller, wish: Wish) -> Came:
    """Nothing but the record; a lead records what concerns its own department."""
    department = whose.of_anything(unit, cycles.ensure_cycle(unit), wish.about)
    whose.must_be_own(caller, department)
    return {"department": department}


ACTS: dict[What, Act] = {
    "start_project": _start_project,
    "accept_proposal": _accept_proposal,
    "rebase": _rebase,
    "snooze": _snooze,
    "other": _note,
}
"""What each decision does."""


def _project(unit: LoopUnit, caller: Caller, about: str, states: tuple[ProjectState, ...]) -> Project | None:
    """The project of that number; or the one on that cause which is in the first of these states there is."""
    if about.startswith("P-"):
        return projects.visible(unit, caller, about)
    found = unit.find(Project, "project.cause", about, newest_first=True)
    mine = [p for p in found if p.state in states and caller.sees([p.department])]
    return min(mine, key=lambda p: states.index(p.state), default=None)


def _cause(unit: LoopUnit, about: str) -> Cause:
    known = unit.taxonomy.by_code.get(about)
    if known is None or not known.active:
        raise not_found("cause")
    return known


def _came(result: str, project: Project) -> Came:
    return {"result": result, "made": project.id, "department": project.department}
