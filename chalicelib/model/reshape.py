"""Reshape: a cause was merged into another or split into new ones, and how far the past has followed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.model.entity import Entity, Entry

SETTLED = timedelta(minutes=10)
"""A contact that was being read by the old version when the new one came is stored by then: a last look finds it."""


class Reshape(Entity):
    """The past that is owed by one merge or split, and the seam it leaves in the series."""

    kind = "reshape"

    taxonomy: int
    """The version it made."""
    what: Literal["merge", "split"]
    cause: str
    """Retired by it."""
    into: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""
    after: str = ""
    """Where the walk through the retired cause's contacts goes on."""
    begun: datetime | None = None
    """When that walk began; None while there is none."""
    walks: int = 0
    owed: int = 0
    """Contacts that were owed a step so far."""
    cases: int = 0
    """Cases that were carried over so far."""
    first: str = ""
    """The first week with such a contact."""
    done: bool = False

    @property
    def key(self) -> str:
        """The version of the taxonomy, so that they sort."""
        return f"{self.taxonomy:06d}"

    def entries(self) -> Iterable[Entry]:
        """All by version; those that still owe something."""
        yield Entry("reshape.all", "all", self.key)
        if not self.done:
            yield Entry("reshape.owed", "all", self.key)

    @property
    def settles(self) -> datetime:
        """When the last walk may begin; `done` follows at the next look of the schedule."""
        return self.at + SETTLED

    def due(self, now: datetime) -> bool:
        """Whether there is something to do now: the first walk, one that was begun, or the last."""
        return not self.done and (self.walks == 0 or self.begun is not None or now >= self.settles)

    def walked(self, now: datetime, after: str, **more: object) -> Reshape:
        """A page further; `after` "" ends the walk, and the one that began when all had settled is the last."""
        begun = self.begun or now
        if after:
            return self.model_copy(update={"after": after, "begun": begun, **more})
        ended = {"after": "", "begun": None, "walks": self.walks + 1, "done": begun >= self.settles}
        return self.model_copy(update={**ended, **more})
