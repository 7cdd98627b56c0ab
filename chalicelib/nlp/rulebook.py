"""Which rules are worth trying: one scan for fixed words, then a few operations on sets of rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import ahocorasick

from chalicelib.nlp.clauses import Clause
from chalicelib.nlp.lexicon import Rule
from chalicelib.nlp.phrases import MOST_NEEDS, Phrase

Bits = int
"""A set of rules: bit n stands for rule n."""
_BREAK = "(,)"
_ACROSS = r"[，。！？；：,!?;:~～…（）()\s]*"
"""What stands for a part `,` of a phrase: the end of a clause, and the rest of the phrase is in the next."""


class WordIndex:
    """Every fixed word of a vocabulary, found in one pass (Aho-Corasick)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word in sorted(set(words)):
            self._automaton.add_word(word, word)
        self._automaton.make_automaton()

    def find(self, text: str, clauses: Sequence[Clause]) -> list[list[tuple[int, str]]]:
        """(last position, word) of every occurrence, for each clause; one that spans two counts in neither."""
        found: list[list[tuple[int, str]]] = [[] for _ in clauses]
        if not clauses or not self._automaton:
            return found
        at, (start, end) = 0, clauses[0]
        for last, word in self._automaton.iter(text):
            while last >= end and at + 1 < len(clauses):
                at += 1
                start, end = clauses[at]
            if start <= last - len(word) + 1 and last < end:
                found[at].append((last, word))
        return found


class RuleBook:
    """The rules by the words they need; `across` has those that say their thing in two clauses."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = tuple(rules)
        two = tuple(_spread(rule) for rule in rules if _BREAK in rule.phrase.source)
        self._rules = tuple(rule for rule in rules if _BREAK not in rule.phrase.source)
        self.across = RuleBook(two) if two else None
        own = {word for rule in self._rules for need in rule.phrase.needs for word in need}
        self.words: set[str] = own | (self.across.words if self.across else set())
        self._without: list[Bits] = [0] * MOST_NEEDS
        """For each place of `needs`, the rules that need nothing there."""
        self._with: dict[str, list[Bits]] = {word: [0] * MOST_NEEDS for word in own}
        """Word -> for each place, the rules that it satisfies."""
        for number, rule in enumerate(self._rules):
            self._enter(1 << number, rule.phrase.needs)

    def _enter(self, bit: Bits, needs: Sequence[Iterable[str]]) -> None:
        for place in range(MOST_NEEDS):
            if place >= len(needs):
                self._without[place] |= bit
                continue
            for word in needs[place]:
                self._with[word][place] |= bit

    def candidates(self, present: set[str]) -> Iterator[Rule]:
        """Rules that may match a clause with these words, in order."""
        first, second, third = self._without
        for word in present:
            if word in self._with:
                one, two, three = self._with[word]
                first |= one
                second |= two
                third |= three
        possible = first & second & third
        while possible:
            lowest = possible & -possible
            yield self._rules[lowest.bit_length() - 1]
            possible ^= lowest


def _spread(rule: Rule) -> Rule:
    """The rule with a pattern that runs over the end of a clause."""
    source, needs = rule.phrase
    return rule._replace(
        phrase=Phrase(source.replace(_BREAK, _ACROSS), tuple(need for need in needs if "," not in need))
    )
