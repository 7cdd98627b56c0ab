"""The agenda of a cycle: computed when its week begins, kept up until it is closed, small enough for one store item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.repeat import agenda_parts as rows
from chalicelib.model.cycle import AgendaSnooze, Cycle, Item
from chalicelib.model.weeks import shift


class Part(NamedTuple):
    """One part of the agenda: its name in both languages, its rows, at most how many of them are kept.

    `stays`: a row tells of something that happened, so it comes again until something is decided about it;
    the others tell how things stand, and go by themselves when they no longer do. `fixed`: of the weeks before
    the cycle, so worked out once when it opens; the others follow what is there until the cycle is closed.
    """

    zh: str
    en: str
    rows: rows.Rows
    most: int = 20
    stays: bool = False
    fixed: bool = False


PARTS: dict[str, Part] = {
    "focus": Part("聚焦清单", "Focus list", rows.focus, rows.FOCUS_LENGTH, fixed=True),
    "alarms": Part("告警", "Alarms", rows.alarms),
    "verdicts": Part("到期的结论", "Verdicts that were due", rows.verdicts),
    "proposals": Part("新原因的提议", "Proposed causes", rows.proposals),
    "projects": Part("待接受或待开始的项目", "Projects waiting", rows.waiting),
    "cases": Part("超时的工单", "Overdue cases", rows.cases),
    "tasks": Part("超时的任务", "Overdue tasks", rows.tasks),
    "andons": Part("超时未答复的安灯", "Unanswered stop requests", rows.andons),
    "gaps": Part("没有收全的渠道", "Incomplete channels", rows.gaps),
}
"""The agenda, in the order in which it is gone through. A further part is a line here."""

MOST_SNOOZES = 1_000


def computed(loop: Loop, cycle: Cycle, before: Cycle | None, parts: Mapping[str, Part] = PARTS) -> Cycle:
    """The cycle with its agenda as of now: what is put off is left out, what the cycle before left undecided
    is marked with the cycle that had it first."""
    earlier = before.handed_on() if before else []
    return cycle.model_copy(update={**_drawn(loop, cycle, earlier, parts), "prepared": loop.clock()})


def kept_up(loop: Loop, cycle: Cycle, parts: Mapping[str, Part] = PARTS) -> Cycle:
    """The same open cycle with what is there by now: what came to be is added, what holds no longer is gone, and
    a row that somebody decided on stays as it was. The very same one when nothing has changed."""
    fixed = {name for name, part in parts.items() if part.fixed}
    here = [item for item in cycle.agenda if item.part in fixed or item.part not in parts]
    moving = {name: part for name, part in parts.items() if name not in fixed}
    drawn = _drawn(loop, cycle, cycle.agenda, moving)
    order = [*parts, ""]
    agenda = sorted(
        (*here, *drawn["agenda"]),
        key=lambda item: order.index(item.part if item.part in parts else ""),
    )
    update = {name: _of(getattr(cycle, name), fixed) | drawn[name] for name in ("left_out", "snoozed")}
    now = cycle.model_copy(update={"agenda": tuple(agenda), **update})
    return cycle if now == cycle else now


def _of(counts: Mapping[str, int], parts: set[str]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if name in parts}


def _drawn(loop: Loop, cycle: Cycle, earlier: Sequence[Item], parts: Mapping[str, Part]) -> dict[str, Any]:
    """The rows of these parts as of now, and how many of each were too many or are put off; rows that were there
    `earlier` keep the cycle that had them first."""
    asleep, known = snoozed_names(loop.unit(), cycle.week), {item.id: item for item in earlier}
    left = {item.id for item in cycle.undecided()}
    decided = {item.id: item for item in cycle.agenda if item.id not in left}

    def awake(item: Item) -> bool:
        return item.id in decided or asleep.isdisjoint((item.id, item.code))

    kept: list[Item] = []
    left_out, put_off = Counter[str](), Counter[str]()
    for name, part in parts.items():
        found = [_since(item, known) for item in part.rows(loop, cycle.week)]
        here = {item.id for item in found}
        stay = known.values() if part.stays else decided.values()
        found += [item for item in stay if item.part == name and item.id not in here]
        put_off[name] = sum(not awake(item) for item in found)
        found = [decided.get(item.id, item) for item in found if awake(item)]
        room = part.most - sum(item.id in decided for item in found)
        late = [item.id for item in found if item.id not in decided][max(0, room) :]
        left_out[name] = len(late)
        kept += [item for item in found if item.id not in late]
    return {"agenda": tuple(kept), "left_out": dict(+left_out), "snoozed": dict(+put_off)}


def _since(item: Item, earlier: Mapping[str, Item]) -> Item:
    known = earlier.get(item.id)
    return item.model_copy(update={"since": known.since}) if known else item


def snoozed_names(unit: LoopUnit, week: str) -> set[str]:
    """What is put off beyond this week: ids or codes of rows."""
    asleep = unit.find(AgendaSnooze, "agenda_snooze.all", "all", low=shift(week, 1), limit=MOST_SNOOZES)
    return {snooze.about for snooze in asleep}
