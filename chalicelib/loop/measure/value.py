"""What a metric says: a number with its n and interval, or why there is none."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.model.entity import Fact
from chalicelib.stats.intervals import mean_interval, poisson_rate, wilson


class State(StrEnum):
    """Why a value is there or not. A missing one is never 0 and never carried forward."""

    KNOWN = "known"
    NO_DATA = "no_data"
    NO_DENOMINATOR = "no_denominator"
    NOT_YET_KNOWN = "not_yet_known"


class Value(Fact):
    """`value` with a 95 % interval; `n` is what it stands on, `unknown` how many are not yet known."""

    state: State
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    count: int = 0
    unknown: int = 0
    worst: float | None = None
    """If all missing answers were bad."""
    best: float | None = None
    """If all missing answers were good."""


def missing(state: State, n: int = 0, count: int = 0, unknown: int = 0) -> Value:
    """No value, with the reason."""
    return Value(state=state, n=n, count=count, unknown=unknown)


def share(count: int, n: int, unknown: int = 0) -> Value:
    """count/n with its Wilson interval."""
    if n <= 0:
        return missing(State.NOT_YET_KNOWN if unknown else State.NO_DATA, unknown=unknown)
    low, high = wilson(count, n)
    return Value(state=State.KNOWN, value=count / n, low=low, high=high, n=n, count=count, unknown=unknown)


def per_thousand(count: int, exposure: int | None) -> Value:
    """count per 1,000 of the denominator with a Poisson interval; contacts may exceed the denominator."""
    if not exposure:
        return missing(State.NO_DENOMINATOR, count=count)
    low, high = poisson_rate(count, exposure)
    return Value(
        state=State.KNOWN,
        value=1000 * count / exposure,
        low=1000 * low,
        high=1000 * high,
        n=exposure,
        count=count,
    )


def mean(n: int, total: int, squares: int, unknown: int = 0) -> Value:
    """total/n with a normal interval; below two observations there is none."""
    if n == 0:
        return missing(State.NOT_YET_KNOWN if unknown else State.NO_DATA, unknown=unknown)
    low = high = None
    if n > 1:
        _, low, high = mean_interval(n, total, squares)
    return Value(state=State.KNOWN, value=total / n, low=low, high=high, n=n, count=total, unknown=unknown)


def amount(total: int, n: int) -> Value:
    """A plain sum over n things: exact, so without an interval."""
    return Value(
        state=State.KNOWN if n else State.NO_DATA, value=float(total) if n else None, n=n, count=total
    )
