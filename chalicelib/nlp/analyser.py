"""The first analyser of contacts: phrases of a lexicon, with negation, contrast and clause scope."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import TYPE_CHECKING, cast

from chalicelib.model.analysis import Analysis
from chalicelib.nlp import clauses as scope
from chalicelib.nlp.lexicon import CauseWords, Rule, rules_for, word_classes
from chalicelib.nlp.matching import Cues, RuleBook, WordIndex, match
from chalicelib.nlp.phrases import literals
from chalicelib.nlp.pipeline import Step, blank_chinese
from chalicelib.nlp.verdict import judge
from chalicelib.privacy.text import fold

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

CUES = (
    "赞",
    "恶",
    "强",
    "损失",
    "问",
    "求",
    "建议",
    "官",
    "媒",
    "危险",
    "解决了",
    "住店",
    "到店",
    "吃",
    "送",
    "车",
)
_DENIABLE = frozenset({"赞", "恶", "危险", "解决了", "强"})
_RELEASE = "lexicon-1"


class LexiconAnalyser:
    """Texts in, one Analysis each out. Build it once, with `build`; it keeps no contact."""

    def __init__(self, rules: Sequence[Rule], release: str = _RELEASE) -> None:
        self.version = f"{release}-{_digest(rules)}"
        self._nlp = blank_chinese({"huisheng_clauses": _clause_step, "huisheng_phrases": _phrase_step})
        cast(PhraseStep, self._nlp.get_pipe("huisheng_phrases")).learn(rules)

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text, in order; spans are code points of the text as given."""
        # fold keeps the length, so that offsets into the folded text fit the original.
        return [self._judge(doc) for doc in self._nlp.pipe(map(self._doc, texts), batch_size=256)]

    def _doc(self, text: str) -> Doc:
        """A Doc that remembers its text: putting doc.text together again is slow."""
        doc = self._nlp.make_doc(folded := fold(text))
        doc.user_data["text"] = folded
        return doc

    def _judge(self, doc: Doc) -> Analysis:
        data = doc.user_data
        return judge(data["hits"], data["cues"], data["text"], self.version)


def build(causes: Iterable[CauseWords]) -> LexiconAnalyser:
    """An analyser for these causes: the house lexicon where it knows the code, and their own words."""
    return LexiconAnalyser(rules_for(causes))


def find_clauses(doc: Doc) -> Doc:
    """Set user_data["clauses"]."""
    doc.user_data["clauses"] = scope.split(doc.user_data["text"])
    return doc


class PhraseStep:
    """Sets user_data["cues"] and user_data["hits"]; needs the clauses. Empty until it has learnt rules."""

    def __init__(self) -> None:
        self.learn(())

    def learn(self, rules: Sequence[Rule]) -> None:
        """Replace what it looks for."""
        self._cues = _cue_words()
        self._book = RuleBook(rules)
        self._index = WordIndex(self._book.words | set(self._cues))

    def __call__(self, doc: Doc) -> Doc:
        """A pure function of the text and its clauses."""
        text, clauses = doc.user_data["text"], doc.user_data["clauses"]
        found = [self._index.find(text, clause) for clause in clauses]
        words = [{word for _, word in here} for here in found]
        doc.user_data["cues"] = cues = _cues_in(found, self._cues, text, clauses)
        doc.user_data["hits"] = match(text, clauses, words, self._book, cues, _Edges(doc))
        return doc


def _clause_step(nlp: Language, name: str) -> Step:
    return find_clauses


def _phrase_step(nlp: Language, name: str) -> Step:
    return PhraseStep()


class _Edges:
    """Where jieba's words begin or end, worked out when first asked for."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._edges: frozenset[int] | None = None

    def __call__(self) -> frozenset[int]:
        if self._edges is None:
            starts, lengths = self._doc.to_array(["IDX", "LENGTH"]).T.tolist() if len(self._doc) else ((), ())
            self._edges = frozenset(starts) | frozenset(map(add, starts, lengths))
        return self._edges


def _cue_words() -> dict[str, tuple[str, ...]]:
    """Word -> the cue classes it belongs to."""
    table: dict[str, list[str]] = defaultdict(list)
    for name in CUES:
        for word in literals(word_classes()[name]):
            table[word].append(name)
    return {word: tuple(names) for word, names in table.items()}


def _cues_in(
    found: Sequence[Sequence[tuple[int, str]]],
    cues: Mapping[str, tuple[str, ...]],
    text: str,
    clauses: Sequence[scope.Clause],
) -> Cues:
    """Where the words of each cue class stand, without those that are denied."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    # 中毒 inside 食物中毒 is not another danger, nor is it left when 没有食物中毒 denies the longer word.
    reached: dict[str, int] = {}
    for clause, here in zip(clauses, found, strict=True):
        for start, word in here:
            if not (names := cues.get(word)):
                continue
            end = start + len(word)
            if reached.get(names[0], 0) >= end:
                continue
            reached[names[0]] = end
            for name in _standing(names, text, clause, start, end):
                spans[name].append((start, end))
    return spans


def _standing(
    names: tuple[str, ...], text: str, clause: scope.Clause, start: int, end: int
) -> tuple[str, ...]:
    """The classes of a word that its clause does not deny."""
    if _DENIABLE.isdisjoint(names):
        return names
    if scope.negated(text, clause, start, end) or scope.imagined(text, clause, start):
        return tuple(name for name in names if name not in _DENIABLE)
    return names


def _digest(rules: Sequence[Rule]) -> str:
    """Short hash of the rules: another lexicon is another version."""
    lines = (f"{rule.code}\t{rule.phrase.source}\t{rule.weight}\t{rule.needs}\t{rule.bars}" for rule in rules)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
