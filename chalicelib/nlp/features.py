"""Character n-grams of contacts and of their clauses, looked up in bulk.

An n-gram is one integer: its characters' low 16 bits side by side. Text holds no character 0, so n-grams
of different length differ. A whole batch is looked up with a few array operations, one text in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.nlp.clauses import Clause
from chalicelib.nlp.reading import Reading

LONGEST_GRAM = 4
_WIDTH = np.uint64(16)
_DIGITS = str.maketrans("123456789", "0" * 9)

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]


class Layout(NamedTuple):
    """A batch as one row of characters; `texts` and `clauses` say whose each character is (-1: nobody's)."""

    characters: Keys
    texts: Ints
    clauses: Ints
    text_of_clause: Ints
    starts: Ints

    @property
    def sizes(self) -> tuple[int, int]:
        """How many texts, how many clauses."""
        return len(self.starts), len(self.text_of_clause)


class Bags(NamedTuple):
    """Distinct n-grams of segments: bag i holds rows[edges[i]:edges[i + 1]], `counts` times each."""

    rows: Ints
    counts: Floats
    edges: Ints

    @property
    def owners(self) -> Ints:
        """The bag of each row."""
        return np.repeat(np.arange(len(self.edges) - 1), np.diff(self.edges))


def lay_out(readings: Sequence[Reading]) -> Layout:
    """Put texts side by side, a character 0 after each. A text without clauses is one clause."""
    joined = "\0".join([*(reading.text.translate(_DIGITS) for reading in readings), ""])
    characters = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    lengths = np.array([len(reading.text) for reading in readings], np.int64)
    starts = np.cumsum(lengths + 1) - lengths - 1
    texts = np.repeat(np.arange(len(readings)), lengths + 1)
    texts[starts + lengths] = -1
    spans = [list(reading.clauses) or [Clause(0, len(reading.text))] for reading in readings]
    owner = np.repeat(np.arange(len(readings)), np.array([len(some) for some in spans], np.int64))
    flat = np.array([span for some in spans for span in some], np.int64).reshape(-1, 2)
    clauses = np.full(len(characters), -1, np.int64)
    sizes = flat[:, 1] - flat[:, 0]
    inside = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    clauses[np.repeat(flat[:, 0] + starts[owner], sizes) + inside] = np.repeat(np.arange(len(flat)), sizes)
    return Layout(characters & np.uint64(0xFFFF), texts, clauses, owner, starts)


def grams(characters: Keys, longest: int) -> list[Keys]:
    """For each length, the n-gram that starts at each character (meaningless across two texts)."""
    found = [characters]
    for length in range(2, longest + 1):
        found.append((found[-1][:-1] << _WIDTH) | characters[length - 1 :])
    return found


def inside(segments: Ints, length: int) -> npt.NDArray[np.bool_]:
    """Where an n-gram of this length lies within one segment."""
    last = segments[length - 1 :]
    return np.asarray((segments[: len(last)] == last) & (last >= 0))


class Vocabulary:
    """The n-grams a model knows, by rising key."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.longest = _length(int(keys[-1])) if len(keys) else 1

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, layout: Layout) -> list[Ints]:
        """For each length, the row of the n-gram that starts at each character, or -1."""
        return [self._find(found) for found in grams(layout.characters, self.longest)]

    def _find(self, wanted: Keys) -> Ints:
        if not len(self.keys):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, at, -1)


def bags(rows: Sequence[Ints], segments: Ints, many: int, width: int) -> Bags:
    """The distinct known n-grams within each of `many` segments; `width` is the vocabulary's size."""
    pairs = []
    for length, found in enumerate(rows, start=1):
        keep = inside(segments, length) & (found >= 0)
        pairs.append(segments[: len(found)][keep] * width + found[keep])
    distinct, counts = np.unique(np.concatenate(pairs), return_counts=True)
    owner, row = np.divmod(distinct, max(1, width))
    edges = np.searchsorted(owner, np.arange(many + 1))
    return Bags(row, counts.astype(np.float32), edges)


def gather(layout: Layout, longest: int, least: int) -> Keys:
    """The n-grams that at least `least` texts hold, as a vocabulary's keys."""
    kept = []
    for length, found in enumerate(grams(layout.characters, longest), start=1):
        within = inside(layout.texts, length)
        texts, keys = layout.texts[: len(found)][within], found[within]
        order = np.lexsort((texts, keys))
        texts, keys = texts[order], keys[order]
        first = np.ones(len(keys), bool)
        first[1:] = (keys[1:] != keys[:-1]) | (texts[1:] != texts[:-1])
        some, many = np.unique(keys[first], return_counts=True)
        kept.append(some[many >= least])
    return np.sort(np.concatenate(kept))


def _length(key: int) -> int:
    return (key.bit_length() + 15) // 16
