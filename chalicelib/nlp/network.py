"""A small convolutional network over characters and character pairs, run with NumPy alone.

Each character is the sum of two learnt vectors, its own and that of the pair it begins. Filters three
characters wide slide over the text; the strongest answer of each decides (Kim, 2014).
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from chalicelib.nlp.features import Floats, Ints, Keys, Layout, Vocabulary, inside

WIDTH = 3
SILENT = np.float32(-1e4)


class Arrays(NamedTuple):
    """`table` (n-grams + 2, size): a vector a key, then that of an unknown character, then zeros.

    `filters` (WIDTH, size, filters), `bias` (filters,), `weights` (filters, labels), `base` (labels,).
    """

    keys: Keys
    table: Floats
    filters: Floats
    bias: Floats
    weights: Floats
    base: Floats


class Network(Arrays):
    """What its arrays say of texts."""

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Look-up of the characters and pairs."""
        return Vocabulary(self.keys)

    def scores(self, layout: Layout) -> Floats:
        """(texts, labels) log odds."""
        strength = answers(embed(self.table, *lookup(self.vocabulary, layout)), self.filters, layout.texts)
        best = np.maximum.reduceat(strength, layout.starts, axis=0) + self.bias
        return np.asarray(np.maximum(best, 0) @ self.weights + self.base, np.float32)


def lookup(vocabulary: Vocabulary, layout: Layout) -> tuple[Ints, Ints]:
    """Table rows of each character and of the pair it begins."""
    unknown, nothing = len(vocabulary), len(vocabulary) + 1
    nobody = layout.texts < 0
    rows = vocabulary.rows(layout)
    singles = np.where(nobody, nothing, np.where(rows[0] < 0, unknown, rows[0]))
    pairs = np.full(len(singles), nothing)
    if len(rows) > 1:
        known = inside(layout.texts, 2) & (rows[1, :-1] >= 0)
        pairs[:-1][known] = rows[1, :-1][known]
    return singles, pairs


def embed(table: Floats, singles: Ints, pairs: Ints) -> Floats:
    """(characters, size)."""
    return np.asarray(table[singles] + table[pairs])


def answers(vectors: Floats, filters: Floats, texts: Ints) -> Floats:
    """(characters, filters): how strongly each filter answers around each character; silent between texts."""
    out: Floats = vectors @ filters[1]
    out[1:] += vectors[:-1] @ filters[0]
    out[:-1] += vectors[1:] @ filters[2]
    out[texts < 0] = SILENT
    return out
