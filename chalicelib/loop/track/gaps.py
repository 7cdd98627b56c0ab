"""Contacts that a source counted and nobody recorded: told once, and settled when they come after all."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.measure.completeness import State, compare, counts
from chalicelib.loop.notices import notify
from chalicelib.model.source_count import SourceCount
from chalicelib.model.weeks import date_of

LOOK_AGAIN = timedelta(hours=12)
LOOKED_AT = timedelta(days=35)
"""So long missing contacts are looked for; the figures themselves never stop following."""


def looked_at(unit: LoopUnit, count: SourceCount) -> SourceCount:
    """What the schedule does when it is time: tell once that contacts are missing, and when they are there after all."""
    found = counts(unit.store, count.day, count.day)
    today = date_of(unit.now)
    row = compare(found, count.day, str(count.channel), today, unit.settings)
    again = unit.now + LOOK_AGAIN if unit.now < count.at + LOOKED_AT else None
    if row.state is State.RUNNING:
        return count.model_copy(update={"wake": again})
    if not row.alarm:
        resolved = unit.now if count.alarmed and not count.resolved else count.resolved
        return count.model_copy(update={"wake": None, "resolved": resolved})
    if count.alarmed and not count.resolved:
        return count.model_copy(update={"wake": again})
    for to in ("role:admin", "role:executive", f"department:{unit.taxonomy.service}"):
        notify(unit, to, "contacts_missing", f"source_count:{count.key}", digest=f"completeness:{count.day}")
    return count.model_copy(update={"alarmed": unit.now, "resolved": None, "wake": again})
