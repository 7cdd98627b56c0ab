"""Closing months: first no more bookings, then the statement. In between a month is closing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.charging import books_of
from chalicelib.loop.notices import notify
from chalicelib.model.errors import Conflict
from chalicelib.model.ledger import Books, Statement, StatementLine
from chalicelib.model.months import month_of, month_shift, month_start
from chalicelib.model.people import SYSTEM, Caller, not_found
from chalicelib.model.settings import Settings
from chalicelib.model.worktime import Due, Limit, due
from chalicelib.ports import Cells, Store

NOTICES_EACH = 2
_NAMES = {"n": "contacts"}


def closes(month: str, settings: Settings) -> Due:
    """When a month closes by itself, and the working-time arithmetic of it."""
    limit = Limit(settings.ledger_days, "d")
    return due(month_start(month_shift(month, 1)), limit, settings.worktime)


def month_due(settings: Settings, now: datetime) -> str:
    """The newest month whose time to close has come."""
    month = month_shift(month_of(now), -1)
    while closes(month, settings).at > now:
        month = month_shift(month, -1)
    return month


def close_when_due(loop: Loop) -> None:
    """Close what is due, and finish what was begun. History from before the ledger began closes with its first
    month, so that there is time to import it."""
    unit = loop.unit()
    books = unit.get(Books, "books")
    if books is None:
        return
    month = month_due(unit.settings, unit.now)
    if month >= books.since and month >= books.first_open:
        close(loop, SYSTEM, month)
    elif books.first_open and books.stated < month_shift(books.first_open, -1):
        close(loop, SYSTEM, month_shift(books.first_open, -1))


def close(loop: Loop, caller: Caller, month: str) -> Statement:
    """Close a month and those before it that are still open, each with its statement. Safe to repeat."""
    if month >= month_of(loop.clock()):
        raise Conflict(
            "ledger.not_over",
            "这个月还没有结束，不能关账",
            "this month is not over; it cannot be closed",
            "month",
        )
    books = loop.change(lambda unit: stop_booking(unit, month))
    return _state_all(loop, caller, books, month)


def stop_booking(unit: LoopUnit, month: str) -> Books:
    """From here on nothing more is booked in the month: every booking is conditional on this very entity."""
    books = books_of(unit)
    if month < books.first_open:
        return books
    return unit.put(books.model_copy(update={"first_open": month_shift(month, 1)}))


def _state_all(loop: Loop, caller: Caller, books: Books, month: str) -> Statement:
    last = month_shift(books.first_open, -1)
    booked = loop.store.cells("charge.month", books.stated, last)
    months = [sort for _, sort, field in booked if field in ("n", "fen")]
    each = month_shift(books.stated, 1) if books.stated else min([*months, last])
    while each <= last:
        _state(loop, caller, each)
        each = month_shift(each, 1)
    loop.change(lambda unit: _stated(unit, last))
    return statement(loop, month)


def statement(loop: Loop, month: str) -> Statement:
    """What was stated of a closed month; NotFound for one before the first booking."""
    found = loop.unit().get(Statement, month)
    if found is None:
        raise not_found("statement")
    return found


def _state(loop: Loop, caller: Caller, month: str) -> None:
    """Store the statement of a month that takes no more bookings; the numbers cannot change any more."""
    lines = lines_of(loop.store, month)
    whole = loop.store.cells("charge.month", month, month)

    def decide(unit: LoopUnit) -> Statement:
        if known := unit.get(Statement, month):
            return known
        before = unit.find(Statement, "statement.all", "all", high=month, limit=1, newest_first=True)
        previous = before[0].digest if before else ""
        return unit.put(
            Statement(
                month=month,
                at=unit.now,
                by=caller.name,
                contacts=whole.get(("charge.month", month, "n"), 0),
                fen=whole.get(("charge.month", month, "fen"), 0),
                lines=lines,
                digest=digest_of(month, lines, previous),
                previous=previous,
            )
        )

    _announce(loop, loop.change(decide))


def _announce(loop: Loop, made: Statement) -> None:
    """Tell the departments with lines; what is told twice on one day is one notice."""
    to = {f"department:{line.account}" for line in made.lines if not line.account.startswith("@")}

    def tell(unit: LoopUnit, some: Sequence[str]) -> None:
        for receiver in some:
            notify(unit, receiver, "month_closed", f"ledger:{made.month}", digest="ledger")

    loop.in_parts(sorted(to | {"role:executive"}), NOTICES_EACH, tell)


def _stated(unit: LoopUnit, last: str) -> None:
    books = books_of(unit)
    if books.stated < last:
        unit.put(books.model_copy(update={"stated": last}))


def digest_of(month: str, lines: Sequence[StatementLine], previous: str) -> str:
    """What proves a statement unchanged."""
    told = {"month": month, "previous": previous, "lines": [line.model_dump() for line in lines]}
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def lines_of(store: Store, month: str) -> tuple[StatementLine, ...]:
    """A month's lines as they are booked, an account's whole (cause "") before its causes. One read."""
    return lines_from(store.cells("charge", f"{month}/", f"{month}/~"))


def lines_from(cells: Cells) -> tuple[StatementLine, ...]:
    """The lines that stored numbers of the family `charge` tell of."""
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (_, sort, field), n in cells.items():
        name, _, cause = field.partition(".")
        rows[sort.partition("/")[2], cause][_NAMES.get(name, name)] = n
    return tuple(_line(account, cause, found) for (account, cause), found in sorted(rows.items()))


def _line(account: str, cause: str, found: Mapping[str, int]) -> StatementLine:
    return StatementLine.model_validate({"account": account, "cause": cause, **found})
