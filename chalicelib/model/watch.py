"""What is kept of watching the weekly numbers: baselines begun again, alarms of a week, alarms put to sleep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.model.entity import Entity, Entry, Fact


class Act(Fact):
    """One logged act. It is never taken out: a revocation is another act on the same week."""

    week: str
    what: Literal["rebase", "revoke"] = "rebase"
    reason: str
    by: str
    at: datetime


class Baseline(Entity):
    """The acts on the baseline of one series, oldest first. A series without any has the baseline of its first
    twelve points."""

    kind = "baseline"

    metric: str
    cause: str = ""
    department: str = ""
    segment: str = ""
    acts: tuple[Act, ...] = ()

    @property
    def key(self) -> str:
        """The series."""
        return series_key(self.metric, self.cause, self.department, self.segment)

    def entries(self) -> Iterable[Entry]:
        """All by metric."""
        yield Entry("baseline.all", "all", self.metric)

    @property
    def weeks(self) -> dict[str, str]:
        """The weeks at which the baseline begins again, with the reasons: what the acts come to."""
        out: dict[str, str] = {}
        for act in self.acts:
            if act.what == "rebase":
                out[act.week] = act.reason
            else:
                out.pop(act.week, None)
        return dict(sorted(out.items()))


def series_key(metric: str, cause: str = "", department: str = "", segment: str = "") -> str:
    """The name of one weekly series."""
    return f"{metric}/{cause}/{department}/{segment}"


class Rest(Fact):
    """One logged snooze: until the end of which week nobody is told of alarms, why, who said so."""

    until: str
    reason: str
    by: str
    at: datetime


class Snooze(Entity):
    """The snoozes of one cause's alarms, oldest first; the last one holds."""

    kind = "snooze"

    cause: str
    rests: tuple[Rest, ...] = ()

    @property
    def key(self) -> str:
        """The cause."""
        return self.cause

    def entries(self) -> Iterable[Entry]:
        """All."""
        yield Entry("snooze.all", "all", self.cause)

    def rests_in(self, week: str) -> bool:
        """Whether nobody is told of an alarm of that week."""
        return bool(self.rests) and week <= self.rests[-1].until


class AlarmState(StrEnum):
    """What is known of a cause in a week."""

    ALARM = "alarm"
    QUIET = "quiet"
    TRIAL = "trial"
    """Its baseline has fewer than twelve points."""
    NO_DENOMINATOR = "no_denominator"


class Tested(Fact):
    """One watched cause in one week, with the numbers as they were then."""

    cause: str
    department: str
    state: AlarmState
    contacts: int
    denominator: str
    x: int | None = None
    p: float | None = None
    q: float | None = None
    """The p-value adjusted for how many causes were tested; at most the week's `q` is an alarm."""
    ratio: float | None = None
    """Observed to expected contacts of the last three weeks."""
    observed: float | None = None
    expected: float | None = None
    since: str = ""
    """The first week of the present segment: a seam or a re-base, else where the numbers begin."""
    new: bool = False
    """No alarm on it in the three weeks before."""
    snoozed: bool = False


class AlarmWeek(Entity):
    """What was judged when a week was over; what comes in later does not change it."""

    kind = "alarm_week"

    week: str
    judged: datetime
    q: float
    """The share of false alarms that is held, on average."""
    taxonomy: int
    tested: tuple[Tested, ...] = ()

    @property
    def key(self) -> str:
        """The week."""
        return self.week

    def entries(self) -> Iterable[Entry]:
        """All by week."""
        yield Entry("alarm_week.all", "all", self.week)

    @property
    def alarms(self) -> list[Tested]:
        """Those that are alarms, the surest first."""
        found = [t for t in self.tested if t.state is AlarmState.ALARM]
        return sorted(found, key=lambda t: (t.q or 0.0, t.p or 0.0, t.cause))
