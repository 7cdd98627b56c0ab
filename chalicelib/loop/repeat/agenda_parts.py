"""The rows of each part of a cycle's agenda: what is there to be decided at this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.discovering import likely_owner
from chalicelib.loop.focus.ranking import ranking
from chalicelib.loop.listen.arriving import CHANNEL_ZH
from chalicelib.loop.measure.completeness import ChannelDay, completeness
from chalicelib.loop.track.alarms import of_week
from chalicelib.model.case import OPEN, Case
from chalicelib.model.cycle import Figure, Item
from chalicelib.model.entity import stamp
from chalicelib.model.project import Look, Project, ProjectState
from chalicelib.model.proposal import Proposal, ProposalState
from chalicelib.model.voice import Andon, AndonState
from chalicelib.model.weeks import date_of, local, shift, week_start

FOCUS_WEEKS = 4
FOCUS_LENGTH = 20
MOST_READ = 1_000
"""Overdue cases that are looked at; beyond them a row says "at least"."""
WAITING = (ProjectState.PROPOSED, ProjectState.ACCEPTED)


def focus(loop: Loop, week: str) -> list[Item]:
    """The ranked causes of the four complete weeks before, with the factors of their priority."""
    rows = ranking(loop, shift(week, -FOCUS_WEEKS), shift(week, -1))
    shown = ("contacts", "cost", "irritation", "reach", "priority")
    return [
        Item(
            part="focus",
            code=row.cause,
            label=row.label,
            department=row.department,
            numbers={name: getattr(row, name) for name in shown},
            link=f"/contacts?cause={row.cause}",
        )
        for row in rows
    ]


def verdicts(loop: Loop, week: str) -> list[Item]:
    """Looks at projects that were taken since the week before began, relapses first; each is gone through once."""
    unit = loop.unit()
    taken = unit.find(Look, "look.all", "all", low=stamp(week_start(shift(week, -1))), limit=MOST_READ)
    found = unit.many(Project, (look.project for look in taken))
    return [
        _of_project(
            "verdicts",
            found[look.project],
            word=look.word,
            **_ratio(look),
            at_weeks=look.weeks,
            week=look.week,
        )
        for look in sorted(taken, key=lambda look: (not look.relapsed, look.at, look.key))
        if look.project in found
    ]


def _rounded(figure: float | None) -> float | None:
    """With more digits than anybody is shown: a figure that was rounded twice is another than the board's."""
    return None if figure is None else round(figure, 6)


def _ratio(look: Look) -> dict[str, Figure]:
    ratio = look.figures.get("mean_ratio")
    return {} if ratio is None else {"ratio": _rounded(ratio)}


def alarms(loop: Loop, week: str) -> list[Item]:
    """Alarms of the week before, once it has been judged; the contacts are those of the weeks that are compared."""
    judged = of_week(loop, shift(week, -1))
    if judged is None:
        return []
    unit = loop.unit()
    return [
        Item(
            part="alarms",
            code=one.cause,
            label=unit.taxonomy.label(one.cause),
            department=one.department,
            numbers={
                "week": judged.week,
                "observed": None if one.observed is None else round(one.observed),
                "expected": _rounded(one.expected),
                "ratio_usual": _rounded(one.ratio),
            },
            link=f"/chart?cause={one.cause}",
        )
        for one in judged.alarms
    ]


def gaps(loop: Loop, week: str) -> list[Item]:
    """Channels of the week before and this one whose contacts did not all arrive, the most missing first."""
    today, monday = date_of(loop.clock()), week_start(shift(week, -1))
    lacking: dict[str, list[ChannelDay]] = defaultdict(list)
    for day in completeness(loop, date_of(monday), today):
        if day.alarm:
            lacking[day.channel].append(day)
    found = {channel: sum(day.missing for day in days) for channel, days in lacking.items()}
    return [
        Item(
            part="gaps",
            code=channel,
            label=CHANNEL_ZH.get(channel, channel),
            department=loop.unit().taxonomy.service,
            numbers={"missing": n, "days": len(lacking[channel])},
            link=f"/completeness?first={lacking[channel][0].day}",
        )
        for channel, n in sorted(found.items(), key=lambda row: (-row[1], row[0]))
    ]


def proposals(loop: Loop, week: str) -> list[Item]:
    """Causes nobody has named yet, the largest first."""
    unit = loop.unit()
    found = unit.find(Proposal, "proposal.state", ProposalState.OPEN, newest_first=True)
    return [
        Item(
            part="proposals",
            code=p.id,
            label=p.name,
            department=likely_owner(p, unit.taxonomy),
            numbers={"weekly": round(p.weekly, 1), "contacts": p.count, "found": p.week},
            link=f"/proposals/{p.id}",
        )
        for p in sorted(found, key=lambda p: (-p.weekly, p.id))
    ]


def waiting(loop: Loop, week: str) -> list[Item]:
    """Projects that somebody has to accept or to start, the oldest first."""
    found = [p for p in _projects(loop) if p.state in WAITING]
    return [
        _of_project("projects", p, state=str(p.state), proposed=_day(p.created), starts=_day(p.plan.starts))
        for p in sorted(found, key=lambda p: (p.created, p.id))
    ]


def cases(loop: Loop, week: str) -> list[Item]:
    """Departments with cases whose clock ran out, most of them first."""
    unit = loop.unit()
    found = [c for state in sorted(OPEN) for c in _overdue(unit, "case.state", state)]
    return _by_department("cases", unit, [(c.department, c.due) for c in found], len(found))


def tasks(loop: Loop, week: str) -> list[Item]:
    """Departments with tasks whose clock ran out, most of them first."""
    unit = loop.unit()
    found = _overdue(unit, "case.task", "open")
    late = [(t.department, t.due) for c in found for t in c.tasks if not t.done and t.due <= unit.now]
    return _by_department("tasks", unit, late, len(found))


def andons(loop: Loop, week: str) -> list[Item]:
    """Stop requests that nobody answered inside the clock, the oldest first."""
    unit = loop.unit()
    found = unit.find(Andon, "andon.state", AndonState.RAISED, high=stamp(unit.now), limit=MOST_READ)
    names = _departments(unit)
    return [
        Item(
            part="andons",
            code=a.id,
            label=names.get(a.department, a.department),
            department=a.department,
            numbers={"raised": _day(a.created), "due": _day(a.due), "evidence": len(a.evidence)},
            link="/andons",
        )
        for a in found
    ]


def _projects(loop: Loop) -> Iterable[Project]:
    return loop.unit().find(Project, "project.all", "all", newest_first=True)


def _of_project(part: str, project: Project, **numbers: Figure) -> Item:
    return Item(
        part=part,
        code=project.id,
        label=project.title[:60],
        department=project.department,
        numbers={**numbers, "cause": project.plan.cause},
        link=f"/projects/{project.id}",
    )


def _overdue(unit: LoopUnit, listing: str, partition: str) -> list[Case]:
    return unit.find(Case, listing, partition, high=stamp(unit.now), limit=MOST_READ)


def _by_department(part: str, unit: LoopUnit, late: Iterable[tuple[str, datetime]], read: int) -> list[Item]:
    ends: dict[str, list[datetime]] = defaultdict(list)
    for department, due in late:
        ends[department].append(due)
    names, at_least = _departments(unit), {"at_least": 1} if read >= MOST_READ else {}
    return [
        Item(
            part=part,
            code=department,
            label=names.get(department, department),
            department=department,
            numbers={"overdue": len(dues), "oldest": _day(min(dues)), **at_least},
            link=f"/cases?department={department}",
        )
        for department, dues in sorted(ends.items(), key=lambda row: (-len(row[1]), row[0]))
    ]


def _departments(unit: LoopUnit) -> dict[str, str]:
    return {d.code: d.name_zh for d in unit.taxonomy.departments}


def _day(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d}"


Rows = Callable[[Loop, str], list[Item]]
