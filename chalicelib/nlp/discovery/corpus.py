"""Documents as arrays: which words stand in what no known cause explains, and which in what one does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chalicelib.nlp.clauses import split
from chalicelib.nlp.discovery.finding import Document
from chalicelib.nlp.discovery.words import finder, words_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAST = 4
"""Unexplained contacts a word must stand in to be looked at."""
WHOLE, MOST = 0.999, 0.6
"""Shares of a contact's text from which all of it, or most of it, is unexplained."""


WHOLLY = 2
"""The stratum of contacts that nothing explains."""


class Incidence(NamedTuple):
    """Word `columns[i]` stands in document `rows[i]`, once a pair; `shape` is (documents, words)."""

    rows: Ints
    columns: Ints
    shape: tuple[int, int]

    def counts(self, weights: Floats) -> Floats:
        """For each word, the summed weights of the documents that hold it."""
        return np.asarray(np.bincount(self.columns, weights[self.rows], self.shape[1]), np.float64)

    def totals(self, values: Floats) -> Floats:
        """For each document, the summed values of the words it holds."""
        return np.asarray(np.bincount(self.rows, values[self.columns], self.shape[0]), np.float64)

    def only(self, which: Flags) -> Incidence:
        """The documents chosen, numbered anew in the same order."""
        keep, numbers = which[self.rows], np.cumsum(which) - 1
        return Incidence(numbers[self.rows[keep]], self.columns[keep], (int(which.sum()), self.shape[1]))

    def having(self, word: int) -> Flags:
        """Which documents hold a word."""
        found = np.zeros(self.shape[0], bool)
        found[self.rows[self.columns == word]] = True
        return found


@dataclass(frozen=True)
class Corpus:
    """Documents by week and key. `share` is how much of each text is unexplained, `stratum` 0, 1 or 2 by it.

    `open`, `closed`, `said`: words in what is unexplained, in what is explained, and in either.
    """

    documents: tuple[Document, ...]
    clauses: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    open: Incidence
    closed: Incidence
    said: Incidence
    weeks: Ints
    share: Floats
    stratum: Ints

    @cached_property
    def pairs(self) -> Counter[str]:
        """For any two neighbouring characters, the different texts that hold them."""
        return Counter(pair for text in {one.text for one in self.documents} for pair in pairs(text))


def pairs(text: str) -> set[str]:
    """Every two neighbouring characters."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def corpus(documents: Sequence[Document]) -> Corpus:
    """Read documents; the same ones give the same corpus in any order."""
    ordered = tuple(sorted(documents, key=lambda one: (one.week, one.key, one.text, one.explained)))
    parts = [_parts(one) for one in ordered]
    unexplained = tuple(open_ for open_, _ in parts)
    words = tuple(words_of(filter(None, unexplained), LEAST))
    find = finder(words)
    sides = [(find(unexplained), find(explained)) for unexplained, explained in parts]
    share = np.array([_share(*pair) for pair in parts], np.float64)
    stratum = (share >= MOST).astype(np.int64) + (share >= WHOLE)
    return Corpus(
        ordered,
        unexplained,
        words,
        _incidence([open_ for open_, _ in sides], len(words)),
        _incidence([closed for _, closed in sides], len(words)),
        _incidence([open_ | closed for open_, closed in sides], len(words)),
        np.array([one.week for one in ordered], np.int64),
        share,
        stratum,
    )


def _parts(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The clauses without evidence of a known cause, and those with it."""
    sides: tuple[list[str], list[str]] = ([], [])
    for start, end in split(document.text):
        known = any(first < end and start < last for first, last in document.explained)
        sides[known].append(document.text[start:end])
    return tuple(sides[0]), tuple(sides[1])


def _share(unexplained: Sequence[str], explained: Sequence[str]) -> float:
    left = sum(map(len, unexplained))
    return left / max(1, left + sum(map(len, explained)))


def _incidence(found: Sequence[set[int]], width: int) -> Incidence:
    rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
    columns = np.array([word for one in found for word in sorted(one)], np.int64)
    return Incidence(rows.astype(np.int64), columns, (len(found), width))
