"""IntakeKey: what a source system signs in with, to hand contacts in and for nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.model.entity import Entity, Entry, stamp


class IntakeKey(Entity):
    """One source's key. What it opens with is not kept: only a keyed digest of it."""

    kind = "intake_key"

    id: str
    name: str
    """Which source: call centre, online shop ..."""
    fingerprint: str
    by: str
    at: datetime
    used: str = ""
    """The last day in Shanghai on which it opened the door; empty: never."""
    revoked: datetime | None = None
    revoked_by: str = ""

    @property
    def key(self) -> str:
        """Its public half."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All keys, oldest first."""
        yield Entry("intake_key.all", "all", stamp(self.at))
