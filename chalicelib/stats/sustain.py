"""Whether an improvement lasts: the verdict again at 13 and 26 periods, by the periods since the last look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.stats.estimate import Promise
from chalicelib.stats.its import Series
from chalicelib.stats.verdict import Verdict, Word, verdict

LOOKS = (13, 26)
"""Periods after the start, the wash-in not counted."""


@dataclass(frozen=True)
class Look:
    """One later look."""

    periods: int
    whole: Verdict
    """By all periods up to here."""
    recent: Verdict
    """By the periods since the look before: those in between are passed over, as in a wash-in."""
    relapsed: bool
    """The project is to be opened again."""


def looks(series: Series, promise: Promise, at: Sequence[int] = LOOKS) -> list[Look]:
    """The looks that are due by now, in order; the first one to find a relapse is the one that reopens."""
    last, found = promise.fewest_after, list[Look]()
    earlier = verdict(_until(series, promise, last), promise)
    for periods in (n for n in at if _after(series, promise) >= n):
        here = _until(series, promise, periods)
        whole, recent = verdict(here, promise), verdict(here, _since(promise, last, periods))
        found.append(Look(periods, whole, recent, relapsed(earlier, recent)))
        earlier, last = (whole if whole.word is Word.IMPROVED else earlier), periods
    return found


def relapsed(earlier: Verdict, recent: Verdict) -> bool:
    """An improvement is gone: no change or worse is shown, or the interval is open and more than half is lost."""
    if earlier.word is not Word.IMPROVED or not earlier.effect or not recent.effect:
        return False
    if recent.word in (Word.NO_CHANGE_SHOWN, Word.WORSENED):
        return True
    half = float(earlier.effect.value) ** 0.5
    lost = recent.effect.value < half if recent.promise.direction == "up" else recent.effect.value > half
    return recent.word is not Word.IMPROVED and lost


def _after(series: Series, promise: Promise) -> int:
    """Periods after the wash-in, as the calendar counts them."""
    return int(series.time[-1] - series.last_before) - promise.model.wash_in


def _until(series: Series, promise: Promise, periods: int) -> Series:
    return series.at(series.time <= series.last_before + promise.model.wash_in + periods)


def _since(promise: Promise, last: int, periods: int) -> Promise:
    """The same promise with the periods up to the last look passed over."""
    model = replace(promise.model, wash_in=promise.model.wash_in + last)
    return replace(promise, model=model, fewest_after=min(promise.fewest_after, periods - last))
