"""Whether an improvement lasts: the verdict again at 13 and 26 periods, by the periods since the last look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.stats.estimate import Promise
from chalicelib.stats.glm import Array
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
    earlier = first_look(series, promise)
    for periods in (n for n in at if _after(series, promise) >= n):
        whole, recent = later_look(series, promise, last, periods)
        found.append(Look(periods, whole, recent, relapsed(improved(earlier), recent)))
        earlier, last = (whole if whole.word is Word.IMPROVED else earlier), periods
    return found


def first_look(series: Series, promise: Promise, siblings: Mapping[str, Array] | None = None) -> Verdict:
    """The verdict by the periods that were agreed, whatever has come since."""
    return _look(series, promise, promise.fewest_after, siblings)


def later_look(
    series: Series, promise: Promise, last: int, periods: int, siblings: Mapping[str, Array] | None = None
) -> tuple[Verdict, Verdict]:
    """By all periods up to this look, and by those since the look at `last` alone."""
    whole = _look(series, promise, periods, siblings)
    return whole, verdict(_until(series, promise, periods), _since(promise, last, periods))


def _look(series: Series, promise: Promise, periods: int, siblings: Mapping[str, Array] | None) -> Verdict:
    here = _until(series, promise, periods)
    short = {name: counts[: len(here.time)] for name, counts in (siblings or {}).items()}
    return verdict(here, promise, short)


def improved(earlier: Verdict) -> float | None:
    """The ratio of rates that was shown to be better, None where it was not."""
    return earlier.effect.value if earlier.word is Word.IMPROVED and earlier.effect else None


def relapsed(then: float | None, recent: Verdict) -> bool:
    """An improvement to `then` times the rate is gone: no change or worse is shown, or the interval is open and
    more than half of it is lost."""
    if then is None or not recent.effect:
        return False
    if recent.word in (Word.NO_CHANGE_SHOWN, Word.WORSENED):
        return True
    half = float(then) ** 0.5
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
