"""Discovery behind its port: contacts in, causes nobody has named and sudden words out. Needs no spaCy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.model.proposal import Evidence
from chalicelib.model.taxonomy import Cause
from chalicelib.ports import Document, Found
from chalicelib.privacy.text import fold

if TYPE_CHECKING:
    from chalicelib.nlp.discovery.finding import Document as Read
    from chalicelib.nlp.discovery.finding import Finding, Known, Word


MOST = 30
"""Findings asked for: not all of them will be worth a proposal."""


class LogOddsFinder:
    """The `Finder` port. NumPy and jieba are imported when something is looked for: that takes a second."""

    def discover(
        self, documents: Sequence[Document], current_weeks: int, causes: Sequence[Cause]
    ) -> list[Found]:
        """Groups of contacts of the last `current_weeks` weeks, the clearest first."""
        from chalicelib.nlp.discovery.discover import discover

        read = [_read(one) for one in documents]
        return [_found(one) for one in discover(read, [_known(c) for c in causes], current_weeks, MOST)]

    def sudden(
        self, current: Mapping[str, Sequence[str]], baseline: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Evidence, ...]]:
        """By cause, from its texts now and before, the words that are said more often."""
        from chalicelib.nlp.discovery.sudden import sudden

        sides = (
            {cause: [fold(text) for text in texts] for cause, texts in side.items()}
            for side in (current, baseline)
        )
        return {cause: tuple(map(_evidence, words)) for cause, words in sudden(*sides).items()}


def _read(document: Document) -> Read:
    from chalicelib.nlp.discovery.finding import Document as Read

    return Read(document.contact, fold(document.text), document.week, document.explained)


def _known(cause: Cause) -> Known:
    from chalicelib.nlp.discovery.finding import Known

    return Known(cause.code, cause.label_zh, cause.definition_zh, cause.words)


def _found(finding: Finding) -> Found:
    return Found(
        finding.name,
        finding.definition,
        finding.new,
        tuple(_evidence(word) for word in finding.words),
        finding.typical,
        finding.border,
        tuple(member.key for member in finding.members),
        finding.weekly,
        finding.trend,
        finding.nearest or "",
    )


def _evidence(word: Word) -> Evidence:
    return Evidence(word=word.word, current=word.current, baseline=word.baseline, z=word.z)
