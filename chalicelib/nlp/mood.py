"""What the cues and phrases of a contact say of its kind and severity: the prior that learning starts from."""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

import numpy as np

from chalicelib.model.analysis import ContactKind
from chalicelib.nlp.features import Floats
from chalicelib.nlp.reading import Reading

KINDS: tuple[ContactKind, ...] = ("complaint", "inquiry", "request", "suggestion", "praise", "other")
SEVERITIES = ("0", "1", "2", "3")
_COUNTED = ("赞", "恶", "强", "损失", "问", "求", "建议", "官", "媒", "危险", "解决了")
_COSTLY = frozenset(
    {"delivery.lost", "billing.overcharged", "billing.refund_slow", "privacy.leak", "product.counterfeit"}
)
_BROKEN = frozenset({"product.defect", "product.safety", "aftersales.promise_broken", "aftersales.repair"})


def moods(readings: Sequence[Reading]) -> Floats:
    """(readings, features): dense features for the heads of kind and severity."""
    return np.array([_mood(reading) for reading in readings], np.float32)


def _mood(reading: Reading) -> list[float]:
    text, cues = reading.text, reading.cues
    kind, severity = kind_by_cues(reading), severity_by_cues(reading)
    stated = [hit.weight for hit in reading.hits if not hit.rule.asks]
    asked = [hit.weight for hit in reading.hits if hit.rule.asks]
    return [
        *(float(kind == one) for one in KINDS),
        *(float(severity == one) for one in range(len(SEVERITIES))),
        *(log1p(len(cues.get(name, ()))) for name in _COUNTED),
        float("?" in text or "？" in text),
        float("!" in text or "！" in text),
        max(stated, default=0.0),
        max(asked, default=0.0),
        log1p(len({hit.rule.code for hit in reading.hits})),
        log1p(len(text)) / 5,
    ]


def kind_by_cues(reading: Reading) -> ContactKind:
    """The kind as the cues alone have it."""
    cues, text = reading.cues, reading.text
    asks = bool(cues.get("问")) or "?" in text or "？" in text
    blames, praises = len(cues.get("恶", ())), len(cues.get("赞", ()))
    if _complains(reading) or blames > praises or (blames and not praises):
        return "complaint"
    if cues.get("建议"):
        return "suggestion"
    if cues.get("求"):
        return "request"
    if asks or reading.hits:
        return "inquiry"
    return "praise" if praises else "other"


def _complains(reading: Reading) -> bool:
    """A statement of a problem; one among polite questions about it is still a question."""
    stated = {hit.clause for hit in reading.hits if not hit.rule.asks}
    asked = {hit.clause for hit in reading.hits if hit.rule.asks}
    return bool(stated) and (not asked - stated or bool(reading.cues.get("恶")))


def severity_by_cues(reading: Reading) -> int:
    """The severity as cues and phrases alone have it."""
    kind, cues = kind_by_cues(reading), reading.cues
    if cues.get("危险") and kind != "praise":
        return 3
    if kind in ("praise", "other", "inquiry"):
        return 0
    if kind != "complaint":
        return 1
    codes = {hit.rule.code for hit in reading.hits}
    escalates = bool(cues.get("官") or cues.get("媒") or cues.get("强") or cues.get("损失"))
    return 2 if escalates or codes & (_COSTLY | _BROKEN) or "!" in reading.text or len(codes) > 1 else 1
