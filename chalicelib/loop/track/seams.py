"""Seams of a series: where the taxonomy changed, and how far back the past was read again with the new version."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.model.proposal import Proposal
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import week_of

MOST = 60
"""Versions looked at, the newest."""


def seams(loop: Loop, first: str, last: str) -> list[dict[str, Any]]:
    """Versions of the taxonomy that begin in those weeks, oldest first.

    `reaches` is the first week that was read again for a proposed cause: before it nobody looked for it, so a
    series that begins there has not grown.
    """
    unit = loop.unit()
    versions = unit.find(Taxonomy, "taxonomy.all", "all", limit=MOST, newest_first=True)
    made = unit.find(Proposal, "proposal.taxonomy", "all", limit=MOST, newest_first=True)
    causes = {p.taxonomy: (p.cause, p.back.first) for p in made if p.back}
    rows = [_row(version, *causes.get(version.number, ("", ""))) for version in reversed(versions)]
    return [row for row in rows if first <= row["week"] <= last or first <= row["reaches"] <= last]


def _row(version: Taxonomy, cause: str, reaches: str) -> dict[str, Any]:
    week = week_of(version.since)
    return {
        "week": week,
        "taxonomy": version.number,
        "since": version.since,
        "cause": cause,
        "reaches": reaches or week,
    }
