"""The tagger: masked texts in, causes with evidence out, through a spaCy pipeline or, for suggestions, beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, cast

from chalicelib.model.analysis import Analysis
from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.model_file import BATCH, Model
from chalicelib.nlp.pipeline import Step, blank_chinese
from chalicelib.nlp.reading import Reader, Reading
from chalicelib.nlp.rule import Rule
from chalicelib.nlp.verdict import Judge
from chalicelib.privacy.text import fold

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class Tagger:
    """Texts in, one Analysis each out. Build it once, with `build`; it keeps no contact."""

    def __init__(self, causes: Iterable[CauseWords], model: Model) -> None:
        causes = list(causes)
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
        return self._judge([self.reader.read(fold(text)) for text in texts])

    @cached_property
    def _nlp(self) -> Language:
        """The pipeline, made when it is first needed: importing spaCy takes most of a start."""
        nlp = blank_chinese({"huisheng_reading": _reading_step, "huisheng_verdict": _verdict_step})
        cast(ReadingStep, nlp.get_pipe("huisheng_reading")).reader = self.reader
        cast(VerdictStep, nlp.get_pipe("huisheng_verdict")).judge = self._judge
        return nlp


class ReadingStep:
    """Sets user_data["reading"]: clauses, cues and phrases."""

    reader: Reader

    def __call__(self, doc: Doc) -> Doc:
        """A pure function of the text."""
        said = doc.user_data
        edges: frozenset[int] = said["edges"]
        said["reading"] = self.reader.read(said["text"], lambda at: at in edges and at + 1 in edges)
        return doc


class VerdictStep:
    """Sets user_data["analysis"] from the readings, many at a time."""

    judge: Judge

    def __call__(self, doc: Doc) -> Doc:
        """One doc."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = BATCH) -> Iterator[Doc]:
        """Docs in batches: the model's sums are done for all of a batch at once."""
        rest = iter(docs)
        while some := list(islice(rest, batch_size)):
            readings: list[Reading] = [doc.user_data["reading"] for doc in some]
            for doc, analysis in zip(some, self.judge(readings), strict=True):
                doc.user_data["analysis"] = analysis
                yield doc


def _reading_step(nlp: Language, name: str) -> Step:
    return ReadingStep()


def _verdict_step(nlp: Language, name: str) -> Step:
    return VerdictStep()


def _digest(rules: Sequence[Rule]) -> str:
    """Short hash of the rules: another lexicon is another version."""
    lines = (f"{rule.code}\t{rule.phrase.source}\t{rule.weight}\t{rule.needs}\t{rule.bars}" for rule in rules)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
