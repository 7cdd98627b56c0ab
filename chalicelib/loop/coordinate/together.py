"""Working on one case at once: tasks, comments, who is waited for, and asking another owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.notices import mentions, notify
from chalicelib.loop.own.cases import change_case
from chalicelib.loop.own.route import new_task
from chalicelib.model.case import OPEN, Case
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, User, not_found
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.workdays import Hours
from chalicelib.model.worktime import Limit, elapsed
from chalicelib.privacy.mask import mask

MOST_TASKS = 40
MOST_COMMENTS = 300


def must_be_open(case: Case) -> None:
    """Raises Conflict when nobody works on the case any more."""
    if case.state not in OPEN:
        raise Conflict(
            "case.closed",
            "工单已办结，不能再派任务",
            "the case is closed; no more tasks can be asked",
            "state",
        )


def known_department(taxonomy: Taxonomy, code: str) -> str:
    """The code, if there is such a department."""
    if code not in {d.code for d in taxonomy.departments}:
        raise Invalid(
            "department.unknown",
            "没有这个部门，可用的见 /taxonomy",
            "there is no such department; /taxonomy lists them",
            "department",
        )
    return code


def ask(
    loop: Loop, caller: Caller, case_id: str, department: str, what: str, limit: str, version: int | None
) -> Case:
    """Ask a department to do something on the case while the others go on."""

    def decide(unit: LoopUnit, case: Case) -> Case:
        must_be_open(case)
        known_department(unit.taxonomy, department)
        words = mask(what).text
        chosen = str(Limit.parse(limit)) if limit else unit.settings.task
        task = new_task(unit, case.id, department, words, caller.name, chosen)
        if any(t.id == task.id for t in case.tasks):
            return case
        if len(case.tasks) >= MOST_TASKS:
            raise Conflict(
                "case.tasks",
                f"一个工单最多 {MOST_TASKS} 个任务",
                f"a case takes at most {MOST_TASKS} tasks",
                "tasks",
            )
        notify(unit, f"department:{department}", "task_asked", f"case:{case.id}")
        after = case.model_copy(update={"tasks": (*case.tasks, task)})
        return after.with_event(
            unit.now, "TaskAsked", caller.name, task=task.id, department=department, what=words
        )

    return change_case(loop, caller, case_id, version, decide)


def finish(loop: Loop, caller: Caller, case_id: str, task_id: str, note: str, version: int | None) -> Case:
    """The department has done its task; the accountable department is told."""

    def decide(unit: LoopUnit, case: Case) -> Case:
        task = next((t for t in case.tasks if t.id == task_id), None)
        if task is None:
            raise not_found("task")
        caller.must_lead(task.department)
        if task.done:
            return case
        done = task.model_copy(update={"done": unit.now, "done_by": caller.name})
        notify(unit, f"department:{case.department}", "task_done", f"case:{case.id}", digest="tasks")
        after = case.model_copy(update={"tasks": tuple(done if t.id == task_id else t for t in case.tasks)})
        return after.with_event(
            unit.now, "TaskDone", caller.name, task=task_id, department=task.department, note=mask(note).text
        )

    return change_case(loop, caller, case_id, version, decide)


def comment(loop: Loop, caller: Caller, case_id: str, text: str) -> Case:
    """Say something on a case; @name tells that person. Repeating the same words right away says it once."""

    def decide(unit: LoopUnit, case: Case) -> Case:
        words = mask(text).text
        last = case.history[-1] if case.history else None
        if last and last.name == "Commented" and last.actor == caller.name and last.data["text"] == words:
            return case
        if sum(e.name == "Commented" for e in case.history) >= MOST_COMMENTS:
            raise Conflict(
                "case.comments",
                f"一个工单最多 {MOST_COMMENTS} 条评论",
                f"a case takes at most {MOST_COMMENTS} comments",
                "text",
            )
        called = [name for name in unit.many(User, mentions(words)) if name != caller.name]
        for name in called:
            notify(unit, f"user:{name}", "mentioned", f"case:{case.id}", anew=True)
        return case.with_event(unit.now, "Commented", caller.name, text=words, mentions=called)

    return change_case(loop, caller, case_id, None, decide)


def ask_owner(
    loop: Loop, caller: Caller, case_id: str, department: str, reason: str, version: int | None
) -> Case:
    """Ask another department to be accountable. Until it accepts, the present one stays responsible."""

    def decide(unit: LoopUnit, case: Case) -> Case:
        must_be_open(case)
        caller.must_lead(case.department)
        if known_department(unit.taxonomy, department) == case.department:
            raise Invalid(
                "case.same_owner",
                "它已经是责任部门",
                "it is the accountable department already",
                "department",
            )
        if case.asked_department == department:
            return case
        notify(unit, f"department:{department}", "owner_asked", f"case:{case.id}")
        after = case.model_copy(update={"asked_department": department})
        return after.with_event(
            unit.now, "OwnerAsked", caller.name, department=department, reason=mask(reason).text
        )

    return change_case(loop, caller, case_id, version, decide)


def waited_for(case: Case, now: datetime, hours: Hours) -> list[dict[str, Any]]:
    """Who is waited for on a case, since when, for how many business minutes, and whether the clock ran out."""

    def row(department: str, what: str, since: datetime, until: datetime) -> dict[str, Any]:
        minutes = elapsed(since, now, hours)
        return {
            "department": department,
            "for": what,
            "since": since,
            "minutes": minutes,
            "due": until,
            "late": now > until,
        }

    rows = [row(t.department, t.id, t.opened, t.due) for t in case.tasks if not t.done]
    if case.state in ("to_accept", "came_back"):
        since = case.history[-1].at if case.state == "came_back" else case.opened
        rows.append(row(case.department, "accept", since, case.accept_due))
    elif case.state == "working" and not rows:
        rows.append(row(case.department, "resolve", case.accepted or case.opened, case.resolve_due))
    return rows
