"""Repeats: which contacts of one customer belong to one chain."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from chalicelib.loop.context import LoopUnit
from chalicelib.model.contact import Channel, Contact, Step
from chalicelib.model.entity import stamp

Window = Callable[[str | None], timedelta]
MOST = 2_000
"""Contacts of one customer looked at around one contact; beyond it is a test account or a placeholder."""


def links(contacts: Iterable[Contact], window: Window) -> dict[str, tuple[bool, bool]]:
    """Whether each of one customer's contacts repeats an earlier one, and is repeated by a later one.

    i repeats j when they share a cause, order, bill or case and 0 < t_i - t_j <= W, W being the cause's
    window or, for a shared order or bill, the default one.
    """
    counted = [c for c in contacts if c.channel is not Channel.CALLBACK]
    times: dict[str, list[datetime]] = defaultdict(list)
    for c in sorted(counted, key=lambda c: c.time):
        for name in _threads(c):
            times[name].append(c.time)
    return {c.id: _linked(c, times, window) for c in counted}


def _threads(c: Contact) -> dict[str, str | None]:
    """What may link this contact to others, each with the cause whose window holds (None: the default one).

    Contacts of one case share its cause, so they are linked by that, inside its window.
    """
    return {f"cause:{cause}": cause for cause in c.causes} | dict.fromkeys(c.refs)


def _linked(c: Contact, times: dict[str, list[datetime]], window: Window) -> tuple[bool, bool]:
    before = after = False
    for name, cause in _threads(c).items():
        same, reach = times[name], window(cause)
        i, j = bisect_left(same, c.time), bisect_right(same, c.time)
        before = before or (i > 0 and c.time - same[i - 1] <= reach)
        after = after or (j < len(same) and same[j] - c.time <= reach)
    return before, after


def link(unit: LoopUnit, contact: Contact) -> Contact:
    """Step `link`: set the repeat marks of this contact and of those near it, in whatever order they came."""
    contact = contact.model_copy(update={"pending": Step.NONE})
    unit.put(contact)
    if contact.customer:
        reach = unit.taxonomy.widest_window
        near = unit.find(
            Contact,
            "contact.customer",
            contact.customer,
            low=stamp(contact.time - 2 * reach),
            high=stamp(contact.time + 2 * reach),
            limit=MOST,
        )
        marks = links(near, unit.taxonomy.window)
        for other in near:
            if abs(other.time - contact.time) <= reach and other.id in marks:
                _mark(unit, other, marks[other.id])
    return unit.get(Contact, contact.id) or contact


def _mark(unit: LoopUnit, contact: Contact, mark: tuple[bool, bool]) -> None:
    if (contact.repeats, contact.repeated) != mark:
        unit.put(contact.model_copy(update={"repeats": mark[0], "repeated": mark[1]}))
