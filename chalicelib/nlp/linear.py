"""Linear models over n-gram bags, scored with NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from chalicelib.nlp.features import Bags, Batch, Floats, Ints

Weighting = Literal["binary", "tfidf"]
Scope = Literal["text", "both"]
SHARPNESS = {"binary": 2.0, "tfidf": 1.0}
"""By what margins are multiplied to serve as log odds."""


class View(NamedTuple):
    """Linear models that share features: a column for each label and, when staged, two-stage ones.

    It judges whole texts or, in scope "both", also each clause, of which the best one counts. `idf` is empty
    for binary features. Staged: which label it is among texts that have any (a column a label), and whether it has any (one more).
    The first stage learns what a complaint sounds like from the complaints of all labels together.
    """

    scope: Scope
    weighting: Weighting
    weights: Floats
    bias: Floats
    idf: Floats

    def features(self, labels: int) -> int:
        """How many features a label gets."""
        return (4 if self.weights.shape[1] > labels else 1) * (2 if self.scope == "both" else 1)

    def margins(self, found: Bags) -> Floats:
        """(bags, columns)."""
        return totals(found, values(found, self.weighting, self.idf), self.weights) + self.bias

    def evidence(self, batch: Batch, labels: int) -> list[Floats]:
        """Features, each (texts, labels)."""
        found = [self._columns(batch.texts, labels)]
        if self.scope == "both":
            by_clause = self._columns(batch.clauses, labels)
            found.append(best_of(by_clause, batch.layout.text_of_clause, len(found[0])))
        starts = range(0, found[0].shape[1], labels)
        return [columns[:, at : at + labels] for at in starts for columns in found]

    def _columns(self, found: Bags, labels: int) -> Floats:
        margins = self.margins(found)
        if margins.shape[1] == labels:
            return margins
        return _staged(margins, labels, np.float32(SHARPNESS[self.weighting]))


def _staged(margins: Floats, labels: int, sharp: np.float32) -> Floats:
    """(bags, 4 x labels): label, topic, any, and the log odds that both stages hold."""
    topic, some = margins[:, labels : 2 * labels], np.repeat(margins[:, -1:], labels, axis=1)
    joint = log_sigmoid(sharp * topic) + log_sigmoid(sharp * some)
    return np.concatenate([margins[:, : 2 * labels], some, joint], axis=1)


def log_sigmoid(margins: Floats) -> Floats:
    """log(1 / (1 + exp(-margins))), without overflow."""
    return np.asarray(-np.logaddexp(np.float32(0), -margins), np.float32)


def values(found: Bags, weighting: Weighting, idf: Floats) -> Floats:
    """The value of each n-gram of each bag: 1, or (1 + log count) x idf scaled to unit length."""
    if weighting == "binary":
        return np.ones(len(found.rows), np.float32)
    raw, owners = (1 + np.log(found.counts)) * idf[found.rows], found.owners
    squares = np.bincount(owners, raw * raw, len(found.edges) - 1)
    norms = np.sqrt(np.where(squares > 0, squares, 1.0))
    return (raw / norms[owners]).astype(np.float32)


def totals(found: Bags, value: Floats, weights: Floats) -> Floats:
    """(bags, columns): the sum of value x weights over each bag's rows."""
    out = np.zeros((len(found.edges) - 1, weights.shape[1]), np.float32)
    known, edges = weights.take(found.rows, axis=0), found.edges.tolist()
    # Bag by bag: twice as fast as np.add.reduceat.
    for at, (start, end) in enumerate(pairwise(edges)):
        np.dot(value[start:end], known[start:end], out=out[at])
    return out


def best_of(scores: Floats, owner: Ints, many: int) -> Floats:
    """(many, columns): the largest score among the rows of each owner; every owner has a row."""
    first = np.searchsorted(owner, np.arange(many))
    return np.maximum.reduceat(scores, first, axis=0) if many else scores[:0]


@dataclass(frozen=True)
class Head:
    """A choice of one class: softmax over n-grams of the text and dense features handed in."""

    classes: tuple[str, ...]
    weights: Floats
    dense_weights: Floats
    bias: Floats

    def predict_proba(self, batch: Batch, dense: Floats) -> Floats:
        """(texts, classes) probabilities; `dense` is (texts, features), in the order of training."""
        grams = totals(batch.texts, np.ones(len(batch.texts.rows), np.float32), self.weights)
        return softmax(grams * damping(batch)[:, None] + dense @ self.dense_weights + self.bias)


def damping(batch: Batch) -> Floats:
    """(texts,): what n-grams count in a text; of its length alone, so that others' n-grams change nothing."""
    return (1 / np.sqrt(1 + batch.layout.lengths)).astype(np.float32)


def softmax(margins: Floats) -> Floats:
    """Rows of probabilities."""
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), np.float32)
