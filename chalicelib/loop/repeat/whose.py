"""Whose matter a decision is about: its name resolved to the department that answers for it."""

from __future__ import annotations

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.focus.discovering import likely_owner
from chalicelib.model.case import Case
from chalicelib.model.cycle import Cycle
from chalicelib.model.errors import Forbidden
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import Project
from chalicelib.model.proposal import Proposal
from chalicelib.model.taxonomy import OTHER
from chalicelib.model.voice import Andon


def of_row(unit: LoopUnit, cycle: Cycle, about: str) -> str | None:
    """The department whose matter it is, if it is a row of the agenda or a cause."""
    for item in cycle.agenda:
        if about in (item.id, item.code):
            return item.department
    known = unit.taxonomy.by_code.get(about)
    return known.department if known else None


def of_anything(unit: LoopUnit, cycle: Cycle, about: str) -> str:
    """The department of a row of the agenda, or of what the last part of the name means: a cause, a department, a
    project, case, andon or proposed cause by its number. Empty when it names nothing that is one's."""
    code = about.rpartition("/")[2]
    row = of_row(unit, cycle, about) or of_row(unit, cycle, code)
    return row or _of_code(unit, code) or _of_number(unit, code)


def _of_code(unit: LoopUnit, code: str) -> str:
    if code == OTHER:
        return unit.taxonomy.service
    return code if any(code == one.code for one in unit.taxonomy.departments) else ""


def _of_number(unit: LoopUnit, number: str) -> str:
    for start, kind in NUMBERED.items():
        if number.startswith(start):
            found = unit.get(kind, number)
            return found.department if found else ""
    proposal = unit.get(Proposal, number) if number.startswith("N-") else None
    return likely_owner(proposal, unit.taxonomy) if proposal else ""


NUMBERED: dict[str, type[Project | Case | Andon]] = {"P-": Project, "K-": Case, "A-": Andon}
"""How the numbers begin, and of what."""


def must_be_own(caller: Caller, department: str) -> None:
    """Forbidden for a lead unless it is the matter of a department of theirs. One refusal for other departments'
    matters and for what names nothing: it tells nobody what there is elsewhere."""
    if caller.role is Role.LEAD and department not in caller.departments:
        raise Forbidden(
            "role.department",
            "没有这一项，或不归您的部门；请写本部门的原因代码、项目 P-…、工单 K-…、安灯 A-…，或议程里的编号",
            "there is no such matter, or it is not your department's; name a cause, a project P-…, a case K-…,"
            " an andon A-… of your department, or a row of the agenda",
            "about",
        )
