"""Stored numbers as metrics read them: families over weeks, summed over the parts one asks for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.model.weeks import day_of, week_of, weeks_between
from chalicelib.ports import Store

Fields = Mapping[str, int]
LAST = "~"
"""Sorts after every name, so that a range of weeks takes in all parts of its last one."""


def by_week(store: Store, family: str, first: str, last: str) -> dict[str, dict[str, Counter[str]]]:
    """week -> part ("" for a family without parts) -> field -> sum. One read, however many contacts."""
    out: dict[str, dict[str, Counter[str]]] = {
        week: defaultdict(Counter) for week in weeks_between(first, last)
    }
    for (_, sort, field), n in store.cells(family, first, last + LAST).items():
        week, _, part = sort.partition("/")
        if week in out:
            out[week][part][field] += n
    return out


def total(weeks: Mapping[str, Mapping[str, Fields]], part: str) -> Counter[str]:
    """One part summed over all the weeks."""
    out: Counter[str] = Counter()
    for parts in weeks.values():
        out.update(parts.get(part, {}))
    return out


def known_days(fields: Fields, week: str, until: datetime, names: Sequence[str]) -> dict[str, int]:
    """Sums of the per-day fields over the days of `week` that ended at or before `until`."""
    last = week_of(until)
    whole = day_of(until) - 1
    days = range(1, 8 if week < last else whole + 1 if week == last else 1)
    return {name: sum(fields.get(f"{name}.{day}", 0) for day in days) for name in names}


def known_until(now: datetime, window: timedelta) -> datetime:
    """Contacts before this moment are older than their repeat window."""
    return now - window
