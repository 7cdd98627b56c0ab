"""The four rules of NHS England's Making Data Count, each point with the rules it is part of."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

RUN = 7
Rule = Literal["outside", "side", "trend", "near"]
RULES: dict[Rule, tuple[str, str]] = {
    "outside": ("超出控制限", "outside the limits"),
    "side": ("连续七点在均值同一侧", "7 in a row on one side of the mean"),
    "trend": ("连续七点上升或下降", "7 consecutive rising or falling"),
    "near": ("三点中两点靠近同一侧控制限", "2 of 3 between near limit and limit on one side"),
}
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def signals(
    values: ArrayLike, mean: ArrayLike, limits: tuple[ArrayLike, ArrayLike], near: tuple[ArrayLike, ArrayLike]
) -> dict[Rule, Flags]:
    """For each rule which points are part of a signal. One segment at a time: no run crosses a new baseline.

    A point on the mean breaks a run, two equal points break a trend. A point on a limit is inside it. Of 2 in 3
    near a limit only those two are flagged, the third may lie anywhere.
    """
    y = np.asarray(values, float)
    if y.size == 0:
        return {rule: np.zeros(0, bool) for rule in RULES}
    low, high, near_low, near_high = (
        np.broadcast_to(np.asarray(v, float), y.shape) for v in (*limits, *near)
    )
    return {
        "outside": (y < low) | (y > high),
        "side": _runs(np.sign(y - mean), RUN, 0),
        "trend": _runs(np.sign(np.diff(y)), RUN - 1, 1),
        "near": _two_of_three((y > near_high) & (y <= high)) | _two_of_three((y < near_low) & (y >= low)),
    }


def named(flags: dict[Rule, Flags]) -> list[tuple[Rule, ...]]:
    """The rules of each point, by name."""
    rules = list(flags)
    together = np.stack([flags[rule] for rule in rules], axis=1)
    found: list[tuple[Rule, ...]] = [()] * len(together)
    for i in np.flatnonzero(together.any(axis=1)).tolist():
        found[i] = tuple(rule for rule, on in zip(rules, together[i], strict=True) if on)
    return found


def _runs(signs: Floats, length: int, more: int) -> Flags:
    """Points in a run of `length` equal signs; a run of differences has one point `more` than differences."""
    out = np.zeros(signs.size + more, bool)
    if signs.size < length:
        return out
    full = np.abs(np.convolve(signs, np.ones(length), "valid")) == length
    for start in np.flatnonzero(full):
        out[start : start + length + more] = True
    return out


def _two_of_three(close: Flags) -> Flags:
    """Close points with another one at most two places away."""
    out = np.zeros_like(close)
    for gap in (1, 2):
        pair = close[gap:] & close[:-gap]
        out[gap:] |= pair
        out[:-gap] |= pair
    return out
