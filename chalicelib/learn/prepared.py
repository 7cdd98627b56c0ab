"""A training corpus as numbers: readings, and the n-grams of their texts and clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from chalicelib.nlp.features import Bags, Floats, Ints, Keys, Layout, Vocabulary, bags, gather, lay_out
from chalicelib.nlp.fusion import rule_strength
from chalicelib.nlp.reading import Reading

LONGEST, LEAST = 3, 2


class Prepared(NamedTuple):
    """`rules` is (texts, features, labels): what the rules say."""

    layout: Layout
    keys: Keys
    texts: Bags
    clauses: Bags
    rules: Floats

    @property
    def size(self) -> int:
        """How many texts."""
        return len(self.layout.starts)


def prepare(readings: Sequence[Reading], labels: Mapping[str, int]) -> Prepared:
    """Look up all n-grams that at least LEAST texts hold."""
    layout = lay_out(readings)
    keys = gather(layout, LONGEST, LEAST)
    rows, (texts, clauses) = Vocabulary(keys).rows(layout), layout.sizes
    whole = bags(rows, layout.texts, texts, len(keys))
    parts = bags(rows, layout.clauses, clauses, len(keys))
    return Prepared(layout, keys, whole, parts, rule_strength(readings, labels))


def take(found: Bags, some: Ints) -> Bags:
    """The bags of these numbers."""
    sizes = np.diff(found.edges)[some]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    at = np.arange(edges[-1]) + np.repeat(found.edges[some] - edges[:-1], sizes)
    return Bags(found.rows[at], found.counts[at], edges)
