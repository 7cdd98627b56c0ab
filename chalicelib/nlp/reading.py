"""Reading one contact: its clauses, the cues of its mood, and the lexicon phrases that hold."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chalicelib.nlp import clauses as scope
from chalicelib.nlp.lexicon import word_classes
from chalicelib.nlp.matching import CHAT, Cues, Hit, match
from chalicelib.nlp.phrases import literals
from chalicelib.nlp.rule import Rule
from chalicelib.nlp.rulebook import Cue, RuleBook
from chalicelib.nlp.segment import OwnWord, own_words

ASKED = ("赞", "恶", "强", "损失", "问", "求", "建议", "官", "媒", "危险", "解决了", CHAT)
"""The word classes that kind, severity, triggers and credibility are read from; rules ask for more."""
ENOUGH = 0.45
"""The weight from which a phrase counts by itself."""
SETTLES = 40
"""How many characters before it 解决了 reaches: who tells at length ends with what was settled last."""
_DENIABLE = frozenset({"赞", "恶", "危险", "解决了", "强"})


class Reading(NamedTuple):
    """What was found in a folded text; all positions are code points of it."""

    text: str
    clauses: tuple[scope.Clause, ...]
    cues: Cues
    hits: list[Hit]


class Reader:
    """Reads texts with the rules of a taxonomy; keeps nothing of them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._book = RuleBook(rules, _cue_words(_asked_for(rules)))

    def read(self, text: str) -> Reading:
        """A pure function of the folded text."""
        return next(self.read_all([text], [own_words(text)]))

    def read_all(self, texts: Sequence[str], own: Iterable[OwnWord]) -> Iterator[Reading]:
        """The same for many; `own` tells of each text which characters are words of their own."""
        # First all are scanned, then all are matched: what each needs stays in the processor's cache.
        split = [scope.split(text) for text in texts]
        scans = [self._book.scan(text, clauses) for text, clauses in zip(texts, split, strict=True)]
        for text, clauses, scan, own_word in zip(texts, split, scans, own, strict=True):
            cues = _standing_cues(scan.cues, text, clauses)
            hits = match(text, clauses, scan, self._book, cues, own_word)
            yield Reading(text, clauses, cues, _credible(hits, cues))


def _credible(hits: list[Hit], cues: Cues) -> list[Hit]:
    """Without what is settled by now, and without faint hits in a contact that praises and never blames."""
    settled = [start for start, _ in cues.get("解决了", ())]
    hits = [hit for hit in hits if hit.rule.asks or not _settled(settled, hit.start)]
    if cues.get("赞") and not cues.get("恶"):
        return [hit for hit in hits if hit.weight >= ENOUGH]
    return hits


def _settled(starts: Sequence[int], at: int) -> bool:
    """Whether one of these places, which are in the order of the text, is at most SETTLES characters further on."""
    soonest = bisect_left(starts, at)
    return soonest < len(starts) and starts[soonest] <= at + SETTLES


def _asked_for(rules: Sequence[Rule]) -> list[str]:
    """The word classes that anybody looks for in a contact, in an order of which the rules' own is no part."""
    wanted = {name for rule in rules for name in (*rule.needs, *rule.bars)}
    return [*ASKED, *(name for name in word_classes() if name in wanted and name not in ASKED)]


def _cue_words(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Word -> those of the classes it belongs to."""
    table: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for word in literals(word_classes()[name]):
            table[word].append(name)
    return {word: tuple(names) for word, names in table.items()}


def _standing_cues(found: Sequence[Sequence[Cue]], text: str, clauses: Sequence[scope.Clause]) -> Cues:
    """Where the words of each cue class stand, without those that are denied."""
    spans: dict[str, list[tuple[int, int]]] = {}
    # 中毒 inside 食物中毒 is not another danger, nor is it left when 没有食物中毒 denies the longer word.
    reached: dict[str, int] = {}
    for clause, here in zip(clauses, found, strict=True):
        here = sorted(here, key=_longest_first) if len(here) > 1 else here
        for start, end, names in here:
            new = [name for name in names if reached.get(name, 0) < end]
            for name in new:
                reached[name] = end
            if not _DENIABLE.isdisjoint(new) and _denied(text, clause, start, end):
                new = [name for name in new if name not in _DENIABLE]
            for name in new:
                spans.setdefault(name, []).append((start, end))
    return spans


def _longest_first(cue: Cue) -> tuple[int, int]:
    """In the order of the text, the longest word at a place first."""
    return cue[0], -cue[1]


def _denied(text: str, clause: scope.Clause, start: int, end: int) -> bool:
    return scope.negated(text, clause, start, end) or scope.imagined(text, clause, start)
