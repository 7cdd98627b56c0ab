"""Which rules are worth trying: one scan for fixed words, then a few operations on sets of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import ahocorasick

from chalicelib.nlp.clauses import Clause
from chalicelib.nlp.phrases import MOST_NEEDS, Phrase
from chalicelib.nlp.rule import Rule

Bits = int
"""A set of rules: bit n stands for rule n."""
Met = int
"""MOST_NEEDS sets of rules in one number: for each place of `needs`, the rules of which a word was found there."""
Cue = tuple[int, int, tuple[str, ...]]
"""A word of cue classes at [start, end)."""
_BREAK = "(,)"
_ACROSS = r"[，。！？；：,!?;:~～…（）()\s]*"
"""What stands for a part `,` of a phrase: the end of a clause, and the rest of the phrase is in the next."""


class Scan(NamedTuple):
    """What fixed words say, clause by clause: which rules may match, which cues stand there."""

    met: list[Met]
    cues: list[list[Cue]]


class RuleBook:
    """Rules by the words they need. Those in `across` say their thing in two clauses."""

    def __init__(self, rules: Iterable[Rule], cues: Mapping[str, tuple[str, ...]]) -> None:
        self.rules = tuple(map(_spread, rules))
        self.across = _union(n for n, rule in enumerate(self.rules) if _ACROSS in rule.phrase.source)
        self._anywhere = _union(n for n, rule in enumerate(self.rules) if not rule.needs)
        self._where = _by_class((rule.needs, n) for n, rule in enumerate(self.rules))
        self._barred = _by_class((rule.bars, n) for n, rule in enumerate(self.rules))
        met = _by_word(self.rules)
        self._always = met.pop("", 0)
        self._automaton = ahocorasick.Automaton()
        for word in sorted(met.keys() | cues.keys()):
            self._automaton.add_word(word, (len(word), met.get(word, 0), cues.get(word)))
        self._automaton.make_automaton()

    def scan(self, text: str, clauses: Sequence[Clause]) -> Scan:
        """Every fixed word in one pass (Aho-Corasick); a word that spans two clauses counts in neither."""
        met = [self._always] * len(clauses)
        cues: list[list[Cue]] = [[] for _ in clauses]
        if not clauses or not self._automaton:
            return Scan(met, cues)
        at, (start, end), here = 0, clauses[0], self._always
        for last, (length, rules, classes) in self._automaton.iter(text):
            while last >= end and at + 1 < len(clauses):
                met[at] = here
                at, here = at + 1, self._always
                start, end = clauses[at]
            begin = last + 1 - length
            if begin < start or last >= end:
                continue
            here |= rules
            if classes:
                cues[at].append((begin, last + 1, classes))
        met[at] = here
        return Scan(met, cues)

    def possible(self, met: Met, among: Bits) -> Iterator[int]:
        """The numbers of those rules of which a word was found at every place, in order."""
        rules = among
        for _ in range(MOST_NEEDS):
            rules, met = rules & met, met >> len(self.rules)
        while rules:
            lowest = rules & -rules
            yield lowest.bit_length() - 1
            rules ^= lowest

    def fitting(self, classes: Iterable[str]) -> Bits:
        """Rules whose contact holds what they need, and nothing that bars them, by its cue classes."""
        fit, barred = self._anywhere, 0
        for name in classes:
            fit |= self._where.get(name, 0)
            barred |= self._barred.get(name, 0)
        return fit & ~barred


def _union(numbers: Iterable[int]) -> Bits:
    return sum(1 << number for number in numbers)


def _by_class(pairs: Iterable[tuple[Iterable[str], int]]) -> dict[str, Bits]:
    found: dict[str, Bits] = defaultdict(int)
    for names, number in pairs:
        for name in names:
            found[name] |= 1 << number
    return dict(found)


def _by_word(rules: Sequence[Rule]) -> dict[str, Met]:
    """Word -> the rules that it satisfies, place by place; under "" those that need nothing there."""
    table: dict[str, Met] = defaultdict(int)
    for number, rule in enumerate(rules):
        needs = rule.phrase.needs
        for place in range(MOST_NEEDS):
            for word in needs[place] if place < len(needs) else ("",):
                table[word] |= 1 << (place * len(rules) + number)
    return dict(table)


def _spread(rule: Rule) -> Rule:
    """A rule with a part `,` gets a pattern that runs over the end of a clause."""
    source, needs = rule.phrase
    if _BREAK not in source:
        return rule
    rest = tuple(need for need in needs if "," not in need)
    return rule._replace(phrase=Phrase(source.replace(_BREAK, _ACROSS), rest))
