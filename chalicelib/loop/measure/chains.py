"""All repeat chains at once, for a recount: a few numbers a contact, so that millions fit in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from chalicelib.loop.measure.links import Mark, Window, chained, counts, moment, ticks
from chalicelib.model.contact import Contact

REPEATS, REPEATED, WAITS, BITS = 1, 2, 4, 3
ALONE: Mark = (False, False)


class Chains:
    """What links contacts, and the marks that are stored of them.

    A customer's contacts are one row of integers: moment, how many threads with three bits (repeats, repeated,
    waits for its marks), then the threads: a cause by its number from 0, an order or bill by a negative hash.
    Two orders of one customer with one 62-bit hash would only have that customer looked at once more.
    """

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}
        self._causes: dict[str, int] = {}
        self.nobodys: list[str] = []
        """Contacts without a customer that are marked all the same."""

    def add(self, contact: Contact) -> None:
        """Take in one contact; one without a customer is in no chain."""
        if not (counts(contact) or contact.pending):
            return
        if not contact.customer:
            if (contact.repeats or contact.repeated) and not contact.pending:
                self.nobodys.append(contact.id)
            return
        row = self._rows.get(contact.customer)
        if row is None:
            row = self._rows[contact.customer] = array("q")
        threads = [self._causes.setdefault(c, len(self._causes)) for c in contact.causes]
        threads += [-1 - (hash(ref) & (2**62 - 1)) for ref in contact.refs]
        flags = contact.repeats * REPEATS | contact.repeated * REPEATED | bool(contact.pending) * WAITS
        row.extend((moment(contact.time), len(threads) << BITS | flags, *threads))

    def doubtful(self, window: Window) -> Iterator[str]:
        """Customers with a mark that is not what their contacts say; not those with a contact that still waits."""
        reach = [ticks(window(cause)) for cause in self._causes]
        usual = ticks(window(None))

        def far(thread: int) -> int:
            return usual if thread < 0 else reach[thread]

        for customer, row in self._rows.items():
            found, stored, waits = _read(row)
            if not waits and stored != (chained(found, far) if len(found) > 1 else [ALONE]):
                yield customer


def _read(row: array[int]) -> tuple[list[tuple[int, array[int]]], list[Mark], bool]:
    """(moment and threads of each contact, their stored marks, whether one waits)."""
    found, stored, waits, at = list[tuple[int, "array[int]"]](), list[Mark](), False, 0
    while at < len(row):
        time, word = row[at : at + 2]
        at += 2
        end = at + (word >> BITS)
        found.append((time, row[at:end]))
        stored.append((bool(word & REPEATS), bool(word & REPEATED)))
        waits = waits or bool(word & WAITS)
        at = end
    return found, stored, waits
