"""From readings to analyses: which causes, how sure, what kind of contact, how bad, which triggers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import cast

import numpy as np

from chalicelib.model.analysis import Analysis, ContactKind, Span, Tag
from chalicelib.nlp.features import Floats
from chalicelib.nlp.linear import Head
from chalicelib.nlp.matching import CHAT, Cues, Hit
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.mood import moods
from chalicelib.nlp.reading import ENOUGH, Reading
from chalicelib.nlp.spans import Wanted

Spans = tuple[Span, ...]
Scored = tuple[float, str]
COMPLAINT = "complaint"
WITH_CAUSE, WITHOUT_CAUSE, ONLY_ASKS = 2.0, -1.0, -4.0
"""What a cause, or none, adds to the log odds of a complaint; set on labelled real contacts."""
PRAISED = 0.7
"""How sure a cause without any phrase must be in a contact that praises and never blames."""
MOST_CAUSES = 4
MOST_SPANS = 3
WEAK = 0.25
"""A phrase as faint as this counts only where nothing better explains the contact."""
_ECHO = 0.15
"""A further phrase for a cause that is already tagged adds this share of what was left to certainty."""


class Judge:
    """Verdicts by what a model has learnt; causes that it never saw are left to their phrases alone."""

    def __init__(self, codes: Iterable[str], model: Model, version: str) -> None:
        active = frozenset(codes)
        self._model, self._version = model, version
        self._codes = {at: code for at, code in enumerate(model.labels) if code in active}
        self._columns = {code: at for at, code in self._codes.items()}
        self._unlearnt = active.difference(model.labels)

    def __call__(self, readings: Sequence[Reading]) -> list[Analysis]:
        """One analysis a reading, in order."""
        if not readings:
            return []
        chances, dense = self._model.probabilities(readings), moods(readings)
        found = [self._causes(reading, chances[at]) for at, reading in enumerate(readings)]
        kinds = _kinds(self._model.heads["kind"], readings, dense, found)
        grades = self._model.heads["severity"]
        severities = grades.predict_proba(readings, dense).argmax(axis=1)
        spans = self._spans(readings, found)
        return [
            Analysis(
                causes=tags,
                kind=(kind := cast(ContactKind, kinds[at])),
                severity=int(grades.classes[severities[at]]),
                triggers=tuple(_triggers(readings[at].cues)),
                unsure=self._unsure(tags, kind),
                version=self._version,
            )
            for at, tags in enumerate(_tags(found, spans))
        ]

    def _causes(self, reading: Reading, chances: Floats) -> list[Scored]:
        """(confidence, code) by confidence, at most MOST_CAUSES."""
        least = PRAISED if reading.cues.get("赞") and not reading.cues.get("恶") else 0.0
        shown = {hit.rule.code for hit in reading.hits} if least else set()
        scored = [
            (float(chances[at]), code)
            for at in np.flatnonzero(chances >= self._model.thresholds.assign).tolist()
            if (code := self._codes.get(at)) and (chances[at] >= least or code in shown)
        ]
        scored += by_phrases(reading.hits, self._unlearnt)
        return sorted(scored, key=lambda one: (-one[0], one[1]))[:MOST_CAUSES]

    def _spans(self, readings: Sequence[Reading], found: Sequence[Sequence[Scored]]) -> Iterator[Spans]:
        """For each cause of each reading in turn: its surest phrases and the clauses that speak for it."""
        wanted = [
            Wanted(at, self._columns[code])
            for at, causes in enumerate(found)
            for _, code in causes
            if code in self._columns
        ]
        learnt = iter(self._model.spans(readings, wanted))
        for reading, causes in zip(readings, found, strict=True):
            for _, code in causes:
                clauses = next(learnt) if code in self._columns else ()
                yield joined(phrase_spans(reading.hits, code), clauses)

    def _unsure(self, tags: Sequence[Tag], kind: ContactKind) -> bool:
        """Whether a person should decide: the least sure cause is doubtful, or a complaint has none."""
        if not tags:
            return kind in ("complaint", "suggestion")
        return min(tag.confidence for tag in tags) < self._model.thresholds.sure


def _kinds(
    head: Head, readings: Sequence[Reading], dense: Floats, found: Sequence[Sequence[Scored]]
) -> list[str]:
    """The kind of each reading: its words, and outside chats whether it has a cause."""
    margins = np.log(head.predict_proba(readings, dense) + 1e-9)
    if COMPLAINT in head.classes:
        shifts = [
            0.0 if reading.cues.get(CHAT) else WITH_CAUSE if causes else _calmness(reading)
            for reading, causes in zip(readings, found, strict=True)
        ]
        margins[:, head.classes.index(COMPLAINT)] += shifts
    return [head.classes[at] for at in margins.argmax(axis=1)]


def _calmness(reading: Reading) -> float:
    """What a contact without a cause adds to the log odds of a complaint: whether it blames, or only asks."""
    cues = reading.cues
    if cues.get("恶") or cues.get("强"):
        return 0.0 if cues.get("赞") else WITH_CAUSE
    return ONLY_ASKS if cues.get("问") or cues.get("求") else WITHOUT_CAUSE


def by_phrases(hits: Iterable[Hit], codes: frozenset[str]) -> list[tuple[float, str]]:
    """Causes by their phrases alone; the faint ones only where nothing better explains the contact."""
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        if hit.rule.code in codes:
            found[hit.rule.code].append(hit)
    scored = [(_confidence(some), code) for code, some in found.items()]
    floor = ENOUGH if any(score >= ENOUGH for score, _ in scored) else WEAK
    return [one for one in scored if one[0] >= floor]


def _confidence(hits: Sequence[Hit]) -> float:
    best = max(hit.weight for hit in hits)
    clauses = len({hit.clause for hit in hits})
    return 1 - (1 - best) * (1 - _ECHO) ** (clauses - 1)


def _tags(found: Sequence[Sequence[Scored]], spans: Iterator[Spans]) -> Iterator[tuple[Tag, ...]]:
    for causes in found:
        yield tuple(
            Tag(code=code, confidence=round(score, 3), evidence=next(spans)) for score, code in causes
        )


def phrase_spans(hits: Iterable[Hit], code: str) -> Spans:
    """Where the phrases of a cause stand, the surest first."""
    best = sorted((hit for hit in hits if hit.rule.code == code), key=lambda hit: (-hit.weight, hit.start))
    return tuple((hit.start, hit.end) for hit in best)


def joined(*sources: Spans) -> Spans:
    """The first of each source in turn, at most MOST_SPANS; overlapping ones are one; in the order of the text."""
    some = [span for turn in zip_longest(*sources) for span in turn if span]
    kept: list[Span] = []
    for start, end in some:
        if not any(start < other and begin < end for begin, other in kept) and len(kept) < MOST_SPANS:
            kept.append((start, end))
    return tuple(sorted(kept))


def _triggers(cues: Cues) -> Iterable[Tag]:
    for code, name in (("health", "危险"), ("authority", "官"), ("media", "媒")):
        if spans := cues.get(name):
            yield Tag(code=code, confidence=0.9, evidence=tuple(sorted(set(spans))))
