"""The tagger: masked texts in, causes with evidence out, through a spaCy pipeline or, for suggestions, beside it."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from chalicelib.model.analysis import Analysis
from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.model_file import BATCH, Model, batches
from chalicelib.nlp.pipeline import Step, blank_chinese
from chalicelib.nlp.reading import Reader, Reading
from chalicelib.nlp.rule import Rule
from chalicelib.nlp.segment import OwnWord, own_words
from chalicelib.nlp.verdict import Judge
from chalicelib.privacy.text import fold

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class Tagger:
    """Texts in, one Analysis each out. Build it once, with `build`; it keeps no contact."""

    def __init__(self, causes: Iterable[CauseWords], model: Model) -> None:
        causes = list(causes)
        self.codes = frozenset(cause.code for cause in causes)
        self.model = model
        self.reader = Reader(rules_for(causes))
        self.version = f"{model.digest[:8]}-{_digest(self.reader.rules)}"
        self._judge = Judge([cause.code for cause in causes], model, self.version)

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text, in order; spans are code points of the text as given."""
        # fold keeps the length, so that offsets into the folded text fit the original.
        docs = (self._nlp.make_doc(fold(text)) for text in texts)
        return [doc.user_data["analysis"] for doc in self._nlp.pipe(docs, batch_size=BATCH)]

    def suggest(self, texts: Sequence[str]) -> list[Analysis]:
        """The same analyses without spaCy, for the one text that an agent is typing."""
        folded = (list(map(fold, some)) for some in batches(texts))
        return [
            analysis
            for some in folded
            for analysis in self._judge(list(self.reader.read_all(some, map(own_words, some))))
        ]

    @cached_property
    def _nlp(self) -> Language:
        """The pipeline, made when it is first needed: importing spaCy takes most of a start."""
        nlp = blank_chinese({"huisheng_reading": _reading_step, "huisheng_verdict": _verdict_step})
        cast(ReadingStep, nlp.get_pipe("huisheng_reading")).reader = self.reader
        cast(VerdictStep, nlp.get_pipe("huisheng_verdict")).judge = self._judge
        return nlp


class BatchStep(ABC):
    """A step that does many docs at a time, which is faster than one by one."""

    def __call__(self, doc: Doc) -> Doc:
        """One doc."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = BATCH) -> Iterator[Doc]:
        """Docs in batches."""
        rest = iter(docs)
        while some := list(islice(rest, batch_size)):
            self.do(some)
            yield from some

    @abstractmethod
    def do(self, docs: Sequence[Doc]) -> None:
        """A pure function of each doc, which is told the outcome."""


class ReadingStep(BatchStep):
    """Sets user_data["reading"]: clauses, cues and phrases."""

    reader: Reader

    def do(self, docs: Sequence[Doc]) -> None:
        """From the text and its cuts."""
        said = [doc.user_data for doc in docs]
        texts = [one["text"] for one in said]
        for one, reading in zip(said, self.reader.read_all(texts, map(_own, said)), strict=True):
            one["reading"] = reading


class VerdictStep(BatchStep):
    """Sets user_data["analysis"] from the readings; the model's sums are done for all of a batch at once."""

    judge: Judge

    def do(self, docs: Sequence[Doc]) -> None:
        """From the readings."""
        readings: list[Reading] = [doc.user_data["reading"] for doc in docs]
        for doc, analysis in zip(docs, self.judge(readings), strict=True):
            doc.user_data["analysis"] = analysis


def _own(said: Mapping[str, Any]) -> OwnWord:
    """By the cuts of a doc."""
    edges: frozenset[int] = said["edges"]
    return lambda at: at in edges and at + 1 in edges


def _reading_step(nlp: Language, name: str) -> Step:
    return ReadingStep()


def _verdict_step(nlp: Language, name: str) -> Step:
    return VerdictStep()


def _digest(rules: Sequence[Rule]) -> str:
    """Short hash of the rules: another lexicon is another version."""
    lines = (f"{rule.code}\t{rule.phrase.source}\t{rule.weight}\t{rule.needs}\t{rule.bars}" for rule in rules)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
