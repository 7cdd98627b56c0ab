"""`voc bench statistics`, alarms: false alarms where nothing has changed, and how soon a true rise is found.

The causes are made up but not tame: 5 to 500 contacts a week, varying beyond Poisson by 2-6 % of their level with
some memory from week to week, one in five with a season of its own, and exposures that swell and shrink for all of
them together. Two situations: the first year (twelve weeks behind the quarter, seasons unknown) and later (two
years in all, judged over the last quarter). The two usual rules see the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chalicelib.stats.alarms import Q, judge
from chalicelib.stats.baseline import LOCKED_AFTER
from chalicelib.stats.signals import RUN
from chalicelib.stats.xmr import LIMIT, NEAR, SCREEN

CAUSES, QUARTER, WITHIN = 50, 13, 3
SMALLEST, LARGEST, RISEN = 5, 500, 100
USUAL_X = 10_000.0
VARIATION, LAG = (0.02, 0.06), 0.3
"""Coefficient of variation beyond Poisson, drawn for each cause, and its correlation from week to week."""
SEASONAL, AMPLITUDE = 0.2, (0.03, 0.10)
RISE = 1.3
AGAIN = 3
"""An alarm on a cause that had one in the last so many weeks is the same alarm still."""
RECENT = 8
"""Weeks in "the recent average"."""
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rule = Callable[[Floats, Floats, int], Flags]
"""Counts and exposures (causes by week) and the first week judged -> alarms on rises (causes by judged week)."""


class Situation(NamedTuple):
    """So many weeks in all; the last quarter of them is judged."""

    name: str
    weeks: int

    @property
    def start(self) -> int:
        """The first week judged."""
        return self.weeks - QUARTER


SITUATIONS = (Situation("first_year", LOCKED_AFTER + QUARTER), Situation("later", 104))
SPREADS = {"poisson": (0.0, 0.0), "usual": VARIATION, "wilder": (0.08, 0.08)}
"""How the cause that rises varies beyond Poisson: not at all, like the others, more than any of them."""


def figures(seed: int, runs: int = 100, risen_runs: int = 300) -> dict[str, Any]:
    """All figures of the simulation; the same seed gives the same."""
    out: dict[str, Any] = {
        "seed": seed, "runs": runs, "risen_runs": risen_runs, "causes": CAUSES, "q": Q, "rise": RISE,
        "risen_contacts_a_week": RISEN, "within_weeks": WITHIN,
    }  # fmt: skip
    for place, situation in enumerate(SITUATIONS):
        quiet = _quiet(np.random.default_rng([seed, place, 0]), situation, runs)
        found = {
            name: _found(np.random.default_rng([seed, place, 1 + number]), situation, risen_runs, spread)
            for number, (name, spread) in enumerate(SPREADS.items())
        }
        out[situation.name] = {
            rule: {**quiet[rule], **{f"found_{name}": found[name][rule] for name in SPREADS}}
            for rule in RULES
        }
    return out


def table(figures: dict[str, Any]) -> tuple[str, list[dict[str, Any]], list[tuple[str, str]]]:
    """Title, rows and columns for people."""
    title = (
        f"告警 alarms: {figures['causes']} 个原因 causes，{figures['runs']} 个季度 quarters，"
        f"上升 rise {figures['rise'] - 1:.0%}，每周 {figures['risen_contacts_a_week']} 条 contacts a week"
    )
    rows = [
        {"situation": SITUATION_WORDS[s.name], "rule": RULE_WORDS[rule], **_shown(figures[s.name][rule])}
        for s in SITUATIONS
        for rule in RULES
    ]
    return title, rows, COLUMNS


SITUATION_WORDS = {"first_year": "第一年 first year", "later": "两年后 two years in"}
RULE_WORDS = {
    "ours": "回声 ours",
    "two_sd": "近期均值 ± 2 SD of the recent average",
    "nhs": "NHS 规则，不控制 NHS rules, no control",
}
COLUMNS = [
    ("situation", "情形"),
    ("rule", "规则 rule"),
    ("false", "误报/季 false alarms a quarter"),
    ("series", "有误报的原因 causes with one"),
    ("poisson", "三周内发现 found within 3 weeks"),
    ("usual", "另有波动 2–6 % varying more"),
    ("wilder", "8 %"),
]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "false": f"{row['false_alarms']:.2f}",
        "series": f"{row['causes_with_one']:.0%}",
        **{name: f"{row[f'found_{name}']:.1%}" for name in SPREADS},
    }


# the made-up causes


def _exposures(rng: np.random.Generator, weeks: int) -> Floats:
    """One business for all causes: a season, growth, and weeks of promotion; USUAL_X on average in the quarter."""
    wave = 1 + 0.15 * np.sin(2 * np.pi * (np.arange(weeks) / 52.18 + rng.random())) + 0.002 * np.arange(weeks)
    promotion = np.where(rng.random(weeks) < 0.06, 1.6, 1.0)
    volume = wave * promotion * np.exp(0.05 * rng.standard_normal(weeks))
    return np.asarray(np.round(USUAL_X * volume / volume[-QUARTER:].mean()))


def _wobble(rng: np.random.Generator, variation: Floats, weeks: int) -> Floats:
    """Log-normal variation of mean 1 with memory, causes by week."""
    noise = rng.standard_normal((len(variation), weeks))
    for week in range(1, weeks):
        noise[:, week] = LAG * noise[:, week - 1] + np.sqrt(1 - LAG**2) * noise[:, week]
    cv = variation[:, None]
    return np.asarray(np.exp(cv * noise - cv**2 / 2))


def _means(rng: np.random.Generator, exposures: Floats, causes: int) -> Floats:
    """Expected counts of quiet causes."""
    size = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST), causes))
    swing = np.where(rng.random(causes) < SEASONAL, rng.uniform(*AMPLITUDE, causes), 0.0)
    angle = 2 * np.pi * (np.arange(len(exposures)) / 52.18 + rng.random((causes, 1)))
    wobble = _wobble(rng, rng.uniform(*VARIATION, causes), len(exposures))
    return np.asarray(size[:, None] * exposures / USUAL_X * (1 + swing[:, None] * np.sin(angle)) * wobble)


# false alarms, and rises found


def _quiet(rng: np.random.Generator, situation: Situation, runs: int) -> dict[str, dict[str, float]]:
    raised: dict[str, list[Floats]] = {name: [] for name in RULES}
    for _ in range(runs):
        exposures = _exposures(rng, situation.weeks)
        counts = rng.poisson(_means(rng, exposures, CAUSES)).astype(float)
        for name, rule in RULES.items():
            raised[name].append(_raised(rule(counts, exposures, situation.start)).sum(axis=1))
    return {
        name: {
            "false_alarms": float(np.sum(many) / runs),
            "causes_with_one": float(np.mean(np.array(many) > 0)),
        }
        for name, many in raised.items()
    }


def _found(
    rng: np.random.Generator, situation: Situation, runs: int, spread: tuple[float, float]
) -> dict[str, float]:
    """Share of true rises that raise an alarm in their first three weeks, where none stood the week before."""
    hits: dict[str, list[bool]] = {name: [] for name in RULES}
    for _ in range(runs):
        exposures = _exposures(rng, situation.weeks)
        means = _means(rng, exposures, CAUSES)
        begins = int(rng.integers(situation.start, situation.weeks - WITHIN + 1))
        wobble = _wobble(rng, rng.uniform(*spread, 1), situation.weeks)
        usual = exposures[begins : begins + WITHIN].mean()
        level = np.where(np.arange(situation.weeks) < begins, 1, RISE)
        means[0] = RISEN * exposures / usual * wobble * level
        counts = rng.poisson(means).astype(float)[:, : begins + WITHIN]
        first = max(situation.start, begins - 1)
        for name, rule in RULES.items():
            alarm = rule(counts, exposures[: begins + WITHIN], first)[0]
            if not alarm[: begins - first].any():
                hits[name].append(bool(alarm[begins - first :].any()))
    return {name: float(np.mean(hit)) if hit else float("nan") for name, hit in hits.items()}


def _raised(alarms: Flags) -> Flags:
    """Where an alarm begins: none on that cause in the AGAIN weeks before."""
    before = np.zeros_like(alarms)
    for weeks in range(1, AGAIN + 1):
        before[:, weeks:] |= alarms[:, :-weeks]
    return alarms & ~before


# the rules


def _ours(counts: Floats, exposures: Floats, first: int) -> Flags:
    return np.stack(list(_judged(counts, exposures, first)), axis=1)


def _judged(counts: Floats, exposures: Floats, first: int) -> Iterator[Flags]:
    x = np.broadcast_to(exposures, counts.shape)
    for end in range(first + 1, counts.shape[1] + 1):
        y = counts[:, :end]
        yield judge(y, x[:, :end], np.ones_like(y, bool)).q_values <= Q


def _two_sd(counts: Floats, exposures: Floats, first: int) -> Flags:
    """Above the mean and two standard deviations of the RECENT weeks before."""
    rate = counts / exposures
    out = []
    for week in range(first, counts.shape[1]):
        recent = rate[:, week - RECENT : week]
        out.append(rate[:, week] > recent.mean(axis=1) + 2 * recent.std(axis=1, ddof=1))
    return np.stack(out, axis=1)


def _nhs(counts: Floats, exposures: Floats, first: int) -> Flags:
    """XmR limits of the first twelve rates; the week at which one of the four rules for a rise is first met."""
    rate = counts / exposures
    baseline = rate[:, :LOCKED_AFTER]
    mean = baseline.mean(axis=1, keepdims=True)
    ranges = np.abs(np.diff(baseline, axis=1))
    kept = ranges < SCREEN * ranges.mean(axis=1, keepdims=True)
    half = LIMIT * (ranges * kept).sum(axis=1, keepdims=True) / np.maximum(kept.sum(axis=1, keepdims=True), 1)
    above, near = rate > mean, (rate > mean + NEAR * half) & (rate <= mean + half)
    rising = np.zeros_like(above)
    rising[:, 1:] = rate[:, 1:] > rate[:, :-1]
    met = (
        (rate > mean + half)
        | _last(above, RUN)
        | _last(rising, RUN - 1)
        | (near & (_shift(near, 1) | _shift(near, 2)))
    )
    return np.asarray(met[:, first:])


def _last(flags: Flags, length: int) -> Flags:
    """Where the newest `length` are all set."""
    out = flags.copy()
    for places in range(1, length):
        out &= _shift(flags, places)
    return out


def _shift(flags: Flags, places: int) -> Flags:
    out = np.zeros_like(flags)
    out[:, places:] = flags[:, :-places]
    return out


RULES: dict[str, Rule] = {"ours": _ours, "two_sd": _two_sd, "nhs": _nhs}
