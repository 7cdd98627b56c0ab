"""Before a project starts: what its start would fix, and what a verdict could then show. Nothing is saved."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.loop.coordinate.together import known_department
from chalicelib.loop.track.projects import agreed
from chalicelib.loop.track.verdicts import due, outlook
from chalicelib.model.people import Caller
from chalicelib.model.project import Plan, Project

Row = dict[str, Any]


def foretell(loop: Loop, caller: Caller, department: str, plan: Plan) -> Row:
    """The plan with all that enters the verdict filled in, its seal, when there would be verdicts and how sure they
    would be. What a proposal of it would be refused for is refused here."""
    unit = loop.unit()
    known_department(unit.taxonomy, department)
    fixed = agreed(unit, caller, plan, department)
    draft = Project(
        id="",
        title="",
        hypothesis="",
        owner=caller.name,
        department=department,
        reach=fixed.expected_effect,
        plan=fixed,
        created=unit.now,
    )
    return {"plan": fixed, "seal": fixed.seal, "sealed": fixed.sealed, "outlook": outlook(loop, draft),
            "schedule": schedule(draft)}  # fmt: skip


def schedule(project: Project) -> list[Row]:
    """Every look of a project, taken or to come: after how many counted weeks, which is the last, when it is due."""
    plan = project.plan
    return [
        {"weeks": n, "week": plan.week(n), "due": due(plan, n), "taken": at < project.looked}
        for at, n in enumerate(plan.looks)
    ]
