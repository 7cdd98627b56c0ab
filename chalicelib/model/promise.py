"""Promise: what was said to a customer that will be done, by whom, until when; kept, late or broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from chalicelib.model.entity import Entity, Entry, stamp


class PromiseState(StrEnum):
    """All states of a promise. An open one past its time is overdue; only a person says how it ended."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    """Kept, after the promised time."""
    BROKEN = "broken"
    VOID = "void"
    """The person it was given to was erased."""


class Promise(Entity):
    """The next step that was promised on a contact."""

    kind = "promise"

    id: str
    contact: str
    customer: str = ""
    by: str
    """Who promised."""
    what: str
    due: datetime
    created: datetime
    state: PromiseState = PromiseState.OPEN
    settled: datetime | None = None
    settled_by: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """Derived from contact, words and time."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """Open ones by their time, settled ones by when that was said: of who promised, and all; of a contact and
        of a customer."""
        where, at = ("settled", self.settled) if self.settled else ("open", self.due)
        yield Entry("promise.by", f"{self.by}/{where}", stamp(at))
        yield Entry("promise.all", where, stamp(at))
        yield Entry("promise.contact", self.contact, stamp(self.due))
        if self.customer:
            yield Entry("promise.customer", self.customer, stamp(self.due))
