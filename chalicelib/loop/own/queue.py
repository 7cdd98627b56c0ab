"""The queue of cases, by clock or by cost and irritation; pages follow each other without gap or repetition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.coordinate.together import waited_for
from chalicelib.loop.measure.numbers import by_week, total
from chalicelib.loop.own.members import opened_by
from chalicelib.model.case import OPEN, Case, CaseState
from chalicelib.model.contact import Contact
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import shift, week_of

Order = Literal["clock", "cost"]
WAITING = (CaseState.TO_ACCEPT, CaseState.CAME_BACK, CaseState.WORKING, CaseState.UNVERIFIED)
"""The states in which somebody waits: the tabs of the queue."""
MOST = 3_000
"""Cases of one list that are counted and ranked; of more, those with the nearest clock."""
COST_WEEKS = 4
"""As in the focus list."""
QUOTE = 60
"""Characters of the customer's words."""
LONGEST_MARK = 80


class Asked(NamedTuple):
    """Which cases, in which order, from which mark on."""

    department: str = ""
    state: CaseState | None = None
    order: Order = "clock"
    limit: int = 100
    cursor: str = ""


class Found(NamedTuple):
    """A page of cases and the mark of the next ("" at the end); `cut`: there are more than are ranked."""

    cases: list[Case]
    cursor: str
    cut: bool = False


def places(caller: Caller, asked: Asked, states: list[CaseState]) -> list[tuple[str, str]]:
    """(index, partition) of what is asked for; a lead without a department has those of all its own."""
    if asked.department:
        caller.must_see([asked.department], "department")
    elif caller.role is not Role.LEAD:
        return [("case.state", str(s)) for s in states]
    departments = [asked.department] if asked.department else caller.departments
    return [("case.queue", f"{d}/{s}") for d in departments for s in states]


def queue(loop: Loop, caller: Caller, asked: Asked) -> Found:
    """One page; without a state of all open cases. By clock: the most urgent first. By cost: `pressing` first."""
    return _found(loop.unit(), caller, asked)


def listing(loop: Loop, caller: Caller, asked: Asked) -> dict[str, Any]:
    """The same as rows of a list; with the first page how many cases each tab has, `most` + 1 for more."""
    unit, costs = loop.unit(), Costs(loop.unit())
    found = _found(unit, caller, asked, costs)
    counted = {} if asked.cursor else {"counts": counts(unit, caller, asked.department)}
    shown = rows(unit, found.cases, costs)
    return {**counted, "rows": shown, **_shared(unit, found)}


def _shared(unit: LoopUnit, found: Found) -> dict[str, Any]:
    """Of a list as a whole: `day_minutes` turns working minutes into working days."""
    day = unit.settings.worktime.minutes
    return {"cursor": found.cursor, "cut": found.cut, "most": MOST, "day_minutes": day}


def _found(unit: LoopUnit, caller: Caller, asked: Asked, costs: Costs | None = None) -> Found:
    where = places(caller, asked, [asked.state] if asked.state else sorted(OPEN))
    if asked.order == "clock":
        return _by_clock(unit, where, asked)
    return _by_cost(unit, where, asked, costs or Costs(unit))


def _by_clock(unit: LoopUnit, where: list[tuple[str, str]], asked: Asked) -> Found:
    """Each partition is read from the mark on, however many cases run out at the same moment."""
    begin, key = _mark(asked.cursor) if asked.cursor else ("", "")
    found: dict[str, Case] = {}
    for place in where:
        rest = asked.limit + 1
        for case in _from(unit, place, begin, asked.limit + 1):
            if (stamp(case.due), case.id) > (begin, key):
                found[case.id], rest = case, rest - 1
            if not rest:
                break
    return _page(sorted(found.values(), key=lambda c: (stamp(c.due), c.id)), asked, lambda c: stamp(c.due))


def _from(unit: LoopUnit, place: tuple[str, str], low: str, each: int) -> Iterator[Case]:
    after = ""
    while True:
        page = unit.store.find(Case, *place, low=low, limit=each, after=after)
        yield from unit.many(Case, page.keys).values()
        if not (after := page.next):
            return


def _by_cost(unit: LoopUnit, where: list[tuple[str, str]], asked: Asked, costs: Costs) -> Found:
    keys = _keys(unit, where)
    cases = list(unit.many(Case, keys[:MOST]).values())
    ranked = sorted(((-pressing(case, costs), case.id, case) for case in cases), key=lambda row: row[:2])
    if asked.cursor:
        text, key = _mark(asked.cursor)
        begin = (-int(text), key)
        ranked = [row for row in ranked if row[:2] > begin]
    found = [case for _, _, case in ranked]
    page = _page(found, asked, lambda c: str(pressing(c, costs)))
    return page._replace(cut=len(keys) > MOST)


def _keys(unit: LoopUnit, where: list[tuple[str, str]]) -> list[str]:
    """Of all partitions together, without repetition; one more than `MOST` says that there are more."""
    every = (key for place in where for key in unit.store.find(Case, *place, limit=MOST + 1).keys)
    return list(dict.fromkeys(every))[: MOST + 1]


def _page(found: list[Case], asked: Asked, mark: Any) -> Found:
    shown = found[: asked.limit]
    return Found(shown, f"{mark(shown[-1])}/{shown[-1].id}" if len(found) > len(shown) else "")


def _mark(cursor: str) -> tuple[str, str]:
    text, _, key = cursor.partition("/")
    if not (text.isascii() and text.isdigit() and key) or len(cursor) > LONGEST_MARK:
        raise Invalid(
            "cases.page",
            "翻页标记无效，请从第一页重新开始",
            "this mark does not belong to this list; start again from the first page",
            "cursor",
        )
    return text, key


class Costs:
    """What a contact on each cause cost on average in the last finished weeks: the same all week, so that pages
    of one list follow each other. A cause without contacts in them costs what contacts cost on average."""

    def __init__(self, unit: LoopUnit) -> None:
        last = shift(week_of(unit.now), -1)
        weeks = by_week(unit.store, "cause", shift(last, 1 - COST_WEEKS), last)
        sums = {cause: total(weeks, cause) for cause in {part for week in weeks.values() for part in week}}
        every: Counter[str] = sum(sums.values(), Counter())
        self._usual = _mean(every)
        self._by_cause = {cause: mean for cause, fields in sums.items() if (mean := _mean(fields))}

    def of(self, cause: str) -> int | None:
        """Fen a contact; None when nothing is known of any cause yet."""
        return self._by_cause.get(cause, self._usual)


def _mean(fields: Mapping[str, int]) -> int | None:
    n = fields.get("n", 0)
    return round(fields.get("cost", 0) / n) if n > 0 else None


def pressing(case: Case, costs: Costs) -> int:
    """Cost so far x irritation, in quarters of a fen: contacts x cost a contact x (1 + severity)."""
    return case.contacts * (costs.of(case.cause) or 1) * (1 + case.severity)


def counts(unit: LoopUnit, caller: Caller, department: str = "") -> dict[str, int]:
    """How many cases each tab has, `MOST` + 1 for more."""
    asked = Asked(department)
    return {str(s): len(_keys(unit, places(caller, asked, [s]))) for s in WAITING}


def rows(unit: LoopUnit, found: list[Case], costs: Costs) -> list[dict[str, Any]]:
    """What the list shows of cases: the customer's words, cost and irritation, who is waited for."""
    said = _quotes(unit, found)
    return [_row(unit, case, costs.of(case.cause), said.get(case.id, "")) for case in found]


def _row(unit: LoopUnit, case: Case, each: int | None, quote: str) -> dict[str, Any]:
    waited = sorted(waited_for(case, unit.now, unit.settings.worktime), key=lambda row: row["due"])
    tasks = {task.id: task.what for task in case.tasks}
    wanted = ("id", "cause", "department", "asked_department", "state", "severity", "contacts", "reopened")
    return {
        **{name: getattr(case, name) for name in wanted},
        "due": _running(case),
        "quote": quote,
        "cost": None if each is None else each * case.contacts,
        "irritation": (1 + case.severity) / 4,
        "waited_for": {**waited[0], "what": tasks.get(waited[0]["for"], "")} if waited else None,
        "waited_more": max(0, len(waited) - 1),
    }


def _running(case: Case) -> datetime | None:
    """When the clock that runs ends; none runs once the department has done its part."""
    return case.due if case.state in OPEN else None


def quotes(unit: LoopUnit, cases: list[str]) -> dict[str, str]:
    """By case how the customer put it first, masked and short."""
    return _quotes(unit, list(unit.many(Case, cases).values()))


def _quotes(unit: LoopUnit, found: list[Case]) -> dict[str, str]:
    first = {case.id: key for case in found for key in opened_by(case)}
    contacts = unit.many(Contact, first.values())
    return {case: short(contacts[key].text) for case, key in first.items() if key in contacts}


def short(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTE else line[: QUOTE - 1] + "…"
