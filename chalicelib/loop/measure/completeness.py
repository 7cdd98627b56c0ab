"""Completeness: contacts recorded against the counts their source systems report, per channel and day.

Both are plain counts of everything, not samples: there is no interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.model.entity import Fact
from chalicelib.model.errors import Invalid
from chalicelib.model.settings import Settings
from chalicelib.model.weeks import date_of, parse_time
from chalicelib.ports import Store

USUAL_DAYS, MOST_DAYS = 14, 400


class State(StrEnum):
    """How a channel's day stands."""

    COMPLETE = "complete"
    MISSING = "missing"
    MORE = "more_than_reported"
    NOT_REPORTED = "not_reported"
    RUNNING = "running"
    """The day is not over."""


class ChannelDay(Fact):
    """One channel and day. `share` is of what was reported; `alarm` whether so much is missing that people are told."""

    channel: str
    day: str
    state: State
    recorded: int
    reported: int | None = None
    missing: int = 0
    share: float | None = None
    alarm: bool = False


class Counts(NamedTuple):
    """What is stored of some days: (day, channel) -> how many."""

    recorded: Mapping[tuple[str, str], int]
    reported: Mapping[tuple[str, str], int]


def counts(store: Store, first: str, last: str) -> Counts:
    """Two reads, however many contacts there are."""
    recorded = {(day, channel): n for (_, day, channel), n in store.cells("day", first, last).items()}
    told: set[tuple[str, str]] = set()
    said: dict[tuple[str, str], int] = defaultdict(int)
    for (_, day, field), n in store.cells("source", first, last).items():
        name, _, channel = field.partition(".")
        if name == "told":
            told.add((day, channel))
        else:
            said[day, channel] = n
    return Counts(recorded, {place: said[place] for place in told})


def compare(found: Counts, day: str, channel: str, today: str, settings: Settings) -> ChannelDay:
    """The state of one channel's day."""
    recorded, reported = found.recorded.get((day, channel), 0), found.reported.get((day, channel))
    row = ChannelDay(channel=channel, day=day, state=State.NOT_REPORTED, recorded=recorded, reported=reported)
    if day >= today:
        return row.model_copy(update={"state": State.RUNNING})
    if reported is None:
        return row
    lacking = max(0, reported - recorded)
    share = lacking / reported if reported else None
    state = State.MISSING if lacking else State.MORE if recorded > reported else State.COMPLETE
    alarm = lacking >= settings.missing_least and lacking > settings.missing_share * reported
    return row.model_copy(update={"state": state, "missing": lacking, "share": share, "alarm": alarm})


def completeness(loop: Loop, first: str, last: str) -> list[ChannelDay]:
    """Every channel that had contacts or reported some in those days, day by day, the newest first."""
    unit, today = loop.unit(), date_of(loop.clock())
    found = counts(loop.store, first, last)
    places = found.recorded.keys() | found.reported.keys()
    channels = sorted({channel for _, channel in places})
    days = [
        day
        for day in reversed(days_between(first, min(last, today)))
        if day >= min((d for d, _ in places), default="~")
    ]
    return [compare(found, day, channel, today, unit.settings) for day in days for channel in channels]


def span(now: datetime, first: str = "", last: str = "") -> tuple[str, str]:
    """The days asked for, by default the last fourteen; at most four hundred. Raises Invalid for what is no day."""
    until = date_of(parse_time(last, where="last")) if last else date_of(now)
    usual = (date.fromisoformat(until) - timedelta(days=USUAL_DAYS - 1)).isoformat()
    begin = date_of(parse_time(first, where="first")) if first else usual
    if begin > until:
        raise Invalid(
            "days.order",
            "起始日在结束日之后，请对调",
            "the first day is after the last; swap them",
            "first",
        )
    earliest = (date.fromisoformat(until) - timedelta(days=MOST_DAYS - 1)).isoformat()
    return max(begin, earliest), until


def days_between(first: str, last: str) -> list[str]:
    """All days from first to last, both included."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def summary(rows: list[ChannelDay]) -> dict[str, object]:
    """All days that can be compared, together: what is missing of what was reported, and what was never reported."""
    told = [row for row in rows if row.reported is not None and row.state is not State.RUNNING]
    reported = sum(row.reported or 0 for row in told)
    lacking = sum(row.missing for row in told)
    return {
        "state": "not_reported" if not told else "missing" if lacking else "complete",
        "channel_days": len(told),
        "not_reported": sum(row.state is State.NOT_REPORTED for row in rows),
        "reported": reported,
        "missing": lacking,
        "share": lacking / reported if reported else None,
        "alarms": [row for row in rows if row.alarm],
    }
