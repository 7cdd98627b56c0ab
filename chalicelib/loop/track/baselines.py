"""Beginning a baseline again, and taking that back: explicit acts, each logged with who, when and why."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.registry import Scope, metric, visible_scope
from chalicelib.loop.track.series import must_fit
from chalicelib.model.entity import Given
from chalicelib.model.errors import Conflict, Forbidden, Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.segment import AskedSegment
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.watch import Act, Baseline
from chalicelib.model.weeks import parse_week, week_of
from chalicelib.privacy.mask import mask


class NewBaseline(Given):
    """From `week` on the old limits no longer hold, because of `reason`; `revoke` takes such an act back."""

    metric: str = "cpx"
    cause: str = ""
    department: str = ""
    segment: AskedSegment = ""
    week: str
    what: Literal["rebase", "revoke"] = "rebase"
    reason: str = Field(min_length=2, max_length=1_000)


def act(loop: Loop, caller: Caller, new: NewBaseline) -> Baseline:
    """Begin a series' baseline again at a week, or take that back; the same again changes nothing."""
    visible_scope(loop, caller, _scope(new))
    return loop.change(lambda unit: act_in(unit, caller, new))


def act_in(unit: LoopUnit, caller: Caller, new: NewBaseline) -> Baseline:
    """Part of a larger change: the act, logged."""
    week = parse_week(new.week)
    must_fit(metric(new.metric), _scope(new))
    must_decide(unit.taxonomy, caller, new.cause, new.department)
    if week > week_of(unit.now):
        raise Invalid(
            "baseline.week",
            "这一周还没开始，请选已开始的周",
            "this week has not begun; name one that has",
            "week",
        )
    parts = new.model_dump(include={"metric", "cause", "department", "segment"})
    fresh = Baseline(**parts)
    known = unit.get(Baseline, fresh.key) or fresh
    reason = mask(new.reason).text
    newest = known.acts[-1] if known.acts else None
    if newest and (newest.week, newest.what, newest.reason) == (week, new.what, reason):
        return known
    if new.what == "revoke" and week not in known.weeks:
        raise Conflict(
            "baseline.none",
            "这一周没有重设过基线，无可撤销；见 GET /baselines",
            "the baseline was not begun again at this week: nothing to revoke; see GET /baselines",
            "week",
        )
    made = Act(week=week, what=new.what, reason=reason, by=caller.name, at=unit.now)
    return unit.put(known.model_copy(update={"acts": (*known.acts, made), "demo": False}))


def must_decide(taxonomy: Taxonomy, caller: Caller, cause: str, department: str = "") -> None:
    """Forbidden unless the caller may decide on these numbers: executives, admins, the owner's lead."""
    if caller.role is Role.EXECUTIVE:
        return
    owner = taxonomy.department_of(cause) if cause else department
    if owner:
        caller.must_lead(owner)
    elif caller.role is not Role.ADMIN:
        raise Forbidden(
            "role",
            "全公司的数字由管理层决定",
            "executives decide on the numbers of the whole company",
            "role",
        )


def listed(loop: Loop, caller: Caller) -> list[dict[str, Any]]:
    """Every series anybody has begun again, with all acts and what they come to."""
    unit = loop.unit()
    rows = []
    for one in unit.find(Baseline, "baseline.all", "all"):
        owner = unit.taxonomy.department_of(one.cause) if one.cause else one.department
        if not owner or caller.sees([owner]):
            rows.append({"baseline": one, "in_force": one.weeks})
    return rows


def _scope(new: NewBaseline) -> Scope:
    return Scope("", "", new.cause, new.department, new.segment)
