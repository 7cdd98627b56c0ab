"""The verdict of a project: one word, its reason, and every figure behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.stats.displacement import Displacement, displacement
from chalicelib.stats.estimate import Figures, Promise, Ratio, apart, inflation, measure
from chalicelib.stats.glm import Array
from chalicelib.stats.its import LEVEL, Design, Series, design, washed
from chalicelib.stats.power import WANTED, Outlook, enough, outlook, power

FEWEST_APART, MOST_INFLATION = 8, 4.0
"""Periods in which just one of two projects runs; times that the other may enlarge the variance."""


class Word(StrEnum):
    """All verdicts there are."""

    IMPROVED = "IMPROVED"
    WORSENED = "WORSENED"
    NO_CHANGE_SHOWN = "NO_CHANGE_SHOWN"
    NOT_ENOUGH_DATA_YET = "NOT_ENOUGH_DATA_YET"
    MOVED = "MOVED"
    NOT_SEPARABLE = "NOT_SEPARABLE"


class Why(StrEnum):
    """Why a verdict has its word."""

    GOOD = "interval_better"
    BAD = "interval_worse"
    SMALL = "minimum_effect_excluded"
    TOO_SMALL = "better_by_less_than_agreed"
    FEW = "too_few_periods"
    NOTHING = "nothing_before"
    UNFITTED = "not_fitted"
    OPEN = "interval_open"
    ELSEWHERE = "came_back_elsewhere"
    TOGETHER = "started_together"
    ENTANGLED = "not_told_apart"


@dataclass(frozen=True)
class Verdict:
    """One look at one project."""

    word: Word
    why: Why
    before: int
    after: int
    washed: int
    promise: Promise
    figures: Figures | None
    """None where nothing can be fitted."""
    effect: Ratio | None
    """Over the periods after the start."""
    apart: dict[str, int]
    inflation: float | None
    moved: Displacement | None
    power: float | None
    """Of the minimum effect, with the periods there are."""
    power_time: int | None
    """The period at which it reaches 80 % and there are enough periods; None when that is too far off."""

    @property
    def power_reached(self) -> bool:
        """The interval is open although the data should be enough."""
        return self.power is not None and self.power >= WANTED


def decide(effect: Ratio, promise: Promise) -> tuple[Word, Why]:
    """The word of an interval, which is turned round when more is better.

    WORSENED: all of it on the wrong side of 1. NO_CHANGE_SHOWN: it leaves the minimum effect out, also when it
    is on the right side of 1. IMPROVED: all of it on the right side. Else it is open.
    """
    up = promise.direction == "up"
    low, high = (1 / effect.high, 1 / max(effect.low, 1e-300)) if up else (effect.low, effect.high)
    target = 1 / promise.target if up else promise.target
    if low > 1:
        return Word.WORSENED, Why.BAD
    if low > target:
        return Word.NO_CHANGE_SHOWN, Why.TOO_SMALL if high < 1 else Why.SMALL
    if high < 1:
        return Word.IMPROVED, Why.GOOD
    return Word.NOT_ENOUGH_DATA_YET, Why.OPEN


def verdict(series: Series, promise: Promise, siblings: Mapping[str, Array] | None = None) -> Verdict:
    """Judge a project by its series, its promise and the series that its contacts may have moved to."""
    held = washed(series, promise.model.wash_in)
    if held.all():
        return Verdict(
            Word.NOT_ENOUGH_DATA_YET,
            Why.FEW,
            0,
            0,
            int(held.sum()),
            promise,
            None,
            None,
            {},
            None,
            None,
            None,
            None,
        )
    plan = design(series, promise.model)
    after = int(plan.series.after.sum())
    before = len(plan.series.after) - after
    gaps = apart(plan)
    figures = _figures(plan, promise)
    effect = figures.mean_effect if figures else None
    swell = inflation(figures) if figures and gaps and LEVEL in plan.names else None
    view = outlook(plan, promise.model, figures.fit, figures.white, promise.target) if figures else None
    word, why = _word(promise, before, after, effect, gaps, swell)
    if figures is None and why is Why.FEW and before:
        why = _unfitted(plan, promise, before, after)
    moved = None
    if figures and siblings and word is Word.IMPROVED and promise.direction == "down":
        moved = displacement(series, siblings, figures)
        word, why = (Word.MOVED, Why.ELSEWHERE) if moved.moved else (word, why)
    return Verdict(
        word=word,
        why=why,
        before=before,
        after=after,
        washed=int(held.sum()),
        promise=promise,
        figures=figures,
        effect=effect,
        apart=gaps,
        inflation=swell,
        moved=moved,
        power=power(view, after) if view and after else None,
        power_time=_due(view, promise, series) if view and word is Word.NOT_ENOUGH_DATA_YET else None,
    )


def _figures(plan: Design, promise: Promise) -> Figures | None:
    """None where nothing can be fitted (yet)."""
    try:
        return measure(plan, promise)
    except ValueError:
        return None


def _unfitted(plan: Design, promise: Promise, before: int, after: int) -> Why:
    """Why nothing could be fitted although there are periods before the start."""
    if not plan.series.count[plan.series.after == 0].sum():
        return Why.NOTHING
    enough_periods = before >= promise.fewest_before and after >= promise.fewest_after
    return Why.UNFITTED if enough_periods else Why.FEW


def _word(
    promise: Promise,
    before: int,
    after: int,
    effect: Ratio | None,
    gaps: Mapping[str, int],
    swell: float | None,
) -> tuple[Word, Why]:
    fewest = min(gaps.values(), default=FEWEST_APART)
    enough_periods = before >= promise.fewest_before and after >= promise.fewest_after
    if after and (fewest == 0 or (fewest < FEWEST_APART and enough_periods)):
        return Word.NOT_SEPARABLE, Why.TOGETHER
    if effect is None or not enough_periods:
        return Word.NOT_ENOUGH_DATA_YET, Why.FEW
    word, why = decide(effect, promise)
    if why is Why.OPEN and swell is not None and swell > MOST_INFLATION:
        return Word.NOT_SEPARABLE, Why.ENTANGLED
    return word, why


def _due(view: Outlook, promise: Promise, series: Series) -> int | None:
    """The period of the power date; a verdict also needs its fewest periods."""
    before = int((series.after == 0).sum())
    periods = enough(view) if before >= promise.fewest_before else None
    if periods is None:
        return None
    return int(series.last_before) + promise.model.wash_in + max(periods, promise.fewest_after)
