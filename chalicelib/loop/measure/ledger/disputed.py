"""Disputes as people see them: with the clock explained and what was moved."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.model.ledger import Dispute, DisputeState, yuan
from chalicelib.model.people import Caller
from chalicelib.model.worktime import Limit, due


def listed(
    loop: Loop, caller: Caller, state: DisputeState | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """The disputes the caller may know of, newest first, with the clock explained and what lies in suspense."""
    unit, name = loop.unit(), str(state or "all")
    places = [("dispute.state", name)]
    if caller.only is not None:
        places = [("dispute.department", f"{department}/{name}") for department in caller.only]
    lists = (unit.find(Dispute, *place, limit=limit, newest_first=True) for place in places)
    found = {one.id: one for some in lists for one in some}
    newest = sorted(found.values(), key=lambda one: one.opened, reverse=True)[:limit]
    return [view(loop, one) for one in newest]


def view(loop: Loop, one: Dispute) -> dict[str, Any]:
    """A dispute as people see it."""
    unit = loop.unit()
    moved = loop.store.cells("dispute", one.id, one.id)
    clock = due(one.opened, Limit.parse(one.limit), unit.settings.worktime)
    fen = moved.get(("dispute", one.id, "fen"), 0)
    return {
        **one.model_dump(mode="json", exclude={"pending", "wake", "demo"}),
        "label": unit.taxonomy.label(one.cause),
        "yuan": yuan(one.fen),
        "shares": {"contacts": moved.get(("dispute", one.id, "n"), 0), "fen": fen, "yuan": yuan(fen)},
        "late": one.state is DisputeState.OPEN and unit.now > one.due,
        "clock": [line._asdict() for line in clock.lines] if clock.at == one.due else [],
    }
