"""Where the taxonomy changed inside a project's window: which weeks still mean what was agreed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.track.seams import MOST, seams
from chalicelib.model.reshape import Reshape
from chalicelib.model.weeks import shift, week_start


@dataclass(frozen=True)
class Crossing:
    """Weeks before `clean` and from `broken` on are left out; siblings in `changed` cannot be compared."""

    clean: str = ""
    broken: str = ""
    changed: frozenset[str] = field(default_factory=frozenset)
    versions: tuple[int, ...] = ()
    """That touch the project's own cause."""

    def meant(self, week: str) -> bool:
        """Whether the cause means in this week what it means at the start."""
        return week >= self.clean and not (self.broken and week >= self.broken)


def reshaped(unit: LoopUnit, own: Collection[str], since: datetime | None) -> Reshape | None:
    """The merge or split after `since` that took one of these causes, or added to it: all of the past moved."""
    if since is None:
        return None
    made = unit.find(Reshape, "reshape.all", "all", limit=MOST, newest_first=True)
    return next((r for r in made if r.at > since and not {r.cause, *r.into}.isdisjoint(own)), None)


def crossings(loop: Loop, own: Collection[str], first: str, start: str, last: str) -> Crossing:
    """The seams between the weeks `first` and `last`. One before `start` costs the weeks before it, one after it
    the weeks after it; weeks that were read again with the new version count as of the new one. `own` are the
    project's cause and its controls."""
    found = Crossing()
    for seam in (row for row in seams(loop, first, last) if row["what"] != "merge"):
        number, week, reaches = seam["taxonomy"], seam["week"], seam["reaches"]
        touched = frozenset(seam["causes"])
        dirty = min(reaches, week)
        whole = reaches < week or seam["since"] == week_start(week)
        if dirty <= first and whole:
            continue
        changed = found.changed | touched
        if touched.isdisjoint(own):
            found = Crossing(found.clean, found.broken, changed, found.versions)
            continue
        versions = (*found.versions, number)
        if dirty <= start:
            clean = max(found.clean, dirty if whole else shift(week, 1))
            found = Crossing(clean, found.broken, changed, versions)
        else:
            found = Crossing(found.clean, found.broken or dirty, changed, versions)
    return found
