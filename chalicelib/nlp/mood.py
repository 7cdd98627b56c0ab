"""What the cues and phrases of a contact say of its kind and severity: the prior that learning starts from."""

from __future__ import annotations

from collections.abc import Sequence

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
_ONE_HOT: dict[str | int, tuple[float, ...]] = {
    one: tuple(float(one == other) for other in among)
    for among in (KINDS, range(len(SEVERITIES)))
    for one in among
}
_AMOUNTS = len(KINDS) + len(SEVERITIES) + 4
"""The column from which on features are amounts."""
_FEATURES = _AMOUNTS + len(_COUNTED) + 2


def moods(readings: Sequence[Reading]) -> Floats:
    """(readings, features): dense features for the heads of kind and severity."""
    flat: list[float] = []
    for reading in readings:
        flat += _mood(reading)
    out = np.array(flat, np.float32).reshape(len(readings), _FEATURES)
    out[:, _AMOUNTS:] = np.log1p(out[:, _AMOUNTS:])
    return out


def _mood(reading: Reading) -> list[float]:
    """One row, with amounts last and as they are."""
    text, cues, hits = reading.text, reading.cues, reading.hits
    kind = kind_by_cues(reading)
    return [
        *_ONE_HOT[kind],
        *_ONE_HOT[severity_by_cues(reading, kind)],
        "?" in text or "？" in text,
        "!" in text or "！" in text,
        max([hit.weight for hit in hits if not hit.rule.asks], default=0.0),
        max([hit.weight for hit in hits if hit.rule.asks], default=0.0),
        *[len(cues.get(name, ())) for name in _COUNTED],
        len({hit.rule.code for hit in hits}),
        len(text),
    ]


def kind_by_cues(reading: Reading) -> ContactKind:
    """The kind as the cues alone have it."""
    cues, text = reading.cues, reading.text
    asks = bool(cues.get("问")) or "?" in text or "？" in text
    blames, praises = len(cues.get("恶", ())), len(cues.get("赞", ()))
    if blames > praises or _complains(reading):
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
    if not reading.hits:
        return False
    stated = {hit.clause for hit in reading.hits if not hit.rule.asks}
    asked = {hit.clause for hit in reading.hits if hit.rule.asks}
    return bool(stated) and (not asked - stated or bool(reading.cues.get("恶")))


def severity_by_cues(reading: Reading, kind: ContactKind) -> int:
    """The severity as cues and phrases alone have it, in a contact of this kind."""
    cues = reading.cues
    if cues.get("危险") and kind != "praise":
        return 3
    if kind in ("praise", "other", "inquiry"):
        return 0
    if kind != "complaint":
        return 1
    codes = {hit.rule.code for hit in reading.hits}
    escalates = bool(cues.get("官") or cues.get("媒") or cues.get("强") or cues.get("损失"))
    return 2 if escalates or codes & (_COSTLY | _BROKEN) or "!" in reading.text or len(codes) > 1 else 1
