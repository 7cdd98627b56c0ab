"""What can be disputed: shares, who bears them now, and what has been said of them before."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.measure.ledger import refusals
from chalicelib.loop.measure.ledger.closing import lines_of
from chalicelib.model.contact import Contact
from chalicelib.model.ledger import Charge, Dispute, DisputeState

MOST_OF_A_LINE, MOST_REFUSED = 50, 1_000
"""Disputes of one line, one after the other; refused ones of a department that are looked at, the newest."""


class Share:
    """What is disputed: the line of a month, or one contact's share; of one cause."""

    def __init__(self, cause: str, month: str = "", contact: str = "") -> None:
        if bool(month) == bool(contact):
            raise refusals.one_of_two()
        self.cause, self.month, self.contact = cause, month, contact

    def amounts(self, unit: LoopUnit) -> dict[str, int]:
        """Account -> fen that it bears of it now."""
        if self.month:
            lines = lines_of(unit.store, self.month)
            return {line.account: line.fen for line in lines if line.cause == self.cause}
        contact = unit.get(Contact, self.contact)
        return borne(contact.charges, self.cause) if contact else {}  # as one that is not the caller's

    def ruled(self, unit: LoopUnit) -> bool:
        """Whether another dispute holds the contact's share, or has decided it. Of a line, such shares stay."""
        contact = unit.get(Contact, self.contact) if self.contact else None
        return contact is not None and any(r.cause == self.cause for r in contact.rulings)


def borne(charges: Iterable[Charge], cause: str) -> dict[str, int]:
    """Account -> what it bears of a cause over all bookings."""
    out: dict[str, int] = {}
    for one in charges:
        if one.cause == cause:
            out[one.account] = out.get(one.account, 0) + one.fen
    return out


def last_dispute(unit: LoopUnit, share: Share, whose: str) -> tuple[str, Dispute | None]:
    """The newest dispute of the share, by its number; that of the next one where there is none or it was decided."""
    known: Dispute | None = None
    for n in range(MOST_OF_A_LINE):
        seed = f"dispute\n{whose}\n{share.cause}\n{share.month}\n{share.contact}" + (f"\n{n}" if n else "")
        number = "Q-" + unit.vault.digest(seed)[:10].upper()
        found = unit.get(Dispute, number)
        if found is None or found.state is DisputeState.OPEN:
            return number, found or known
        known = found
    raise refusals.decided()


def handed_back(unit: LoopUnit, share: Share, whose: str) -> int:
    """Fen of a line that the department bears because disputes of it were refused: that is decided."""
    if not share.month:
        return 0
    listed = f"{whose}/{DisputeState.REFUSED}"
    refused = unit.find(Dispute, "dispute.department", listed, limit=MOST_REFUSED, newest_first=True)
    ours = [one for one in refused if (one.department, one.cause) == (whose, share.cause)]
    single = unit.many(Contact, [one.contact for one in ours if one.contact])
    fen = sum(_in_month(single[one.contact], share, whose) for one in ours if one.contact in single)
    cells = (unit.store.cells("dispute", one.id, one.id) for one in ours if one.month == share.month)
    return fen + sum(found for cell in cells for (*_, name), found in cell.items() if name == "fen")


def _in_month(contact: Contact, share: Share, whose: str) -> int:
    line = (share.month, whose, share.cause)
    return sum(one.fen for one in contact.charges if (one.month, one.account, one.cause) == line)
