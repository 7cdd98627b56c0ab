"""When the data will be enough: the first period at which the agreed effect would be seen in 80 % of cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chalicelib.stats.glm import Array, Fit, distinct
from chalicelib.stats.its import CONTROL, Design, Model, Series, design
from chalicelib.stats.robust import GRID, Mixture, Whitened, prior, whitened_rows

WANTED = 0.80
TRIED = (8, 13, 26, 39, 52, 78, 104, 156, 208)
"""Periods after the start that are looked at first: with a change of slope, power falls again in a long window."""
LONGEST = TRIED[-1]
USUAL, SPREAD = 0.2, 0.25
"""Autocorrelation of weekly counts beyond trend and season, before any is seen: the interval doubts more than this
(`robust.prior`), so that it is seldom too narrow, but what is foretold has to be right on the whole."""
DRAWS, SEED = 200, 20_261_122


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
    least: float = 1.0
    """The dispersion is never taken below it."""


def outlook(plan: Design, model: Model, fit: Fit, white: Whitened, ratio: float) -> Outlook:
    """From a fitted design."""
    before = plan.series.after == 0
    rate = float(np.sum(fit.mean[before]) / np.sum(plan.series.exposure[before]))
    return Outlook(plan.series, model, ratio, rate, white.weight, white.scale, white.least)


def power(view: Outlook, periods: int) -> float:
    """The chance that the 95 % interval leaves out "no change" after this many periods in the fit.

    By simulation (assurance: O'Hagan, Stevens & Campbell 2005, Pharmaceutical Statistics 4, 187-201): which
    autocorrelation and dispersion are true is drawn from what the periods so far leave possible, the periods to
    come from them, and each drawn series has its interval from all its periods, those to come included. A dozen
    periods say little about the autocorrelation; the interval after the start is not as wide as they alone make it.
    """
    longer = extended(view.series, periods, view.model)
    plan = design(longer, replace(view.model, wash_in=0))
    freedom = len(plan.series.time) - len(plan.names)
    if freedom < 1 or not distinct(plan.matrix):
        return 0.0
    mean = view.rate * longer.exposure * np.where(longer.after == 1, view.ratio, 1.0)
    kept = [i for i, name in enumerate(plan.names) if name != CONTROL]  # its future is not known
    rows = Rows(np.sqrt(mean)[:, None] * plan.matrix[:, kept], plan.contrast()[kept], np.diff(longer.time))
    found = rows.fitted(_drawn(view, rows.gaps), freedom, view.least)
    below = found._replace(centre=found.centre - abs(float(np.log(view.ratio)))).below(0.0)
    return float(np.mean(below > 0.975))


class Rows(NamedTuple):
    """A weighted design, what is asked of its coefficients, and the periods from each row to the next."""

    columns: Array
    contrast: Array
    gaps: Array

    def fitted(self, errors: Array, freedom: int, least: float) -> Mixture:
        """What is known of the effect in each of (n, draws) series of errors: as `robust.whiten` finds it."""
        logs, centre, scale = zip(*(self._at(errors, freedom, least, float(r)) for r in GRID), strict=True)
        likely = np.exp(np.stack(logs) - np.max(logs, axis=0))
        return Mixture(np.stack(centre), np.stack(scale), likely / likely.sum(axis=0), freedom)

    def _at(self, errors: Array, freedom: int, least: float, r: float) -> tuple[Array, Array, Array]:
        kept = r**self.gaps
        loss = np.sqrt(1 - kept**2)
        bent, white = whitened_rows(self.columns, kept, loss), whitened_rows(errors, kept, loss)
        information = bent.T @ bent
        inverse, right = np.linalg.inv(information), bent.T @ white
        moved = inverse @ right
        rest = np.maximum(np.sum(white**2, axis=0) - np.sum(moved * right, axis=0), 1e-12)
        sure = np.log(prior(np.array(r))) - np.sum(np.log(loss)) - 0.5 * np.linalg.slogdet(information)[1]
        spread = np.maximum(rest / freedom, least) * (self.contrast @ inverse @ self.contrast)
        return sure - 0.5 * freedom * np.log(rest), self.contrast @ moved, np.sqrt(spread)


def _drawn(view: Outlook, gaps: Array) -> Array:
    """(n, DRAWS) errors of unit mean, each series with its own autocorrelation; every series has its mirror image."""
    half = DRAWS // 2
    chance = np.random.default_rng(SEED).standard_normal((len(gaps) + 1, half))
    chance = np.concatenate([chance, -chance], axis=1)
    likely = view.weight / prior(GRID) * np.exp(-0.5 * ((GRID - USUAL) / SPREAD) ** 2)
    shares = np.tile((np.arange(half) + 0.5) / half, 2)
    which = np.searchsorted(np.cumsum(likely) / likely.sum(), shares).clip(max=len(GRID) - 1)
    for place, gap in enumerate(gaps, start=1):
        kept = GRID[which] ** gap
        chance[place] = kept * chance[place - 1] + np.sqrt(1 - kept**2) * chance[place]
    errors: Array = chance * np.sqrt(view.dispersion[which])
    return errors


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
