"""From what the views and the rules say of each label to calibrated probabilities, and when to abstain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.nlp.features import Floats, Vocabulary, bags, lay_out
from chalicelib.nlp.linear import View
from chalicelib.nlp.network import Network
from chalicelib.nlp.reading import Reading

RULE_FEATURES = 2


class Fusion(NamedTuple):
    """p = sigmoid(evidence . weights + bias), label by label; `weights` is (features, labels)."""

    weights: Floats
    bias: Floats

    def probabilities(self, evidence: Floats) -> Floats:
        """(texts, features, labels) -> (texts, labels)."""
        margins = (evidence * self.weights).sum(axis=1) + self.bias
        return np.asarray(1 / (1 + np.exp(-margins)), np.float32)


class Thresholds(NamedTuple):
    """`assign`: from which probability a label is given. `sure`: a contact below it should not decide alone."""

    assign: Floats
    sure: float

    def given(self, probabilities: Floats) -> npt.NDArray[np.bool_]:
        """(texts, labels): which labels each text gets."""
        return np.asarray(probabilities >= self.assign)

    def decided(self, probabilities: Floats) -> npt.NDArray[np.bool_]:
        """(texts,): whether the machine may decide alone."""
        return confidence(probabilities, self.assign) >= self.sure


def confidence(probabilities: Floats, assign: Floats) -> Floats:
    """(texts,): the probability of the least certain label given, or that there is none to give."""
    given = np.where(probabilities >= assign, probabilities, np.inf).min(axis=1)
    return np.asarray(np.where(np.isfinite(given), given, 1 - probabilities.max(axis=1)), np.float32)


def evidence_of(
    vocabulary: Vocabulary,
    views: Sequence[View],
    network: Network | None,
    readings: Sequence[Reading],
    labels: Mapping[str, int],
) -> Floats:
    """(texts, features, labels): of the views in their order, the network if there is one, and the rules."""
    layout, width = lay_out(readings), len(vocabulary)
    rows, (texts, clauses) = vocabulary.rows(layout), layout.sizes
    whole = bags(rows, layout.texts, texts, width)
    by_clause = any(view.scope == "both" for view in views)
    parts = bags(rows, layout.clauses, clauses, width) if by_clause else whole
    found = [one for view in views for one in view.evidence(whole, parts, layout.text_of_clause, len(labels))]
    if network:
        found.append(network.scores(layout))
    return np.concatenate([np.stack(found, axis=1), rule_strength(readings, labels)], axis=1)


def rule_strength(readings: Sequence[Reading], labels: Mapping[str, int]) -> Floats:
    """(texts, RULE_FEATURES, labels): chance that any clause's surest rule is right (noisy or), and how many
    clauses agree. Rules of one clause mostly say the same thing in other words: only the surest counts."""
    best: dict[tuple[int, int, int], float] = {}
    for number, reading in enumerate(readings):
        for hit in reading.hits:
            label = labels.get(hit.rule.code)
            if label is not None:
                place = number, label, hit.clause
                best[place] = max(best.get(place, 0.0), hit.weight)
    miss = np.ones((len(readings), len(labels)), np.float32)
    several = np.zeros_like(miss)
    for (number, label, _), weight in best.items():
        miss[number, label] *= 1 - min(0.99, weight)
        several[number, label] += 1
    return np.stack([1 - miss, np.log1p(several)], axis=1)
