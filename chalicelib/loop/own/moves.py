"""The legal moves of a case, and what each leaves behind. Values in, value out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.model.case import MOVES, OPEN, Basis, Case, CaseMove, CaseState
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict
from chalicelib.model.settings import Settings
from chalicelib.model.worktime import Limit, due


def moved(case: Case, move: CaseMove, at: datetime, actor: str, event: str, **changes: Any) -> Case:
    """The case after a legal move, with its event. Raises Conflict for an illegal one."""
    state = MOVES.get((case.state, move))
    if state is None:
        raise Conflict(
            "case.state",
            f"工单现在是「{STATE_ZH[case.state]}」，不能这样做",
            f"the case is '{case.state}'; this cannot be done now",
            "state",
        )
    data = {k: v for k, v in changes.pop("data", {}).items() if v not in ("", None)}
    after = case.model_copy(update={"state": state, **changes})
    return awake(after.with_event(at, event, actor, **data))


STATE_ZH = {
    CaseState.TO_ACCEPT: "待接受",
    CaseState.WORKING: "处理中",
    CaseState.UNVERIFIED: "已办结待验证",
    CaseState.CAME_BACK: "又回来了",
    CaseState.VERIFIED: "已验证",
    CaseState.WITHDRAWN: "已撤销",
}


def awake(case: Case) -> Case:
    """The case with the next moment at which the schedule must look at it."""
    moments = [t.due for t in case.tasks if case.state in OPEN and not t.done and not t.escalated]
    if case.state in (CaseState.TO_ACCEPT, CaseState.CAME_BACK) and "accept" not in case.escalated:
        moments.append(case.accept_due)
    if case.state in OPEN and "resolve" not in case.escalated:
        moments.append(case.resolve_due)
    if case.state is CaseState.UNVERIFIED and case.verify_at:
        moments.append(case.verify_at)
    return case.model_copy(update={"wake": min(moments, default=None)})


def with_clocks(case: Case, start: datetime, severity: int, settings: Settings, tighten: bool) -> Case:
    """The case with its clocks counted from `start` at that severity; with `tighten` only where sooner."""
    limits = settings.clock(severity)
    update: dict[str, Any] = {}
    bases = dict(case.bases)
    for name, limit in (("accept", limits.accept), ("resolve", limits.resolve)):
        end = due(start, Limit.parse(limit), settings.worktime).at
        if not tighten or end < getattr(case, f"{name}_due"):
            update[f"{name}_due"] = end
            bases[name] = Basis(start=start, limit=limit)
    return case.model_copy(update={**update, "bases": bases})


def same_version(entity: Entity, expected: int | None) -> None:
    """Raises Conflict when the caller saw an older version than the stored one."""
    if expected is not None and expected != entity.version:
        raise Conflict(
            "version",
            f"您看到的是第 {expected} 版，现在已是第 {entity.version} 版，请刷新后再改",
            f"you saw version {expected}, it is now {entity.version}: read it again, then change it",
            "version",
        )
