"""Case: one customer's problem being put right. One accountable department, any number working with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from chalicelib.model.entity import Entity, Entry, Event, Fact, stamp


class CaseState(StrEnum):
    """All states of a case."""

    TO_ACCEPT = "to_accept"
    WORKING = "working"
    UNVERIFIED = "unverified"
    """Closed by us; the customer's later behaviour decides."""
    CAME_BACK = "came_back"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"
    """A correction took its last contact away."""


class CaseMove(StrEnum):
    """All orders that change a case's state."""

    ACCEPT = "accept"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    VERIFY = "verify"
    WITHDRAW = "withdraw"


ERASED_CUSTOMER = "erased-"
"""How the random names of erased customers begin."""

S, M = CaseState, CaseMove
MOVES: dict[tuple[CaseState, CaseMove], CaseState] = {
    (S.TO_ACCEPT, M.ACCEPT): S.WORKING,
    (S.CAME_BACK, M.ACCEPT): S.WORKING,
    (S.WORKING, M.RESOLVE): S.UNVERIFIED,
    (S.UNVERIFIED, M.REOPEN): S.CAME_BACK,
    (S.VERIFIED, M.REOPEN): S.CAME_BACK,  # a contact from inside the window that arrived late
    (S.UNVERIFIED, M.VERIFY): S.VERIFIED,
    (S.TO_ACCEPT, M.WITHDRAW): S.WITHDRAWN,
    (S.WORKING, M.WITHDRAW): S.WITHDRAWN,
    (S.CAME_BACK, M.WITHDRAW): S.WITHDRAWN,
    (S.UNVERIFIED, M.WITHDRAW): S.WITHDRAWN,
}
"""The only legal changes of state."""

OPEN = frozenset({S.TO_ACCEPT, S.WORKING, S.CAME_BACK})
"""Somebody still has to do something."""
LIVE = OPEN | {S.UNVERIFIED}
"""A further contact on the cause belongs to it."""


class Basis(Fact):
    """What a due time was counted from, so that it can be explained after settings have changed."""

    start: datetime
    limit: str


class Task(Fact):
    """What one department does on a case at the same time as the others, with its own clock."""

    id: str
    department: str
    what: str
    asked_by: str
    opened: datetime
    due: datetime
    done: datetime | None = None
    done_by: str = ""
    escalated: bool = False


class Case(Entity):
    """`opened` is the first clock and never moves, whatever reopens the case."""

    kind = "case"

    id: str
    cause: str
    department: str
    asked_department: str = ""
    """Asked to take the case over; the accountable one stays responsible until it accepts."""
    customer: str = ""
    state: CaseState = CaseState.TO_ACCEPT
    severity: int = 0
    contacts: int = 0
    opened: datetime
    accept_due: datetime
    resolve_due: datetime
    bases: dict[str, Basis] = Field(default_factory=dict)
    """What each clock, accept and resolve, was counted from."""
    accepted: datetime | None = None
    resolved: datetime | None = None
    verify_at: datetime | None = None
    closed: datetime | None = None
    own_minutes: int = 0
    """Business minutes from `opened` to the first acceptance."""
    resolve_minutes: int = 0
    """Business minutes from `opened` to the latest resolution."""
    reopened: int = 0
    escalated: tuple[Literal["accept", "resolve"], ...] = ()
    tasks: tuple[Task, ...] = ()
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """Derived from customer, cause and how many such cases there were before."""
        return self.id

    @property
    def departments(self) -> tuple[str, ...]:
        """Everybody who works on it, the accountable one first."""
        asked = (self.asked_department,) if self.asked_department else ()
        return tuple(dict.fromkeys((self.department, *(t.department for t in self.tasks), *asked)))

    @property
    def waited_for(self) -> tuple[str, ...]:
        """In whose queue it stands: the accountable department, those with an open task, the one asked."""
        busy = (t.department for t in self.tasks if not t.done)
        asked = (self.asked_department,) if self.asked_department else ()
        return tuple(dict.fromkeys((self.department, *busy, *asked)))

    @property
    def reachable(self) -> bool:
        """Whether there is a customer to call back and to watch."""
        return bool(self.customer) and not self.customer.startswith(ERASED_CUSTOMER)

    @property
    def calls(self) -> list[str]:
        """The keys of its call-backs, oldest first: one a resolution, as far as there was anybody to call."""
        return [f"{self.id}/{n}" for n in range(1, self.reopened + 2)]

    @property
    def due(self) -> datetime:
        """When the clock that now runs ends."""
        return self.accept_due if self.state in (S.TO_ACCEPT, S.CAME_BACK) else self.resolve_due

    def entries(self) -> Iterable[Entry]:
        """Queue of each department by state and clock; the customer's and the cause's cases by opening; those
        with an open task by the clock of the first."""
        for department in self.waited_for:
            yield Entry("case.queue", f"{department}/{self.state}", stamp(self.due))
        yield Entry("case.state", self.state, stamp(self.due))
        yield Entry("case.cause", self.cause, stamp(self.opened))
        if self.state in OPEN and (due := [t.due for t in self.tasks if not t.done]):
            yield Entry("case.task", "open", stamp(min(due)))
        if self.customer:
            yield Entry("case.customer", self.customer, stamp(self.opened))

    def with_event(self, at: datetime, name: str, actor: str, **data: object) -> Case:
        """The same case with one more event in its history."""
        return self.model_copy(
            update={"history": (*self.history, Event(at=at, name=name, actor=actor, data=data))}
        )


class CallbackState(StrEnum):
    """All states of a call-back."""

    TO_CALL = "to_call"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    CANCELLED = "cancelled"
    """The case came back, or went, before the call: there is nothing left to ask."""
    ERASED = "erased"
    """The person was erased before the call."""


Satisfaction = Literal["satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"]


class Callback(Entity):
    """Asking the customer whether it is solved. `round` counts how often the case was resolved."""

    kind = "callback"

    case: str
    round: int
    cause: str
    department: str
    customer: str
    created: datetime
    due: datetime
    state: CallbackState = CallbackState.TO_CALL
    attempts: int = 0
    called: datetime | None = None
    in_limit: bool = False
    says_resolved: bool | None = None
    satisfaction: Satisfaction | None = None
    contact: str = ""
    """The answer, itself a contact."""

    @property
    def key(self) -> str:
        """One a resolution; `Case.calls` has those of a case."""
        return f"{self.case}/{self.round}"

    def entries(self) -> Iterable[Entry]:
        """Who is to be called next; all of a customer."""
        if self.state is CallbackState.TO_CALL:
            yield Entry("callback.state", self.state, stamp(self.due))
            yield Entry("callback.department", f"{self.department}/{self.state}", stamp(self.due))
        if self.customer:
            yield Entry("callback.customer", self.customer, stamp(self.created))
