"""The demo company as a whole: that it is there, what it holds, and its removal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from chalicelib.model.entity import Entity, Entry, stamp


class DemoMark(Entity):
    """Stored before the demo company's first row and completed after its last."""

    kind = "demo_mark"

    complete: bool = False
    holds: dict[str, int] = Field(default_factory=dict)
    """Kind -> how many were loaded; empty where nobody counted."""

    @property
    def key(self) -> str:
        """There is one."""
        return "demo"


class Removal(Entity):
    """One removal of the demo company: who asked, how far it is, and afterwards the receipt."""

    kind = "demo_removal"

    asked: datetime
    by: str
    gone: dict[str, int] = Field(default_factory=dict)
    """Kind -> how many are deleted so far."""
    busy_until: datetime | None = None
    """Somebody removes and says so again before this moment; after it they are taken to have been killed."""
    done: datetime | None = None

    @property
    def key(self) -> str:
        """When it was asked for, so that they sort."""
        return stamp(self.asked)

    def entries(self) -> Iterable[Entry]:
        """All of them; the one that is owed."""
        yield Entry("demo_removal.all", "all", self.key)
        if self.done is None:
            yield Entry("demo_removal.owed", "all", self.key)
