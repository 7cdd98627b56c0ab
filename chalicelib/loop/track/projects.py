"""Projects: one cause being removed for all customers, by a metric of the registry, with a fixed promise."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.coordinate.together import known_department
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.measure.registry import metric
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.track.project_weeks import JUDGED
from chalicelib.loop.track.verdicts import next_look, outlook
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.project import MOVES, Plan, Project, ProjectMove, ProjectState
from chalicelib.model.sequence import Sequence
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.model.voice import Voice
from chalicelib.model.weeks import week_of, week_start
from chalicelib.privacy.mask import mask


def propose(
    loop: Loop,
    caller: Caller,
    *,
    title: str,
    hypothesis: str,
    owner: str,
    department: str,
    plan: Plan,
    reach: float | None = None,
    from_voice: str = "",
) -> Project:
    """Propose a project. The same title, cause and start proposed again is the same project."""
    words = Words(title, hypothesis, owner, department, from_voice)
    return loop.change(lambda unit: propose_in(unit, caller, words, plan, reach))


class Words(NamedTuple):
    """What a proposed project says of itself, and whose it is."""

    title: str
    hypothesis: str
    owner: str
    department: str
    from_voice: str = ""


def propose_in(
    unit: LoopUnit, caller: Caller, words: Words, plan: Plan, reach: float | None = None
) -> Project:
    """Part of a larger change: the project, or the same one that is there."""
    unit.get(Sequence, "project")  # read first: who proposes the same meanwhile is found at the next try
    known_department(unit.taxonomy, words.department)
    plan_ = agreed(unit, caller, plan, words.department)
    said = {"title": mask(words.title).text, "hypothesis": mask(words.hypothesis).text}
    for other in unit.find(Project, "project.cause", plan_.cause):
        if other.title == said["title"] and other.plan == plan_:
            return other
    project = Project(
        id=f"P-{_next(unit, 'project')}",
        **said,
        owner=mask(words.owner).text or caller.name,
        department=words.department,
        reach=plan_.expected_effect if reach is None else reach,
        plan=plan_,
        created=unit.now,
        from_voice=words.from_voice,
    ).with_event(unit.now, "ProjectProposed", caller.name)
    if words.from_voice:
        _from_voice(unit, words.from_voice, project.id)
    return unit.put(project)


def agreed(unit: LoopUnit, caller: Caller, plan: Plan, department: str) -> Plan:
    """The plan as it would be sealed, if this caller may make it for this department."""
    fixed = _checked(unit, plan)
    _own_business(unit.taxonomy, caller, plan, department)
    return fixed


def _checked(unit: LoopUnit, plan: Plan) -> Plan:
    """The plan with all that enters the verdict filled in, if its metric can be judged and its causes exist."""
    named = metric(plan.metric)
    better: Literal["down", "up"] = "down" if named.better == "lower" else "up"
    _judged(plan, better)
    check_causes(unit.taxonomy, [plan.cause, *plan.control_causes, *(c for c in plan.siblings if c != OTHER)])
    if plan.cause in plan.control_causes:
        raise Invalid(
            "project.control",
            "对照原因不能是项目自己的原因",
            "a control cause cannot be the project's own cause",
            "plan.control_causes",
        )
    cause = unit.taxonomy.by_code[plan.cause]
    if plan.denominator not in ("", cause.denominator):
        raise Invalid(
            "project.denominator",
            f"这个原因的分母是 {cause.denominator}；请用它或留空",
            f"the denominator of this cause is {cause.denominator}; use that or leave it empty",
            "plan.denominator",
        )
    filled = {
        "denominator": cause.denominator,
        "direction": better,
        "siblings": _siblings(unit.taxonomy, plan),
        "window_days": plan.window_days or cause.window_days,
    }
    return plan.model_copy(update=filled)


def _own_business(taxonomy: Taxonomy, caller: Caller, plan: Plan, department: str) -> None:
    """A cause is removed by the department that owns it; only executives and admins decide otherwise. A lead names
    no cause whose numbers it may not see."""
    if caller.role in (Role.EXECUTIVE, Role.ADMIN):
        return
    owner = taxonomy.department_of(plan.cause)
    if department != owner:
        raise Invalid(
            "project.department",
            f"这个原因由 {owner} 负责，项目也归它；要别的部门牵头请管理层立项",
            f"this cause belongs to {owner}, and so does the project; executives may give it to another department",
            "department",
        )
    if caller.role is Role.LEAD:
        near = _siblings(taxonomy, plan.model_copy(update={"siblings": ()}))
        for cause in sorted({*plan.control_causes, *plan.siblings}.difference(near)):
            caller.must_see([taxonomy.department_of(cause)], "cause")


def _judged(plan: Plan, better: str) -> None:
    """Refuse a metric that no verdict can be made of, a segment it is not counted by, the wrong way round."""
    if plan.metric not in JUDGED:
        names = ", ".join(JUDGED)
        raise Invalid(
            "project.metric",
            f"这个指标下不了改进前后的结论；可以用：{names}",
            f"no before/after verdict can be made of this metric; those that can be judged: {names}",
            "plan.metric",
        )
    if plan.segment and not metric(plan.metric).by_segment:
        raise Invalid(
            "project.segment",
            "这个指标不按客群统计，请去掉客群",
            "this metric is not counted by segment; leave the segment out",
            "plan.segment",
        )
    if plan.direction not in (None, better):
        raise Invalid(
            "project.direction",
            f"这个指标变好是 {better}，请改方向或留空",
            f"better is '{better}' for this metric; correct the direction or leave it out",
            "plan.direction",
        )


def _siblings(taxonomy: Taxonomy, plan: Plan) -> tuple[str, ...]:
    """Where contacts may move to: what the plan names, the other causes of the group, and OTHER."""
    group = taxonomy.by_code[plan.cause].group
    near = {c.code for c in taxonomy.active if group and c.group == group}
    return tuple(sorted({*plan.siblings, *near, OTHER} - {plan.cause}))


def _next(unit: LoopUnit, name: str) -> int:
    sequence = unit.get(Sequence, name) or Sequence(name=name)
    return unit.put(sequence.model_copy(update={"last": sequence.last + 1})).last


def _from_voice(unit: LoopUnit, voice_id: str, project_id: str) -> None:
    voice = unit.get(Voice, voice_id)
    if voice is None:
        raise not_found("voice")
    unit.put(voice.model_copy(update={"project": project_id}))


def visible(unit: LoopUnit, caller: Caller, project_id: str) -> Project:
    """The project, if the caller may know of it."""
    project = unit.get(Project, project_id)
    if project is None:
        raise not_found("project")
    caller.must_see([project.department], "project")
    return project


def move(loop: Loop, caller: Caller, project_id: str, order: ProjectMove, version: int | None) -> Project:
    """Accept, start or end a project. At the start its plan is sealed."""
    return loop.change(lambda unit: move_in(unit, caller, project_id, order, version))


def move_in(
    unit: LoopUnit, caller: Caller, project_id: str, order: ProjectMove, version: int | None
) -> Project:
    """Part of a larger change: the project after the move."""
    project = visible(unit, caller, project_id)
    caller.must_lead(project.department)
    same_version(project, version)
    state = MOVES.get((project.state, order))
    if state is None and project.history and project.history[-1].name == _EVENTS[order]:
        return project
    if state is None:
        raise Conflict(
            "project.state",
            f"项目现在是「{STATE_ZH[project.state]}」，现在能做的是：{_orders(project.state)}",
            f"the project is '{project.state}'; what can be done now: {_orders(project.state)}",
            "state",
        )
    return unit.put(_moved(unit, caller, project, order, state))


STATE_ZH = {
    ProjectState.PROPOSED: "待接受",
    ProjectState.ACCEPTED: "已接受",
    ProjectState.LIVE: "进行中",
    ProjectState.REOPENED: "复发重开",
    ProjectState.ENDED: "已结束",
}


def _orders(state: ProjectState) -> str:
    found = [order for known, order in MOVES if known is state and order is not ProjectMove.REOPEN]
    return ", ".join(f"order={order}" for order in found) or "—"


_EVENTS = {
    ProjectMove.ACCEPT: "ProjectAccepted",
    ProjectMove.START: "ProjectStarted",
    ProjectMove.REOPEN: "ProjectReopened",
    ProjectMove.END: "ProjectEnded",
}


def _moved(
    unit: LoopUnit, caller: Caller, project: Project, order: ProjectMove, state: ProjectState
) -> Project:
    update: dict[str, Any] = {"state": state}
    data: dict[str, Any] = {}
    if order is ProjectMove.ACCEPT:
        data = {name: value for name, value in outlook(unit.loop, project).items() if value is not None}
    elif order is ProjectMove.START:
        _in_time(unit, project.plan)
        seal = project.plan.seal
        update |= {"started": unit.now, "seal": seal, "look_at": next_look(project)}
        data = {"seal": seal}
    elif order is ProjectMove.END:
        update |= {"ended": unit.now}
    return project.model_copy(update=update).with_event(unit.now, _EVENTS[order], caller.name, **data)


def _in_time(unit: LoopUnit, plan: Plan) -> None:
    """A promise made when weeks after the start are already known is none."""
    if plan.starts < week_start(week_of(unit.now)):
        raise Conflict(
            "project.late_start",
            "计划的开始早于本周，开始后的周已经看得到；请先把 plan.starts 改到本周或以后",
            "the planned start is before this week, and weeks after it are known already; first set plan.starts to this"
            " week or later",
            "plan.starts",
        )


def replan(loop: Loop, caller: Caller, project_id: str, plan: Plan, version: int | None) -> Project:
    """Change the plan before the start. Afterwards it is refused: a promise is not moved to fit the result."""

    def decide(unit: LoopUnit) -> Project:
        project = visible(unit, caller, project_id)
        caller.must_lead(project.department)
        same_version(project, version)
        fresh = agreed(unit, caller, plan, project.department)
        if fresh == project.plan:
            return project
        if project.started:
            raise Conflict(
                "project.sealed",
                "项目已开始，事先约定的口径不能再改；请另立项目",
                "the project has started and its plan is sealed; start another project instead",
                "plan",
            )
        after = project.model_copy(update={"plan": fresh})
        return unit.put(after.with_event(unit.now, "PlanChanged", caller.name))

    return loop.change(decide)


def listed(loop: Loop, caller: Caller, limit: int = 200) -> list[Project]:
    """Projects the caller may know of, newest first."""
    unit = loop.unit()
    if caller.only is None:
        return unit.find(Project, "project.all", "all", newest_first=True, limit=limit)
    found = [p for d in caller.only for p in unit.find(Project, "project.department", d, limit=limit)]
    return sorted(found, key=lambda p: p.created, reverse=True)[:limit]
