"""Seams of a series: where the taxonomy changed, and how far back the past was read again with the new version."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.model.proposal import Proposal
from chalicelib.model.reshape import Reshape
from chalicelib.model.taxonomy import OTHER, Cause, Taxonomy, default_taxonomy
from chalicelib.model.weeks import week_of

MOST = 60
"""Versions looked at, the newest."""
Row = dict[str, Any]


def seams(loop: Loop, first: str, last: str) -> list[Row]:
    """Versions of the taxonomy that begin in those weeks, oldest first, with the causes and departments they touch.

    `reaches` is the first week that was read again for a proposed cause: before it nobody looked for it, so a
    series that begins there has not grown. A merge moves all of the past: there the series of `causes` have no
    break, and the retired one is empty.
    """
    rows = [_row(old, new, why) for old, new, why in _steps(loop)]
    return [row for row in rows if first <= row["week"] <= last or first <= row["reaches"] <= last]


def history(loop: Loop) -> list[Row]:
    """Every version that is remembered, newest first: who made it, when, what for, and what it cuts."""
    rows = [
        {**_row(old, new, why), "since": new.since.isoformat(), "by": new.by, "active": len(new.active)}
        for old, new, why in _steps(loop)
    ]
    return rows[::-1]


def between(old: Taxonomy, new: Taxonomy) -> Row:
    """The seam that a version would leave if an edit made it now."""
    return _row(old, new, Why())


def _steps(loop: Loop) -> list[tuple[Taxonomy, Taxonomy, Why]]:
    unit = loop.unit()
    versions = unit.find(Taxonomy, "taxonomy.all", "all", limit=MOST, newest_first=True)
    made = unit.find(Proposal, "proposal.taxonomy", "all", limit=MOST, newest_first=True)
    reshaped = unit.find(Reshape, "reshape.all", "all", limit=MOST, newest_first=True)
    why = {p.taxonomy: Why("proposal", (p.cause, p.nearest), p.back.first) for p in made if p.back}
    why |= {r.taxonomy: Why(r.what, (*r.into, r.cause), r.first) for r in reshaped}
    ordered = [*_before(versions), *reversed(versions)]
    return [(old, new, why.get(new.number, Why())) for old, new in pairwise(ordered)]


class Why(NamedTuple):
    """What made a version: an edit, a proposed cause, a merge or a split; the causes it names, the one that grows
    first; and the first week that was read again, or moved, for it."""

    what: str = "edit"
    causes: tuple[str, ...] = ()
    reaches: str = ""


def _before(newest_first: Sequence[Taxonomy]) -> list[Taxonomy]:
    """What the oldest version is compared with: the one that came with the product, else itself."""
    if not newest_first:
        return []
    oldest = newest_first[-1]
    return [default_taxonomy() if oldest.number == 2 else oldest]


def _row(old: Taxonomy, new: Taxonomy, why: Why) -> Row:
    week = week_of(new.since)
    named = {code for code in why.causes if code in new.by_code}
    touched = named if why.what == "merge" else named | _touched(old, new)
    owners = {t.department_of(code) for t in (old, new) for code in touched & t.by_code.keys()}
    moved = {
        owner
        for code in old.by_code.keys() & new.by_code.keys()
        if old.department_of(code) != new.department_of(code)
        for owner in (old.department_of(code), new.department_of(code))
    }
    return {
        "week": week,
        "taxonomy": new.number,
        "since": new.since,
        "what": why.what,
        "cause": why.causes[0] if why.causes else "",
        "reaches": why.reaches or week,
        "causes": sorted(touched | ({OTHER} if touched and why.what != "merge" else set())),
        "departments": sorted(owners | moved),
    }


def _touched(old: Taxonomy, new: Taxonomy) -> set[str]:
    """The causes that mean something else than before: new, retired, or with another definition or other words.

    Another X is no seam: past weeks are divided by it too.
    """
    codes = old.by_code.keys() | new.by_code.keys()
    return {code for code in codes if _meaning(old.by_code.get(code)) != _meaning(new.by_code.get(code))}


def _meaning(cause: Cause | None) -> object:
    """What decides which contacts get a cause; None for one that is not there or retired."""
    return (cause.definition_zh, cause.words) if cause and cause.active else None


def cuts(found: Sequence[Row], cause: str = "", department: str = "") -> dict[str, str]:
    """week -> version, of the seams at which a cause's or department's series is cut; that of everything never is.
    A merge cuts nothing: all of the past has moved with it."""
    cutting = [row for row in found if row["what"] != "merge"]
    if cause:
        return {_since(row, cause): str(row["taxonomy"]) for row in cutting if cause in row["causes"]}
    return {row["week"]: str(row["taxonomy"]) for row in cutting if department in row["departments"]}


def _since(row: Row, cause: str) -> str:
    """What was read again for a cause begins where the reading began."""
    again = cause == row["cause"] or (row["what"] == "split" and cause != OTHER)
    week: str = row["reaches"] if again else row["week"]
    return week
