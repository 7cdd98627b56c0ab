"""Whether a week's figure has settled: one that time alone will move is no point of a chart yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.loop.measure.registry import Scope
from chalicelib.loop.measure.value import State, Value, missing
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import week_end

BY_BEHAVIOUR = ("repeat_rate", "fcr")
BY_CASES = ("time_to_own", "owned_in_time", "time_to_resolve", "resolved_in_time")
BY_CALLS = ("response_rate", "resolution_rate", "satisfaction_rate")
STILL_OPEN = 0.05
"""Share of a week's cases that may still be open: the slow ones come last, so a week looks quick at first."""
CALLED_WITHIN = timedelta(days=7)


def settled(metric: str, scope: Scope, week: str, value: Value, taxonomy: Taxonomy, now: datetime) -> Value:
    """The value, or "not yet known" while the week is too young for it."""
    if value.state is not State.KNOWN or not _young(metric, scope, week, value, taxonomy, now):
        return value
    return missing(State.NOT_YET_KNOWN, unknown=value.unknown + value.n)


def _young(metric: str, scope: Scope, week: str, value: Value, taxonomy: Taxonomy, now: datetime) -> bool:
    if metric in BY_BEHAVIOUR:
        window = taxonomy.window(scope.cause) if scope.cause else taxonomy.widest_window
        return week_end(week) + window > now
    if metric in BY_CASES:
        return value.unknown > STILL_OPEN * (value.n + value.unknown)
    return metric in BY_CALLS and week_end(week) + CALLED_WITHIN > now
