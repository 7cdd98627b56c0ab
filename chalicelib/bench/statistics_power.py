"""The power that is foretold before the start beside the one that is reached, over a grid of truths: simulation.

Each series tells what it foretells by its periods before the start alone; how often such a project is then
IMPROVED is counted over many other series of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from chalicelib.bench.statistics_verdict import Plan, Truth, cell, drawn, foretold
from chalicelib.stats.glm import Array
from chalicelib.stats.its import Model, design

SEED, SERIES, REACHED = 20_261_123, 4, 150
"""Series of a cell that foretell in each round, and those in which it is counted."""
PLANS = (Plan(12, 8), Plan(26, 8), Plan(52, 13))
TRUTHS = [Truth(*one) for one in product((20.0, 100.0, 300.0), (1.0, 2.0, 5.0), (0.0, 0.25, 0.5), (0.8, 0.7))]
EDGES = (0.2, 0.4, 0.6, 0.8)
MOST_BIAS = 0.05
"""Foretold less reached, on the mean over the grid of one length."""
Row = dict[str, Any]
Step = Callable[[str], None]


def measure(
    rounds: int,
    step: Step = lambda label: None,
    plans: Sequence[Plan] = PLANS,
    truths: Sequence[Truth] = tuple(TRUTHS),
) -> dict[str, Any]:
    """{"lengths": a row a length of series, "groups": a row a length and group of foretold power, "passed"}."""
    lengths, groups = [], []
    for number, plan in enumerate(plans):
        step(f"把握 power {plan.name}")
        pairs = np.concatenate([_pairs(plan, t, rounds, [SEED, number, i]) for i, t in enumerate(truths)])
        lengths.append(_length(plan, pairs))
        groups += _groups(plan, pairs)
    return {
        "lengths": lengths,
        "groups": groups,
        "passed": all(abs(row["bias"]) <= MOST_BIAS for row in lengths),
    }


def _pairs(plan: Plan, truth: Truth, rounds: int, seed: list[int]) -> Array:
    """(series, 2): foretold by each, reached by their kind."""
    rng, series = np.random.default_rng(seed), plan.series()
    counts = drawn(series, plan, truth, rounds * SERIES, rng)
    told = foretold(design(series, Model()), Model(), counts, truth.ratio)
    reached = cell(plan, truth, rounds * REACHED, rng, told=0)["improved"]
    return np.column_stack([told, np.full(len(told), reached)])


def _length(plan: Plan, pairs: Array) -> Row:
    told, reached = pairs.T
    return {
        "weeks": plan.name,
        "series": len(pairs),
        "foretold": float(told.mean()),
        "reached": float(reached.mean()),
        "bias": float((told - reached).mean()),
        "error": float(np.sqrt(((told - reached) ** 2).mean())),
    }


def _groups(plan: Plan, pairs: Array) -> list[Row]:
    """What was reached where about so much was foretold."""
    group = np.digitize(pairs[:, 0], EDGES)
    parts = ((at, pairs[group == at]) for at in range(len(EDGES) + 1))
    ends = (0.0, *EDGES, 1.0)
    return [
        {
            "weeks": plan.name,
            "group": f"{ends[at]:.0%}–{ends[at + 1]:.0%}",
            "series": len(part),
            "foretold": float(part[:, 0].mean()),
            "reached": float(part[:, 1].mean()),
        }
        for at, part in parts
        if len(part)
    ]
