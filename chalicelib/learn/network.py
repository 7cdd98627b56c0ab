"""Training the convolutional network: Adam on the logistic loss of all labels at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Floats, Ints, Layout, Vocabulary, gather
from chalicelib.nlp.network import WIDTH, Network, answers, embed, lookup

SIZE, FILTERS = 48, 96
LEAST = 5
"""Texts that must hold a character or a pair for it to have a vector."""
BATCH = 64
RATE, LAST_RATE = 2e-3, 0.2
FORGET, SILENCE = 0.2, 0.3
"""Shares of characters and pairs, and of filters, left out in each step."""
STEPS = 1_000
"""Steps of training, as whole epochs: at least FEWEST, at most MOST of them."""
FEWEST, MOST = 8, 16


class Shape(NamedTuple):
    """Flat rows of a whole corpus: text i is [starts[i], ends[i]), its separator included."""

    singles: Ints
    pairs: Ints
    texts: Ints
    starts: Ints
    ends: Ints


class Adam:
    """Steps for one array (Kingma and Ba, 2015); rows that a step does not touch stay as they are."""

    def __init__(self, array: Floats) -> None:
        self.array, self.steps = array, 0
        self.mean, self.square = np.zeros_like(array), np.zeros_like(array)

    def step(self, slope: Floats, rate: float, rows: Ints | slice = slice(None)) -> None:
        """Move against the slope of these rows."""
        self.steps += 1
        mean = self.mean[rows] * np.float32(0.9) + np.float32(0.1) * slope
        square = self.square[rows] * np.float32(0.99) + np.float32(0.01) * slope * slope
        self.mean[rows], self.square[rows] = mean, square
        pace = rate * np.sqrt(1 - 0.99**self.steps) / (1 - 0.9**self.steps)
        self.array[rows] -= np.float32(pace) * mean / (np.sqrt(square) + np.float32(1e-6))


def train_network(layout: Layout, truth: Marks, weight: Floats, chosen: Ints, seed: int = 0) -> Network:
    """A network trained on the chosen texts of a layout."""
    keys = gather(layout, 2, LEAST)
    vocabulary = Vocabulary(keys)
    ends = np.append(layout.starts[1:], len(layout.texts))
    shape = Shape(*lookup(vocabulary, layout), layout.texts, layout.starts, ends)
    random = np.random.default_rng(seed)
    network = _begin(random, vocabulary, truth[chosen])
    epochs = int(np.clip(STEPS * BATCH // max(1, len(chosen)), FEWEST, MOST))
    steps = [Adam(array) for array in network[1:]]
    target = truth.astype(np.float32)
    for epoch in range(epochs):
        order = random.permutation(chosen)
        for start in range(0, len(order), BATCH):
            done = (epoch + start / len(order)) / epochs
            some = order[start : start + BATCH]
            _step(
                network,
                steps,
                shape,
                some,
                target[some],
                weight[some],
                random,
                RATE * (1 - (1 - LAST_RATE) * done),
            )
    return network


def _begin(random: np.random.Generator, vocabulary: Vocabulary, truth: Marks) -> Network:
    table = 0.1 * random.standard_normal((len(vocabulary) + 2, SIZE))
    table[-1] = 0
    filters = 2 / np.sqrt(WIDTH * SIZE) * random.standard_normal((WIDTH, SIZE, FILTERS))
    weights = random.standard_normal((FILTERS, truth.shape[1])) / np.sqrt(FILTERS)
    share = np.clip(truth.mean(axis=0), 1e-3, 1 - 1e-3)
    parts = (table, filters, np.zeros(FILTERS), weights, np.log(share / (1 - share)))
    return Network(vocabulary.keys, *(part.astype(np.float32) for part in parts))


def _step(
    network: Network,
    steps: list[Adam],
    shape: Shape,
    some: Ints,
    target: Floats,
    weight: Floats,
    random: np.random.Generator,
    rate: float,
) -> None:
    """One step of all arrays on one batch."""
    singles, pairs, owner, starts = _batch(shape, some, random, len(network.table) - 2)
    vectors = embed(network.table, singles, pairs)
    strength = answers(vectors, network.filters, owner)
    best = np.maximum.reduceat(strength, starts, axis=0)
    winners = strength == best[np.maximum(owner, 0)]
    winners[owner < 0] = False
    kept = (random.random(best.shape, np.float32) > SILENCE) / np.float32(1 - SILENCE)
    hidden = np.maximum(best + network.bias, 0) * kept
    error = (
        (1 / (1 + np.exp(-(hidden @ network.weights + network.base))) - target) * weight[:, None] / len(some)
    )
    back = (error @ network.weights.T) * kept * (best + network.bias > 0)
    where, which = np.nonzero(winners)
    answer = sparse.csr_matrix((back[owner[where], which], (where, which)), strength.shape)
    slopes = (_filters(answer, vectors), back.sum(axis=0), hidden.T @ error, error.sum(axis=0))
    rows, slope = _table(answer, network.filters, singles, pairs, len(network.table) - 1)
    steps[0].step(slope, rate, rows)
    for step, one in zip(steps[1:], slopes, strict=True):
        step.step(one, rate)


def _batch(
    shape: Shape, some: Ints, random: np.random.Generator, unknown: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows, pairs, owners and starts of these texts; some of the characters and pairs are forgotten."""
    sizes = (shape.ends - shape.starts)[some]
    starts = np.cumsum(sizes) - sizes
    at = np.arange(sizes.sum()) + np.repeat(shape.starts[some] - starts, sizes)
    singles, pairs = shape.singles[at], shape.pairs[at]
    owner = np.where(shape.texts[at] < 0, -1, np.repeat(np.arange(len(some)), sizes))
    lost = (random.random(len(at)) < FORGET) & (owner >= 0)
    pairs[lost | (random.random(len(at)) < FORGET)] = unknown + 1
    singles[lost] = unknown
    return singles, pairs, owner, starts


def _filters(answer: sparse.csr_matrix, vectors: Floats) -> Floats:
    """(WIDTH, size, filters): the slope of each filter."""
    turned = answer.T.tocsr()
    before = np.concatenate([np.zeros_like(vectors[:1]), vectors[:-1]])
    after = np.concatenate([vectors[1:], np.zeros_like(vectors[:1])])
    return np.stack([(turned @ near).T for near in (before, vectors, after)])


def _table(
    answer: sparse.csr_matrix, filters: Floats, singles: Ints, pairs: Ints, nothing: int
) -> tuple[Ints, Floats]:
    """The table rows a batch used, and their slopes; the row of zeros stays."""
    slope = answer @ filters[1].T
    slope[:-1] += (answer @ filters[0].T)[1:]
    slope[1:] += (answer @ filters[2].T)[:-1]
    used = np.concatenate([singles, pairs])
    rows, at = np.unique(used, return_inverse=True)
    columns = np.concatenate([np.arange(len(singles))] * 2)
    picked = sparse.csr_matrix((np.ones(len(used), np.float32), (at, columns)), (len(rows), len(singles)))
    kept: npt.NDArray[np.bool_] = rows != nothing
    return rows[kept], np.asarray(picked @ slope)[kept]
