"""From what the views and the rules say of each label to calibrated probabilities, and when to abstain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log1p, prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.nlp.counts import infer
from chalicelib.nlp.features import Batch, Floats
from chalicelib.nlp.linear import View
from chalicelib.nlp.network import Network
from chalicelib.nlp.reading import Reading

RULE_FEATURES = 2
INDEPENDENT = np.zeros(0, np.float32)


class Fusion(NamedTuple):
    """Log odds are evidence . weights + bias, label by label; `weights` is (features, labels).

    `counts` are log potentials of 0, 1, 2, ... labels; where there are none, labels are independent.
    """

    weights: Floats
    bias: Floats
    counts: Floats = INDEPENDENT

    def probabilities(self, evidence: Floats) -> Floats:
        """(texts, features, labels) -> (texts, labels)."""
        margins = (evidence * self.weights).sum(axis=1) + self.bias
        if len(self.counts):
            return infer(margins, self.counts).chances.astype(np.float32)
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


def evidence_of(batch: Batch, views: Sequence[View], network: Network | None, rules: Floats) -> Floats:
    """(texts, features, labels): of the views in their order, the network if there is one, and the rules."""
    found = [one for view in views for one in view.evidence(batch, rules.shape[2])]
    if network:
        found.append(network.scores(batch.layout))
    return np.concatenate([*(one[:, None] for one in found), rules], axis=1)


def rule_strength(readings: Sequence[Reading], labels: Mapping[str, int]) -> Floats:
    """(texts, RULE_FEATURES, labels): chance that any clause's surest rule is right (noisy or), and how many
    clauses agree. Rules of one clause mostly say the same thing in other words: only the surest counts."""
    out = np.zeros((len(readings), RULE_FEATURES, len(labels)), np.float32)
    for number, reading in enumerate(readings):
        surest: dict[int, dict[int, float]] = {}
        for hit in reading.hits:
            label = labels.get(hit.rule.code)
            if label is not None:
                clauses = surest.setdefault(label, {})
                clauses[hit.clause] = max(clauses.get(hit.clause, 0.0), hit.weight)
        for label, clauses in surest.items():
            chance = 1 - prod(1 - min(0.99, weight) for weight in clauses.values())
            out[number, :, label] = chance, log1p(len(clauses))
    return out
