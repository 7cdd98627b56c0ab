"""Where contacts say what they are tagged with: the clauses, and the stretches in them, that speak for a cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chalicelib.model.analysis import Span
from chalicelib.nlp.features import Floats, Ints, Vocabulary, lay_out
from chalicelib.nlp.reading import Reading

MOST_CLAUSES = 2
NEARLY = 0.5
"""A second clause that speaks this much as loudly as the first is evidence too."""
SHORT = 14
"""A clause this short is shown whole; of a longer one the stretch that carries SHARE of its weight."""
SHARE = 0.8


class Wanted(NamedTuple):
    """Evidence asked for: which reading, which label (column of the weights)."""

    reading: int
    label: int


def spans(
    vocabulary: Vocabulary, weights: Floats, readings: Sequence[Reading], wanted: Sequence[Wanted]
) -> list[tuple[Span, ...]]:
    """For each, the loudest first: [start, end) code points; `weights` is (n-grams, labels)."""
    if not wanted:
        return []
    layout = lay_out(readings)
    lengths = np.array([len(readings[at].text) for at, _ in wanted], np.int64)
    starts = layout.starts[[at for at, _ in wanted]]
    labels = np.array([label for _, label in wanted], np.int64)
    gain = _gains(vocabulary.rows(layout), weights, starts, lengths, labels)
    sums = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    edges = np.cumsum(lengths) - lengths
    return [
        _loudest(sums[edge : edge + length + 1].tolist(), readings[at])
        for (at, _), edge, length in zip(wanted, edges.tolist(), lengths.tolist(), strict=True)
    ]


def _gains(rows: Sequence[Ints], weights: Floats, starts: Ints, lengths: Ints, labels: Ints) -> Floats:
    """(characters of all that is wanted,): each n-gram's weight, shared equally by its characters.

    What speaks against a label counts 0. All at once: a text has too few characters for an array of its own.
    """
    edges = np.cumsum(lengths) - lengths
    inside = np.arange(lengths.sum()) - np.repeat(edges, lengths)
    place, label = np.repeat(starts, lengths) + inside, np.repeat(labels, lengths)
    left = np.repeat(lengths, lengths) - inside
    gain = np.zeros(len(place), np.float32)
    for size, found in enumerate(rows, start=1):
        if not len(found):
            break
        here = found[np.minimum(place, len(found) - 1)]
        weight = np.where((here >= 0) & (left >= size), weights[here, label], 0) / size
        for shift in range(size):
            gain[shift:] += weight[: len(weight) - shift]
    return np.maximum(gain, 0)


def _loudest(sums: Sequence[float], reading: Reading) -> tuple[Span, ...]:
    """The clauses that speak most, by the running sum of gains."""
    clauses = sorted(
        (
            (sums[end] - sums[start], -start, end)
            for start, end in reading.clauses or [(0, len(reading.text))]
        ),
        reverse=True,
    )[:MOST_CLAUSES]
    least = max(NEARLY * clauses[0][0], 1e-9)
    return tuple(_stretch(sums, -start, end) for total, start, end in clauses if total >= least)


def _stretch(sums: Sequence[float], start: int, end: int) -> Span:
    """The clause, or the shortest run in it with SHARE of what speaks for the label."""
    if end - start <= SHORT:
        return start, end
    wanted, best, last = SHARE * (sums[end] - sums[start]), (start, end), start
    for first in range(start, end):
        while last < end and sums[last] - sums[first] < wanted:
            last += 1
        if sums[last] - sums[first] < wanted:
            break
        if last - first < best[1] - best[0]:
            best = first, last
    return best
