"""Cycle: one review period. And the denominators and scores that its numbers stand on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from chalicelib.model.entity import Entity, Entry, Fact


class Decision(Fact):
    """What was decided in a cycle, by whom."""

    id: str
    what: Literal["start_project", "accept_proposal", "rebase", "snooze", "other"]
    about: str
    reason: str
    by: str
    at: datetime


class Cycle(Entity):
    """An ISO week in Asia/Shanghai. The focus list is stored as it was when the cycle closed."""

    kind = "cycle"

    week: str
    state: Literal["open", "closed"] = "open"
    opened: datetime
    closed: datetime | None = None
    closed_by: str = ""
    decisions: tuple[Decision, ...] = ()
    focus: tuple[dict[str, Any], ...] = ()
    carried: tuple[Decision, ...] = ()
    """What the cycle before decided, so that this one can ask what became of it."""

    @property
    def key(self) -> str:
        """The week."""
        return self.week

    def entries(self) -> Iterable[Entry]:
        """All cycles by week; the open ones."""
        yield Entry("cycle.all", "all", self.week)
        yield Entry("cycle.state", self.state, self.week)


class Denominator(Entity):
    """How many X there were in a day or week: parcels, orders, bills ... The population contacts come from."""

    kind = "denominator"

    name: str
    period: str
    """An ISO week (2026-W47) or a day (2026-11-21)."""
    week: str
    segment: str = "all"
    value: int = Field(ge=0)

    @property
    def key(self) -> str:
        """Name, period and segment."""
        return f"{self.name}/{self.period}/{self.segment}"

    def entries(self) -> Iterable[Entry]:
        """Each denominator's values by week."""
        yield Entry("denominator.name", self.name, self.week)


class Score(Entity):
    """A department's blind scores of one cause: value to the customer and to the company, 1 to 5."""

    kind = "score"

    cycle: str
    cause: str
    department: str
    by: str
    customer_value: int = Field(ge=1, le=5)
    company_value: int = Field(ge=1, le=5)
    at: datetime

    @property
    def key(self) -> str:
        """One a department, cause and cycle."""
        return f"{self.cycle}/{self.cause}/{self.department}"

    def entries(self) -> Iterable[Entry]:
        """All scores of a cycle."""
        yield Entry("score.cycle", self.cycle, f"{self.cause}/{self.department}")
