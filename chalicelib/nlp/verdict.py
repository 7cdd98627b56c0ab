"""From readings to analyses: which causes, how sure, what kind of contact, how bad, which triggers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import cast

import numpy as np

from chalicelib.model.analysis import Analysis, ContactKind, Span, Tag
from chalicelib.nlp.features import Batch, Floats
from chalicelib.nlp.linear import Head
from chalicelib.nlp.matching import CHAT, Cues, Hit
from chalicelib.nlp.model_file import Model, batches
from chalicelib.nlp.mood import moods
from chalicelib.nlp.reading import ENOUGH, Reading
from chalicelib.nlp.spans import Wanted

Spans = tuple[Span, ...]
Scored = tuple[float, str]
COMPLAINT: ContactKind = "complaint"
SAFETY, VAGUE = "product.safety", "product.disappointing"
WITH_CAUSE, WITHOUT_CAUSE, IN_CHAT = 2.0, -1.5, -0.3
ONLY_ASKS, MOSTLY_PRAISES, ONLY_PRAISES = -2.0, -2.0, -3.0
"""What a cause, none or a chat adds to the log odds of a complaint, and where there is no cause: nothing but
questions, more praise than blame, nothing but praise. Set on labelled contacts."""
PRAISED = 0.9
"""How sure a cause without any phrase must be in a contact that praises and never blames."""
BESIDE = 0.65
"""How sure 不如预期 must be beside a surer cause: whoever names what is wrong is disappointed by that."""
MOST_CAUSES = 4
LAST = 0.6
"""How sure the last of MOST_CAUSES must be."""
LONG, ALONE = 60, 0.6
"""In a contact of so many characters, how sure the only cause must be: who is troubled says more in so many words."""
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
        return [analysis for some in batches(readings) for analysis in self._judged(some)]

    def _judged(self, readings: Sequence[Reading]) -> Iterator[Analysis]:
        batch, dense, heads = self._model.batch(readings), moods(readings), self._model.heads
        chances, by_rules = self._model.chances(batch)
        found, doubts = self._causes(readings, chances), self._doubts(chances, by_rules)
        kinds = _kinds(heads["kind"], batch, dense, found)
        grades = heads["severity"].predict_proba(batch, dense).argmax(axis=1).tolist()
        spans = self._spans(batch, found)
        for reading, causes, said, grade, doubt in zip(readings, found, kinds, grades, doubts, strict=True):
            severity = int(heads["severity"].classes[grade])
            kind = _unpraised(said, severity, reading.cues)
            tags = tuple(
                Tag(code=code, confidence=round(score, 3), evidence=next(spans)) for score, code in causes
            )
            yield Analysis(
                causes=tags,
                kind=kind,
                severity=max(severity, _least(kind, tags, reading.cues)),
                triggers=tuple(_triggers(reading.cues)),
                unsure=self._unsure(tags, kind),
                doubt=round(doubt, 3),
                version=self._version,
            )

    def _causes(self, readings: Sequence[Reading], chances: Floats) -> list[list[Scored]]:
        """For each reading (confidence, code) by confidence, at most MOST_CAUSES."""
        found = [by_phrases(reading.hits, self._unlearnt) for reading in readings]
        texts, labels = self._model.thresholds.given(chances).nonzero()
        scores = chances[texts, labels].tolist()
        for at, label, score in zip(texts.tolist(), labels.tolist(), scores, strict=True):
            code = self._codes.get(label)
            if code and _says(readings[at]):
                found[at].append((score, code))
        if self._model.by_labels:
            return list(map(surest, found))
        return [plausible(some, reading) for some, reading in zip(found, readings, strict=True)]

    def _doubts(self, chances: Floats, by_rules: Floats) -> list[float]:
        """For each reading how far rules and learner disagree at most."""
        apart = np.abs(chances - by_rules)[:, list(self._codes)]
        return [float(most) for most in apart.max(axis=1, initial=0.0)]

    def _spans(self, batch: Batch, found: Sequence[Sequence[Scored]]) -> Iterator[Spans]:
        """For each cause of each reading in turn: its surest phrases and the clauses that speak for it."""
        wanted = [
            Wanted(at, self._columns[code])
            for at, causes in enumerate(found)
            for _, code in causes
            if code in self._columns
        ]
        learnt = iter(self._model.spans(batch, wanted))
        for reading, causes in zip(batch.layout.readings, found, strict=True):
            for _, code in causes:
                clauses = next(learnt) if code in self._columns else ()
                yield joined(phrase_spans(reading.hits, code), clauses)

    def _unsure(self, tags: Sequence[Tag], kind: ContactKind) -> bool:
        """Whether a person should decide: the least sure cause is doubtful, or a complaint has none."""
        if not tags:
            return kind in ("complaint", "suggestion")
        return min(tag.confidence for tag in tags) < self._model.thresholds.sure


def surest(found: Iterable[Scored]) -> list[Scored]:
    """By confidence, at most MOST_CAUSES."""
    return sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_CAUSES]


def plausible(found: Iterable[Scored], reading: Reading) -> list[Scored]:
    """By confidence; without what is too faint for its place in this contact."""
    kept = list[Scored]()
    for score, code in surest(one for one in found if one[0] >= PRAISED or _may_blame(reading, one[1])):
        if not kept or score >= (LAST if len(kept) == MOST_CAUSES - 1 else BESIDE if code == VAGUE else 0):
            kept.append((score, code))
    return [] if len(kept) == 1 and len(reading.text) >= LONG and kept[0][0] < ALONE else kept


def _says(reading: Reading) -> bool:
    """Whether there is more than signs."""
    return any(map(str.isalnum, reading.text))


def _may_blame(reading: Reading, code: str) -> bool:
    """Whether it does not only praise, or has a phrase for this cause."""
    cues = reading.cues
    return not cues.get("赞") or bool(cues.get("恶")) or any(hit.rule.code == code for hit in reading.hits)


def _kinds(
    head: Head, batch: Batch, dense: Floats, found: Sequence[Sequence[Scored]]
) -> Iterator[ContactKind]:
    """The kind of each reading: its words, and what it leans to."""
    margins = np.log(head.predict_proba(batch, dense) + 1e-9)
    if COMPLAINT in head.classes:
        margins[:, head.classes.index(COMPLAINT)] += [
            _leaning(reading, causes) for reading, causes in zip(batch.layout.readings, found, strict=True)
        ]
    return (cast(ContactKind, head.classes[at]) for at in margins.argmax(axis=1).tolist())


def _leaning(reading: Reading, causes: Sequence[Scored]) -> float:
    """What is added to the log odds of a complaint; in chats people ask about a cause more than they blame."""
    if reading.cues.get(CHAT):
        return IN_CHAT if causes or reading.cues.get("恶") else WITHOUT_CAUSE
    return WITH_CAUSE if causes else _calmness(reading)


def _calmness(reading: Reading) -> float:
    """What a contact without a cause adds to the log odds of a complaint: whether it blames, or only asks."""
    cues = reading.cues
    blames, praises = len(cues.get("恶", ())), len(cues.get("赞", ()))
    if praises > blames > 0:
        return MOSTLY_PRAISES
    if blames or (cues.get("强") and not praises):  # 非常 by itself is as strong in praise
        return 0.0 if praises else WITH_CAUSE
    if cues.get("问") or cues.get("求"):
        return ONLY_ASKS
    return ONLY_PRAISES if praises > 1 else WITHOUT_CAUSE


def by_phrases(hits: Iterable[Hit], codes: frozenset[str]) -> list[Scored]:
    """Causes by their phrases alone; the faint ones only where nothing better explains the contact."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.rule.code in codes:
            found.setdefault(hit.rule.code, []).append(hit)
    scored = [(_confidence(some), code) for code, some in found.items()]
    floor = ENOUGH if any(score >= ENOUGH for score, _ in scored) else WEAK
    return [one for one in scored if one[0] >= floor]


def _confidence(hits: Sequence[Hit]) -> float:
    best = max(hit.weight for hit in hits)
    clauses = len({hit.clause for hit in hits})
    return 1 - (1 - best) * (1 - _ECHO) ** (clauses - 1)


def phrase_spans(hits: Iterable[Hit], code: str) -> list[Span]:
    """Where the phrases of a cause stand, the surest first."""
    best = [hit for hit in hits if hit.rule.code == code]
    best.sort(key=lambda hit: (-hit.weight, hit.start))
    return [(hit.start, hit.end) for hit in best]


def joined(*sources: Sequence[Span]) -> Spans:
    """The first of each source in turn, at most MOST_SPANS; overlapping ones are one; in the order of the text."""
    kept: list[Span] = []
    for turn in zip_longest(*sources):
        for span in turn:
            if span and len(kept) < MOST_SPANS and _apart(span, kept):
                kept.append(span)
    return tuple(sorted(kept))


def _apart(span: Span, others: Iterable[Span]) -> bool:
    start, end = span
    return all(other <= start or end <= begin for begin, other in others)


def _unpraised(kind: ContactKind, severity: int, cues: Cues) -> ContactKind:
    """What sounds like praise, has no word of it and is not harmless is a complaint: else nobody would look at it."""
    return COMPLAINT if kind == "praise" and severity and not cues.get("赞") else kind


def _least(kind: ContactKind, tags: Sequence[Tag], cues: Cues) -> int:
    """The least severity that goes with a verdict: a complaint is never nothing, one of danger never mild, and where
    danger to health is named as grave as can be."""
    if kind != COMPLAINT:
        return 0
    if any(tag.code == SAFETY for tag in tags):
        return 3 if cues.get("危险") else 2
    return 1


def _triggers(cues: Cues) -> Iterable[Tag]:
    for code, name in (("health", "危险"), ("authority", "官"), ("media", "媒")):
        if spans := cues.get(name):
            yield Tag(code=code, confidence=0.9, evidence=tuple(sorted(set(spans))))
