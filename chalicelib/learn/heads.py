"""Choosing one of a few classes (kind of contact, severity) from n-grams and cues."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from chalicelib.nlp.features import Floats, Vocabulary, bags, gather, lay_out
from chalicelib.nlp.linear import Head, unit
from chalicelib.nlp.reading import Reading

LONGEST, LEAST, MOST_GRAMS = 3, 2, 8_000
COST, DENSE = 3.0, 1.0
"""The logistic model's C, and how large a dense feature is beside a text's n-grams."""


def train_head(readings: Sequence[Reading], dense: Floats, y: Sequence[str], cost: float = COST) -> Head:
    """A head for the classes in y; `dense` is (texts, features), in the order used when predicting."""
    layout = lay_out(readings)
    keys = gather(layout, LONGEST, LEAST)
    found = bags(Vocabulary(keys).rows(layout), layout.texts, len(readings), len(keys))
    grams = sparse.csr_matrix((unit(found), found.rows, found.edges), (len(readings), len(keys)))
    size = np.maximum(dense.std(axis=0), 1e-6) / DENSE
    x = sparse.hstack([grams, sparse.csr_matrix(dense / size)]).tocsr()
    # No weights for rare classes: they cost the common ones far more than they give.
    model = LogisticRegression(C=cost, max_iter=150)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough
        model.fit(x, list(y))
    weights, bias = _every_class(model)
    kept = np.sort(np.argsort(-np.abs(weights[: len(keys)]).max(axis=1), kind="stable")[:MOST_GRAMS])
    by_gram = weights[: len(keys)][kept].astype(np.float16).astype(np.float32)
    return Head(
        tuple(map(str, model.classes_)), keys[kept], by_gram, weights[len(keys) :] / size[:, None], bias
    )


def _every_class(model: LogisticRegression) -> tuple[Floats, Floats]:
    """(features, classes) and (classes,); a choice of two has one row for the second class."""
    rows, bias = model.coef_, model.intercept_
    if len(rows) == 1:
        rows, bias = np.concatenate([0 * rows, rows]), np.concatenate([0 * bias, bias])
    return rows.T.astype(np.float32), bias.astype(np.float32)
