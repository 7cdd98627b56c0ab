"""The rows of an export: week by week for files, page by page for requests."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.loop.export.columns import Numbered, Row, row
from chalicelib.loop.export.permission import Wish
from chalicelib.loop.listen.arriving import NOT_YET
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import week_end, week_of, week_start, weeks_between
from chalicelib.ports import Page

READ_AT_ONCE = 500
MOST_EXAMINED = 2_000
"""Contacts one page looks at: few of a lead's weeks give short pages, not a long wait."""
LARGEST_PAGE = 2_500_000
"""Bytes: Lambda answers with 6 MB at the most, and Chinese may double on the way."""
EARLIEST = "2000-W01"
"""No contact is taken from before 2000."""
Departments = tuple[str, ...] | None


def last_week(loop: Loop) -> str:
    """The last week that can have contacts."""
    return week_of(loop.clock() + timedelta(seconds=NOT_YET))


def first_week(loop: Loop, last: str) -> str:
    """The first week that has contacts; `last` when none has."""
    store = loop.store
    if store.waiting() or store.dead(limit=1):  # not all are counted yet: look into each week
        weeks = weeks_between(EARLIEST, last)
        return next((w for w in weeks if store.find(Contact, "contact.week", w, limit=1).keys), last)
    return min((sort for _, sort, _ in store.cells("week", high=last)), default=last)


def week_rows(loop: Loop, only: Departments, wish: Wish, week: str) -> Iterator[Row]:
    """The rows of one week by time; `only` is what `permit` gave."""
    known = Known(loop)
    after = ""
    while True:
        page = _page(loop, _place(only, week), after, READ_AT_ONCE)
        contacts = _contacts(loop, only, page.keys)
        yield from known.rows(contacts, wish.text)
        if not (after := page.next):
            return


class Known:
    """What rows are made from, read once: the taxonomy; the states of cases as they are needed."""

    def __init__(self, loop: Loop) -> None:
        self._loop, self._taxonomy = loop, loop.unit().taxonomy

    def rows(self, contacts: Sequence[Contact], text: bool) -> list[Row]:
        """These contacts as rows."""
        cases = {c.case for c in contacts if c.case}
        states = {k: str(case.state) for k, case in self._loop.store.get(Case, sorted(cases)).items()}
        known = Numbered(self._taxonomy, states, self._loop.vault.digest)
        return [row(c, known, text) for c in contacts]


class Handed(NamedTuple):
    """One page: its rows in week and time order, and the cursor of the next one, "" at the end."""

    rows: list[tuple[str, Row]]
    """(week, row)"""
    next: str


def page_rows(
    loop: Loop, only: Departments, wish: Wish, cursor: str, limit: int, most: int = LARGEST_PAGE
) -> Handed:
    """At most `limit` rows behind the cursor, ending with the one that reaches `most` bytes; a page may be short,
    even empty, before the end."""
    weeks, known = wish.weeks, Known(loop)
    at, after = _cursor(cursor, weeks)
    found: list[tuple[str, Row]] = []
    room, examined = most, 0
    while at < len(weeks) and len(found) < limit and examined < MOST_EXAMINED and room > 0:
        place = _place(only, weeks[at])
        page = _page(loop, place, after, min(READ_AT_ONCE, limit - len(found)))
        contacts = _contacts(loop, only, page.keys)
        for contact, one in zip(contacts, known.rows(contacts, wish.text), strict=True):
            found.append((weeks[at], one))
            room -= len(json.dumps(one, ensure_ascii=False).encode())
            if room <= 0:  # stop right behind this one
                page = _page(loop, place, after, page.keys.index(contact.id) + 1)
                break
        examined += max(1, len(page.keys))
        at, after = (at, page.next) if page.next else (at + 1, "")
    return Handed(found, _marked(weeks[at], after) if at < len(weeks) else "")


def _place(only: Departments, week: str) -> tuple[str, str, str, str]:
    """(index, partition, low, high): one department's listing, or the week's."""
    if only is not None and len(only) == 1:
        end = int(stamp(week_end(week))) - 1
        return "contact.department", only[0], stamp(week_start(week)), f"{end:015d}"
    return "contact.week", week, "", "~"


def _page(loop: Loop, place: tuple[str, str, str, str], after: str, limit: int) -> Page:
    index, partition, low, high = place
    return loop.store.find(Contact, index, partition, low=low, high=high, limit=limit, after=after)


def _contacts(loop: Loop, only: Departments, keys: Sequence[str]) -> list[Contact]:
    """Those that are still there and concern the departments, in the order of the keys."""
    have = loop.store.get(Contact, keys)
    found = [have[key] for key in keys if key in have]
    return found if only is None else [c for c in found if not set(only).isdisjoint(c.departments)]


def _marked(week: str, after: str) -> str:
    """A cursor that needs no escaping in an address."""
    return urlsafe_b64encode(f"{week}:{after}".encode()).decode().rstrip("=")


def _cursor(text: str, weeks: Sequence[str]) -> tuple[int, str]:
    if not text:
        return 0, ""
    try:
        plain = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
    except ValueError:
        plain = ""
    week, _, after = plain.partition(":")
    if week not in weeks:
        raise Invalid(
            "cursor",
            "翻页标记不对，请从第一页重新开始",
            "the cursor is wrong; start again from the first page",
            "cursor",
        )
    return weeks.index(week), after
