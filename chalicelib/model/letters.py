"""Messages that a queue gave up, and the receipt of those that were discarded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.model.entity import Entity, Entry, stamp


@dataclass(frozen=True)
class Letter:
    """One message. What it says is for judging why it was given up, and for nobody's eyes."""

    id: str
    sent: datetime
    tries: int
    body: str = field(repr=False)
    handle: str = field(repr=False)
    """By which whoever took it lets it go or removes it."""


class Discard(Entity):
    """Messages that an admin threw away: which, when, who; never what they said."""

    kind = "discard"

    queue: str
    at: datetime
    by: str
    letters: tuple[str, ...]
    """Their ids."""
    oldest: datetime
    """When the first of them was sent."""

    @property
    def key(self) -> str:
        """When and which queue, so that they sort."""
        return f"{stamp(self.at)}-{self.queue}"

    def entries(self) -> Iterable[Entry]:
        """All of them."""
        yield Entry("discard.all", "all", self.key)
