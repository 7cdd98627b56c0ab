"""What a contact's cost is charged to. One pure function makes its bookings; everything else follows from it.

A contact's bookings in closed months stay. In the month that is open it books the difference between them and
what it should be charged with now, so corrections, late contacts, disputes, splits and merges of causes and
changed costs are one and the same: the wanted amounts differ. The sum is the cost whatever happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.measure.tally import shares
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.ledger import NO_CAUSE, UNALLOCATED, Books, Charge, Why
from chalicelib.model.months import month_of

Place = tuple[str, str]
"""(account, cause)."""


def bearers(contact: Contact) -> list[Place]:
    """Who bears the share of each cause: its owner, unless a dispute says otherwise."""
    ruled = {ruling.cause: ruling.account for ruling in contact.rulings}
    owned = sorted(zip(contact.causes, contact.owners, strict=True))
    return [(ruled.get(cause, owner), cause) for cause, owner in owned] or [(UNALLOCATED, NO_CAUSE)]


def wanted(cost: int, places: Sequence[Place]) -> Counter[Place]:
    """Equal shares of the cost in integer fen, summing to it exactly, the same as those the causes count."""
    amounts: Counter[Place] = Counter()
    for place, fen in zip(places, shares(cost, len(places)), strict=True):
        amounts[place] += fen
    return amounts


def book(
    charges: Sequence[Charge], amounts: Mapping[Place, int], dated: str, first_open: str
) -> tuple[Charge, ...]:
    """The bookings that leave closed months alone and sum to `amounts`; doing it again changes nothing.

    `dated` is the contact's own month, `first_open` the first that is not closed.
    """
    closed = tuple(charge for charge in charges if charge.month < first_open)
    rest = Counter(amounts)
    for charge in closed:
        rest[charge.account, charge.cause] -= charge.fen
    month = max(dated, first_open)
    fresh = (_charge(month, place, fen, dated, closed) for place, fen in sorted(rest.items()) if fen)
    return (*closed, *fresh)


def _charge(month: str, place: Place, fen: int, dated: str, closed: Sequence[Charge]) -> Charge:
    account, cause = place
    why: Why = "charge"
    of = ""
    if closed:
        same = [c.month for c in closed if c.account == account and c.cause == cause]
        why, of = "reversal", max(same or [c.month for c in closed])
    elif dated < month:
        why, of = "late", dated
    return Charge(month=month, account=account, cause=cause, fen=fen, why=why, of=of)


def charge(unit: LoopUnit, contact: Contact) -> Contact:
    """The contact with the bookings it should have; what changes is saved only if no month closes meanwhile.

    Our own call-backs are charged to nobody, as no number of costs counts them.
    """
    books = books_of(unit)
    charged: tuple[Charge, ...] = ()
    if contact.channel is not Channel.CALLBACK:
        amounts = wanted(contact.cost, bearers(contact))
        charged = book(contact.charges, amounts, month_of(contact.time), books.first_open)
    if charged == contact.charges:
        return contact
    unit.guard(books)
    return contact.model_copy(update={"charges": charged})


def books_of(unit: LoopUnit) -> Books:
    """How far the ledger is closed; begun when something is first charged."""
    return unit.get(Books, "books") or unit.put(Books(since=month_of(unit.now)))
