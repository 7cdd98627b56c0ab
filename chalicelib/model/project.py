"""Project: one cause being removed for all customers, with its promise fixed before the start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chalicelib.model.entity import Entity, Entry, Event, Given, stamp
from chalicelib.model.weeks import parse_time


class ProjectState(StrEnum):
    """All states of a project."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    LIVE = "live"
    ENDED = "ended"


class ProjectMove(StrEnum):
    """All orders that change a project's state."""

    ACCEPT = "accept"
    START = "start"
    END = "end"


MOVES: dict[tuple[ProjectState, ProjectMove], ProjectState] = {
    (ProjectState.PROPOSED, ProjectMove.ACCEPT): ProjectState.ACCEPTED,
    (ProjectState.ACCEPTED, ProjectMove.START): ProjectState.LIVE,
    (ProjectState.PROPOSED, ProjectMove.END): ProjectState.ENDED,
    (ProjectState.ACCEPTED, ProjectMove.END): ProjectState.ENDED,
    (ProjectState.LIVE, ProjectMove.END): ProjectState.ENDED,
}
"""The only legal changes of state."""


class VerdictState(StrEnum):
    """Where a project's verdict stands."""

    NOT_STARTED = "not_started"
    WAITING = "waiting_to_start"
    """Started on paper; the plan's first day is still to come."""
    WASHING_IN = "washing_in"
    NOT_ENOUGH_DATA = "not_enough_data_yet"
    DUE = "due"


class Plan(Given):
    """What is fixed before the start. A change after it would make the verdict worthless, so it is refused."""

    metric: str
    cause: str
    segment: str = ""
    denominator: str = ""
    direction: Literal["down", "up"] = "down"
    minimum_effect: float = Field(0.1, gt=0, lt=1)
    """The smallest relative change worth having."""
    expected_effect: float = Field(0.3, gt=0, le=1)
    weeks_before: int = Field(12, ge=12, le=104)
    weeks_after: int = Field(8, ge=8, le=104)
    wash_in_weeks: int = Field(1, ge=0, le=12)
    control_causes: tuple[str, ...] = ()
    starts: Annotated[datetime, BeforeValidator(lambda t: parse_time(t, where="plan.starts"))]

    @property
    def seal(self) -> str:
        """SHA-256 of the plan, to show later that it was not changed."""
        plain = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


class Project(Entity):
    """The outer loop. `reach` is the share of the cause's contacts that it addresses."""

    kind = "project"

    id: str
    title: str
    hypothesis: str
    owner: str
    department: str
    reach: float = Field(ge=0, le=1)
    plan: Plan
    seal: str = ""
    """Of the plan, set at the start."""
    state: ProjectState = ProjectState.PROPOSED
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    from_voice: str = ""
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """P- and a number."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All projects; those of a department; those on a cause."""
        yield Entry("project.all", "all", stamp(self.created))
        yield Entry("project.department", self.department, stamp(self.created))
        yield Entry("project.cause", self.plan.cause, stamp(self.created))

    def with_event(self, at: datetime, name: str, actor: str, **data: object) -> Project:
        """The same project with one more event in its history."""
        return self.model_copy(
            update={"history": (*self.history, Event(at=at, name=name, actor=actor, data=data))}
        )


class Sequence(Entity):
    """The last number given out, for things people name aloud (P-12)."""

    kind = "sequence"

    name: str
    last: int = 0

    @property
    def key(self) -> str:
        """What is numbered."""
        return self.name
