"""When to look for new causes without anybody waiting: a cycle was closed, or somebody asked."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.discovering import Look, discover, finder_of
from chalicelib.model.errors import Conflict, LoopError
from chalicelib.model.people import Caller, Role
from chalicelib.model.proposal import DiscoveryOrder
from chalicelib.model.weeks import week_of

TURN, TRIES = timedelta(minutes=15), 3
"""How long a look that was killed keeps the schedule from the next; how often it tries."""


def owe_discovery(unit: LoopUnit, week: str, by: str) -> DiscoveryOrder:
    """Part of a larger change: the schedule looks at the weeks up to this one; a newer order wins."""
    known = unit.get(DiscoveryOrder, "discovery") or DiscoveryOrder()
    fresh = {"owed": max(week, known.owed), "asked_by": by, "tries": 0, "demo": False}
    return unit.put(known.model_copy(update=fresh))


def ask(loop: Loop, caller: Caller) -> DiscoveryOrder:
    """Have the schedule look at its next turn: a look may take longer than a request may."""
    caller.must_be(Role.ADMIN)
    finder_of(loop)

    def decide(unit: LoopUnit) -> DiscoveryOrder:
        known = unit.get(DiscoveryOrder, "discovery")
        if known and known.busy(unit.now):
            raise Conflict(
                "discover.busy",
                "正在查找，请稍后再试",
                "a look is under way; try again later",
                "discover",
            )
        return owe_discovery(unit, week_of(unit.now), caller.name)

    return loop.change(decide)


def discover_when_due(loop: Loop) -> Look | None:
    """What the schedule does at each of its turns: the look that is owed, if there is one."""
    if loop.finder is None or not (order := loop.change(_take_turn)):
        return None
    try:
        look = discover(loop, order.asked_by, order.owed)
    except LoopError:
        return None  # tried again when the turn is over
    loop.change(lambda unit: _end_turn(unit, order.owed))
    return look


def _take_turn(unit: LoopUnit) -> DiscoveryOrder | None:
    order = unit.get(DiscoveryOrder, "discovery")
    if order is None or not order.owed or order.busy(unit.now):
        return None
    if order.tries >= TRIES:
        unit.put(order.model_copy(update={"owed": "", "tries": 0, "busy_until": None}))
        return None
    return unit.put(order.model_copy(update={"busy_until": unit.now + TURN, "tries": order.tries + 1}))


def _end_turn(unit: LoopUnit, week: str) -> None:
    """Nothing is owed any more, unless a newer week was asked for meanwhile."""
    if order := unit.get(DiscoveryOrder, "discovery"):
        left = order.owed if order.owed > week else ""
        unit.put(order.model_copy(update={"owed": left, "tries": 0, "busy_until": None}))
