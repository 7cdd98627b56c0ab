"""Proposal: a cause nobody has named yet, as discovery found it, and what a lead made of it."""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from chalicelib.model.entity import Entity, Entry, Event, Fact

MOST_MEMBERS = 500
"""Contacts a proposal remembers, the surest first."""


class ProposalState(StrEnum):
    """All states of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MERGED = "merged"
    REFUSED = "refused"


class ProposalMove(StrEnum):
    """All decisions on a proposal."""

    ACCEPT = "accept"
    MERGE = "merge"
    REFUSE = "refuse"


MOVES: dict[tuple[ProposalState, ProposalMove], ProposalState] = {
    (ProposalState.OPEN, ProposalMove.ACCEPT): ProposalState.ACCEPTED,
    (ProposalState.OPEN, ProposalMove.MERGE): ProposalState.MERGED,
    (ProposalState.OPEN, ProposalMove.REFUSE): ProposalState.REFUSED,
    (ProposalState.REFUSED, ProposalMove.ACCEPT): ProposalState.ACCEPTED,
    (ProposalState.REFUSED, ProposalMove.MERGE): ProposalState.MERGED,
}
"""The only legal changes of state; an accepted cause is undone by retiring it in the taxonomy."""


class Evidence(Fact):
    """A word that is said more often: contacts of the window and of the baseline with it, log-odds z."""

    word: str
    current: int
    baseline: int
    z: float


class ReadingBack(Fact):
    """The past that is owed a new reading with some words, and how far that has come."""

    first: str
    """The earliest week; what is older keeps the causes it had."""
    words: tuple[str, ...]
    at: int = 0
    """The word that is being looked for."""
    after: str = ""
    """Where to go on with it."""
    owed: int = 0
    """Contacts that were owed the step so far."""

    @property
    def done(self) -> bool:
        """Whether every contact with one of the words has been owed its step."""
        return self.at >= len(self.words)


class Proposal(Entity):
    """What was found is a function of contacts and week alone; only the decision carries a time."""

    kind = "proposal"

    id: str
    week: str
    """The last week that was looked at."""
    name: str
    definition: str
    new: bool = True
    """It has grown; else it was always there without an explanation."""
    words: tuple[Evidence, ...]
    typical: tuple[str, ...]
    border: tuple[str, ...]
    members: tuple[str, ...]
    count: int
    """All members, remembered or not."""
    weekly: float
    """Contacts to expect a week."""
    trend: tuple[tuple[str, int], ...]
    """Contacts by week."""
    nearest: str = ""
    """The existing cause that shares most words."""
    earlier: str = ""
    """The refused proposal that this is again, grown to twice its size."""

    state: ProposalState = ProposalState.OPEN
    decided: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    cause: str = ""
    """What it became, or was merged into."""
    taxonomy: int = 0
    """The version of the taxonomy that has it."""
    back: ReadingBack | None = None
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """N- and a digest of what was found in which week."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """By state; those that owe a reading of the past; those that made a version of the taxonomy."""
        yield Entry("proposal.state", self.state, f"{self.week}/{self.id}")
        if self.back and not self.back.done:
            yield Entry("proposal.back", "all", self.id)
        if self.taxonomy:
            yield Entry("proposal.taxonomy", "all", f"{self.taxonomy:06d}")

    def with_event(self, at: datetime, name: str, actor: str, **data: object) -> Proposal:
        """The same proposal with one more event in its history."""
        return self.model_copy(
            update={"history": (*self.history, Event(at=at, name=name, actor=actor, data=data))}
        )


def proposed(week: str, **found: Any) -> Proposal:
    """An open proposal; the same findings of the same week are the same proposal, byte for byte."""
    draft = Proposal(id="", week=week, **found)
    content = draft.model_dump(mode="json", include={"week", *found} - {"demo"})
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return draft.model_copy(update={"id": "N-" + b32encode(sha256(plain.encode()).digest())[:10].decode()})


class SuddenWords(Fact):
    """A known cause whose wording shifts."""

    cause: str
    words: tuple[Evidence, ...]


class Discovery(Entity):
    """What a look at the weeks up to one found: proposals by id, and sudden words of known causes."""

    kind = "discovery"

    week: str
    at: datetime
    by: str
    contacts: int
    """Looked at."""
    share: float = 1.0
    """Of all contacts of those weeks; below 1 where there are more than one look reads."""
    proposals: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    """Open or refused proposals that were found once more."""
    sudden: tuple[SuddenWords, ...] = ()

    @property
    def key(self) -> str:
        """The week; a later look at it takes the place of an earlier one."""
        return self.week

    def entries(self) -> Iterable[Entry]:
        """All by week."""
        yield Entry("discovery.all", "all", self.week)


class DiscoveryOrder(Entity):
    """The one look that the schedule owes; a newer week takes the place of an older one."""

    kind = "discovery_order"

    owed: str = ""
    """The week; empty when nothing is owed."""
    asked_by: str = ""
    busy_until: datetime | None = None
    tries: int = 0

    @property
    def key(self) -> str:
        """There is one."""
        return "discovery"

    def busy(self, now: datetime) -> bool:
        """Whether somebody is looking."""
        return self.busy_until is not None and now < self.busy_until
