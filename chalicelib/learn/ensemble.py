"""The models that a fusion weighs, trained together, and what they say of texts they were not trained on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chalicelib.learn.examples import Marks
from chalicelib.learn.network import train_network
from chalicelib.learn.prepared import Prepared, take
from chalicelib.learn.views import fit
from chalicelib.nlp.features import Floats, Ints
from chalicelib.nlp.fusion import evidence_of
from chalicelib.nlp.linear import View, Weighting
from chalicelib.nlp.network import Network

FOLDS = 4
WEIGHTINGS: tuple[Weighting, ...] = ("binary", "tfidf")
STAGED = 0.03, 0.8
"""Two stages are learnt when the share of texts that have any label lies between these."""
FEWEST_TEXTS, MOST_CHARACTERS = 300, 800_000
"""A network needs this many labelled texts to be worth it, and at most this much text to be trained in time."""


class Learnt(NamedTuple):
    """The models that the fusion weighs."""

    views: tuple[View, ...]
    network: Network | None


class Shape(NamedTuple):
    """What is trained: two stages or one, a network or none. The same for every fold."""

    staged: bool
    network: bool

    def columns(self, labels: int) -> int:
        """How many weights an n-gram has."""
        return len(WEIGHTINGS) * (2 * labels + 1 if self.staged else labels)


def shape_for(truth: Marks, characters: int) -> Shape:
    """What pays for these labels, (labelled, labels), and this much text, the pool's too."""
    staged = bool(STAGED[0] <= truth.any(axis=1).mean() <= STAGED[1])
    enough = len(truth) >= FEWEST_TEXTS and characters <= MOST_CHARACTERS
    return Shape(staged, enough and not staged)  # few texts with a label teach a network nothing more


def learn(prepared: Prepared, truth: Marks, weight: Floats, chosen: Ints, shape: Shape) -> Learnt:
    """All models, trained on the chosen texts."""
    found, width = take(prepared.batch.texts, chosen), len(prepared.batch.vocabulary)
    views = tuple(fit(kind, found, width, truth[chosen], weight[chosen], shape.staged) for kind in WEIGHTINGS)
    layout = prepared.batch.layout
    return Learnt(views, train_network(layout, truth, weight, chosen) if shape.network else None)


def out_of_fold(prepared: Prepared, truth: Marks, weight: Floats, fold: Ints, shape: Shape) -> Floats:
    """(texts, features, labels): what models say of texts they were not trained on, and the rules.

    Texts without weight teach nothing.
    """
    out: Floats | None = None
    for number in range(FOLDS):
        held = fold == number
        others = np.flatnonzero(~held & (weight > 0))
        if held.any() and len(others):
            learnt = learn(prepared, truth, weight, others, shape)
            said = evidence_of(prepared.batch, learnt.views, learnt.network, prepared.rules)
            out = np.zeros_like(said) if out is None else out
            out[held] = said[held]
    assert out is not None
    return out
