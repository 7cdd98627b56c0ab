"""Seams of a series: where the taxonomy changed, and how far back the past was read again with the new version."""

from __future__ import annotations

from typing import Any, NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.model.proposal import Proposal
from chalicelib.model.reshape import Reshape
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import week_of

MOST = 60
"""Versions looked at, the newest."""


def seams(loop: Loop, first: str, last: str) -> list[dict[str, Any]]:
    """Versions of the taxonomy that begin in those weeks, oldest first.

    `reaches` is the first week that was read again for a proposed cause: before it nobody looked for it, so a
    series that begins there has not grown. A merge moves all of the past: there the series of `causes` have no
    break, and the retired one is empty.
    """
    unit = loop.unit()
    versions = unit.find(Taxonomy, "taxonomy.all", "all", limit=MOST, newest_first=True)
    made = unit.find(Proposal, "proposal.taxonomy", "all", limit=MOST, newest_first=True)
    reshaped = unit.find(Reshape, "reshape.all", "all", limit=MOST, newest_first=True)
    why = {p.taxonomy: Why("proposal", p.cause, (p.cause,), p.back.first) for p in made if p.back}
    why |= {r.taxonomy: Why(r.what, r.into[0], (r.cause, *r.into), r.first) for r in reshaped}
    rows = [_row(version, why.get(version.number, Why())) for version in reversed(versions)]
    return [row for row in rows if first <= row["week"] <= last or first <= row["reaches"] <= last]


class Why(NamedTuple):
    """What made a version: an edit, a proposed cause, a merge or a split; whose series it touches (none named:
    perhaps all), and the first week that follows it."""

    what: str = "edit"
    cause: str = ""
    causes: tuple[str, ...] = ()
    reaches: str = ""


def _row(version: Taxonomy, why: Why) -> dict[str, Any]:
    week = week_of(version.since)
    return {
        "week": week,
        "taxonomy": version.number,
        "since": version.since,
        "what": why.what,
        "cause": why.cause,
        "causes": list(why.causes),
        "reaches": why.reaches or week,
    }
