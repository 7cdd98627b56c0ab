"""What another owner of a cause takes over, and what stays where it is: work that is open is never handed over."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chalicelib.loop.context import LoopUnit
from chalicelib.model.case import OPEN, Case
from chalicelib.model.months import month_of
from chalicelib.model.project import Project, ProjectState
from chalicelib.model.taxonomy import Taxonomy

MOST = 5_000
"""Open cases of a state that are counted."""
MOST_PROJECTS = 1_000


def running(unit: LoopUnit) -> list[Project]:
    """The projects that have not ended."""
    every = unit.find(Project, "project.all", "all", limit=MOST_PROJECTS)
    return [project for project in every if project.state != ProjectState.ENDED]


def handed(
    unit: LoopUnit, before: Taxonomy, after: Taxonomy, projects: list[Project]
) -> dict[str, dict[str, Any]]:
    """cause -> what its new owner does not take over, of every cause that another department would own.

    `cases`: how many of its cases are open, by the department that stays accountable; `capped`: there may be more.
    `projects`: those that work on it and stay with another department. `month`: the first month of the ledger
    that charges the new owner, with what is taken in from now on; what is booked stays.
    """
    moved = [
        code
        for code in after.by_code
        if code in before.by_code and before.department_of(code) != after.department_of(code)
    ]
    if not moved:
        return {}
    open_, capped = _open_cases(unit)
    return {
        code: {
            "from": before.department_of(code),
            "to": after.department_of(code),
            "cases": dict(open_.get(code, {})),
            "capped": capped,
            "projects": [_row(p) for p in projects if p.plan.cause == code and p.department != after.department_of(code)],
            "month": month_of(unit.now),
        }
        for code in moved
    }  # fmt: skip


def _open_cases(unit: LoopUnit) -> tuple[dict[str, Counter[str]], bool]:
    """cause -> department -> open cases, and whether there are more than are counted."""
    counted: dict[str, Counter[str]] = {}
    capped = False
    for state in sorted(OPEN):
        page = unit.store.find(Case, "case.state", state, limit=MOST)
        capped = capped or bool(page.next)
        for case in unit.many(Case, page.keys).values():
            counted.setdefault(case.cause, Counter())[case.department] += 1
    return counted, capped


def _row(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "title": project.title,
        "department": project.department,
        "state": project.state,
    }
