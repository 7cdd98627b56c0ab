"""Which rules are worth trying: one scan for fixed words, then a few operations on sets of rules."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

import ahocorasick

from chalicelib.nlp.clauses import STOPS, Clause
from chalicelib.nlp.lazily import Lazily
from chalicelib.nlp.phrases import BREAK, MOST_NEEDS, Phrase, Words
from chalicelib.nlp.rule import Rule

Bits = int
"""A set of rules: bit n stands for rule n."""
Met = int
"""MOST_NEEDS sets of rules in one number: for each place of `needs`, the rules of which a word was found there."""
Cue = tuple[int, int, tuple[str, ...]]
"""A word of cue classes at [start, end)."""
_NOTHING: Words = frozenset({""})
"""What a rule needs at the places that it leaves empty: it is always there."""
_STOPS = frozenset(STOPS)
_ACROSS = rf"[{STOPS}.\s]*+"
"""What stands for a part `,` of a phrase: the end of a clause, and the rest of the phrase is in the next."""


class Scan(NamedTuple):
    """What fixed words say: which rules may match and which cues stand in each clause, which rules may run over one's
    end."""

    within: list[Bits]
    across: Bits
    cues: list[list[Cue]]


class RuleBook:
    """Rules by the words they need; some say their thing in two clauses."""

    def __init__(self, rules: Iterable[Rule], cues: Mapping[str, tuple[str, ...]]) -> None:
        self.rules = tuple(map(_spread, rules))
        self.patterns = Lazily[int, re.Pattern[str]](lambda number: self.rules[number].phrase.pattern())
        self._across = _union(n for n, rule in enumerate(self.rules) if _ACROSS in rule.phrase.source)
        self._within = (1 << len(self.rules)) - 1 & ~self._across
        self._anywhere = _union(n for n, rule in enumerate(self.rules) if not rule.needs)
        self._where = _by_class((rule.needs, n) for n, rule in enumerate(self.rules))
        self._barred = _by_class((rule.bars, n) for n, rule in enumerate(self.rules))
        self._wanted = _by_words(self.rules)
        sets = _by_word(self._wanted)
        self._always = self._met(sets.pop("", ()))
        self._automaton = ahocorasick.Automaton()
        for word in _frequent_first(filter(_STOPS.isdisjoint, sets.keys() | cues.keys())):
            self._automaton.add_word(word, [None, len(word), cues.get(word), sets.get(word, ())])
        self._automaton.make_automaton()

    def scan(self, text: str, clauses: Sequence[Clause]) -> Scan:
        """Every fixed word of each clause, in one pass (Aho-Corasick)."""
        within, cues, anywhere = list[Bits](), list[list[Cue]](), self._always
        for start, end in clauses:
            here, said = self._always, list[Cue]()
            for last, entry in self._automaton.iter(text, start, end):
                rules, length, classes, sets = entry
                if rules is None:  # worked out when the word is first met: most never are, and it takes long
                    rules = entry[0] = self._met(sets)
                here |= rules
                if classes:
                    said.append((last + 1 - length, last + 1, classes))
            within.append(self._possible(here, self._within))
            cues.append(said)
            anywhere |= here
        return Scan(within, self._possible(anywhere, self._across), cues)

    def _met(self, sets: Iterable[Words]) -> Met:
        return reduce(or_, map(self._wanted.__getitem__, sets), 0)

    def _possible(self, met: Met, among: Bits) -> Bits:
        """Those rules of which a word was found at every place."""
        for _ in range(MOST_NEEDS - 1):
            among &= met
            met >>= len(self.rules)
        return among & met

    def fitting(self, classes: Iterable[str]) -> Bits:
        """Rules whose contact holds what they need, and nothing that bars them, by its cue classes."""
        fit, barred = self._anywhere, 0
        for name in classes:
            fit |= self._where.get(name, 0)
            barred |= self._barred.get(name, 0)
        return fit & ~barred


def numbers(rules: Bits) -> list[int]:
    """The numbers of a set of rules, in order."""
    found = []
    while rules:  # from the top, so that what is left to go through gets smaller
        found.append(highest := rules.bit_length() - 1)
        rules ^= 1 << highest
    found.reverse()
    return found


def _frequent_first(words: Iterable[str]) -> list[str]:
    """Sorted by how common their first characters are: the automaton looks for each character in the order of words."""
    words = list(words)
    common = Counter(chain.from_iterable(words))
    return sorted(words, key=lambda word: -common[word[0]])


def _union(numbers: Iterable[int]) -> Bits:
    return sum(1 << number for number in numbers)


def _by_class(pairs: Iterable[tuple[Iterable[str], int]]) -> dict[str, Bits]:
    found: dict[str, Bits] = defaultdict(int)
    for names, number in pairs:
        for name in names:
            found[name] |= 1 << number
    return dict(found)


def _by_words(rules: Sequence[Rule]) -> dict[Words, Met]:
    """Set of words -> the rules that any of them satisfies, place by place."""
    found: dict[Words, Met] = defaultdict(int)
    for number, rule in enumerate(rules):
        needs = (*rule.phrase.needs, *[_NOTHING] * MOST_NEEDS)
        for place in range(MOST_NEEDS):
            found[needs[place]] |= 1 << (place * len(rules) + number)
    return dict(found)


def _by_word(wanted: Iterable[Words]) -> dict[str, list[Words]]:
    """Word -> the sets it is in."""
    found: dict[str, list[Words]] = defaultdict(list)
    for words in wanted:
        for word in words:
            found[word].append(words)
    return dict(found)


def _spread(rule: Rule) -> Rule:
    """A rule with a part `,` gets a pattern that runs over the end of a clause."""
    source, needs = rule.phrase
    if BREAK not in source:
        return rule
    rest = tuple(need for need in needs if "," not in need)
    return rule._replace(phrase=Phrase(source.replace(BREAK, _ACROSS), rest))
