"""Training a tagger from labelled texts, rules and, where there is one, a pool of unlabelled texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from chalicelib.learn import cutoffs
from chalicelib.learn.ensemble import FOLDS, learn, out_of_fold, shape_for
from chalicelib.learn.examples import Example, folds, marks
from chalicelib.learn.pool import Taught, label_pool
from chalicelib.learn.prepared import prepare
from chalicelib.learn.stack import fit_fusion
from chalicelib.model.errors import Invalid
from chalicelib.nlp.features import Ints, Keys
from chalicelib.nlp.linear import View
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.network import Network
from chalicelib.nlp.reading import Reading

MOST_WEIGHTS, MOST_GRAMS = 1_400_000, 40_000
"""Of all views together, so that a model stays below 5 MB and fast."""
PRECISION = 0.95
Read = Callable[[str], Reading]


def train(
    examples: Sequence[Example],
    labels: Sequence[str],
    read: Read,
    unlabelled: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
) -> Model:
    """A tagger for these labels. The same input gives the same model, byte by byte once saved."""
    labels = tuple(labels)
    _check(examples, labels)
    truth, weight = marks(examples, labels), np.array([one.weight for one in examples], np.float32)
    known = [one.text for one in examples]
    unlabelled = sorted(set(unlabelled).difference(known))
    texts = [*known, *unlabelled]
    prepared = prepare([read(text) for text in texts], {label: at for at, label in enumerate(labels)})
    fold = folds([*(one.id for one in examples), *unlabelled], FOLDS)
    shape = shape_for(prepared, truth)
    with threadpool_limits(1):  # sums in another order would make other bytes
        taught = label_pool(prepared, truth, weight, fold, shape) if unlabelled else Taught(truth, weight)
        evidence = out_of_fold(prepared, *taught, fold, shape)[: len(truth)]
        fusion = fit_fusion(evidence, truth, weight)
        learnt = learn(prepared, *taught, np.flatnonzero(taught.weight > 0), shape)
    chances = fusion.probabilities(evidence)
    thresholds = cutoffs.choose(chances, truth, PRECISION)
    keys, views = _pruned(prepared.batch.vocabulary.keys, learnt.views)
    about = {
        "texts": len(examples),
        "unlabelled": len(unlabelled),
        "held_out": cutoffs.figures(chances, truth, thresholds),
        "labels": {name: int(n) for name, n in zip(labels, truth.sum(0), strict=True)},
    }
    return Model(
        labels, keys, views, fusion, thresholds, about | dict(facts or {}), network=_stored(learnt.network)
    )


def _pruned(keys: Keys, views: Sequence[View]) -> tuple[Keys, tuple[View, ...]]:
    """The n-grams of largest weight in any view, as many as the file may hold; weights as stored."""
    columns = sum(view.weights.shape[1] for view in views)
    most = min(MOST_GRAMS, MOST_WEIGHTS // columns)
    size = np.max([np.abs(view.weights).max(axis=1) / (view.weights.std() + 1e-9) for view in views], axis=0)
    kept = np.sort(np.argsort(-size, kind="stable")[:most])
    return keys[kept], tuple(_cut(view, kept) for view in views)


def _cut(view: View, kept: Ints) -> View:
    weights = view.weights[kept].astype(np.float16).astype(np.float32)
    return view._replace(weights=weights, idf=view.idf[kept] if len(view.idf) else view.idf)


def _stored(network: Network | None) -> Network | None:
    """With the numbers its file will hold."""
    if network is None:
        return None
    return Network(network.keys, *(array.astype(np.float16).astype(np.float32) for array in network[1:]))


def _check(examples: Sequence[Example], labels: Sequence[str]) -> None:
    known = set(labels)
    if len(known) != len(labels) or not labels:
        raise Invalid("learn.labels", "原因代码为空或有重复", "no cause codes, or the same one twice")
    strange = sorted({cause for one in examples for cause in one.causes} - known)
    if strange:
        raise Invalid(
            "learn.cause",
            f"分类表里没有：{'、'.join(strange[:5])}",
            f"not in the taxonomy: {', '.join(strange[:5])}",
        )
    if len(examples) < FOLDS:
        raise Invalid(
            "learn.few", f"至少要 {FOLDS} 条已标注的内容", f"at least {FOLDS} labelled texts are needed"
        )
