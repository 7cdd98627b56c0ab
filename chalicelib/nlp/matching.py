"""Finding lexicon phrases that hold: neither denied nor imagined, and to the point."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from chalicelib.nlp.clauses import LONGEST, Clause, conceded, imagined, negated
from chalicelib.nlp.rule import Rule
from chalicelib.nlp.rulebook import Bits, RuleBook, Scan, numbers
from chalicelib.nlp.segment import OwnWord

Cues = Mapping[str, Sequence[tuple[int, int]]]
"""Word class -> where its words stand (denied ones left out)."""
Spans = tuple[tuple[int, int], ...]
GRANTED = 0.4
"""What is left of the weight of something the writer only concedes (虽然…但是)."""

YIELDS = 0.5
"""A phrase with no more weight than this only colours the contact (失望, 一般): it gives way to a surer cause."""
YIELDED = 0.4
"""The most that is left of its weight then."""
FAINT = 0.3
"""A phrase that has less weight of its own (房间, 早餐) only lets a learner decide that is nearly sure: it counts once,
where nothing more is said."""
ENOUGH_TIMES = 100
"""A phrase that has held so often in one contact says nothing more."""
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
    scan: Scan,
    book: RuleBook,
    cues: Cues,
    own: OwnWord,
) -> list[Hit]:
    """All hits that are neither denied nor imagined; conceded ones count less."""
    fitting = book.fitting(cues)
    hits, held = list[Hit](), Counter[int]()
    for number, clause in enumerate(clauses):
        granted: bool | None = None
        start, end = clause
        for candidate in numbers(scan.within[number] & fitting):
            here = book.patterns[candidate].search(text, start, end)
            found = here and _standing(here, book.rules[candidate], text, clause, own)
            if not found:
                continue
            held[candidate] += 1
            if held[candidate] == ENOUGH_TIMES:
                fitting ^= 1 << candidate
            granted = conceded(text, clauses, number) if granted is None else granted
            rule = book.rules[candidate]
            hits.append(Hit(rule, *found, number, rule.weight * GRANTED if granted else rule.weight))
    hits += _across(text, clauses, scan.across & fitting, book, own)
    return _yielding(_to_the_point(hits) if cues.get(CHAT) else hits)


def _across(text: str, clauses: tuple[Clause, ...], among: Bits, book: RuleBook, own: OwnWord) -> list[Hit]:
    """Hits that begin in one clause and end in the next: 点了可乐，没给."""
    hits = list[Hit]()
    starts = [clause.start for clause in clauses]
    for candidate in numbers(among):
        pattern, rule = book.patterns[candidate], book.rules[candidate]
        said, held = pattern.search(text, starts[0]), 0
        while said and held < ENOUGH_TIMES:
            number = bisect_right(starts, said.start()) - 1
            if number + 1 == len(clauses):
                break
            both = Clause(starts[number], clauses[_sentence_part(clauses, number + 1)].end)
            found = _standing(pattern.search(text, *both), rule, text, both, own)
            if found and found[0] < clauses[number].end and found[1] > starts[number + 1]:
                hits.append(Hit(rule, *found, number, rule.weight))
                held += 1
            said = pattern.search(text, starts[number + 1])
    return sorted(hits, key=attrgetter("clause"))


def _sentence_part(clauses: tuple[Clause, ...], at: int) -> int:
    """The last clause up to the next punctuation: 到了|却给个标间 are one part of the sentence, if not too long."""
    furthest = clauses[at].start + LONGEST
    while at + 1 < len(clauses) and clauses[at + 1].start == clauses[at].end <= furthest:
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
    """What only colours a contact counts once, and little where something surer names another cause."""
    best: dict[str, float] = defaultdict(float)
    for hit in hits:
        best[hit.rule.code] = max(hit.weight, best[hit.rule.code])
    sure = {code for code, weight in best.items() if weight > YIELDS}
    kept, heard = [], set[str]()
    for hit in hits:
        code = hit.rule.code
        if hit.rule.weight >= FAINT and (not sure or code in sure):
            kept.append(hit)
        elif hit.weight == best[code] and code not in heard:  # 垃圾 in every clause is no surer than one
            heard.add(code)
            kept.append(_fainter(hit))
    return kept


def _fainter(hit: Hit) -> Hit:
    return hit._replace(weight=min(hit.weight, YIELDED))


def _standing(
    here: re.Match[str] | None, rule: Rule, text: str, clause: Clause, own: OwnWord
) -> tuple[int, int] | None:
    """Where a rule stands, from its first match in a clause on; None if nowhere, or denied, or only imagined."""
    while here and not _whole_words(here.regs, own):
        here = here.re.search(text, here.start() + 1, clause.end)
    if not here or (not rule.asks and _turned_round(text, clause, here.regs)):
        return None
    return here.span()


def _whole_words(spans: Spans, own: OwnWord) -> bool:
    """Whether parts of one character are words of their own: 差, but not in 差不多."""
    single = [start for start, end in spans[1:] if end - start == 1]
    return not single or all(map(own, single))


def _turned_round(text: str, clause: Clause, spans: Spans) -> bool:
    """True when the statement is denied, before it or between its parts (包装没有压坏), or only imagined."""
    (start, end), *parts = spans
    if negated(text, clause, start, end) or imagined(text, clause, start):
        return True
    return len(parts) > 1 and any(
        negated(text, Clause(before[1], clause.end), *part) for before, part in pairwise(parts)
    )
