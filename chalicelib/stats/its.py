"""Interrupted time series: a project's series, and the design of its regression.

    log E[Y_t] = log X_t + b0 + b1 t + b2 D_t + b3 (t - T0) D_t + harmonics + control + other projects

after Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiology 46(1), 348-355. T0 is the last period before the
start, so the slope's term is 1 in the first period after it. Periods of the wash-in are left out of the fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chalicelib.stats.glm import Array, Mask

LEVEL, SLOPE, TREND, CONTROL, OTHER = "level", "slope_change", "trend", "control", "level:"
"""Names of columns; OTHER is followed by the name of another project on the same metric."""


@dataclass(frozen=True)
class Series:
    """One metric, period by period. Arrays of one length; `time` counts periods, rises, may leave some out."""

    time: Array
    count: Array
    exposure: Array
    after: Array
    """0 before the project's start, 1 from then on."""
    season: Array | None = None
    """1 .. S, the place of each period in the year (or another cycle)."""
    control: Array | None = None
    """Contacts of the control causes, by the same exposure."""
    others: Mapping[str, Array] = field(default_factory=dict)
    """0 or 1 for every other project on the metric."""

    @classmethod
    def of(cls, others: Mapping[str, Sequence[float]], **columns: Sequence[float] | None) -> Series:
        """From plain numbers; a column that is None is not there."""
        return cls(
            **{name: array(column) for name, column in columns.items() if column is not None},
            others={name: array(column) for name, column in others.items()},
        )

    def __post_init__(self) -> None:
        if not len(self.time) or any(len(column) != len(self.time) for _, column in self.columns()):
            raise ValueError("a series needs columns of one length")
        if np.any(np.diff(self.time) <= 0) or np.any(np.diff(self.after) < 0):
            raise ValueError("time must rise, and an intervention that has begun must stay")
        if np.any(self.exposure <= 0) or np.any(self.count < 0):
            raise ValueError("counts must not be negative, and every period needs a denominator")

    def columns(self) -> Iterator[tuple[str, Array]]:
        """Every column there is, with its name."""
        for name in ("time", "count", "exposure", "after", "season", "control"):
            if (column := getattr(self, name)) is not None:
                yield name, column
        yield from self.others.items()

    def at(self, keep: Mask) -> Series:
        """The periods that are kept."""
        plain = {name: column[keep] for name, column in self.columns() if name not in self.others}
        others = {name: column[keep] for name, column in self.others.items()}
        return replace(self, **plain, others=others)

    @property
    def last_before(self) -> float:
        """T0; a series that has not begun starts after its last period."""
        before = self.time[self.after == 0]
        return float(before[-1]) if len(before) else float(self.time[0]) - 1


def array(column: Sequence[float]) -> Array:
    """Plain numbers as the statistics take them."""
    return np.asarray(column, float)


@dataclass(frozen=True)
class Model:
    """What is in the regression beside level and trend."""

    harmonics: int = 0
    """Pairs of sine and cosine over the season."""
    slope_change: bool = False
    wash_in: int = 0
    """Periods after the start that are left out."""
    season_length: int | None = None
    """S; by default the largest season seen."""


@dataclass(frozen=True)
class Design:
    """The regression's columns; `series` holds the periods that are in it."""

    matrix: Array
    names: tuple[str, ...]
    series: Series
    start: float
    """T0."""

    def contrast(self) -> Array:
        """Weights of the coefficients in the mean effect over the periods after the start (log scale)."""
        weights = np.array([float(name == LEVEL) for name in self.names])
        if SLOPE in self.names:
            since = self.series.time[self.series.after == 1] - self.start
            weights[self.names.index(SLOPE)] = float(np.mean(since))
        return weights

    def pick(self, name: str) -> Array:
        """Weights that pick one coefficient."""
        return np.array([float(one == name) for one in self.names])

    def without(self) -> Array:
        """The same columns had the project never begun."""
        absent = [name in (LEVEL, SLOPE) for name in self.names]
        matrix: Array = np.where(absent, 0.0, self.matrix)
        return matrix


def washed(series: Series, wash_in: int) -> Mask:
    """True for the periods after the start that the wash-in leaves out."""
    held: Mask = (series.after == 1) & (series.time <= series.last_before + wash_in)
    return held


def design(series: Series, model: Model, *, keep_wash_in: bool = False) -> Design:
    """The columns for a series. A level that is 0 or 1 in all periods is left out: there is nothing to tell."""
    kept = series if keep_wash_in else series.at(~washed(series, model.wash_in))
    since = kept.time - series.last_before
    columns = {"intercept": np.ones(len(since)), TREND: since}
    if 0 < kept.after.sum() < len(since):
        columns[LEVEL] = kept.after
        if model.slope_change:
            columns[SLOPE] = since * kept.after
    for name, other in kept.others.items():
        if 0 < other.sum() < len(other):
            columns[OTHER + name] = other
    columns |= _harmonics(kept, model)
    if kept.control is not None:
        columns[CONTROL] = log_control(kept.control, kept.exposure)
    matrix = np.column_stack(list(columns.values())).astype(float)
    return Design(matrix, tuple(columns), kept, series.last_before)


def _harmonics(series: Series, model: Model) -> dict[str, Array]:
    """sin and cos of 2 pi k season / S, as harmonic() of R's tsModel."""
    if not model.harmonics:
        return {}
    if series.season is None:
        raise ValueError("harmonics need a season")
    length = model.season_length or int(series.season.max())
    if length < 2 * model.harmonics + 1 or series.season.max() > length:
        raise ValueError("a season needs more than two periods for each harmonic")
    turns = 2 * np.pi * series.season / length
    return {
        f"{name}{k}": wave(k * turns)
        for k in range(1, model.harmonics + 1)
        for name, wave in (("sin", np.sin), ("cos", np.cos))
    }


def log_control(control: Array, exposure: Array) -> Array:
    """log of the control's rate about its mean; half a contact is added throughout when a period has none.

    Its coefficient says how far the series follows the control: 1 where both share all that happens, 0 where
    the control says nothing about it.
    """
    logs = np.log((control + (0.5 if np.any(control == 0) else 0.0)) / exposure)
    return np.asarray(logs - logs.mean(), float)
