"""Where the taxonomy changed inside a project's window: which weeks still mean what was agreed."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.track.seams import seams
from chalicelib.model.proposal import Proposal
from chalicelib.model.taxonomy import Cause, Taxonomy, default_taxonomy
from chalicelib.model.weeks import shift, week_start

MEANING = ("definition_zh", "words", "active")
"""What of a cause decides which contacts get it."""


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


def crossings(loop: Loop, cause: str, first: str, start: str, last: str) -> Crossing:
    """The seams between the weeks `first` and `last`. One before `start` costs the weeks before it, one after it
    the weeks after it; weeks that were read again with the new version count as of the new one."""
    unit, found = loop.unit(), Crossing()
    for seam in seams(loop, first, last):
        number, week, reaches = seam["taxonomy"], seam["week"], seam["reaches"]
        touched = _touched(unit, number)
        dirty = min(reaches, week)
        whole = reaches < week or seam["since"] == week_start(week)
        if dirty <= first and whole:
            continue
        changed = found.changed | touched
        if cause not in touched:
            found = Crossing(found.clean, found.broken, changed, found.versions)
            continue
        versions = (*found.versions, number)
        if dirty <= start:
            clean = max(found.clean, dirty if whole else shift(week, 1))
            found = Crossing(clean, found.broken, changed, versions)
        else:
            found = Crossing(found.clean, found.broken or dirty, changed, versions)
    return found


def _touched(unit: LoopUnit, number: int) -> frozenset[str]:
    """Causes whose meaning a version changed, new and retired ones too, and the one that a new cause was told
    apart from."""
    keys = [f"{n:06d}" for n in (number - 1, number)]
    versions = unit.many(Taxonomy, keys)
    after = versions.get(keys[1])
    if after is None:
        return frozenset()
    before = (versions.get(keys[0]) or default_taxonomy()).by_code
    changed = {c.code for c in after.causes if _meaning(before.get(c.code)) != _meaning(c)}
    gone = set(before) - set(after.by_code)
    made = unit.find(Proposal, "proposal.taxonomy", "all", low=keys[1], high=keys[1])
    return frozenset(changed | gone | {p.nearest for p in made if p.nearest and p.cause in changed})


def _meaning(cause: Cause | None) -> tuple[object, ...] | None:
    """None for a cause that is not there or retired."""
    if cause is None or not cause.active:
        return None
    return tuple(getattr(cause, name) for name in MEANING)
