"""Contacts per X, week by week: a rate only where all of X is there, and in the running week for its known days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.loop.measure.value import State, Value, missing, per_thousand
from chalicelib.model.weeks import week_end

DAYS = 7
"""A week's X is known when all its days are in, or the week's own value, which counts as seven."""


class Rate(NamedTuple):
    """Contacts, the X they come from, and contacts of days whose X is not in yet."""

    contacts: int
    x: int
    unknown: int


def per_x(
    contacts: Mapping[str, Counter[str]], x: Mapping[str, Counter[str]], segment: str, now: datetime
) -> Value:
    """CPX over the weeks of `x`. One finished week without its X leaves no rate at all: a part is not the whole."""
    rates = [rate_of(week, contacts[week], x[week], segment, now) for week in x]
    total = sum(c[f"segment.{segment}" if segment else "n"] for c in contacts.values())
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates) or not known:
        return missing(State.NO_DENOMINATOR, count=total)
    counted, exposed, unknown = (sum(part) for part in zip(*known, strict=True))
    if not exposed and unknown:
        return missing(State.NOT_YET_KNOWN, unknown=unknown)
    return per_thousand(counted, exposed).model_copy(update={"unknown": unknown})


def complete(contacts: Counter[str], x: Counter[str], segment: str = "") -> tuple[int, int] | None:
    """(contacts, X) of one finished week; None where its X is not all there."""
    whole = _whole(x, [segment] if segment else _segments(contacts), segment)
    return None if whole is None else (contacts[f"segment.{segment}" if segment else "n"], whole)


def rate_of(week: str, contacts: Counter[str], x: Counter[str], segment: str, now: datetime) -> Rate | None:
    """One week; None for a finished one without its X."""
    n = contacts[f"segment.{segment}" if segment else "n"]
    whole = _whole(x, [segment] if segment else _segments(contacts), segment)
    if whole is not None:
        return Rate(n, whole, 0)
    if week_end(week) <= now:
        return None
    days = [] if segment else [day for day in range(1, DAYS + 1) if x[f"day.all.{day}"]]
    counted = sum(contacts[f"n.{day}"] for day in days)
    return Rate(counted, x["value.all"] if days else 0, n - counted)


def whole_x(x: Counter[str]) -> int | None:
    """A week's X as given for all together; None while days of it are lacking."""
    return x["value.all"] if x["days.all"] >= DAYS else None


def only_by_segment(x: Counter[str]) -> bool:
    """Whether a week's X is given for segments and not as a whole: which are needed depends on the contacts."""
    return x["days.all"] < DAYS and any(f.startswith("days.") and f != "days.all" for f in x)


def _segments(contacts: Counter[str]) -> list[str]:
    return [f.removeprefix("segment.") for f, n in contacts.items() if f.startswith("segment.") and n]


def _whole(x: Counter[str], needed: Sequence[str], segment: str) -> int | None:
    """A week's X: the total given, or the sum over the segments if each that had contacts is there in full."""
    if not segment and (whole := whole_x(x)) is not None:
        return whole
    if not needed or any(x[f"days.{s}"] < DAYS for s in needed):
        return None
    if segment:
        return x[f"value.{segment}"]
    given = (f.removeprefix("days.") for f in x if f.startswith("days."))
    return sum(x[f"value.{s}"] for s in given if s != "all" and x[f"days.{s}"] >= DAYS)
