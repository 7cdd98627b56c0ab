"""What the source systems count themselves: how many contacts each channel had on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.arriving import CHANNEL
from chalicelib.loop.measure.completeness import days_between
from chalicelib.model.checked import Count
from chalicelib.model.contact import Channel
from chalicelib.model.entity import REMEMBERED, Given, Told
from chalicelib.model.errors import Invalid, together
from chalicelib.model.people import Caller
from chalicelib.model.source_count import SourceCount
from chalicelib.model.weeks import date_of, parse_time

GRACE = timedelta(hours=12)
"""After a count came in: a nightly import has until noon."""


def _day(value: object) -> object:
    return date_of(parse_time(value, where="day"))  # type: ignore[arg-type]


class NewSourceCount(Given):
    """How many contacts a channel had on a day by its own system's count; sent again it is corrected."""

    channel: Annotated[Channel, CHANNEL] = Field(description="phone, chat, ... or 电话, 在线, ...")
    day: Annotated[str, BeforeValidator(_day)] = Field(description="2026-11-21, in Shanghai")
    count: Count = Field(ge=0, le=10**9)


def save(loop: Loop, caller: Caller, new: NewSourceCount) -> tuple[SourceCount, bool]:
    """Store or correct a count; False when it was there already."""

    def decide(unit: LoopUnit) -> tuple[SourceCount, bool]:
        if faults := list(_faults(new, date_of(unit.now))):
            raise together(faults)
        fields = {"count": new.count, "at": unit.now, "by": caller.name, "wake": unit.now + GRACE}
        known = unit.get(SourceCount, f"{new.channel}/{new.day}")
        if known and known.count == new.count:
            return known, False
        if known:
            before = Told(value=known.count, by=known.by, at=known.at)
            earlier = (*known.earlier, before)[-REMEMBERED:]
            return unit.put(known.model_copy(update={**fields, "earlier": earlier, "demo": False})), True
        return unit.put(SourceCount(channel=new.channel, day=new.day, **fields)), True

    return loop.change(decide)


def _faults(new: NewSourceCount, today: str) -> Iterator[Invalid]:
    if new.day > today:
        yield Invalid(
            "source_count.day", "这一天还没到，请检查日期", "this day is still to come; check it", "day"
        )
    if new.channel is Channel.CALLBACK:
        yield Invalid(
            "source_count.channel",
            "回访是我们打出的，不与来源系统核对",
            "call-backs are our own calls; they are not compared with a source",
            "channel",
        )


def listed(loop: Loop, first: str, last: str) -> list[SourceCount]:
    """What was given for those days, newest day first, with what was corrected."""
    days = days_between(first, last)
    channels = [channel for channel in Channel if channel is not Channel.CALLBACK]
    found = loop.unit().many(
        SourceCount, (f"{channel}/{day}" for day in reversed(days) for channel in channels)
    )
    return list(found.values())
