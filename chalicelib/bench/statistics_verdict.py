"""How often the verdict of a project is wrong, and how often it sees what is there: seeded simulation.

Weekly counts of a given mean, dispersion (variance / mean) and lag-1 correlation: negative binomial (Poisson at
dispersion 1) joined by a Gaussian copula of an AR(1) process, on a yearly or half-yearly wave and a slight trend.
Beside it, on the same series: the rule "it fell by at least 10 %, 8 weeks against 8 weeks", and the usual
Newey-West interval.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalicelib.stats.counterfactual import line
from chalicelib.stats.glm import Array, poisson
from chalicelib.stats.intervals import Z95, wilson
from chalicelib.stats.its import LEVEL, Design, Model, Series, design
from chalicelib.stats.power import outlook, power
from chalicelib.stats.robust import newey_west, usual_lag, whiten

SEED, SERIES = 20_261_122, 300
"""Series of a cell in each round."""
FORETOLD = 12
"""Series whose power is foretold."""
MINIMUM, NAIVE_WEEKS = 0.10, 8
DISPERSIONS, CORRELATIONS = (1.0, 2.0, 5.0), (0.0, 0.25, 0.5)
WAVE, TREND = 0.15, 0.002
"""Of the season (up and down), and a week."""
ASKED_AT, FALSE, COVERED, LINE = 26, 0.025, (0.92, 0.97), (0.86, 0.94)
"""What is asked, at 26 weeks: at most so many false IMPROVED; shares held by the interval and by the 90 % band."""
Row = dict[str, Any]
Step = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """A length of series."""

    before: int
    after: int
    season: int = 0
    """Weeks; 0 for none."""

    @property
    def name(self) -> str:
        """26+26, season 26"""
        return f"{self.before}+{self.after}" + (f" ~{self.season}" if self.season else "")

    def series(self) -> Series:
        """Without counts yet."""
        weeks = np.arange(1.0, self.before + self.after + 1)
        season = (weeks - 1) % self.season + 1 if self.season else None
        none, after = np.zeros(len(weeks)), (weeks > self.before).astype(float)
        return Series(weeks, none, np.full(len(weeks), 1000.0), after, season)


@dataclass(frozen=True)
class Truth:
    """What the counts are drawn from."""

    mean: float
    dispersion: float
    correlation: float
    ratio: float = 1.0
    """The effect; 1 where nothing changed."""


NULLS = [
    (plan, Truth(mean, dispersion, correlation))
    for plan, means in (
        (Plan(26, 26, 26), (20.0, 100.0)),
        (Plan(52, 26, 52), (100.0,)),
        (Plan(12, 8), (100.0,)),
    )
    for mean in means
    for dispersion in DISPERSIONS
    for correlation in CORRELATIONS
]
EFFECTS = [
    (Plan(52, after, 52), Truth(mean, 2.0, 0.25, ratio))
    for mean in (20.0, 100.0)
    for ratio in (0.8, 0.7)
    for after in (8, 13, 26)
]


def measure(rounds: int, step: Step = lambda label: None) -> dict[str, Any]:
    """{"nulls": a row a cell, "effects": a row a cell, "summary": what was asked and found at 26 weeks, "early":
    the same with the fewest weeks that a verdict takes}."""
    start = time.perf_counter()
    nulls = list(_cells(NULLS, rounds, step))
    effects = list(_cells(EFFECTS, rounds, step))
    late = [row for row in nulls if row["after"] == ASKED_AT]
    early = [row for row in nulls if row["after"] != ASKED_AT]
    return {
        "nulls": nulls,
        "effects": effects,
        "summary": {**summary(late), "seconds": time.perf_counter() - start},
        "early": summary(early),
    }


def _cells(cells: Iterable[tuple[Plan, Truth]], rounds: int, step: Step) -> Iterable[Row]:
    for number, (plan, truth) in enumerate(cells):
        step(f"结论 verdict {plan.name}")
        rng = np.random.default_rng([SEED, number, round(100 * truth.ratio)])
        yield {
            "weeks": plan.name,
            "after": plan.after,
            "mean": truth.mean,
            "dispersion": truth.dispersion,
            "correlation": truth.correlation,
            "fall": round(1 - truth.ratio, 3),
            **cell(plan, truth, rounds * SERIES, rng),
        }


def cell(plan: Plan, truth: Truth, many: int, rng: np.random.Generator, told: int = FORETOLD) -> Row:
    """Shares over so many series of one kind; `told` of them foretell their power."""
    series = plan.series()
    counts = drawn(series, plan, truth, many, rng)
    model = Model(harmonics=1 if plan.season else 0)
    columns = design(series, model)
    fit = poisson(columns.matrix, counts, series.exposure)
    white = whiten(columns.matrix, fit, series.time)
    at = columns.names.index(LEVEL)
    effect, true = white.effect(columns.contrast()), float(np.log(truth.ratio))
    below, smaller, here = (effect.below(x) for x in (0.0, float(np.log(1 - MINIMUM)), true))
    band = line(columns, fit, white)
    held = (band.low <= counts) & (counts <= band.high)
    usual = Z95 * np.sqrt(newey_west(columns.matrix, fit, usual_lag(len(series.time)))[:, at, at])
    estimate = fit.coefficients[:, at]
    improved = (below > 0.975) & (smaller >= 0.025) & (estimate < 0)
    return {
        "series": many,
        "improved": float(np.mean(improved)),
        "worsened": float(np.mean(below < 0.025)),
        "no_change_shown": float(np.mean((below >= 0.025) & (smaller < 0.025))),
        "covered": float(np.mean((here >= 0.025) & (here <= 0.975))),
        "line": float(np.mean(held[:, series.after == 1])) if truth.ratio == 1 else None,
        "naive": float(np.mean(naive(counts, plan.before))),
        "usual_improved": float(np.mean(estimate + usual < 0)),
        "usual_covered": float(np.mean(np.abs(estimate - true) <= usual)),
        "foretold": float(foretold(columns, model, counts[:told], truth.ratio).mean())
        if told and truth.ratio < 1
        else None,
    }


def foretold(columns: Design, model: Model, counts: Array, ratio: float) -> Array:
    """(series,) the power for this effect that each series foretells by its periods before the start alone."""
    after, found = int(columns.series.after.sum()), []
    begun = columns.series.after == 1
    before = design(columns.series.at(~begun), model)
    for one in counts[:, ~begun]:
        fit = poisson(before.matrix, one, before.series.exposure)
        white = whiten(before.matrix, fit, before.series.time)
        found.append(power(outlook(before, model, fit, white, ratio), after))
    return np.array(found)


def naive(counts: Array, before: int) -> Array:
    """8 weeks against 8 weeks: fell by at least 10 %."""
    then = counts[:, before - NAIVE_WEEKS : before].sum(axis=1)
    now = counts[:, before : before + NAIVE_WEEKS].sum(axis=1)
    fell: Array = now <= (1 - MINIMUM) * then
    return fell


def drawn(series: Series, plan: Plan, truth: Truth, many: int, rng: np.random.Generator) -> Array:
    """(many, n) counts. Each series has its own phase of the season."""
    from scipy.special import ndtr
    from scipy.stats import nbinom
    from scipy.stats import poisson as counted

    since = series.time - plan.before
    phase = rng.uniform(0, 2 * np.pi, (many, 1))
    wave = WAVE * np.sin(2 * np.pi * series.time / plan.season + phase) if plan.season else 0.0
    mean = truth.mean * np.exp(wave + TREND * since) * np.where(series.after == 1, truth.ratio, 1.0)
    place = ndtr(_alike(truth.correlation, (many, len(since)), rng))
    if truth.dispersion == 1:
        return np.asarray(counted.ppf(place, mean), float)
    return np.asarray(nbinom.ppf(place, mean / (truth.dispersion - 1), 1 / truth.dispersion), float)


def _alike(correlation: float, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """A stationary AR(1) process of variance 1 in every row."""
    noise = rng.standard_normal(shape)
    for week in range(1, shape[1]):
        noise[:, week] = correlation * noise[:, week - 1] + np.sqrt(1 - correlation**2) * noise[:, week]
    return noise


def summary(nulls: list[Row]) -> Row:
    """Over all series in which nothing changed, and the cells at the ends."""
    total = sum(row["series"] for row in nulls)
    wrong = round(sum(row["improved"] * row["series"] for row in nulls))

    def pooled(name: str) -> float:
        return float(sum(row[name] * row["series"] for row in nulls) / total)

    return {
        "series": total,
        "false_improved": wrong / total,
        "false_improved_interval": wilson(wrong, total),
        "false_improved_worst": max(row["improved"] for row in nulls),
        "naive_false": pooled("naive"),
        "usual_false_improved": pooled("usual_improved"),
        "covered": pooled("covered"),
        "covered_cells": [min(r["covered"] for r in nulls), max(r["covered"] for r in nulls)],
        "usual_covered": pooled("usual_covered"),
        "line": pooled("line"),
        "line_cells": [min(r["line"] for r in nulls), max(r["line"] for r in nulls)],
        "passed": wrong / total <= FALSE
        and COVERED[0] <= pooled("covered") <= COVERED[1]
        and LINE[0] <= pooled("line") <= LINE[1],
    }
