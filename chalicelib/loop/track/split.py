"""What changed between two periods, split exactly: dN = volume + friction, of CPX0 * dX and X1 * dCPX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.loop.measure.registry import Scope, denominator_of
from chalicelib.loop.measure.value import State, per_thousand
from chalicelib.loop.track.weekly import EVERYTHING, Key, Weekly
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller
from chalicelib.model.weeks import shift, weeks_between
from chalicelib.stats.intervals import poisson_rate, split_change

USUAL = 4
DIGITS = 6
"""Decimals of a contact that are shown; volume and friction add up to the change in them too."""
Row = dict[str, Any]


class Periods(NamedTuple):
    """Two spans of finished weeks."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def periods(numbers: Weekly, first: str = "", last: str = "", before: str = "", until: str = "") -> Periods:
    """The weeks `before` .. `until` against `first` .. `last`; by default the last four finished weeks against as
    many before them. Raises Invalid for weeks that are not over, or periods that overlap."""
    last = last or shift(numbers.running, -1)
    first = first or shift(last, 1 - USUAL)
    until = until or shift(first, -1)
    before = before or shift(until, 1 - len(weeks_between(first, last)))
    if not before <= until < first <= last < numbers.running:
        raise Invalid(
            "split.periods",
            "两段都应是已过完的周，前一段在后一段之前，且不重叠",
            "both periods must be of finished weeks, the first before the second, without overlap",
            "first",
        )
    return Periods(tuple(weeks_between(before, until)), tuple(weeks_between(first, last)))


def split(numbers: Weekly, caller: Caller, wanted: Periods) -> Row:
    """Every cause that had contacts, the largest change first, and everything together."""
    taxonomy = numbers.taxonomy
    causes = [c for c in numbers.parts("cause") if caller.sees([taxonomy.department_of(c)])]
    rows = [
        {
            "cause": cause,
            "label": taxonomy.label(cause),
            "department": taxonomy.department_of(cause),
            **change(numbers, ("cause", cause), wanted),
        }
        for cause in causes
    ]
    had = [row for row in rows if row["before"]["count"] or row["after"]["count"]]
    return {
        "before": [wanted.before[0], wanted.before[-1]],
        "after": [wanted.after[0], wanted.after[-1]],
        "all": change(numbers, EVERYTHING, wanted),
        "causes": sorted(had, key=lambda row: (-abs(row["change"]), row["cause"])),
    }


def change(numbers: Weekly, key: Key, wanted: Periods) -> Row:
    """The split of one cause, or of everything; without X in a week of either period only the change itself."""
    family, part = key
    n0, x0 = _sum(numbers, key, wanted.before)
    n1, x1 = _sum(numbers, key, wanted.after)
    row: Row = {
        "denominator": denominator_of(numbers.taxonomy, Scope("", "", part if family == "cause" else "")),
        "before": per_thousand(n0, x0).model_dump(),
        "after": per_thousand(n1, x1).model_dump(),
        "change": n1 - n0,
    }
    if not x0 or not x1:
        return {
            **row,
            "state": State.NO_DENOMINATOR,
            "volume": None,
            "friction": None,
            "friction_interval": None,
        }
    volume = round(float(split_change(n0, x0, n1, x1)[0]), DIGITS)
    interval = friction_interval(n0, x0, n1, x1)
    return {
        **row,
        "state": State.KNOWN,
        "volume": volume,
        "friction": round(n1 - n0 - volume, DIGITS),
        "friction_interval": interval,
    }


def _sum(numbers: Weekly, key: Key, weeks: Sequence[str]) -> tuple[int, int | None]:
    """Contacts and X of some weeks; X is None where one of them has none."""
    contacts = sum(numbers.contacts(key, week) for week in weeks if week in numbers.company)
    there = [week for week in weeks if week in numbers.weeks]
    rates = numbers.rates(key, tuple(there)) if there else []
    x = [rate.x if rate else None for rate in rates]
    if len(there) < len(weeks) or None in x:
        return contacts, None
    return contacts, sum(n or 0 for n in x)


def friction_interval(n0: int, x0: int, n1: int, x1: int) -> tuple[float, float]:
    """95 % interval of X1 * (CPX1 - CPX0) for Poisson counts: the rates' own intervals, combined as Zou & Donner
    (2008, Statistics in Medicine 27, 1693-1702) combine them. Counts that vary more than Poisson vary more than this."""
    r0, r1 = n0 / x0, n1 / x1
    (low0, high0), (low1, high1) = poisson_rate(n0, x0), poisson_rate(n1, x1)
    low = r1 - r0 - math.hypot(r1 - low1, high0 - r0)
    high = r1 - r0 + math.hypot(high1 - r1, r0 - low0)
    return round(x1 * low, DIGITS), round(x1 * high, DIGITS)
