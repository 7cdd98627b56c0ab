"""A verdict as one plain object with every figure named, for the command line, the API and whoever checks it in R."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chalicelib.stats.counterfactual import avoided, line
from chalicelib.stats.displacement import Displacement
from chalicelib.stats.estimate import Figures, Ratio
from chalicelib.stats.glm import Array
from chalicelib.stats.its import LEVEL, OTHER
from chalicelib.stats.reasons import Label, Names, reason
from chalicelib.stats.verdict import Verdict

Row = dict[str, Any]


def shown(found: Verdict, label: Label = str, names: Names | None = None) -> Row:
    """`label` names a period, `names` the siblings in the words of the reason. What cannot be told (yet) is None; so is what no number can hold."""
    told: Row = _finite(_shown(found, label, names))
    return told


def _finite(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _finite(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_finite(one) for one in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told


def _shown(found: Verdict, label: Label, names: Names | None) -> Row:
    figures = found.figures
    level, slope = (figures.level, figures.slope) if figures else (None, None)
    return {
        "verdict": str(found.word),
        "reason": reason(found, label, names),
        "power_date": None if found.power_time is None else label(found.power_time),
        "power": found.power,
        "rate_ratio": level.value if level else None,
        "ci": _ends(level),
        "slope_ratio": slope.value if slope else None,
        "slope_ci": _ends(slope),
        "mean_ratio": found.effect.value if found.effect else None,
        "mean_ci": _ends(found.effect),
        "dispersion": float(figures.fit.dispersion) if figures else None,
        "autocorrelation": figures.autocorrelation if figures else None,
        "n_before": found.before,
        "n_after": found.after,
        "n_wash_in": found.washed,
        "joint": {"periods_apart": found.apart, "variance_inflation": found.inflation},
        "displacement": _displacement(found.moved) if found.moved else None,
        **(_fitted(figures, label) if figures else {}),
    }


def _ends(ratio: Ratio | None) -> list[float] | None:
    return [ratio.low, ratio.high] if ratio else None


def _fitted(figures: Figures, label: Label) -> Row:
    """What is behind the ratios."""
    white, plan = figures.white, figures.plan
    return {
        "degrees_of_freedom": figures.fit.freedom,
        "start_after": label(int(plan.start)),
        "half_contact_added": figures.corrected,
        "newey_west_lag": figures.lag,
        "prewhitened_autocorrelation": float(white.autocorrelation),
        "coefficients": {name: _coefficient(figures, at) for at, name in enumerate(plan.names)},
        "intervals": _intervals(figures) if LEVEL in plan.names else {},
        "other_projects": {
            name.removeprefix(OTHER): _pair(figures.ratio(plan.pick(name)))
            for name in plan.names
            if name.startswith(OTHER)
        },
        **(_without(figures, label) if LEVEL in plan.names else {}),
    }


def _coefficient(figures: Figures, at: int) -> Row:
    variance = float(figures.fit.covariance[at, at])
    return {
        "estimate": float(figures.fit.coefficients[at]),
        "se_poisson": variance**0.5,
        "se_quasipoisson": (variance * float(figures.fit.dispersion)) ** 0.5,
        "se_newey_west": float(figures.newey_west[at, at]) ** 0.5,
    }


def _intervals(figures: Figures) -> Row:
    """The level's 95 % interval in every way there is; which one `ci` is depends on family and robust."""
    contrast, fit = figures.plan.pick(LEVEL), figures.fit
    low, high = figures.white.effect(contrast).interval()
    ways: dict[str, Array] = {
        "poisson": fit.covariance,
        "quasipoisson": float(fit.dispersion) * fit.covariance,
        "newey_west_uncorrected": figures.newey_west,
    }
    plain = {name: _ends(figures.by_error(contrast, covariance)) for name, covariance in ways.items()}
    return {**plain, "prewhitened": [float(np.exp(low)), float(np.exp(high))]}


def _without(figures: Figures, label: Label) -> Row:
    """The line of what would have happened, and the contacts that were avoided."""
    series, effect = figures.plan.series, figures.mean_effect
    found = line(figures.plan, figures.fit, figures.white)
    columns = zip(series.time, series.count, found.expected, found.low, found.high, strict=True)
    came = float(series.count[series.after == 1].sum())
    return {
        "avoided": list(avoided(came, effect.value, effect.low, effect.high)) if effect and came else None,
        "line": [
            {
                "time": label(int(t)),
                "count": float(y),
                "expected": float(m),
                "low": float(a),
                "high": float(b),
            }
            for t, y, m, a, b in columns
        ],
    }


def _displacement(moved: Displacement) -> Row:
    return {
        "avoided": moved.avoided,
        "gained": moved.gained,
        "share": moved.share,
        "total": _pair(moved.total) if moved.total else None,
        "moved": moved.moved,
        "siblings": {
            name: {**_pair(one.ratio), "gained": one.gained, "rose": one.rose}
            for name, one in moved.siblings.items()
        },
    }


def _pair(ratio: Ratio) -> Row:
    return {"rate_ratio": ratio.value, "ci": [ratio.low, ratio.high]}
