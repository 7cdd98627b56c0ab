"""A tagger whose merged causes say what they were merged into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.ports import Analyser


class Merged:
    """Another analyser's verdicts with the causes of `into` renamed; two that become one keep the surer certainty
    and all evidence."""

    def __init__(self, inner: Analyser, into: Mapping[str, str]) -> None:
        self._inner, self._into = inner, into
        self.version = inner.version

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text, in order."""
        return [self._renamed(analysis) for analysis in self._inner(texts)]

    def suggest(self, texts: Sequence[str]) -> list[Analysis]:
        """The same for the one text that somebody is typing."""
        return [self._renamed(analysis) for analysis in self._inner.suggest(texts)]

    def _renamed(self, analysis: Analysis) -> Analysis:
        if not any(tag.code in self._into for tag in analysis.causes):
            return analysis
        found: dict[str, Tag] = {}
        for tag in analysis.causes:
            code = self._into.get(tag.code, tag.code)
            known = found.get(code, Tag(code, 0.0))
            evidence = tuple(sorted({*known.evidence, *tag.evidence}))
            found[code] = Tag(code, max(known.confidence, tag.confidence), evidence)
        return replace(analysis, causes=tuple(found.values()))


def merged(inner: Analyser, taxonomy: Taxonomy) -> Analyser:
    """The analyser for a taxonomy; itself where nothing was merged."""
    into = {c.code: taxonomy.current(c.code) for c in taxonomy.readable if c.merged_into}
    return Merged(inner, into) if into else inner
