"""MOVED: the contacts did not go away, they reappeared under sibling causes, channels or OTHER."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from chalicelib.stats.counterfactual import avoided
from chalicelib.stats.estimate import Figures, Promise, Ratio, measure
from chalicelib.stats.glm import Array
from chalicelib.stats.its import Series, design
from chalicelib.stats.robust import Whitened

COMPARABLE = 0.5
"""Share of the avoided contacts that must have come back elsewhere."""
TOGETHER = "*"
"""The name of all siblings taken together."""


@dataclass(frozen=True)
class Sibling:
    """One series that the contacts may have gone to."""

    ratio: Ratio
    """Its interval is 95 % for all siblings at once (Bonferroni)."""
    gained: float
    """Contacts more than without the project."""
    rose: bool


@dataclass(frozen=True)
class Displacement:
    """Where the contacts went."""

    siblings: dict[str, Sibling]
    avoided: float
    gained: float
    """Of the siblings that rose."""
    total: Ratio | None
    """Of the series with the siblings that rose; None when none did."""
    moved: bool

    @property
    def share(self) -> float:
        """Of the avoided contacts, how many came back elsewhere."""
        return self.gained / self.avoided if self.avoided > 0 else 0.0


def displacement(series: Series, siblings: Mapping[str, Array], figures: Figures) -> Displacement:
    """Looks at every sibling and at all of them together by the model of the series itself.

    MOVED where those that rose (their interval is above 1) gained at least half of what the series lost and the
    sum of both is not shown to fall. The control is left out: contacts may have gone there as well.
    """
    plain = replace(series, control=None)
    sums = dict(siblings) | ({TOGETHER: np.sum(list(siblings.values()), axis=0)} if len(siblings) > 1 else {})
    looked = {
        name: _sibling(replace(plain, count=counts), figures.promise, len(sums))
        for name, counts in sums.items()
        if counts[series.after == 0].sum()
    }
    single = [name for name, one in looked.items() if one.rose and name != TOGETHER]
    rising = single or [name for name, one in looked.items() if one.rose]
    gained = sum(looked[name].gained for name in rising)
    total = _total(plain, [sums[name] for name in rising], figures.promise) if rising else None
    effect = figures.mean_effect
    lost = avoided(_after(figures), effect.value, effect.low, effect.high)[0] if effect else 0.0
    moved = bool(total and total.high >= 1 and gained >= COMPARABLE * lost > 0)
    return Displacement(looked, lost, gained, total, moved)


def _sibling(series: Series, promise: Promise, many: int) -> Sibling:
    figures = measure(design(series, promise.model), promise)
    ratio = _wide(figures, many)
    gained = -avoided(_after(figures), ratio.value, ratio.low, ratio.high)[0]
    return Sibling(ratio, gained, ratio.low > 1)


def _wide(figures: Figures, many: int) -> Ratio:
    """The mean effect, its interval widened for so many looks; always prewhitened."""
    contrast, white = figures.plan.contrast(), figures.white
    low, high = _ends(white, contrast, 1 - 0.05 / many)
    value = float(np.exp(figures.fit.coefficients @ contrast))
    return Ratio(value, min(value, float(np.exp(low))), max(value, float(np.exp(high))))


def _ends(white: Whitened, contrast: Array, level: float) -> tuple[float, float]:
    low, high = white.effect(contrast).interval(level)
    return max(float(low), -700.0), min(float(high), 700.0)


def _total(series: Series, added: list[Array], promise: Promise) -> Ratio | None:
    both = replace(series, count=series.count + np.sum(added, axis=0))
    return measure(design(both, promise.model), promise).mean_effect


def _after(figures: Figures) -> float:
    """Contacts in the periods after the start that are in the fit."""
    series = figures.plan.series
    came = float(series.count[series.after == 1].sum())
    return came + 0.5 if figures.corrected else came  # the ratio of an empty series is that of half a contact
