"""Known causes whose wording shifts: words said now far more often than in the weeks before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, lgamma, log, log1p

import numpy as np

from chalicelib.nlp.clauses import split
from chalicelib.nlp.discovery.finding import Word
from chalicelib.nlp.discovery.odds import z_scores
from chalicelib.nlp.discovery.words import finder, words_of

FALSE_SHARE = 0.05
"""Share of the words reported, over all causes together, that may be there by chance."""
LEAST, TIMES, MOST = 5, 2.0, 5
"""Contacts that must hold a word now; how many times as often as before; words told of a cause."""


def sudden(
    current_by_cause: Mapping[str, Sequence[str]], baseline_by_cause: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Word, ...]]:
    """Cause -> words over-represented among its texts of this week against those of the weeks before.

    Texts are masked and folded. One-sided tests, given the sum of both counts (Przyborowski, Wilenski 1940),
    with the false discovery rate held over all words of all causes (Benjamini, Hochberg 1995). A cause without
    texts in the baseline is left out: everything said of it would be new.
    """
    tests: list[tuple[float, str, Word]] = []
    looked = 0
    for cause in sorted(current_by_cause):
        if current_by_cause[cause] and baseline_by_cause.get(cause):
            many, found = _tests(current_by_cause[cause], baseline_by_cause[cause])
            looked += many
            tests += ((p, cause, word) for p, word in found)
    return _told(sorted(tests, key=lambda one: (one[0], one[1], one[2].word)), looked)


def _tests(current: Sequence[str], baseline: Sequence[str]) -> tuple[int, list[tuple[float, Word]]]:
    """How many words were looked at, and (p, word) of those that are said more often now."""
    now, before = ([[text[a:b] for a, b in split(text)] for text in texts] for texts in (current, baseline))
    words = words_of(now, LEAST)
    find = finder(words)
    here, there = (Counter(at for clauses in side for at in find(clauses)) for side in (now, before))
    counts, others = (np.array([side[at] for at in range(len(words))], float) for side in (here, there))
    background = (counts + others) / (len(now) + len(before))
    z = z_scores(counts, len(now), others, len(before), background)
    share = len(now) / (len(now) + len(before))
    found = []
    for at, word in enumerate(words):
        expected = others[at] / len(before) * len(now)
        if here[at] >= LEAST and here[at] >= TIMES * expected:
            p = _tail(here[at], here[at] + there[at], share)
            found.append((p, Word(word, here[at], there[at], round(float(z[at]), 2))))
    return len(words), found


def _tail(count: int, total: int, share: float) -> float:
    """The probability that a binomial of `total` is `count` or more."""
    whole = lgamma(total + 1)
    terms = (
        exp(whole - lgamma(k + 1) - lgamma(total - k + 1) + k * log(share) + (total - k) * log1p(-share))
        for k in range(count, total + 1)
    )
    return min(1.0, sum(terms))


def _told(tests: Sequence[tuple[float, str, Word]], looked: int) -> dict[str, tuple[Word, ...]]:
    """The words of each cause that pass, the most unlikely first; pieces of a word already told are left out."""
    passing = [rank for rank, (p, _, _) in enumerate(tests, start=1) if p <= FALSE_SHARE * rank / looked]
    told: dict[str, tuple[Word, ...]] = {}
    for _, cause, word in tests[: max(passing, default=0)]:
        mine = told.get(cause, ())
        same = any(word.word in other.word or other.word in word.word for other in mine)
        if len(mine) < MOST and not same:
            told[cause] = (*mine, word)
    return told
