"""Before the start: what a verdict will be able to show, from the periods before alone."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.stats.estimate import Promise, measure
from chalicelib.stats.its import Series, design
from chalicelib.stats.power import enough, outlook, power


class Early(NamedTuple):
    """The chance to see an effect after the periods that were agreed, and the periods that 80 % would take."""

    effect: float
    power: float
    periods: int | None
    """None: more than four years of weeks."""


def early(series: Series, promise: Promise, effect: float) -> Early | None:
    """None where the periods before cannot be fitted."""
    before = series.at(series.after == 0)
    plan = design(before, promise.model)
    try:
        figures = measure(plan, promise)
    except ValueError:
        return None
    ratio = 1 + effect if promise.direction == "up" else max(1 - effect, 0.01)
    view = outlook(plan, promise.model, figures.fit, figures.white, ratio)
    return Early(effect, power(view, promise.fewest_after), enough(view))
