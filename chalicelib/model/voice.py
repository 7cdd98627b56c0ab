"""Voice and andon: what agents see before any number does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.model.entity import Entity, Entry, Event, stamp


class Voice(Entity):
    """An agent's own observation, posted in seconds, supported by others, perhaps a project one day."""

    kind = "voice"

    id: str
    author: str
    text: str
    cause: str = ""
    created: datetime
    supporters: tuple[str, ...] = ()
    project: str = ""

    @property
    def key(self) -> str:
        """Derived from author, text and minute."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All voices by time."""
        yield Entry("voice.all", "all", stamp(self.created))


class AndonState(StrEnum):
    """All states of an andon."""

    RAISED = "raised"
    ANSWERED = "answered"


class Andon(Entity):
    """An agent's stop request for a product or process; the owner must answer inside the clock."""

    kind = "andon"

    id: str
    author: str
    subject: str
    text: str
    department: str
    evidence: tuple[str, ...]
    """At least two contacts."""
    created: datetime
    due: datetime
    state: AndonState = AndonState.RAISED
    answer: Literal["", "stopped", "contained", "refused"] = ""
    answered: datetime | None = None
    answered_by: str = ""
    answer_text: str = ""
    escalated: bool = False
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """Derived from subject, evidence and day."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """By state; by department."""
        yield Entry("andon.state", self.state, stamp(self.due))
        yield Entry("andon.department", f"{self.department}/{self.state}", stamp(self.due))
