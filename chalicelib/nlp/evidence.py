"""The shortest stretch of a clause that speaks for a label."""

from __future__ import annotations

import numpy as np

from chalicelib.nlp.features import Floats, Vocabulary, lay_out
from chalicelib.nlp.reading import Reading

SHARE = 0.7
"""Of a clause's positive weight, what the stretch must carry."""
LEAST = 2


def stretch(vocabulary: Vocabulary, weights: Floats, text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) of the shortest run in text[start:end] that holds SHARE of what speaks for the label."""
    gain = np.maximum(0, attribution(vocabulary, weights, text[start:end]))
    wanted, sums = SHARE * gain.sum(), np.concatenate([[0.0], np.cumsum(gain)])
    if wanted <= 0:
        return start, end
    ends = np.searchsorted(sums, sums[:-1] + wanted - 1e-9)
    fits = np.flatnonzero(ends < len(sums))
    first = int(fits[np.argmin((ends - np.arange(len(ends)))[fits])])
    return start + first, min(end, max(start + int(ends[first]), start + first + LEAST))


def attribution(vocabulary: Vocabulary, weights: Floats, text: str) -> Floats:
    """(characters,): each n-gram's weight, shared equally by its characters."""
    gain = np.zeros(len(text), np.float32)
    for length, rows in enumerate(vocabulary.rows(lay_out([Reading(text, (), {}, [])])), start=1):
        for at in np.flatnonzero(rows[: len(text) - length + 1] >= 0):
            gain[at : at + length] += weights[rows[at]] / length
    return gain
