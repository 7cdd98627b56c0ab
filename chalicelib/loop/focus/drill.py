"""From any number to the contacts it counts."""

from __future__ import annotations

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.numbers import by_week, total
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import week_end, week_start, weeks_between
from chalicelib.ports import Page

PAGE = 100
READ_AT_ONCE = 200
MOST_EXAMINED = 2_000
"""Contacts one request looks at: a filter that hardly anything passes gives short pages, not a long wait."""


class Wanted:
    """Which contacts a number counted: every given part must match."""

    def __init__(
        self,
        first: str,
        last: str,
        cause: str = "",
        department: str = "",
        channel: str = "",
        segment: str = "",
        kind: str = "",
    ) -> None:
        self.first, self.last, self.cause, self.department = first, last, cause, department
        self.channel, self.segment, self.contact_kind = channel, segment, kind

    def counts(self, c: Contact) -> bool:
        """Whether the number counted this contact."""
        return (
            c.tagged
            and c.channel is not Channel.CALLBACK
            and self.cause in ("", *c.causes)
            and self.department in ("", *c.departments)
            and self.channel in ("", c.channel)
            and self.segment in ("", c.segment)
            and self.contact_kind in ("", c.contact_kind)
        )

    def places(self) -> list[tuple[str, str, str, str]]:
        """(index, partition, low, high) to read, the narrowest index there is, newest first."""
        low, high = stamp(week_start(self.first)), _before(stamp(week_end(self.last)))
        if self.cause:
            return [("contact.cause", self.cause, low, high)]
        if self.department:
            return [("contact.department", self.department, low, high)]
        return [("contact.week", week, low, high) for week in reversed(weeks_between(self.first, self.last))]


def _before(moment: str) -> str:
    return f"{int(moment) - 1:015d}"


def contacts(
    loop: Loop, caller: Caller, wanted: Wanted, cursor: str = "", limit: int = PAGE, most: int = MOST_EXAMINED
) -> tuple[list[Contact], str]:
    """A page of the contacts behind a number, newest first, and the cursor of the next page ("" at the end; a
    page may be short before it).

    A lead is shown those that concern its departments.
    """
    if wanted.department:
        caller.must_see([wanted.department], "department")
    places = wanted.places()
    at, after = _cursor(cursor, len(places))
    found: list[Contact] = []
    examined = 0
    while at < len(places) and len(found) < limit and examined < most:
        place, need = places[at], limit - len(found)
        page = _page(loop, place, after, READ_AT_ONCE)
        have = loop.store.get(Contact, page.keys)
        fits = [
            n
            for n, k in enumerate(page.keys)
            if k in have and wanted.counts(have[k]) and _may_see(caller, have[k])
        ]
        if len(fits) > need:  # stop right behind the last one that is wanted
            page = _page(loop, place, after, fits[need - 1] + 1)
            fits = fits[:need]
        found += [have[page.keys[n]] for n in fits]
        examined += len(page.keys)
        at, after = (at, page.next) if page.next else (at + 1, "")
    return found, f"{at}:{after}" if at < len(places) else ""


def counted(loop: Loop, caller: Caller, wanted: Wanted) -> int | None:
    """How many contacts the stored numbers counted, those too that a lead is not shown; None where no single number
    stands for all the parts that are given, or the caller is not told it."""
    if wanted.cause and not caller.sees([loop.unit().taxonomy.department_of(wanted.cause)]):
        return None
    given = (("channel", wanted.channel), ("segment", wanted.segment), ("kind", wanted.contact_kind))
    parts = [f"{name}.{value}" for name, value in given if value]
    of = [(name, part) for name, part in (("cause", wanted.cause), ("department", wanted.department)) if part]
    if len(of) > 1 or len(parts) > 1 or (of and wanted.contact_kind):
        return None
    family, part = of[0] if of and parts else ("week", "")
    field = parts[0] if parts else ".".join(of[0]) if of else "n"
    return total(by_week(loop.store, family, wanted.first, wanted.last), part)[field]


def _page(loop: Loop, place: tuple[str, str, str, str], after: str, limit: int) -> Page:
    index, partition, low, high = place
    return loop.store.find(
        Contact, index, partition, low=low, high=high, limit=limit, newest_first=True, after=after
    )


def _may_see(caller: Caller, contact: Contact) -> bool:
    return caller.role is not Role.LEAD or caller.sees(contact.departments)


def _cursor(text: str, places: int) -> tuple[int, str]:
    if not text:
        return 0, ""
    at, _, after = text.partition(":")
    if not (at.isdecimal() and at.isascii() and len(at) < 4) or int(at) >= places:
        raise Invalid(
            "cursor",
            "翻页标记不对，请从第一页重新开始",
            "the cursor is wrong; start again from the first page",
            "cursor",
        )
    return int(at), after
