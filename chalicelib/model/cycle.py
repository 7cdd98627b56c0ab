"""Cycle: one review period. And the denominators and scores that its numbers stand on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from chalicelib.model.entity import Entity, Entry, Fact, Told
from chalicelib.model.weeks import week_end

What = Literal["start_project", "accept_proposal", "rebase", "snooze", "other"]
"""What can be decided in a cycle."""
Recorded = What | Literal["merge_proposal", "refuse_proposal", "reshape"]
"""What a cycle records: also what is decided elsewhere about proposed causes and about the taxonomy."""
Figure = int | float | str | None
"""A number of an agenda row, or a short code; None is "not known"."""


class Decision(Fact):
    """What was decided in a cycle, by whom, and what it set going at once."""

    id: str
    what: Recorded
    about: str
    """A cause, project, proposal or row of the agenda."""
    reason: str
    by: str
    at: datetime
    department: str = ""
    """Whose matter it is; empty when it is everybody's."""
    result: str = "noted"
    """What the decision did: a code of `RESULTS`."""
    made: str = ""
    """What it made or moved: a project, or the cause that a proposal became."""
    until: str = ""
    """Of a snooze: the week in which the row returns."""

    @property
    def matter(self) -> str:
        """The code of what it is about: `alarms/delivery.late` is about delivery.late."""
        return self.about.rpartition("/")[2]


RESULTS = (
    "noted",
    "snoozed",
    "rebased",
    "project_proposed",
    "project_waits",
    "project_accepted",
    "project_started",
    "project_runs",
    "proposal_accepted",
    "proposal_merged",
    "proposal_refused",
    "cause_merged",
    "cause_split",
)
"""All that a decision can do."""


class Item(Fact):
    """One row of an agenda: something to be decided, as it stands until it is decided or the cycle closed."""

    part: str
    code: str
    label: str
    department: str = ""
    numbers: dict[str, Figure] = Field(default_factory=dict)
    link: str = ""
    """The route that shows more."""
    since: str = ""
    """The first cycle that had it and decided nothing about it."""

    @property
    def id(self) -> str:
        """Part and code."""
        return f"{self.part}/{self.code}"


class Outcome(Fact):
    """What became of a decision of the cycle before, looked up, never typed."""

    decision: Decision
    state: str
    """A code of `loop.repeat.outcomes`."""
    detail: str = ""
    """More of it: the state of a project's verdict, the week a snooze ends."""


class Cycle(Entity):
    """An ISO week in Asia/Shanghai. When it is closed, agenda, decisions and outcomes are its minutes for ever."""

    kind = "cycle"

    week: str
    state: Literal["open", "closed"] = "open"
    opened: datetime
    closed: datetime | None = None
    closed_by: str = ""
    """The system: its week passed and nobody closed it."""
    missed: bool = False
    """The service did not run in its week: nobody could decide; its agenda is what the cycle before left undecided."""
    prepared: datetime | None = None
    """When its agenda was computed: at the start of its week."""
    agenda: tuple[Item, ...] = ()
    left_out: dict[str, int] = Field(default_factory=dict)
    """Part -> rows that were too many."""
    snoozed: dict[str, int] = Field(default_factory=dict)
    """Part -> rows that somebody put off."""
    decisions: tuple[Decision, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    """Of `carried`, as they stood at the close."""
    focus: tuple[dict[str, Any], ...] = ()
    carried: tuple[Decision, ...] = ()
    """What the cycle before decided, so that this one can ask what became of it."""
    names: dict[str, str] = Field(default_factory=dict)
    """What the minutes speak of by its code, as it was called at the close; "" is the company."""

    @property
    def key(self) -> str:
        """The week."""
        return self.week

    @property
    def lapsed(self) -> bool:
        """Whether its week passed and nobody closed it."""
        return self.state == "closed" and self.closed_by == LAPSED

    @property
    def early(self) -> bool:
        """Whether it was closed before its week was over."""
        return self.closed is not None and self.closed < week_end(self.week)

    def entries(self) -> Iterable[Entry]:
        """All cycles by week; the open ones."""
        yield Entry("cycle.all", "all", self.week)
        yield Entry("cycle.state", self.state, self.week)

    def undecided(self) -> list[Item]:
        """The rows of the agenda nothing was decided about."""
        about = {name for d in self.decisions for name in (d.about, d.made) if name}
        return [item for item in self.agenda if about.isdisjoint((item.id, item.code))]

    def handed_on(self) -> list[Item]:
        """The same rows with the cycle that had each of them first."""
        return [item.model_copy(update={"since": item.since or self.week}) for item in self.undecided()]


COMPANY = ""
"""Where `Cycle.names` has the company's name."""
LAPSED = "system"
"""Who closes a cycle that nobody closed."""


class AgendaSnooze(Entity):
    """A row of the agenda, or all rows about one thing, put off until a week, with a reason."""

    kind = "agenda_snooze"

    about: str
    until: str
    reason: str
    by: str
    at: datetime

    @property
    def key(self) -> str:
        """What is put off; a later word takes the place of an earlier one."""
        return self.about

    def entries(self) -> Iterable[Entry]:
        """All by the week in which they end."""
        yield Entry("agenda_snooze.all", "all", self.until)


class Denominator(Entity):
    """How many X there were in a day or week: parcels, orders, bills ... The population contacts come from."""

    kind = "denominator"

    name: str
    period: str
    """An ISO week (2026-W47) or a day (2026-11-21)."""
    week: str
    segment: str = "all"
    value: int = Field(ge=0)
    by: str = ""
    at: datetime | None = None
    """Who gave this value, and when."""
    earlier: tuple[Told, ...] = ()
    """What had been given before, newest last."""

    @property
    def key(self) -> str:
        """Name, period and segment."""
        return f"{self.name}/{self.period}/{self.segment}"

    def entries(self) -> Iterable[Entry]:
        """Each denominator's values by week."""
        yield Entry("denominator.name", self.name, self.week)


class DenominatorWeek(Entity):
    """Changes whenever a week gets one more value of a denominator, so that two of them given at the same moment,
    one for the week and one for a day of it, cannot both be stored."""

    kind = "denominator_week"

    name: str
    week: str
    segment: str
    values: int = 0

    @property
    def key(self) -> str:
        """Name, week and segment."""
        return f"{self.name}/{self.week}/{self.segment}"


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
    revised: bool = False
    """Changed when another department had scored the cause: no longer blind."""

    @property
    def key(self) -> str:
        """One a department, cause and cycle."""
        return f"{self.cycle}/{self.cause}/{self.department}"

    def entries(self) -> Iterable[Entry]:
        """All scores of a cycle."""
        yield Entry("score.cycle", self.cycle, f"{self.cause}/{self.department}")
