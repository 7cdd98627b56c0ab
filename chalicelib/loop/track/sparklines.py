"""The last weeks of every cause with its control limits, small enough to stand in each row of a list."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.track.charts import cutting_of, draw_rates
from chalicelib.loop.track.weekly import Weekly
from chalicelib.model.people import Caller

WEEKS = 13
Row = dict[str, Any]


def sparklines(numbers: Weekly, caller: Caller, most: int = WEEKS) -> Row:
    """Contacts per 1,000 X by cause for the last finished weeks; None for a week without its X. Limits come from
    the whole series. A lead is given the causes of its departments."""
    weeks, cutting = numbers.weeks[-most:], cutting_of(numbers)
    seen = [c for c in numbers.parts("cause") if caller.sees([numbers.taxonomy.department_of(c)])]
    causes = {}
    for cause in seen:
        drawn = draw_rates(numbers, ("cause", cause), cutting)
        points = drawn.chart.points[-most:]
        causes[cause] = {
            "rates": [point and round(point.value, 4) for point in points],
            "limits": [_limits(point.limits) if point else None for point in points],
            "signals": [list(point.signals) if point else [] for point in points],
            "contacts": [numbers.contacts(("cause", cause), week) for week in weeks],
        }
    return {"weeks": weeks, "causes": causes}


def _limits(pair: tuple[float, float] | None) -> list[float] | None:
    return [round(side, 4) for side in pair] if pair else None
