"""Texts nobody has labelled: first labelled by the rules, then by what was learnt, round by round."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chalicelib.learn.cutoffs import best_cut
from chalicelib.learn.ensemble import Shape, out_of_fold
from chalicelib.learn.examples import Marks
from chalicelib.learn.prepared import Prepared
from chalicelib.learn.stack import fit_fusion
from chalicelib.nlp.features import Floats, Ints

GOLD_WEIGHT = 6.0
"""A label that a person gave counts like so many of the pool's."""
ROUNDS = 2
BY_RULE = 0.3
"""The strength of rules that labels a text of the pool."""
TELLING = 0.1
"""Rules label the pool only where they find something in at least this share of it."""
FLAT, STEEP = 0.1, 2.0
"""Least and most log odds from the cut that count in a text's weight."""


class Taught(NamedTuple):
    """Labels (texts, labels) and weights (texts,) of the labelled texts and, after them, of the pool."""

    truth: Marks
    weight: Floats


def label_pool(prepared: Prepared, truth: Marks, weight: Floats, fold: Ints, shape: Shape) -> Taught:
    """Labels for the pool, which follows the labelled texts in `prepared`; those keep theirs."""
    labelled = len(truth)
    by_rule = prepared.rules[labelled:, 0] >= BY_RULE
    telling = float(by_rule.any(axis=1).mean() >= TELLING)
    pool = np.full(len(by_rule), telling, np.float32)
    taught = Taught(np.concatenate([truth, by_rule]), np.concatenate([GOLD_WEIGHT * weight, pool]))
    for _ in range(ROUNDS):
        evidence = out_of_fold(prepared, *taught, fold, shape._replace(network=False))
        fusion = fit_fusion(evidence[:labelled], truth, weight)
        chances = fusion.probabilities(evidence)
        cut = best_cut(chances[:labelled].ravel(), truth.ravel())
        taught = _relabelled(taught, chances[labelled:], cut)
    return taught


def _relabelled(taught: Taught, chances: Floats, cut: float) -> Taught:
    """The pool as it is seen now; what is near the cut for any label counts little."""
    odds = np.abs(_log_odds(chances) - _log_odds(np.float32(cut))).min(axis=1)
    labelled = len(taught.truth) - len(chances)
    weight = (np.clip(odds, FLAT, STEEP) / STEEP).astype(np.float32)
    return Taught(
        np.concatenate([taught.truth[:labelled], chances >= cut]),
        np.concatenate([taught.weight[:labelled], weight]),
    )


def _log_odds(chances: Floats | np.float32) -> Floats:
    safe = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe / (1 - safe)), np.float32)
