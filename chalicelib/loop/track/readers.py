"""Which version of the tagger read a week's contacts: weeks that two versions read cannot be compared."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.loop.measure.tally import READER

MIXED = "?"
STRAY = 0.02
"""Share of a week that other versions may have read: an erased contact keeps what was read in it."""


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
