"""Where contacts say what they are tagged with: the clauses, and the stretches in them, that speak for a cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.model.analysis import Span
from chalicelib.nlp.features import Batch, Floats, Ints
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


def spans(batch: Batch, weights: Floats, wanted: Sequence[Wanted]) -> list[tuple[Span, ...]]:
    """For each, the loudest first: [start, end) code points; `weights` is (n-grams, labels)."""
    if not wanted:
        return []
    texts, labels = (np.array(some, np.int64) for some in zip(*wanted, strict=True))
    lengths, readings = batch.layout.lengths[texts], batch.layout.readings
    gain = _gains(batch.rows, weights, batch.layout.starts[texts], lengths, labels)
    sums = [0.0, *gain.cumsum().tolist()]
    edges = (lengths.cumsum() - lengths).tolist()
    return [_loudest(sums, edge, readings[at]) for (at, _), edge in zip(wanted, edges, strict=True)]


def _gains(rows: Ints, weights: Floats, starts: Ints, lengths: Ints, labels: Ints) -> npt.NDArray[np.float64]:
    """(characters of all that is wanted,): each n-gram's weight, shared equally by its characters.

    What speaks against a label counts 0. All at once: a text has too few characters for an array of its own.
    """
    edges = lengths.cumsum() - lengths
    inside = np.arange(lengths.sum()) - edges.repeat(lengths)
    place, label = starts.repeat(lengths) + inside, labels.repeat(lengths)
    left = lengths.repeat(lengths) - inside
    here = rows.take(place, axis=1)
    known = ((here >= 0) & (np.arange(len(rows))[:, None] < left)).ravel().nonzero()[0]
    size, at = np.divmod(known, len(place))
    weight = weights.take(here.ravel()[known] * weights.shape[1] + label[at]) / (size + 1)
    # Each weight begins at its n-gram and ends after it: the running sum is what stands at each character.
    begun, ended = (np.bincount(where, weight, len(place) + 1) for where in (at, at + size + 1))
    return np.asarray(np.maximum((begun - ended)[:-1].cumsum(), 0))


def _loudest(sums: Sequence[float], edge: int, reading: Reading) -> tuple[Span, ...]:
    """The clauses that speak most, by the running sum of gains, in which the text begins at `edge`."""
    clauses = sorted(
        (
            (sums[edge + end] - sums[edge + start], -start, end)
            for start, end in reading.clauses or [(0, len(reading.text))]
        ),
        reverse=True,
    )[:MOST_CLAUSES]
    least = max(NEARLY * clauses[0][0], 1e-9)
    return tuple(_stretch(sums, edge, -start, end) for total, start, end in clauses if total >= least)


def _stretch(sums: Sequence[float], edge: int, start: int, end: int) -> Span:
    """The clause, or the shortest run in it with SHARE of what speaks for the label."""
    if end - start <= SHORT:
        return start, end
    here = sums[edge + start : edge + end + 1]
    wanted, best, last = SHARE * (here[-1] - here[0]), (0, end - start), 0
    for first, before in enumerate(here):
        while last < end - start and here[last] - before < wanted:
            last += 1
        if here[last] - before < wanted:
            break
        if last - first < best[1] - best[0]:
            best = first, last
    return start + best[0], start + best[1]
