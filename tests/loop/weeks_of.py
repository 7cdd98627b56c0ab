"""Weeks of stored numbers without contacts behind them: what charts and alarms read, written straight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.loop.context import Loop
from chalicelib.loop.measure import denominators
from chalicelib.model.weeks import shift, week_start
from chalicelib.ports import Cells

LAST = "2026-W46"
"""The last finished week of the tests' clock."""


def begins(weeks: int, last: str = LAST) -> str:
    """The first of so many weeks."""
    return shift(last, 1 - weeks)


def fill(
    loop: Loop, cause: str, counts: Sequence[int], last: str = LAST, department: str = "logistics"
) -> None:
    """So many contacts of one cause in each week up to `last`, all on Mondays, as the tally would have counted them."""
    cells: Cells = {}
    for week, n in zip((shift(last, 1 - len(counts) + i) for i in range(len(counts))), counts, strict=True):
        for field in ("n", "n.1", f"cause.{cause}", f"department.{department}", "segment.unknown"):
            cells["week", week, field] = n
        for family, part in (("cause", cause), ("department", department)):
            for field in ("n", "n.1", "segment.unknown"):
                cells[family, f"{week}/{part}", field] = n
    loop.store.save([], {cell: n for cell, n in cells.items() if n})


def give_x(loop: Loop, denominator: str, values: Sequence[int | None], last: str = LAST) -> None:
    """The denominator of each week up to `last`; None leaves a week without."""
    for i, value in enumerate(values):
        if value is not None:
            week = shift(last, 1 - len(values) + i)
            new = denominators.NewDenominator(denominator=denominator, period=week, value=value)
            denominators.save(loop, new)


def give_x_at_once(loop: Loop, denominator: str, weeks: int, value: int, last: str = LAST) -> None:
    """The same denominator in each week, as the tally would have counted it: one save where saves are slow."""
    cells: Cells = {}
    for back in range(weeks):
        sort = f"{shift(last, -back)}/{denominator}"
        cells |= {("x", sort, "value.all"): value, ("x", sort, "days.all"): 7}
    loop.store.save([], cells)


def monday(week: str) -> datetime:
    """00:00 of its Monday in Shanghai."""
    return week_start(week)
