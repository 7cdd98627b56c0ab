"""The agenda of a cycle: computed once when its week begins, stored, and small enough for one store item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.repeat import agenda_parts as rows
from chalicelib.model.cycle import AgendaSnooze, Cycle, Item
from chalicelib.model.weeks import shift


class Part(NamedTuple):
    """One part of the agenda: its name in both languages, its rows, at most how many of them are kept.

    `stays`: a row tells of something that happened, so it comes again until something is decided about it;
    the others tell how things stand, and go by themselves when they no longer do. `late`: what it tells of may be
    known only some days into the week (a week is judged when its denominators have come); until the cycle is closed
    such rows are added, and none is taken away.
    """

    zh: str
    en: str
    rows: rows.Rows
    most: int = 20
    stays: bool = False
    late: bool = False


PARTS: dict[str, Part] = {
    "focus": Part("聚焦清单", "Focus list", rows.focus, rows.FOCUS_LENGTH),
    "alarms": Part("告警", "Alarms", rows.alarms, late=True),
    "verdicts": Part("到期的结论", "Verdicts that were due", rows.verdicts, late=True),
    "proposals": Part("新原因的提议", "Proposed causes", rows.proposals),
    "projects": Part("待接受或待开始的项目", "Projects to accept or start", rows.waiting),
    "cases": Part("超时的工单", "Overdue cases", rows.cases),
    "tasks": Part("超时的任务", "Overdue tasks", rows.tasks),
    "andons": Part("超时未答复的安灯", "Unanswered stop requests", rows.andons),
    "gaps": Part("没有收全的渠道", "Channels with missing contacts", rows.gaps, late=True),
}
"""The agenda, in the order in which it is gone through. A further part is a line here."""

MOST_SNOOZES = 1_000


def computed(loop: Loop, cycle: Cycle, before: Cycle | None, parts: Mapping[str, Part] = PARTS) -> Cycle:
    """The cycle with its agenda as of now: what is put off is left out, what the cycle before left undecided
    is marked with the cycle that had it first."""
    unit = loop.unit()
    asleep = snoozed_names(unit, cycle.week)
    earlier = {item.id: item for item in before.handed_on()} if before else {}
    kept: list[Item] = []
    left_out, put_off = Counter[str](), Counter[str]()
    for name, part in parts.items():
        found = [_since(item, earlier) for item in part.rows(loop, cycle.week)]
        if part.stays:
            here = {item.id for item in found}
            found += [item for item in earlier.values() if item.part == name and item.id not in here]
        awake = [item for item in found if asleep.isdisjoint((item.id, item.code))]
        put_off[name] = len(found) - len(awake)
        left_out[name] = max(0, len(awake) - part.most)
        kept += awake[: part.most]
    update: dict[str, Any] = {
        "agenda": tuple(kept),
        "left_out": dict(+left_out),
        "snoozed": dict(+put_off),
        "prepared": unit.now,
    }
    return cycle.model_copy(update=update)


def with_late_rows(loop: Loop, cycle: Cycle, parts: Mapping[str, Part] = PARTS) -> Cycle:
    """The same open cycle with the rows of `late` parts that were not known when it opened."""
    late = {name: part for name, part in parts.items() if part.late}
    asleep = snoozed_names(loop.unit(), cycle.week) if late else set()
    known, left_out = {item.id for item in cycle.agenda}, dict(cycle.left_out)
    rows = list(cycle.agenda)
    for name, part in late.items():
        room = max(0, part.most - sum(item.part == name for item in rows))
        found = [item for item in part.rows(loop, cycle.week) if item.id not in known]
        fresh = [item for item in found if asleep.isdisjoint((item.id, item.code))]
        rows += fresh[:room]
        if len(fresh) > room:
            left_out[name] = max(left_out.get(name, 0), len(fresh) - room)
    if (len(rows), left_out) == (len(cycle.agenda), cycle.left_out):
        return cycle
    order = list(parts)
    rows.sort(key=lambda item: order.index(item.part) if item.part in order else len(order))
    return cycle.model_copy(update={"agenda": tuple(rows), "left_out": left_out})


def _since(item: Item, earlier: Mapping[str, Item]) -> Item:
    known = earlier.get(item.id)
    return item.model_copy(update={"since": known.since}) if known else item


def snoozed_names(unit: LoopUnit, week: str) -> set[str]:
    """What is put off beyond this week: ids or codes of rows."""
    asleep = unit.find(AgendaSnooze, "agenda_snooze.all", "all", low=shift(week, 1), limit=MOST_SNOOZES)
    return {snooze.about for snooze in asleep}
