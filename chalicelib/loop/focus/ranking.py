"""The ranked list of causes: cost x irritation x what no running project reaches, each factor shown."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.numbers import by_week, total
from chalicelib.model.entity import Fact
from chalicelib.model.project import Project, ProjectState
from chalicelib.model.taxonomy import Taxonomy


class Rank(Fact):
    """One cause of the focus list."""

    cause: str
    label: str
    department: str
    contacts: int
    cost: int
    """Fen: what the cause cost in those weeks."""
    irritation: float
    """(1 + mean severity) / 4, from 0.25 to 1: how much each contact hurt the customer."""
    reach: float
    """Share of its contacts that running projects address, at most 1."""
    priority: float
    """cost x irritation x (1 - reach)."""
    share: float
    """Of all contacts with a cause."""
    running: float
    """Share of this cause and all before it when ordered by contacts (Pareto)."""
    projects: tuple[str, ...]


def reach_by_cause(unit: LoopUnit) -> dict[str, tuple[float, tuple[str, ...]]]:
    """What live projects address, by cause: summed, at most all of it."""
    live: dict[str, list[Project]] = {}
    for project in unit.find(Project, "project.all", "all"):
        if project.state is ProjectState.LIVE and project.plan.starts <= unit.now:
            live.setdefault(project.plan.cause, []).append(project)
    return {
        cause: (min(1.0, sum(p.reach for p in projects)), tuple(p.id for p in projects))
        for cause, projects in live.items()
    }


def ranking(loop: Loop, first: str, last: str) -> list[Rank]:
    """All causes that had contacts in those weeks, the most pressing first."""
    unit = loop.unit()
    weeks = by_week(loop.store, "cause", first, last)
    causes = sorted({part for week in weeks.values() for part in week})
    sums = {cause: total(weeks, cause) for cause in causes}
    return rank(sums, unit.taxonomy, reach_by_cause(unit))


def rank(
    sums: dict[str, Counter[str]], taxonomy: Taxonomy, reach: dict[str, tuple[float, tuple[str, ...]]]
) -> list[Rank]:
    """The pure part of `ranking`."""
    everything = sum(fields["n"] for fields in sums.values())
    rows, running = [], 0
    for cause, fields in sorted(sums.items(), key=lambda item: (-item[1]["n"], item[0])):
        n = fields["n"]
        if n <= 0:
            continue
        running += n
        irritation = (1 + fields["severity"] / n) / 4
        reached, projects = reach.get(cause, (0.0, ()))
        rows.append(
            Rank(
                cause=cause,
                label=taxonomy.label(cause),
                department=taxonomy.department_of(cause),
                contacts=n,
                cost=fields["cost"],
                irritation=round(irritation, 6),
                reach=reached,
                priority=round(fields["cost"] * irritation * (1 - reached), 2),
                share=n / everything,
                running=running / everything,
                projects=projects,
            )
        )
    return sorted(rows, key=lambda r: (-r.priority, r.cause))


def pareto(rows: list[Rank]) -> list[dict[str, Any]]:
    """The same causes ordered by contacts, with the running share; `vital` are those up to 80 %."""
    ordered = sorted(rows, key=lambda r: (-r.contacts, r.cause))
    return [
        {
            "cause": r.cause,
            "label": r.label,
            "contacts": r.contacts,
            "share": r.share,
            "running": r.running,
            "vital": r.running - r.share < 0.8,
        }
        for r in ordered
    ]
