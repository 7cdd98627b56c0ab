"""When the data will be enough: the first period at which the agreed effect would be seen in 80 % of cases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from chalicelib.stats.glm import Array, Fit, distinct
from chalicelib.stats.its import CONTROL, Design, Model, Series, design
from chalicelib.stats.robust import GRID, Mixture, Whitened, whitened_rows

WANTED = 0.80
TRIED = (8, 13, 26, 39, 52, 78, 104, 156, 208)
"""Periods after the start that are looked at first: with a change of slope, power falls again in a long window."""
LONGEST = TRIED[-1]


@dataclass(frozen=True)
class Outlook:
    """What the power of a longer series is reckoned from."""

    series: Series
    model: Model
    ratio: float
    """The effect that is to be seen: 1 - minimum effect, or 1 + it."""
    rate: float
    """Count per exposure before the start."""
    weight: Array
    """(k,) of the autocorrelations"""
    dispersion: Array
    """(k,) at each of them"""


def outlook(plan: Design, model: Model, fit: Fit, white: Whitened, ratio: float) -> Outlook:
    """From a fitted design."""
    before = plan.series.after == 0
    rate = float(np.sum(fit.mean[before]) / np.sum(plan.series.exposure[before]))
    return Outlook(plan.series, model, ratio, rate, white.weight, white.scale)


def power(view: Outlook, periods: int) -> float:
    """The chance that the 95 % interval leaves out "no change" after this many periods in the fit.

    Cohen (1988) for the idea; here with the interval's own mixture over autocorrelations: the interval is half
    a width h on each side, and the estimate has to be further than h from 0.
    """
    longer = extended(view.series, periods, view.model)
    plan = design(longer, replace(view.model, wash_in=0))
    freedom = len(plan.series.time) - len(plan.names)
    if freedom < 1 or not distinct(plan.matrix):
        return 0.0
    mean = view.rate * longer.exposure * np.where(longer.after == 1, view.ratio, 1.0)
    found = Mixture(np.zeros(len(GRID)), np.sqrt(_variances(plan, mean, view)), view.weight, freedom)
    half, effect = float(found.quantile(0.975)), abs(float(np.log(view.ratio)))
    return float(found.below(effect - half))


def enough(view: Outlook, wanted: float = WANTED) -> int | None:
    """The fewest periods after the start (wash-in not counted) with that power; None when LONGEST are too few."""
    tried = 0
    for periods in TRIED:
        if power(view, periods) >= wanted:
            return _between(view, wanted, tried, periods)
        tried = periods
    return None


def _between(view: Outlook, wanted: float, low: int, high: int) -> int:
    """By halving: too few up to `low`, enough at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(view, middle) >= wanted else (middle, high)
    return high


def extended(series: Series, periods: int, model: Model) -> Series:
    """So many periods after the start: those there are, and later ones like the mean of them all.

    Their exposure and control are the mean so far, their seasons follow, other projects stay as they are.
    """
    seen = np.flatnonzero(series.after == 1)[:periods]
    have = series.at((series.after == 0) | np.isin(np.arange(len(series.time)), seen))
    more = periods - len(seen)
    last = float(have.time[-1]) if len(seen) else series.last_before + model.wash_in
    ahead = last + 1 + np.arange(more)
    longer = {
        name: np.append(column, _later(name, column, ahead, have, model)) for name, column in have.columns()
    }
    others = {name: longer.pop(name) for name in series.others}
    return Series(**longer, others=others)


def _later(name: str, column: Array, ahead: Array, have: Series, model: Model) -> Array:
    if name == "season":
        length = model.season_length or int(column.max())
        return np.asarray((column[-1] - 1 + ahead - have.time[-1]) % length + 1, float)
    if name == "time":
        return ahead
    if name == "after":
        return np.ones(len(ahead))
    return np.full(len(ahead), column[-1] if name in have.others else column.mean())


def _variances(plan: Design, mean: Array, view: Outlook) -> Array:
    """(k,) variance of the mean effect at each autocorrelation."""
    kept = [i for i, name in enumerate(plan.names) if name != CONTROL]  # its future is not known
    columns, contrast = np.sqrt(mean)[:, None] * plan.matrix[:, kept], plan.contrast()[kept]
    gaps = np.diff(plan.series.time)
    out = np.empty(len(GRID))
    for k, r in enumerate(GRID):
        bent = whitened_rows(columns, r**gaps, np.sqrt(1 - r ** (2 * gaps)))
        out[k] = contrast @ np.linalg.inv(bent.T @ bent) @ contrast
    found: Array = out * view.dispersion
    return found
