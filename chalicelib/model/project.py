"""Project: one cause being removed for all customers, with its promise fixed before the start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib.model.entity import Entity, Entry, Event, Given, stamp
from chalicelib.model.seal import seal
from chalicelib.model.segment import AskedSegment
from chalicelib.model.weeks import parse_time, shift, week_of, week_start


class ProjectState(StrEnum):
    """All states of a project."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    LIVE = "live"
    REOPENED = "reopened"
    """What had improved is lost again."""
    ENDED = "ended"


class ProjectMove(StrEnum):
    """All orders that change a project's state."""

    ACCEPT = "accept"
    START = "start"
    REOPEN = "reopen"
    """Only a look at the numbers orders this."""
    END = "end"


MOVES: dict[tuple[ProjectState, ProjectMove], ProjectState] = {
    (ProjectState.PROPOSED, ProjectMove.ACCEPT): ProjectState.ACCEPTED,
    (ProjectState.ACCEPTED, ProjectMove.START): ProjectState.LIVE,
    (ProjectState.PROPOSED, ProjectMove.END): ProjectState.ENDED,
    (ProjectState.ACCEPTED, ProjectMove.END): ProjectState.ENDED,
    (ProjectState.LIVE, ProjectMove.END): ProjectState.ENDED,
    (ProjectState.LIVE, ProjectMove.REOPEN): ProjectState.REOPENED,
    (ProjectState.ENDED, ProjectMove.REOPEN): ProjectState.REOPENED,
    (ProjectState.REOPENED, ProjectMove.END): ProjectState.ENDED,
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
    """The weeks are over; the figures of the last one are still to come, or the look is."""
    JUDGED = "judged"


METHOD: dict[str, Any] = {
    "model": "interrupted time series",
    "family": "quasipoisson",
    "robust": "newey-west",
    "slope_change": False,
    "season": "one harmonic of 52 weeks from 52 known weeks before the start, two from 104",
    "fewest_before": 12,
}
"""How every project is judged: part of what is sealed."""


class Plan(Given):
    """What is fixed before the start. A change after it would make the verdict worthless, so it is refused."""

    metric: str
    cause: str
    segment: AskedSegment = ""
    denominator: str = ""
    direction: Literal["down", "up"] | None = None
    """Which way is better; by default the metric's own."""
    minimum_effect: float = Field(0.1, gt=0, lt=1)
    """The smallest relative change worth having."""
    expected_effect: float = Field(0.3, gt=0, le=1)
    weeks_before: int = Field(12, ge=12, le=104)
    weeks_after: int = Field(8, ge=8, le=104)
    wash_in_weeks: int = Field(1, ge=0, le=12)
    control_causes: tuple[str, ...] = Field((), max_length=10)
    siblings: tuple[str, ...] = Field((), max_length=60)
    """Causes that contacts may move to; those of the cause's group and OTHER are always among them."""
    window_days: int | None = Field(None, ge=1, le=90)
    """The repeat window of the cause, for metrics of repeats."""
    starts: Annotated[datetime, BeforeValidator(lambda t: parse_time(t, where="plan.starts"))]

    @property
    def sealed(self) -> dict[str, Any]:
        """Everything that enters the verdict and is fixed beforehand, as plain values."""
        return {"plan": self.model_dump(mode="json"), "method": METHOD}

    @property
    def seal(self) -> str:
        """SHA-256 of it, to show later that it was not changed."""
        return seal(self.sealed)

    @property
    def first_week(self) -> str:
        """The week of the start; the ones before it are before the project."""
        return week_of(self.starts)

    @property
    def washing(self) -> int:
        """Weeks left out from the first one on: the wash-in, and one more where the start is inside a week."""
        return self.wash_in_weeks + (self.starts != week_start(self.first_week))

    @property
    def counts_from(self) -> str:
        """The first week that counts."""
        return shift(self.first_week, self.washing)

    def week(self, n: int) -> str:
        """The n-th week that counts, from 1."""
        return shift(self.counts_from, n - 1)

    @property
    def looks(self) -> tuple[int, ...]:
        """Counted weeks at which there is a verdict: as agreed, and at 13 and 26 whether it lasts."""
        later = tuple(n for n in LATER if n > self.weeks_after)
        return (self.weeks_after, *(later or (self.weeks_after + n for n in LATER)))


LATER = (13, 26)


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
    looked: int = 0
    """Looks that have been taken."""
    look_at: datetime | None = None
    """When the next look is due."""
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """P- and a number."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All projects; those of a department; those on a cause; those with a look to come."""
        yield Entry("project.all", "all", stamp(self.created))
        yield Entry("project.department", self.department, stamp(self.created))
        yield Entry("project.cause", self.plan.cause, stamp(self.created))
        if self.look_at:
            yield Entry("project.look", "all", stamp(self.look_at))

    def with_event(self, at: datetime, name: str, actor: str, **data: object) -> Project:
        """The same project with one more event in its history."""
        return self.model_copy(
            update={"history": (*self.history, Event(at=at, name=name, actor=actor, data=data))}
        )


class Look(Entity):
    """A verdict as it was when it was due; figures that come later do not change it."""

    kind = "look"

    project: str
    weeks: int
    """Counted weeks after the start."""
    week: str
    """The last of them."""
    at: datetime
    word: str
    reason: dict[str, str]
    figures: dict[str, Any]
    """As `voc verdict --json` names them."""
    recent: dict[str, Any] | None = None
    """By the weeks since the look before alone, at a later look."""
    relapsed: bool = False
    stamp: str
    stamp_matches: bool

    @property
    def key(self) -> str:
        """One a project and number of weeks."""
        return f"{self.project}/{self.weeks:03d}"

    def entries(self) -> Iterable[Entry]:
        """The looks of a project; all looks by the time they were taken."""
        yield Entry("look.project", self.project, f"{self.weeks:03d}")
        yield Entry("look.all", "all", stamp(self.at))
