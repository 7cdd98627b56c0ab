"""Projects: one cause being removed for all customers, by a metric of the registry, with a fixed promise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.coordinate.together import known_department
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.measure.registry import metric
from chalicelib.loop.own.moves import same_version
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, not_found
from chalicelib.model.project import MOVES, Plan, Project, ProjectMove, ProjectState, Sequence, VerdictState
from chalicelib.model.voice import Voice
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

    def decide(unit: LoopUnit) -> Project:
        plan_ = _checked(unit, plan)
        known_department(unit.taxonomy, department)
        words = {"title": mask(title).text, "hypothesis": mask(hypothesis).text}
        for other in unit.find(Project, "project.cause", plan_.cause):
            if other.title == words["title"] and other.plan == plan_:
                return other
        project = Project(
            id=f"P-{_next(unit, 'project')}",
            **words,
            owner=owner or caller.name,
            department=department,
            reach=plan_.expected_effect if reach is None else reach,
            plan=plan_,
            created=unit.now,
            from_voice=from_voice,
        ).with_event(unit.now, "ProjectProposed", caller.name)
        if from_voice:
            _from_voice(unit, from_voice, project.id)
        return unit.put(project)

    return loop.change(decide)


def _checked(unit: LoopUnit, plan: Plan) -> Plan:
    """The plan, if its metric is of the registry and makes sense for a cause, and its causes exist."""
    if "cause" not in metric(plan.metric).scopes:
        raise Invalid(
            "project.metric", "这个指标不能按原因统计", "this metric is not counted by cause", "plan.metric"
        )
    check_causes(unit.taxonomy, [plan.cause, *plan.control_causes])
    if plan.cause in plan.control_causes:
        raise Invalid(
            "project.control",
            "对照原因不能是项目自己的原因",
            "a control cause cannot be the project's own cause",
            "plan.control_causes",
        )
    cause = unit.taxonomy.by_code[plan.cause]
    return plan.model_copy(update={"denominator": plan.denominator or cause.denominator})


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

    def decide(unit: LoopUnit) -> Project:
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

    return loop.change(decide)


STATE_ZH = {
    ProjectState.PROPOSED: "待接受",
    ProjectState.ACCEPTED: "已接受",
    ProjectState.LIVE: "进行中",
    ProjectState.ENDED: "已结束",
}


def _orders(state: ProjectState) -> str:
    return ", ".join(f"order={order}" for known, order in MOVES if known is state) or "—"


_EVENTS = {
    ProjectMove.ACCEPT: "ProjectAccepted",
    ProjectMove.START: "ProjectStarted",
    ProjectMove.END: "ProjectEnded",
}


def _moved(
    unit: LoopUnit, caller: Caller, project: Project, order: ProjectMove, state: ProjectState
) -> Project:
    update: dict[str, Any] = {"state": state}
    data = {}
    if order is ProjectMove.START:
        seal = project.plan.seal
        update |= {"started": unit.now, "seal": seal}
        data = {"seal": seal}
    elif order is ProjectMove.END:
        update |= {"ended": unit.now}
    return project.model_copy(update=update).with_event(unit.now, _EVENTS[order], caller.name, **data)


def replan(loop: Loop, caller: Caller, project_id: str, plan: Plan, version: int | None) -> Project:
    """Change the plan before the start. Afterwards it is refused: a promise is not moved to fit the result."""

    def decide(unit: LoopUnit) -> Project:
        project = visible(unit, caller, project_id)
        caller.must_lead(project.department)
        same_version(project, version)
        fresh = _checked(unit, plan)
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


def verdict(loop: Loop, project: Project) -> dict[str, Any]:
    """Where the verdict stands: which weeks it needs, how many of them are over, when it is due."""
    plan, now = project.plan, loop.clock()
    counts_from = plan.starts + timedelta(weeks=plan.wash_in_weeks)
    due = counts_from + timedelta(weeks=plan.weeks_after)
    weeks = max(0, min(plan.weeks_after, (now - counts_from).days // 7))
    if project.state in (ProjectState.PROPOSED, ProjectState.ACCEPTED):
        state = VerdictState.NOT_STARTED
    elif now < plan.starts:
        state = VerdictState.WAITING
    elif now < counts_from:
        state = VerdictState.WASHING_IN
    else:
        state = VerdictState.DUE if weeks >= plan.weeks_after else VerdictState.NOT_ENOUGH_DATA
    return {"state": state, "weeks": weeks, "weeks_needed": plan.weeks_after, "due": due}
