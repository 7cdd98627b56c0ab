"""Which version of the tagger read a week's contacts: weeks that two versions read cannot be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.loop.listen.versions import versions
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.measure.tally import READER
from chalicelib.model.tagger import SHIPPED
from chalicelib.model.weeks import shift

MIXED = "?"
STRAY = 0.02
"""Share of a week that other versions may have read: an erased contact keeps what was read in it."""
LOOK_BACK = 8
"""Weeks before the first one in which it is looked for what read until then."""
MODEL = 8
"""Characters of a model's digest that its contacts carry."""
Row = dict[str, Any]
Company = Mapping[str, Mapping[str, int]]
"""Week -> what is stored of all its contacts."""


def reader(fields: Mapping[str, int]) -> str:
    """The model that read this week, MIXED where several did; "" where that was not recorded."""
    read = {name: n for name, n in fields.items() if name.startswith(READER) and n > 0}
    if not read:
        return ""
    most = max(read, key=lambda name: (read[name], name))
    return most.removeprefix(READER) if read[most] >= (1 - STRAY) * sum(read.values()) else MIXED


def otherwise(weeks: Mapping[str, Mapping[str, int]], start: str) -> frozenset[str]:
    """Weeks (with contacts) that were not read as the weeks from the start on were first read.

    The same rule as for a version of the taxonomy: what changed before the start costs the weeks before, what
    changed after it the weeks after. Reading the past again with one version undoes it.
    """
    read = {week: reader(fields) for week, fields in sorted(weeks.items()) if fields.get("n")}
    pure = {week: by for week, by in read.items() if by != MIXED}
    since = [by for week, by in pure.items() if week >= start]
    agreed = since[0] if since else next(reversed(pure.values()), MIXED)
    return frozenset(week for week, by in read.items() if by != agreed or by == MIXED)


def seams_of_tagger(loop: Loop, first: str, last: str) -> list[Row]:
    """The seams of the tagger in those weeks: one more read, however many contacts."""
    found = by_week(loop.store, "week", shift(first, -LOOK_BACK), last)
    return seam_rows(loop, {week: parts[""] for week, parts in found.items() if "" in parts}, first, last)


def seam_rows(loop: Loop, company: Company, first: str, last: str) -> list[Row]:
    """The same from numbers that were read already; the weeks before the first say what read until then.

    A seam of the tagger touches every cause and cuts no limits: it says that what changes there may be the reading.
    """
    made = {version.digest[:MODEL]: version.number for version in versions(loop.unit())}
    return [
        {
            "week": week,
            "what": "tagger",
            "tagger": made.get(model, SHIPPED),
            "model": model,
            "mixed": mixed,
            "taxonomy": None,
            "since": None,
            "cause": "",
            "reaches": week,
            "causes": [],
            "departments": [],
        }
        for week, model, mixed in switches(company)
        if first <= week <= last
    ]


def switches(company: Company) -> list[tuple[str, str, bool]]:
    """(week, model, whether others read some of that week too) wherever another model begins to read."""
    out = []
    before: set[str] = set()
    reading = ""
    for week, fields in sorted(company.items()):
        read = {
            name.removeprefix(READER): n for name, n in fields.items() if name.startswith(READER) and n > 0
        }
        here = {model for model, n in read.items() if n > STRAY * sum(read.values())}
        fresh = here - {reading}
        if fresh and here != before:
            new = max(fresh, key=lambda model: (read[model], model))
            if reading:
                out.append((week, new, len(here) > 1))
            reading = new
        before = here or before
    return out
