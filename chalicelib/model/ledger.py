"""Ledger: what contacts cost, charged month by month to the departments that own their causes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.model.entity import Entity, Entry, Event, Fact, stamp

UNALLOCATED = "@unallocated"
"""Bears the contacts without any cause: nobody owns what they were about. No department's code holds an @."""
SUSPENSE = "@suspense:"
"""With a department's code behind it: bears what that department disputes until somebody has decided."""
NO_CAUSE = "-"


Why = Literal["charge", "late", "reversal"]


class Charge(Fact):
    """One booking of a contact. Those of closed months never change; the sum over all is its cost."""

    month: str
    account: str
    """A department's code, UNALLOCATED, or SUSPENSE and a code."""
    cause: str
    fen: int
    why: Why = "charge"
    of: str = ""
    """late: the closed month the contact is from; reversal: the closed month whose booking it corrects."""


class Ruling(Fact):
    """Who bears a contact's share of one cause instead of the cause's owner, by a dispute."""

    cause: str
    dispute: str
    account: str


class Books(Entity):
    """How far the ledger is closed. Every save that books anything is conditional on this being as it was
    read, so no booking can land in a month that was closed meanwhile, however late it comes."""

    kind = "books"

    since: str
    """The month the ledger began. It and what follows close by themselves; older ones along with it."""
    first_open: str = ""
    """Months before it take no more bookings."""
    stated: str = ""
    """Months up to this one have their statements; those up to `first_open` that have not are closing."""

    @property
    def key(self) -> str:
        """There is one."""
        return "books"


class StatementLine(Fact):
    """What one account was charged in a month for one cause, or (cause "") for all."""

    account: str
    cause: str = ""
    contacts: int = 0
    """Contacts first charged here in this month."""
    fen: int = 0
    """All of it."""
    late: int = 0
    """Fen of that for contacts of months that were closed already."""
    reversed: int = 0
    """Fen of that which corrects closed months."""
    reversals: int = 0
    """How many bookings did."""


class Statement(Entity):
    """A closed month as it was stated, never changed."""

    kind = "statement"

    month: str
    at: datetime
    by: str
    contacts: int
    fen: int
    lines: tuple[StatementLine, ...]
    digest: str
    """SHA-256 of the lines and of the digest before: who changes one changes all that follow."""
    previous: str = ""

    @property
    def key(self) -> str:
        """The month."""
        return self.month

    def entries(self) -> Iterable[Entry]:
        """All, by month."""
        yield Entry("statement.all", "all", self.month)


class DisputeState(StrEnum):
    """All states of a dispute."""

    OPEN = "open"
    UPHELD = "upheld"
    REFUSED = "refused"


class Dispute(Entity):
    """A department says that a share is not its own: what one cause was charged in a month, or one contact's
    share. Until it is decided the amount lies in the suspense account."""

    kind = "dispute"

    id: str
    department: str
    """Who disputes."""
    cause: str
    month: str = ""
    """Whose line; empty for a single contact."""
    contact: str = ""
    to: str = ""
    """The department that should bear it, in the view of the one that disputes; after `upheld`: that bears it."""
    reason: str
    by: str
    opened: datetime
    fen: int
    """What was disputed, as it stood then."""
    due: datetime
    limit: str
    state: DisputeState = DisputeState.OPEN
    moving: bool = False
    """Whether contacts still have to be moved to where the state says."""
    escalated: bool = False
    decided: datetime | None = None
    decided_by: str = ""
    ruling: str = ""
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """Derived from the share, so that it has one open dispute only; those of a line are numbered."""
        return self.id

    @property
    def account(self) -> str:
        """Who bears the share now. What was decided stays, whoever owns the cause later."""
        held = {DisputeState.OPEN: SUSPENSE + self.department, DisputeState.UPHELD: self.to}
        return held.get(self.state, self.department)

    def entries(self) -> Iterable[Entry]:
        """All; by state; by department that disputes or is named; those that still have contacts to move."""
        for name in ("all", self.state):
            yield Entry("dispute.state", name, stamp(self.opened))
        for department in {self.department, self.to} - {""}:
            for name in ("all", self.state):
                yield Entry("dispute.department", f"{department}/{name}", stamp(self.opened))
        if self.moving:
            yield Entry("dispute.moving", "all", stamp(self.opened))


def yuan(fen: int) -> str:
    """Integer fen as yuan, to the fen."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02d}"
