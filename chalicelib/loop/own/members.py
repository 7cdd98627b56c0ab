"""The contacts of a case, and its call-backs. Contacts are listed with their customer only: a case is one customer's,
and a case without a customer is that of the one contact that opened it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from chalicelib.loop.context import LoopUnit
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.customer import Customer
from chalicelib.model.entity import stamp

READ_AT_ONCE = 50


def members(unit: LoopUnit, case: Case, most: int, *, newest: bool = False) -> list[Contact]:
    """The contacts of a case with the answers to its call-backs, oldest first; of more than `most` those nearest to
    its opening, or the newest. It reads on only until it has as many as the case counts."""
    wanted = min(most, case.contacts)
    found = list(islice(counted(unit, case, backwards=newest and wanted < case.contacts), wanted))
    answers = (call.contact for call in callbacks_of(unit, case) if call.contact)
    found += (c for c in unit.many(Contact, answers).values() if c.case == case.id)
    return sorted(found, key=lambda c: (stamp(c.time), c.id))


def callbacks_of(unit: LoopUnit, case: Case) -> list[Callback]:
    """The call-backs of a case, one a resolution, oldest first."""
    return list(unit.many(Callback, case.calls).values())


def counted(unit: LoopUnit, case: Case, *, backwards: bool = False) -> Iterator[Contact]:
    """The contacts that a case counts, its customer's calls and not ours: from its opening on and then the earlier,
    or from the newest on."""
    if case.customer:
        near = _of_customer(unit, case, backwards)
    else:
        near = iter(unit.many(Contact, opened_by(case)).values())
    return (c for c in near if c.case == case.id and c.channel is not Channel.CALLBACK)


def opened_by(case: Case) -> list[str]:
    """The contact that opened a case."""
    return [str(e.data["contact"]) for e in case.history[:1] if "contact" in e.data]


def _of_customer(unit: LoopUnit, case: Case, backwards: bool) -> Iterator[Contact]:
    opened = stamp(case.opened)
    if not backwards:
        yield from _listed(unit, case.customer, low=opened)
    yield from _listed(
        unit, case.customer, high="~" if backwards else f"{int(opened) - 1:015d}", newest_first=True
    )
    customer = unit.get(Customer, case.customer)
    if customer and customer.erasing:  # their contacts go under the random name before their cases do
        yield from _listed(unit, customer.erasing)


def _listed(
    unit: LoopUnit, customer: str, *, low: str = "", high: str = "~", newest_first: bool = False
) -> Iterator[Contact]:
    after = ""
    while True:
        page = unit.store.find(
            Contact,
            "contact.customer",
            customer,
            low=low,
            high=high,
            limit=READ_AT_ONCE,
            newest_first=newest_first,
            after=after,
        )
        yield from unit.many(Contact, page.keys).values()
        if not (after := page.next):
            return
