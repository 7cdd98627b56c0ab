"""The loop's states, events and moves in Chinese, as people read them on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.loop.own.moves import STATE_ZH
from chalicelib.loop.repeat import wording
from chalicelib.model.case import Case, CaseState
from chalicelib.model.people import Caller
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import local

CASE_EVENTS = {
    "CaseOpened": "开单",
    "ContactJoined": "又有联络",
    "ContactLeft": "联络移出",
    "CaseAccepted": "接受",
    "CaseResolved": "办结",
    "CaseCameBack": "又回来了",
    "CaseVerified": "已验证",
    "CaseWithdrawn": "撤销",
    "ClockRanOut": "超时",
    "TaskAsked": "派任务",
    "TaskDone": "任务完成",
    "Commented": "评论",
    "OwnerAsked": "请接手",
    "CauseMerged": "原因并入",
    "OwnerChanged": "换责任部门",
    "CustomerCalled": "回访",
}
EVENT_DATA = {
    "contact": "联络",
    "task": "任务",
    "department": "部门",
    "what": "内容",
    "note": "说明",
    "text": "内容",
    "mentions": "提到",
    "reason": "理由",
    "from": "原部门",
    "to": "新部门",
    "clock": "时限",
    "reached": "接通",
    "resolved": "客户说已解决",
    "cause": "原因",
    "severity": "严重",
}
MOVES = {"accept": "接受", "resolve": "办结"}
PROJECT_STATES = {
    "proposed": "待接受",
    "accepted": "已接受",
    "live": "进行中",
    "reopened": "复发重开",
    "ended": "已结束",
}
VERDICT_STATES = {
    "not_started": "未开始",
    "waiting_to_start": "等待开始",
    "washing_in": "磨合期",
    "not_enough_data_yet": "数据还不够",
    "due": "可以下结论",
    "judged": "已下结论",
}
WORDS = {
    "IMPROVED": "有改进",
    "WORSENED": "更差了",
    "NO_CHANGE_SHOWN": "没有看到变化",
    "NOT_ENOUGH_DATA_YET": "数据还不够",
    "MOVED": "挪到了别处",
    "NOT_SEPARABLE": "分不开",
}
"""The words of a verdict."""
CALLBACK_STATES = {
    "to_call": "待拨",
    "reached": "已接通",
    "not_reached": "没接通",
    "cancelled": "已取消",
    "erased": "客户资料已删除",
}
ANDON_STATES = {"raised": "待答复", "answered": "已答复", "closed": "已关闭"}
PROMISE_STATES = {
    "open": "待兑现",
    "kept": "已兑现",
    "late": "迟了才兑现",
    "broken": "没做到",
    "void": "已作废",
}
ANDON_ANSWERS = {"stopped": "已停", "contained": "已控制", "refused": "不停"}
DECISIONS = {code: zh for code, (zh, _) in wording.WHAT.items()}
CYCLE_STATES = {"open": "进行中", "closed": "已关闭"}


def yes_no(value: bool) -> str:
    """是 or 否."""
    return "是" if value else "否"


def department(taxonomy: Taxonomy, code: str) -> str:
    """A department's Chinese name; the code when it is no longer known."""
    return next((d.name_zh for d in taxonomy.departments if d.code == code), code or "—")


def state(case: Case) -> str:
    """A case's state in Chinese."""
    return STATE_ZH[case.state]


def actor(name: str) -> str:
    """Who did it."""
    return {"system": "系统", "operator": "管理员"}.get(name, name)


def minute(moment: datetime) -> str:
    """Month, day and time on the clock in Shanghai."""
    return f"{local(moment):%m-%d %H:%M}"


def event_data(data: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """What an event holds, in words; what is empty is left out."""
    given = {k: v for k, v in data.items() if v not in (None, "", [])}
    return "、".join(f"{EVENT_DATA.get(k, k)}={_value(k, v, taxonomy)}" for k, v in given.items())


def _value(name: str, value: Any, taxonomy: Taxonomy) -> str:
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    if name in ("department", "from", "to"):
        return department(taxonomy, value)
    if name == "clock":
        return MOVES.get(value, f"任务 {value}")
    return taxonomy.label(value) if name == "cause" else str(value)


def to_do(case: Case, caller: Caller, taxonomy: Taxonomy) -> str:
    """What the caller's departments have to do on a case; for all others, what the accountable one has to."""
    mine = caller.only if caller.only is not None else (case.department,)
    waiting = [t for t in case.tasks if not t.done]
    steps = [f"任务 {t.id}" for t in waiting if t.department in mine]
    if case.state not in (CaseState.TO_ACCEPT, CaseState.WORKING, CaseState.CAME_BACK):
        return "—"
    if case.asked_department in mine:
        steps.append("接手 accept")
    if case.department in mine and case.state is not CaseState.WORKING:
        steps.append("接受 accept")
    elif case.department in mine and not waiting:
        steps.append("办结 resolve")
    elif not steps:
        names = dict.fromkeys(department(taxonomy, t.department) for t in waiting) or [
            department(taxonomy, case.department)
        ]
        return f"等 {'、'.join(names)}"
    return "；".join(steps)
