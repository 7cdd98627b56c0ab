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
from chalicelib.nlp.features import Floats
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.network import Network
from chalicelib.nlp.reading import Reading

MOST_WEIGHTS, MOST_GRAMS = 1_400_000, 50_000
"""Of all views together: 2.8 MB as stored, in half precision; and so many n-grams in the vocabulary at most."""
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
    shape = shape_for(truth, sum(map(len, texts)))
    most = min(MOST_GRAMS, MOST_WEIGHTS // shape.columns(len(labels)))
    prepared = prepare([read(text) for text in texts], {label: at for at, label in enumerate(labels)}, most)
    fold = folds([*(one.id for one in examples), *unlabelled], FOLDS)
    with threadpool_limits(1):  # sums in another order would make other bytes
        taught = label_pool(prepared, truth, weight, fold, shape) if unlabelled else Taught(truth, weight)
        evidence = out_of_fold(prepared, *taught, fold, shape)[: len(truth)]
        fusion = fit_fusion(evidence, truth, weight)
        learnt = learn(prepared, *taught, np.flatnonzero(taught.weight > 0), shape)
    chances = fusion.probabilities(evidence)
    thresholds = cutoffs.choose(chances, truth, PRECISION)
    views = tuple(view._replace(weights=_stored(view.weights)) for view in learnt.views)
    network = learnt.network and Network(learnt.network.keys, *map(_stored, learnt.network[1:]))
    about = {
        "texts": len(examples),
        "unlabelled": len(unlabelled),
        "held_out": cutoffs.figures(chances, truth, thresholds),
        "labels": {name: int(n) for name, n in zip(labels, truth.sum(0), strict=True)},
    }
    return Model(
        labels,
        prepared.batch.vocabulary.keys,
        views,
        fusion,
        thresholds,
        about | dict(facts or {}),
        network=network,
    )


def _stored(array: Floats) -> Floats:
    """The numbers that a file will hold."""
    return array.astype(np.float16).astype(np.float32)


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
