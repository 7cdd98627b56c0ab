"""Choosing one of a few classes (kind of contact, severity) from n-grams and cues."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from chalicelib.nlp.features import Batch, Floats, Keys, Vocabulary, lay_out
from chalicelib.nlp.linear import Head, View, damping
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.reading import Reading

COST, DENSE = 0.7, 1.0
"""The logistic model's C, and how large a dense feature is beside a text's n-grams."""
WORDS = 1.35
"""How much more n-grams weigh than training finds: in the authored texts the cues are surer than in real ones."""


def train_head(
    keys: Keys, readings: Sequence[Reading], dense: Floats, y: Sequence[str], cost: float = COST
) -> Head:
    """A head for the classes in y, over these n-grams; `dense` is (texts, features), in the order used when predicting."""
    batch = Batch(lay_out(readings), Vocabulary(keys))
    found = batch.texts
    value = damping(batch)[found.owners]
    grams = sparse.csr_matrix((value, found.rows, found.edges), (len(readings), len(keys)))
    size = np.maximum(dense.std(axis=0), 1e-6) / DENSE
    x = sparse.hstack([grams, sparse.csr_matrix(dense / size)]).tocsr()
    # No weights for rare classes: they cost the common ones far more than they give.
    model = LogisticRegression(C=cost, max_iter=150)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough
        model.fit(x, list(y))
    weights, bias = _every_class(model)
    by_gram = (WORDS * weights[: len(keys)]).astype(np.float16).astype(np.float32)
    return Head(tuple(map(str, model.classes_)), by_gram, weights[len(keys) :] / size[:, None], bias)


def with_heads_of(model: Model, other: Model) -> Model:
    """The model with the heads of another, over the n-grams of both; neither judges otherwise than before."""
    keys = np.union1d(model.keys, other.keys)

    def spread(array: Floats, known: Keys) -> Floats:
        out = np.zeros((len(keys), *array.shape[1:]), np.float32)
        out[keys.searchsorted(known)] = array
        return out

    def wider(view: View) -> View:
        idf = spread(view.idf, model.keys) if len(view.idf) else view.idf
        return view._replace(weights=spread(view.weights, model.keys), idf=idf)

    heads = {
        name: replace(head, weights=spread(head.weights, other.keys)) for name, head in other.heads.items()
    }
    return replace(model, keys=keys, views=tuple(map(wider, model.views)), heads=heads)


def _every_class(model: LogisticRegression) -> tuple[Floats, Floats]:
    """(features, classes) and (classes,); a choice of two has one row for the second class."""
    rows, bias = model.coef_, model.intercept_
    if len(rows) == 1:
        rows, bias = np.concatenate([0 * rows, rows]), np.concatenate([0 * bias, bias])
    return rows.T.astype(np.float32), bias.astype(np.float32)
