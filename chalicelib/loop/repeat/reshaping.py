"""Merging a cause into another, splitting one into new ones, and the past that follows.

A merge moves everything: every contact and case of the merged cause is counted under the other one, as if the two
had always been one. A split is decided by reading: contacts that the tagger finds to be one of the parts move
there, all others stay where they were counted. Either way the numbers move with the contacts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.loop.admin import based_on, next_version
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.repeat.cycles import record
from chalicelib.model.checked import checked
from chalicelib.model.cycle import Score
from chalicelib.model.entity import Given
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Plan, Project, ProjectState
from chalicelib.model.reshape import Reshape
from chalicelib.model.taxonomy import Cause, Taxonomy
from chalicelib.model.weeks import week_of
from chalicelib.privacy.mask import mask

MOST_PROJECTS = 1_000


class Part(Given):
    """One of the causes that a cause is split into; what is left out is as it was."""

    code: str
    label_zh: str
    label_en: str = ""
    group: str = ""
    definition_zh: str = ""
    department: str = ""
    denominator: str = ""
    window_days: int | None = None
    words: tuple[str, ...] = ()


def merge(
    loop: Loop, caller: Caller, cause: str, into: str, reason: str = "", number: int | None = None
) -> Reshape:
    """Retire a cause in favour of another one and owe its past to that. The same merge again changes nothing."""
    caller.must_be(Role.ADMIN)

    def decide(unit: LoopUnit) -> Reshape:
        before = unit.taxonomy
        if known := _known(unit, cause, (into,)):
            return known
        based_on(before, number)
        check_causes(before, [cause, into])
        if cause == into:
            raise Invalid("cause.same", "不能并入自己", "a cause cannot be merged into itself", "into")
        _must_be_free(unit, "merge", {cause, into})
        causes = [_retired(c, merged_into=into) if c.code == cause else c for c in before.causes]
        after = next_version(unit, caller, before.departments, causes)
        _carry_scores(unit, cause, into)
        for project in _projects(unit):
            _carry_plan(unit, caller, project, before, before.by_code[cause], before.by_code[into])
        return _decided(
            unit,
            caller,
            after,
            Reshape(what="merge", into=(into,), **_common(unit, caller, after, cause, reason)),
        )

    return loop.change(decide)


def split(
    loop: Loop, caller: Caller, cause: str, parts: Sequence[Part], reason: str = "", number: int | None = None
) -> Reshape:
    """Retire a cause in favour of new ones and owe its past a new reading. The same split again changes nothing."""
    caller.must_be(Role.ADMIN)
    codes = tuple(part.code for part in parts)

    def decide(unit: LoopUnit) -> Reshape:
        before = unit.taxonomy
        if known := _known(unit, cause, codes):
            return known
        based_on(before, number)
        check_causes(before, [cause])
        _must_be_new(before, codes)
        _must_be_free(unit, "split", {cause})
        whole = before.by_code[cause]
        causes = [_retired(c, split_into=codes) if c.code == cause else c for c in before.causes]
        fresh = [_part(whole, part) for part in parts]
        after = next_version(unit, caller, before.departments, [*causes, *fresh])
        return _decided(
            unit,
            caller,
            after,
            Reshape(what="split", into=codes, **_common(unit, caller, after, cause, reason)),
        )

    return loop.change(decide)


def listed(loop: Loop, limit: int = 100) -> list[Reshape]:
    """Every merge and split, newest first."""
    return loop.unit().find(Reshape, "reshape.all", "all", limit=limit, newest_first=True)


# what may be merged or split


def _known(unit: LoopUnit, cause: str, into: tuple[str, ...]) -> Reshape | None:
    known = unit.taxonomy.by_code.get(cause)
    if known is None or not known.successors or known.successors != into:
        return None
    made = unit.find(Reshape, "reshape.all", "all", newest_first=True)
    return next((one for one in made if (one.cause, one.into) == (cause, into)), None)


def _must_be_new(taxonomy: Taxonomy, codes: Sequence[str]) -> None:
    if len(set(codes)) < 2 or len(set(codes)) < len(codes):
        raise Invalid(
            "cause.parts",
            "至少拆成两个不同的原因",
            "a cause is split into at least two different ones",
            "into",
        )
    if taken := sorted(set(codes) & set(taxonomy.by_code)):
        raise Conflict(
            "cause.known",
            f"已有这些原因代码，请换新的：{', '.join(taken)}",
            f"these cause codes are taken, choose new ones: {', '.join(taken)}",
            "into",
        )


def _must_be_free(unit: LoopUnit, what: str, causes: set[str]) -> None:
    """Raises Conflict while a project stands on these causes whose promise would no longer be measured alike: one
    that runs, and before a split also one that is planned."""
    free = (
        (ProjectState.ENDED,)
        if what == "split"
        else (ProjectState.ENDED, ProjectState.PROPOSED, ProjectState.ACCEPTED)
    )
    held = [
        p.id for p in _projects(unit)
        if p.state not in free and causes & {p.plan.cause, *p.plan.control_causes}
    ]  # fmt: skip
    if held:
        names = ", ".join(sorted(held))
        raise Conflict(
            "cause.in_project",
            f"这些改进项目衡量这个原因，或以它为对照：{names}；已开始的请先结束，没开始的可以改计划",
            f"these projects are measured by this cause, or have it as a control: {names}; end those that have started,"
            " change the plan of the others",
            "cause",
        )


def _projects(unit: LoopUnit) -> list[Project]:
    return unit.find(Project, "project.all", "all", limit=MOST_PROJECTS)


# what changes at once


def _retired(cause: Cause, **successors: object) -> Cause:
    return cause.model_copy(update={"active": False, **successors})


def _part(whole: Cause, part: Part) -> Cause:
    kept = {"group": whole.group, "department": whole.department, "denominator": whole.denominator,
            "window_days": whole.window_days}  # fmt: skip
    given = {name: value for name, value in part.model_dump().items() if value not in ("", None, ())}
    return checked(Cause, {**kept, **given}, "into")


def _common(unit: LoopUnit, caller: Caller, after: Taxonomy, cause: str, reason: str) -> dict[str, Any]:
    return {
        "taxonomy": after.number,
        "cause": cause,
        "by": caller.name,
        "at": unit.now,
        "reason": mask(reason).text,
    }


def _decided(unit: LoopUnit, caller: Caller, after: Taxonomy, made: Reshape) -> Reshape:
    """Stored, and a decision of the open cycle."""
    label = after.label
    said = made.reason or f"{label(made.cause)} → {'、'.join(map(label, made.into))}"
    result = "cause_merged" if made.what == "merge" else "cause_split"
    record(unit, caller, "reshape", made.cause, said, result=result, made=made.into[0])
    return unit.put(made)


def _carry_scores(unit: LoopUnit, cause: str, into: str) -> None:
    """Blind scores of the running cycle go along; a department that scored both has scored the other one."""
    for score in unit.find(Score, "score.cycle", week_of(unit.now)):
        if score.cause == cause:
            moved = score.model_copy(update={"cause": into, "version": 0})
            if unit.get(Score, moved.key) is None:
                unit.put(moved)
            unit.delete(score)


def _carry_plan(
    unit: LoopUnit, caller: Caller, project: Project, before: Taxonomy, cause: Cause, into: Cause
) -> None:
    """A plan that nobody has begun is changed to the cause that there is now."""
    plan = project.plan
    named = (plan.cause, *plan.control_causes, *plan.siblings)
    if project.started or project.state is ProjectState.ENDED or cause.code not in named:
        return
    unit.put(
        project.model_copy(update={"plan": _carried(plan, before, cause, into)}).with_event(
            unit.now, "PlanChanged", caller.name, **{"from": cause.code, "to": into.code}
        )
    )


def _carried(plan: Plan, before: Taxonomy, cause: Cause, into: Cause) -> Plan:
    target = into.code if plan.cause == cause.code else plan.cause
    controls = dict.fromkeys(into.code if c == cause.code else c for c in plan.control_causes)
    own = plan.cause == cause.code and plan.denominator == cause.denominator
    return plan.model_copy(
        update={
            "cause": target,
            "denominator": into.denominator if own else plan.denominator,
            "control_causes": tuple(c for c in controls if c != target),
            "siblings": _carried_siblings(plan, before, cause, into, target),
        }
    )


def _carried_siblings(
    plan: Plan, before: Taxonomy, cause: Cause, into: Cause, target: str
) -> tuple[str, ...]:
    """Those of the plan; with a cause of another group its neighbours go and those of the new one come."""
    kept = {into.code if sibling == cause.code else sibling for sibling in plan.siblings}
    if plan.cause == cause.code and cause.group != into.group:
        near, far = ({c.code for c in before.active if g and c.group == g} for g in (into.group, cause.group))
        kept = (kept - far) | near
    return tuple(sorted(kept - {target, cause.code}))
