"""The baseline of a control chart: its first points, then locked; begun again only on purpose or at a seam."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

LOCKED_AFTER = 12
"""Points of a baseline (NHS England, Making Data Count); with fewer the limits are trial limits."""
Why = Literal["start", "rebase", "seam"]


class Rebase(NamedTuple):
    """An explicit, logged act: from point `at` on the old limits no longer hold, because of `reason`."""

    at: int
    reason: str


class Seam(NamedTuple):
    """A new version of the taxonomy begins at point `at`: what is counted before it and after it differs."""

    at: int
    version: str


class Segment(NamedTuple):
    """Points start .. end - 1, judged by the limits of their first points, start .. baseline_end - 1."""

    start: int
    end: int
    baseline_end: int
    locked: bool
    why: Why
    reason: str

    @property
    def baseline(self) -> slice:
        """Where the baseline lies."""
        return slice(self.start, self.baseline_end)

    @property
    def all(self) -> slice:
        """Where all its points lie."""
        return slice(self.start, self.end)


def segments(
    n: int,
    rebases: Sequence[Rebase] = (),
    seams: Sequence[Seam] = (),
    points: int | None = LOCKED_AFTER,
) -> tuple[Segment, ...]:
    """The segments of a series of n points, each with a baseline of its own; `points=None` takes them all.

    No baseline reaches across a seam. A re-base at the same point as a seam gives its reason. Raises ValueError
    for a re-base without a reason, or one that no point follows.
    """
    if any(not r.reason.strip() for r in rebases):
        raise ValueError("a re-base needs a reason")
    if any(not 0 <= at < n for at in (*(r.at for r in rebases), *(s.at for s in seams))):
        raise ValueError("a re-base and a seam need a point of the series")
    if points is not None and points < 2:
        raise ValueError("a baseline needs 2 points or more")
    begins: dict[int, tuple[Why, str]] = {0: ("start", "")} if n else {}
    begins |= {seam.at: ("seam", seam.version) for seam in seams}
    begins |= {rebase.at: ("rebase", rebase.reason) for rebase in rebases}
    return tuple(
        _segment(start, end, points, *begins[start]) for start, end in pairwise([*sorted(begins), n])
    )


def _segment(start: int, end: int, points: int | None, why: Why, reason: str) -> Segment:
    wanted = end - start if points is None else points
    locked = end - start >= wanted >= LOCKED_AFTER
    return Segment(start, end, min(end, start + wanted), locked, why, reason)
