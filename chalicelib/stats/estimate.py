"""The effect of a project with its intervals: what the words of a verdict are decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from chalicelib.stats.glm import Array, Fit, poisson
from chalicelib.stats.intervals import Z95
from chalicelib.stats.its import LEVEL, OTHER, SLOPE, Design, Model
from chalicelib.stats.robust import Whitened, lag_one, newey_west, usual_lag, whiten

Family = Literal["poisson", "quasipoisson"]
Robust = Literal["none", "newey-west"]


@dataclass(frozen=True)
class Promise:
    """What is agreed before the start, as far as the arithmetic needs it."""

    direction: Literal["down", "up"] = "down"
    minimum_effect: float = 0.1
    """The smallest relative change worth having."""
    model: Model = field(default_factory=Model)
    family: Family = "quasipoisson"
    robust: Robust = "newey-west"
    fewest_before: int = 12
    fewest_after: int = 8
    least_dispersion: float = 1.0
    """Counts scatter at least so much: 1 for contacts; 1 - p for a share p, whose counts end at the exposure."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Promise:
        """From the plain keys of `voc verdict --config`."""
        return cls(
            direction=config["direction"],
            minimum_effect=float(config["minimum_effect"]),
            model=Model(
                config["harmonics"], config["slope_change"], config["wash_in"], config["season_length"]
            ),
            family=config["family"],
            robust=config["robust"],
            fewest_before=config["fewest_before"],
            fewest_after=config["fewest_after"],
            least_dispersion=float(config["least_dispersion"]),
        )

    @property
    def target(self) -> float:
        """The rate ratio of the minimum effect."""
        return 1 + self.minimum_effect * (1 if self.direction == "up" else -1)


class Ratio(NamedTuple):
    """A ratio of rates with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """One fit: every intermediate figure, and the parts that a line or a power is reckoned from."""

    plan: Design
    fit: Fit
    white: Whitened
    lag: int
    newey_west: Array
    """(p, p) plain Newey-West covariance, for comparison."""
    promise: Promise
    corrected: bool
    """Half a contact was added because none came after the start."""

    def ratio(self, contrast: Array) -> Ratio:
        """By the promise's way: prewhitened for "newey-west", the model's own standard error for "none"."""
        if self.promise.robust == "none":
            return self.by_error(contrast, self.scale * self.fit.covariance)
        value = float(self.fit.coefficients @ contrast)
        low, high = (float(end) for end in self.white.effect(contrast).interval())
        # The model's own estimate is told, the interval is about the prewhitened one; they hardly differ.
        return Ratio(*(_exp(end) for end in (value, min(low, value), max(high, value))))

    def by_error(self, contrast: Array, covariance: Array) -> Ratio:
        """estimate +- 1.96 standard errors, on the log scale."""
        value = float(self.fit.coefficients @ contrast)
        half = Z95 * float(np.sqrt(contrast @ covariance @ contrast))
        return Ratio(*(_exp(end) for end in (value, value - half, value + half)))

    @property
    def scale(self) -> float:
        """What the covariance is multiplied by: 1 for a Poisson model."""
        return 1.0 if self.promise.family == "poisson" else float(self.fit.dispersion)

    @property
    def level(self) -> Ratio | None:
        """exp(b2), the change of level at the start."""
        return self.ratio(self.plan.pick(LEVEL)) if LEVEL in self.plan.names else None

    @property
    def slope(self) -> Ratio | None:
        """exp(b3), the change of slope per period."""
        return self.ratio(self.plan.pick(SLOPE)) if SLOPE in self.plan.names else None

    @property
    def mean_effect(self) -> Ratio | None:
        """Level and slope together, averaged over the periods after the start: what the word is decided from."""
        return self.ratio(self.plan.contrast()) if LEVEL in self.plan.names else None

    @property
    def autocorrelation(self) -> float:
        """Lag 1, of the Pearson residuals."""
        return float(lag_one(self.fit.residuals, self.plan.series.time))


def measure(plan: Design, promise: Promise) -> Figures:
    """Fit a design. Raises ValueError when its columns cannot be told apart or nothing came before the start."""
    series = plan.series
    came, after = series.count, series.after == 1
    if not came[~after].sum():
        raise ValueError("nothing came before the start")
    empty = bool(after.any() and not came[after].sum())
    if empty:  # Haldane (1956): a ratio of 0 has no logarithm
        came = came + 0.5 * after / after.sum()
    fit = poisson(plan.matrix, came, series.exposure)
    lag = usual_lag(len(came))
    return Figures(
        plan,
        fit,
        whiten(plan.matrix, fit, series.time, promise.least_dispersion),
        lag,
        newey_west(plan.matrix, fit, lag),
        promise,
        empty,
    )


def apart(plan: Design) -> dict[str, int]:
    """Other project -> periods in which just one of the two was running; those that never changed are left out."""
    running = {name: plan.series.others[name] for name in plan.series.others if OTHER + name in plan.names}
    return {name: int(np.sum(plan.series.after != other)) for name, other in running.items()}


def inflation(figures: Figures) -> float:
    """How many times the other projects enlarge the variance of this one's effect; 1 without others."""
    plan, fit = figures.plan, figures.fit
    own = [i for i, name in enumerate(plan.names) if not name.startswith(OTHER)]
    contrast = plan.contrast()
    alone = np.linalg.inv((plan.matrix[:, own].T * fit.mean) @ plan.matrix[:, own])
    joint = float(contrast @ fit.covariance @ contrast)
    return joint / float(contrast[own] @ alone @ contrast[own])


def _exp(value: float) -> float:
    return float(np.exp(np.clip(value, -700, 700)))
