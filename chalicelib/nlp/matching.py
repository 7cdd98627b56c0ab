"""Finding lexicon phrases: one scan for fixed words picks the few rules whose pattern is worth running."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from chalicelib.nlp.clauses import Clause, conceded, imagined, negated
from chalicelib.nlp.lexicon import Rule

Cues = Mapping[str, Sequence[tuple[int, int]]]
"""Word class -> where its words stand (denied ones left out)."""
Spans = tuple[tuple[int, int], ...]
GRANTED = 0.4
"""What is left of the weight of something the writer only concedes (虽然…但是)."""
_NO_WORDS: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A rule that holds at [start, end) of the text, in clause number `clause`, with its weight there."""

    rule: Rule
    start: int
    end: int
    clause: int
    weight: float


class WordIndex:
    """Every fixed word of a vocabulary, found in one pass by its first two characters."""

    def __init__(self, words: Iterable[str]) -> None:
        table: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            table[word[:2]].append(word)
        self._table = {key: tuple(words) for key, words in table.items()}

    def find(self, text: str, clause: Clause) -> list[tuple[int, str]]:
        """(offset, word) of every occurrence in the clause, in the order of the text."""
        table, found = self._table, []
        for at in range(clause.start, clause.end):
            pair = text[at : at + 2]
            for word in table.get(pair, _NO_WORDS):
                if text.startswith(word, at) and at + len(word) <= clause.end:
                    found.append((at, word))
            if pair[:1] in table and len(pair) == 2:
                found.append((at, pair[0]))
        return found


class RuleBook:
    """The rules by their rarest fixed word."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        index: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            for word in rule.phrase.needs[0]:
                index[word].append(rule)
        self._by_word = dict(index)
        self.words = {
            word for found in index.values() for rule in found for need in rule.phrase.needs for word in need
        }

    def candidates(self, present: set[str]) -> Iterable[Rule]:
        """Rules that may match a clause with these words, each once."""
        found: dict[int, Rule] = {}
        for word in present & self._by_word.keys():
            for rule in self._by_word[word]:
                for need in rule.phrase.needs:
                    if need.isdisjoint(present):
                        break
                else:
                    found[id(rule)] = rule
        return found.values()


def match(
    text: str,
    clauses: tuple[Clause, ...],
    words: Sequence[set[str]],
    book: RuleBook,
    cues: Cues,
    edges: Callable[[], frozenset[int]],
) -> list[Hit]:
    """All hits that are neither denied nor imagined; conceded ones count less."""
    hits = []
    for number, clause in enumerate(clauses):
        granted: bool | None = None
        for rule in book.candidates(words[number]):
            if not _fits(rule, cues):
                continue
            spans = _spans(rule, text, clause, edges)
            if not spans or _turned_round(rule, text, clause, spans):
                continue
            granted = conceded(text, clauses, number) if granted is None else granted
            hits.append(Hit(rule, *spans[0], number, rule.weight * GRANTED if granted else rule.weight))
    return hits


def _fits(rule: Rule, cues: Cues) -> bool:
    """True when the contact holds what the rule needs and nothing that bars it."""
    if rule.needs and not any(map(cues.get, rule.needs)):
        return False
    return not rule.bars or not any(map(cues.get, rule.bars))


def _spans(rule: Rule, text: str, clause: Clause, edges: Callable[[], frozenset[int]]) -> Spans:
    """Whole and parts of the first match whose one-character parts are words of their own: 差, not 差不多."""
    pattern = rule.phrase.pattern()
    found = pattern.search(text, clause.start, clause.end)
    while found:
        spans = found.regs
        single = [start for start, end in spans[1:] if end - start == 1]
        if not single or all(at in edges() and at + 1 in edges() for at in single):
            return spans
        found = pattern.search(text, found.start() + 1, clause.end)
    return ()


def _turned_round(rule: Rule, text: str, clause: Clause, spans: Spans) -> bool:
    """True when the statement is denied, before it or between its parts (包装没有压坏), or only imagined."""
    if rule.asks:
        return False
    (start, end), *parts = spans
    if negated(text, clause, start, end) or imagined(text, clause, start):
        return True
    return any(negated(text, Clause(before[1], clause.end), *part) for before, part in pairwise(parts))
