"""Skyline: contacts per X of the causes with most contacts, seven weeks side by side, control limits as caps."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.track.charts import Cutting, draw_rates, point_row
from chalicelib.loop.track.weekly import Key, Weekly
from chalicelib.model.people import Caller

WEEKS = 7
MOST = 20
Row = dict[str, Any]


def skyline(numbers: Weekly, cutting: Cutting, caller: Caller, most: int = MOST) -> Row:
    """Bars of the last seven finished weeks, causes by volume; a lead sees those of its departments."""
    weeks, taxonomy = numbers.weeks[-WEEKS:], numbers.taxonomy
    volume = {c: sum(numbers.contacts(("cause", c), week) for week in weeks) for c in numbers.parts("cause")}
    ordered = sorted((c for c, n in volume.items() if n), key=lambda c: (-volume[c], c))
    seen = [c for c in ordered if caller.sees([taxonomy.department_of(c)])]
    return {
        "weeks": weeks,
        "causes": [
            {
                "cause": cause,
                "label": taxonomy.label(cause),
                "department": taxonomy.department_of(cause),
                "contacts": volume[cause],
                "bars": bars(numbers, cutting, ("cause", cause), weeks),
            }
            for cause in seen[:most]
        ],
        "left_out": max(0, len(seen) - most),
    }


def bars(numbers: Weekly, cutting: Cutting, key: Key, weeks: tuple[str, ...]) -> list[Row]:
    """A value with its interval, or why there is none, and its limits and signals, for each of these weeks."""
    drawn = draw_rates(numbers, key, cutting)
    return [
        {"week": week, **numbers.value(key, week).model_dump(), **point_row(drawn.at(week))} for week in weeks
    ]
