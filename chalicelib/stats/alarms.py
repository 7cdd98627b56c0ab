"""Alarms over all watched causes: has any of them risen in the last weeks, with false discoveries held down.

Each period each series gets one p-value: the sums of its newest one, two and three weeks against what its locked
baseline and the quiet weeks since then let expect. Benjamini-Hochberg over all series decides which are alarms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chalicelib.stats.baseline import LOCKED_AFTER
from chalicelib.stats.dispersion import Dispersion, dispersion
from chalicelib.stats.expectation import Expectation, expectation
from chalicelib.stats.fdr import benjamini_hochberg

Q = 0.11
"""Of the alarms of a period at most one in nine is false, on average."""
AT_LEAST = 50
"""Fewer series are judged as if so many were watched: whoever watches three would have a false alarm as often."""
WINDOWS = {1: 1 / 9, 2: 2 / 9, 3: 6 / 9}
"""Weeks summed -> weight: three weeks show a lasting rise best, one week a jump at once."""
GAP = max(WINDOWS)
"""The newest weeks, which are judged and therefore no reference."""
Reference = Literal["quiet", "baseline"]
State = Literal["alarm", "quiet", "trial", "no_data"]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Watched:
    """A series on the weeks that all share, the newest last. None or an exposure of 0 is a week without a figure.

    `start` is the first week of the segment in force (the last re-base or seam); `left_out` are weeks under an
    alarm that still stands: they are no reference for what is quiet.
    """

    name: str
    counts: Sequence[float | None]
    exposures: Sequence[float | None] = ()
    start: int = 0
    left_out: frozenset[int] = frozenset()


class Window(NamedTuple):
    """The newest `weeks` together; `p` that they bring so many if nothing has changed."""

    weeks: int
    observed: float
    expected: float
    variance: float
    p: float


class Alarm(NamedTuple):
    """What is known of a series this period. `q_value` <= q is an alarm; `ratio` is observed to expected of the
    longest window; "trial": its baseline has fewer than 12 points; "no_data": nothing new to judge."""

    name: str
    state: State
    p: float | None
    q_value: float | None
    ratio: float | None
    windows: tuple[Window, ...]


class Tests(NamedTuple):
    """One p-value a series and its adjusted one; the windows as columns."""

    p: Floats
    q_values: Floats
    window_p: Floats
    observed: Floats
    expected: Floats
    variance: Floats
    dispersion: Dispersion


def alarms(watched: Sequence[Watched], q: float = Q, reference: Reference = "quiet") -> tuple[Alarm, ...]:
    """Judge the newest week of all series together, in the order given."""
    if not watched:
        return ()
    counts = _table([one.counts for one in watched])
    exposures = _table([one.exposures or [1.0] * len(one.counts) for one in watched])
    known = np.isfinite(counts) & (exposures > 0)
    weeks = np.arange(counts.shape[1])
    known &= weeks >= np.array([one.start for one in watched])[:, None]
    out = np.array([[week in one.left_out for week in weeks] for one in watched])
    found = judge(counts, exposures, known, out, reference)
    return tuple(_alarm(one, found, i, q, bool(known[i, -1])) for i, one in enumerate(watched))


def judge(
    counts: Floats, exposures: Floats, known: Flags, left_out: Flags | None = None,
    reference: Reference = "quiet",
) -> Tests:  # fmt: skip
    """The p-values of the newest week (last column) of each series (row); NaN where there is nothing to judge.

    Counts are negative binomial around the expectation, with the dispersion of `dispersion` and what the
    expectation itself lacks in certainty added; a scale from few weeks makes tails heavier (Student's t). The
    windows of a series are combined by Cauchy's rule, which holds whatever their correlation (Liu & Xie 2020,
    JASA 115, 393-402).
    """
    baseline = known & (np.cumsum(known, axis=1) <= LOCKED_AFTER)
    quiet = baseline if reference == "baseline" else baseline | _earlier(known, left_out)
    quiet = quiet & (baseline.sum(axis=1) == LOCKED_AFTER)[:, None]
    expected = expectation(counts, exposures, quiet)
    spread = dispersion(counts, expected)
    columns = [_window(counts, expected, spread, known & ~baseline, weeks) for weeks in WINDOWS]
    observed, mean, variance, p = (np.stack(c, axis=1) for c in zip(*columns, strict=True))
    there = known[:, -1] & ~baseline[:, -1] & quiet.any(axis=1)
    combined = np.where(there, combine(p, np.array(list(WINDOWS.values()))), np.nan)
    return Tests(combined, _adjusted(combined), p, observed, mean, variance, spread)


def _adjusted(p_values: Floats) -> Floats:
    lacking = max(0, AT_LEAST - int((~np.isnan(p_values)).sum()))
    return benjamini_hochberg(np.concatenate([p_values, np.ones(lacking)]))[: len(p_values)]


def combine(p_values: Floats, weights: Floats) -> Floats:
    """Cauchy combination of each row's p-values."""
    p = np.clip(p_values, 1e-15, 1 - 1e-6)
    together = (weights * np.tan((0.5 - p) * np.pi)).sum(axis=1)
    # 0.5 - arctan(x) / pi, without losing the digits of small ones.
    return np.asarray(np.arctan2(1.0, together) / np.pi)


def tail(observed: Floats, mean: Floats, variance: Floats, degrees: Floats) -> Floats:
    """Mid-p of a count this high or higher: negative binomial, its tail made as heavy as Student's t."""
    from scipy.special import betainc, ndtri, stdtr

    mean = np.maximum(mean, 1e-9)
    size = mean**2 / np.maximum(variance - mean, 1e-6 * mean)
    share = mean / (size + mean)
    above = betainc(observed + 1, size, share)
    reached = np.where(observed > 0, betainc(np.maximum(observed, 1e-9), size, share), 1.0)
    return np.asarray(stdtr(degrees, ndtri(np.clip((above + reached) / 2, 1e-300, 1 - 1e-12))))


def _earlier(known: Flags, left_out: Flags | None) -> Flags:
    quiet = known.copy()
    quiet[:, -GAP:] = False
    return quiet if left_out is None else quiet & ~left_out


def _window(
    counts: Floats, expected: Expectation, spread: Dispersion, judged: Flags, weeks: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Observed, expected, variance and p of the newest `weeks` (columns), of those of them that can be judged."""
    window = judged.copy()
    window[:, :-weeks] = False
    means = np.where(window, expected.mean, 0.0)
    observed, mean = np.where(window, counts, 0.0).sum(axis=1), means.sum(axis=1)
    before = np.where(expected.reference, expected.mean, 0.0)
    learnt = spread.factor(
        before.sum(axis=1), (before**2).sum(axis=1), int(expected.reference.sum(axis=1).max(initial=1))
    )
    now = spread.factor(mean, (means**2).sum(axis=1), weeks)
    variance = now * mean + learnt * expected.uncertainty(window)
    return observed, mean, variance, tail(observed, mean, variance, spread.degrees)


def _alarm(one: Watched, found: Tests, row: int, q: float, newest: bool) -> Alarm:
    if np.isnan(found.p[row]):
        return Alarm(one.name, "trial" if newest else "no_data", None, None, None, ())
    state: State = "alarm" if found.q_values[row] <= q else "quiet"
    parts = (found.observed, found.expected, found.variance, found.window_p)
    windows = tuple(
        Window(weeks, *(float(part[row, column]) for part in parts)) for column, weeks in enumerate(WINDOWS)
    )
    longest = windows[-1]
    ratio = longest.observed / longest.expected if longest.expected else None
    return Alarm(one.name, state, float(found.p[row]), float(found.q_values[row]), ratio, windows)


def _table(rows: Sequence[Sequence[float | None]]) -> Floats:
    if len({len(row) for row in rows}) != 1:
        raise ValueError("watched series need the same weeks")
    return np.array([[np.nan if v is None else v for v in row] for row in rows], float)
