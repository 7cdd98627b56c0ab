"""Character n-grams of contacts and of their clauses, looked up in bulk.

An n-gram is one integer: its characters' low 16 bits side by side. Text holds no character 0, so n-grams
of different length differ. A whole batch is looked up with a few array operations, one text in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.nlp.clauses import Clause
from chalicelib.nlp.reading import Reading

_WIDTH = np.uint64(16)
_SLOT_BITS = 17
_SCATTER, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - _SLOT_BITS)
"""Fibonacci hashing (Knuth 6.4)."""
_OWNER = 32

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Layout:
    """A batch as one row of characters; `texts` and `clauses` say whose each character is (-1: nobody's)."""

    characters: Keys
    texts: Ints
    starts: Ints
    lengths: Ints
    readings: Sequence[Reading]

    @cached_property
    def clauses(self) -> Ints:
        """The clause of each character."""
        flat = np.array([span for some in self._spans for span in some], np.int64).reshape(-1, 2)
        sizes = flat[:, 1] - flat[:, 0]
        inside = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        clauses = np.full(len(self.characters), -1, np.int64)
        starts = flat[:, 0] + self.starts[self.text_of_clause]
        clauses[np.repeat(starts, sizes) + inside] = np.repeat(np.arange(len(flat)), sizes)
        return clauses

    @cached_property
    def text_of_clause(self) -> Ints:
        """The text of each clause."""
        return np.repeat(np.arange(len(self.starts)), np.array([len(some) for some in self._spans], np.int64))

    @cached_property
    def _spans(self) -> list[Sequence[Clause]]:
        """A text without clauses is one clause."""
        return [one.clauses or (Clause(0, len(one.text)),) for one in self.readings]


class Bags(NamedTuple):
    """Distinct n-grams of segments: bag i holds rows[edges[i]:edges[i + 1]], `counts` times each."""

    rows: Ints
    counts: Floats
    edges: Ints

    @property
    def owners(self) -> Ints:
        """The bag of each row."""
        return np.repeat(np.arange(len(self.edges) - 1), self.edges[1:] - self.edges[:-1])


def lay_out(readings: Sequence[Reading]) -> Layout:
    """Put texts side by side, a character 0 after each."""
    joined = "\0".join([*(reading.text for reading in readings), ""])
    characters = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    characters[(characters > ord("0")) & (characters <= ord("9"))] = ord("0")
    lengths = np.array([len(reading.text) for reading in readings], np.int64)
    ends = (lengths + 1).cumsum() - 1
    texts = np.arange(len(readings)).repeat(lengths + 1)
    texts[ends] = -1
    return Layout(characters & np.uint64(0xFFFF), texts, ends - lengths, lengths, readings)


def grams(characters: Keys, longest: int) -> list[Keys]:
    """For each length, the n-gram that starts at each character (meaningless across two texts)."""
    found = [characters]
    for length in range(2, longest + 1):
        found.append((found[-1][:-1] << _WIDTH) | characters[length - 1 :])
    return found


def digit_keys(longest: int) -> Keys:
    """The n-grams of nothing but digits, all of which are one."""
    digits = np.full(longest, ord("0"), np.uint64)
    return np.array([found[0] for found in grams(digits, longest)], np.uint64)


def inside(segments: Ints, length: int) -> npt.NDArray[np.bool_]:
    """Where an n-gram of this length lies within one segment."""
    last = segments[length - 1 :]
    return np.asarray((segments[: len(last)] == last) & (last >= 0))


class Vocabulary:
    """The n-grams a model knows, by rising key."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.longest = _length(int(keys[-1])) if len(keys) else 1
        slots = _slots(keys)
        self._first = np.zeros(1 << _SLOT_BITS, np.int32)
        self._first[slots[::-1]] = np.arange(len(keys), dtype=np.int32)[::-1]
        self._shared = np.bincount(slots, minlength=1 << _SLOT_BITS) > 1

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, layout: Layout) -> Ints:
        """(lengths, characters): the row of the n-gram of each length that starts at each character, or -1."""
        wanted = grams(layout.characters, self.longest)
        found, at = self._find(np.concatenate(wanted)), 0
        out = np.full((self.longest, len(layout.characters)), -1, np.int64)
        for row, some in zip(out, wanted, strict=True):
            row[: len(some)] = found[at : at + len(some)]
            at += len(some)
        return out

    def _find(self, wanted: Keys) -> Ints:
        """A search among all keys takes ten times as long: it is left to slots that keys share."""
        if not len(self.keys):
            return np.full(len(wanted), -1, np.int64)
        slots = _slots(wanted)
        at = self._first[slots]
        found = np.where(self.keys[at] == wanted, at, -1)
        again = (self._shared[slots] & (found < 0)).nonzero()[0]
        if len(again):
            at = np.minimum(self.keys.searchsorted(wanted[again]), len(self.keys) - 1)
            found[again] = np.where(self.keys[at] == wanted[again], at, -1)
        return found


class Batch:
    """Texts, and what a vocabulary knows of them: worked out once for all who ask."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self.layout, self.vocabulary = layout, vocabulary
        self.rows = vocabulary.rows(layout)

    @cached_property
    def texts(self) -> Bags:
        """The known n-grams of each text."""
        return bags(self.rows, self.layout.texts, len(self.layout.starts))

    @cached_property
    def clauses(self) -> Bags:
        """The known n-grams of each clause."""
        return bags(self.rows, self.layout.clauses, len(self.layout.text_of_clause))


def bags(rows: Ints, segments: Ints, many: int) -> Bags:
    """The distinct known n-grams within each of `many` segments."""
    flat = rows.ravel()
    known = (flat >= 0).nonzero()[0]
    longer, at = np.divmod(known, len(segments))
    owner = segments[at]
    within = (owner >= 0) & (owner == segments[at + longer])
    every = ((owner << _OWNER) | flat[known])[within]
    every.sort()
    new = np.ones(len(every), bool)
    new[1:] = every[1:] != every[:-1]
    first = new.nonzero()[0]
    distinct, counts = every[first], np.append(first, len(every))
    edges = distinct.searchsorted(np.arange(many + 1) << _OWNER)
    return Bags(distinct & ((1 << _OWNER) - 1), (counts[1:] - counts[:-1]).astype(np.float32), edges)


def gather(layout: Layout, longest: int, least: int, most: int | None = None) -> Keys:
    """The n-grams that at least `least` texts hold, as a vocabulary's keys; more texts if they were over `most`."""
    keys, spread = [], []
    for length, found in enumerate(grams(layout.characters, longest), start=1):
        within = inside(layout.texts, length)
        some, many = _spread(found[within], layout.texts[: len(found)][within])
        keys.append(some[many >= least])
        spread.append(many[many >= least])
    every, texts = np.concatenate(keys), np.concatenate(spread)
    if most is not None and len(every) > most:
        every = every[texts > np.sort(texts)[-most - 1]]
    return np.sort(every)


def _spread(keys: Keys, texts: Ints) -> tuple[Keys, Ints]:
    """Each n-gram, and how many texts hold it."""
    order = np.lexsort((texts, keys))
    keys, texts = keys[order], texts[order]
    first = np.ones(len(keys), bool)
    first[1:] = (keys[1:] != keys[:-1]) | (texts[1:] != texts[:-1])
    return np.unique(keys[first], return_counts=True)


def _slots(keys: Keys) -> Ints:
    """Scattered over 2 ** _SLOT_BITS numbers."""
    return ((keys * _SCATTER) >> _SHIFT).view(np.int64)


def _length(key: int) -> int:
    return (key.bit_length() + 15) // 16
