"""Exporting to a folder of weeks or to one file: permitted, logged, from one moment's state of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.export.files import Format, Writer, Written
from chalicelib.export.folder import CONTACTS, NUMBERS, Folder, agreed, writing
from chalicelib.loop.context import Loop
from chalicelib.loop.export.columns import FAMILIES, WEEK, Row, columns, described, moment
from chalicelib.loop.export.columns import NUMBERS as NUMBER_COLUMNS
from chalicelib.loop.export.permission import Wish, counted, log_export, permit
from chalicelib.loop.export.rows import week_rows
from chalicelib.model.people import Caller

Told = Callable[[int], None]
"""Told how many rows are written so far."""


def export_folder(
    loop: Loop, caller: Caller, wish: Wish, path: Path, form: Format, told: Told
) -> dict[str, Any]:
    """Write the weeks to a folder, replacing those that are there; the folder's receipt. Contacts, and for those
    who see everything the stored numbers too."""
    only = permit(loop, caller, wish)
    with writing(path, form, agreed(form, only, wish.text)) as folder:
        folder.save(complete=False)
        reading, rows = log_export(loop, caller, wish, None), _Told(told)
        with loop.store.frozen() as store:
            still = replace(loop, store=store)
            cells = _numbers(still, wish) if only is None else {}
            for week in wish.weeks:
                folder.put(CONTACTS, week, rows(week_rows(still, only, wish, week)), columns(wish.text))
                if only is None:
                    folder.put(NUMBERS, week, cells.get(week, []), NUMBER_COLUMNS)
                folder.save()
        _finish(folder, loop, caller, wish)
        counted(loop, reading, rows.count)
        return folder.receipt | {"written": rows.count}


def export_file(
    loop: Loop, caller: Caller, wish: Wish, path: Path, form: Format, told: Told
) -> tuple[Written, int]:
    """Write the contacts of all weeks to one file."""
    only = permit(loop, caller, wish)
    reading, rows = log_export(loop, caller, wish, None), _Told(told)
    with loop.store.frozen() as store:
        still = replace(loop, store=store)
        weekly = (
            {WEEK.name: week, **row} for week in wish.weeks for row in week_rows(still, only, wish, week)
        )
        with Writer(form) as writer:
            written = writer.write(path, rows(weekly), (WEEK, *columns(wish.text)))
    counted(loop, reading, rows.count)
    return written, rows.count


class _Told:
    def __init__(self, told: Told) -> None:
        self.count, self._told = 0, told

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.count += 1
            if self.count % 500 == 0:
                self._told(self.count)
            yield row


def _finish(folder: Folder, loop: Loop, caller: Caller, wish: Wish) -> None:
    last = {"at": moment(loop.clock()), "by": caller.name, "first": wish.first, "last": wish.last}
    folder.save(complete=True, last=last, columns=described(wish.text))


def _numbers(loop: Loop, wish: Wish) -> Mapping[str, list[Row]]:
    """The stored numbers by week."""
    found: dict[str, list[Row]] = {}
    for family in FAMILIES:
        for (_, sort, field), n in sorted(loop.store.cells(family, wish.first, wish.last + "~").items()):
            week, _, of = sort.partition("/")
            found.setdefault(week, []).append({"family": family, "name": of, "field": field, "n": n})
    return found
