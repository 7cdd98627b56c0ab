"""Finding lexicon phrases that hold: neither denied nor imagined, and to the point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from chalicelib.nlp.clauses import Clause, conceded, imagined, negated
from chalicelib.nlp.lexicon import Rule
from chalicelib.nlp.rulebook import RuleBook
from chalicelib.nlp.segment import Edges

Cues = Mapping[str, Sequence[tuple[int, int]]]
"""Word class -> where its words stand (denied ones left out)."""
Spans = tuple[tuple[int, int], ...]
GRANTED = 0.4
"""What is left of the weight of something the writer only concedes (虽然…但是)."""

YIELDS = 0.5
"""A phrase with no more weight than this only colours the contact (失望, 一般): it gives way to a surer cause."""
YIELDED = 0.4
"""The most that is left of its weight then."""
PASSING, POINT = 2, 6
"""In a chat, a cause named in no more clauses than PASSING yields to one that POINT or more are about."""
CHAT = "聊"


class Hit(NamedTuple):
    """A rule that holds at [start, end) of the text, in clause number `clause`, with its weight there."""

    rule: Rule
    start: int
    end: int
    clause: int
    weight: float


def match(
    text: str,
    clauses: tuple[Clause, ...],
    words: Sequence[set[str]],
    book: RuleBook,
    cues: Cues,
    edges: Edges,
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
    hits += _across(text, clauses, words, book.across, cues, edges)
    return _yielding(_to_the_point(hits) if cues.get(CHAT) else hits)


def _across(
    text: str,
    clauses: tuple[Clause, ...],
    words: Sequence[set[str]],
    book: RuleBook | None,
    cues: Cues,
    edges: Edges,
) -> Iterator[Hit]:
    """Hits that begin in one clause and end in the next: 点了可乐，没给."""
    if book is None:
        return
    known = [here & book.words for here in words]
    for number, first in enumerate(clauses[:-1]):
        if not known[number]:
            continue
        after = _sentence_part(clauses, number + 1)
        there = known[number + 1].union(*known[number + 2 : after + 1])
        if not there:
            continue
        both = Clause(first.start, clauses[after].end)
        for rule in book.candidates(known[number] | there):
            if not _fits(rule, cues):
                continue
            spans = _spans(rule, text, both, edges)
            if (
                spans
                and spans[0][1] > clauses[number + 1].start
                and not _turned_round(rule, text, both, spans)
            ):
                yield Hit(rule, *spans[0], number, rule.weight)


def _sentence_part(clauses: tuple[Clause, ...], at: int) -> int:
    """The last clause up to the next punctuation: 到了|却给个标间 are one part of the sentence."""
    while at + 1 < len(clauses) and clauses[at + 1].start == clauses[at].end:
        at += 1
    return at


def _to_the_point(hits: list[Hit]) -> list[Hit]:
    """In a long chat, what is only touched on yields to what it is all about."""
    places: dict[str, set[int]] = defaultdict(set)
    for hit in hits:
        if hit.weight > YIELDED:
            places[hit.rule.code].add(hit.clause)
    if max(map(len, places.values()), default=0) < POINT:
        return hits
    return [_fainter(hit) if len(places[hit.rule.code]) <= PASSING else hit for hit in hits]


def _yielding(hits: list[Hit]) -> list[Hit]:
    """Faint phrases of a cause count little where something surer names another one."""
    sure = {hit.rule.code for hit in hits if hit.weight > YIELDS}
    return [
        hit if hit.weight > YIELDS or not sure or hit.rule.code in sure else _fainter(hit) for hit in hits
    ]


def _fainter(hit: Hit) -> Hit:
    return hit._replace(weight=min(hit.weight, YIELDED))


def _fits(rule: Rule, cues: Cues) -> bool:
    """True when the contact holds what the rule needs and nothing that bars it."""
    if rule.needs and not any(map(cues.get, rule.needs)):
        return False
    return not rule.bars or not any(map(cues.get, rule.bars))


def _spans(rule: Rule, text: str, clause: Clause, edges: Edges) -> Spans:
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
