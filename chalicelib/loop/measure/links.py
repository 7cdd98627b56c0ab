"""Repeats: which contacts of one customer belong to one chain."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chalicelib.loop.context import LoopUnit
from chalicelib.model.contact import Channel, Contact, Step
from chalicelib.model.entity import stamp

Window = Callable[[str | None], timedelta]
Mark = tuple[bool, bool]
"""Whether a contact repeats an earlier one, and is repeated by a later one."""
T = TypeVar("T")
MOST = 2_000
"""Contacts of one customer looked at around one contact; beyond it is a test account or a placeholder."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def links(contacts: Iterable[Contact], window: Window) -> dict[str, Mark]:
    """The marks of one customer's contacts.

    i repeats j when they share a cause, order, bill or case and 0 < t_i - t_j <= W, W being the cause's
    window or, for a shared order or bill, the default one.
    """
    counted = [c for c in contacts if counts(c)]
    threads = [_threads(c) for c in counted]
    reach = {name: ticks(window(cause)) for named in threads for name, cause in named.items()}
    rows = [(moment(c.time), list(named)) for c, named in zip(counted, threads, strict=True)]
    return {c.id: mark for c, mark in zip(counted, chained(rows, reach.__getitem__), strict=True)}


def counts(c: Contact) -> bool:
    """Whether a contact is in any chain: a call of ours is in none and breaks none."""
    return c.channel is not Channel.CALLBACK


def moment(t: datetime) -> int:
    """A time in microseconds since 1970."""
    return ticks(t - _EPOCH)


def ticks(t: timedelta) -> int:
    """A length of time in microseconds."""
    return t // _TICK


def chained(rows: Sequence[tuple[int, Sequence[T]]], reach: Callable[[T], int]) -> list[Mark]:
    """The marks of (moment, threads) in their order; two contacts on one thread are linked within its reach."""
    times: dict[T, list[int]] = defaultdict(list)
    for at, threads in sorted(rows, key=lambda row: row[0]):
        for name in threads:
            times[name].append(at)
    return [_linked(at, threads, times, reach) for at, threads in rows]


def _linked(at: int, threads: Sequence[T], times: dict[T, list[int]], reach: Callable[[T], int]) -> Mark:
    before = after = False
    for name in threads:
        same, far = times[name], reach(name)
        i, j = bisect_left(same, at), bisect_right(same, at)
        before = before or (i > 0 and at - same[i - 1] <= far)
        after = after or (j < len(same) and same[j] - at <= far)
    return before, after


def _threads(c: Contact) -> dict[str, str | None]:
    """What may link this contact to others, each with the cause whose window holds (None: the default one).

    Contacts of one case share its cause, so they are linked by that, inside its window.
    """
    return {f"cause:{cause}": cause for cause in c.causes} | dict.fromkeys(c.refs)


def link(unit: LoopUnit, contact: Contact) -> Contact:
    """Step `link`: set the repeat marks of this contact and of those near it, in whatever order they came."""
    alone = {} if contact.customer else {"repeats": False, "repeated": False}
    contact = contact.model_copy(update={"pending": Step.NONE, **alone})
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


def _mark(unit: LoopUnit, contact: Contact, mark: Mark) -> None:
    if (contact.repeats, contact.repeated) != mark:
        unit.put(contact.model_copy(update={"repeats": mark[0], "repeated": mark[1]}))
