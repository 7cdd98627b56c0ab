"""SourceCount: how many contacts a channel had on a day by its own system's count, to compare ours with."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from chalicelib.model.contact import Channel
from chalicelib.model.entity import Entity, Told


class SourceCount(Entity):
    """One channel and day. `wake` is when the schedule compares it with what was recorded."""

    kind = "source_count"

    channel: Channel
    day: str
    """2026-11-18, in Shanghai."""
    count: int = Field(ge=0)
    at: datetime
    """When it was given, or corrected."""
    by: str = ""
    earlier: tuple[Told, ...] = ()
    """What had been given before, newest last."""
    alarmed: datetime | None = None
    """When somebody was told that contacts are missing."""
    resolved: datetime | None = None
    """When they were found to be there after all."""

    @property
    def key(self) -> str:
        """Channel and day: a corrected count takes the place of the first."""
        return f"{self.channel}/{self.day}"
