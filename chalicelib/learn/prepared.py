"""A training corpus as numbers: readings, and the n-grams of their texts and clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from chalicelib.nlp.features import Bags, Batch, Floats, Ints, Vocabulary, gather, lay_out
from chalicelib.nlp.fusion import rule_strength
from chalicelib.nlp.reading import Reading

LONGEST, LEAST = 3, 2


class Prepared(NamedTuple):
    """`rules` is (texts, features, labels): what the rules say."""

    batch: Batch
    rules: Floats


def prepare(readings: Sequence[Reading], labels: Mapping[str, int], most: int) -> Prepared:
    """Look up the n-grams that at least LEAST texts hold, `most` of them at the most.

    They are chosen before anything is learnt, so that what is measured out of fold holds for what is kept.
    """
    layout = lay_out(readings)
    batch = Batch(layout, Vocabulary(gather(layout, LONGEST, LEAST, most)))
    return Prepared(batch, rule_strength(readings, labels))


def take(found: Bags, some: Ints) -> Bags:
    """The bags of these numbers."""
    sizes = np.diff(found.edges)[some]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    at = np.arange(edges[-1]) + np.repeat(found.edges[some] - edges[:-1], sizes)
    return Bags(found.rows[at], found.counts[at], edges)
