"""From hits to a verdict: which causes, how sure, what kind of contact, how bad, which triggers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from chalicelib.model.analysis import Analysis, ContactKind, Tag
from chalicelib.nlp.matching import Cues, Hit

MOST_CAUSES = 4
ENOUGH, WEAK = 0.45, 0.25
_ECHO = 0.15
"""A further phrase for a cause that is already tagged adds this share of what was left to certainty."""
_LATER = 0.02
"""Earlier complaints weigh a little more than later ones."""
_COSTLY = frozenset(
    {"delivery.lost", "billing.overcharged", "billing.refund_slow", "privacy.leak", "product.counterfeit"}
)
_BROKEN = frozenset({"product.defect", "product.safety", "aftersales.promise_broken", "aftersales.repair"})


def judge(hits: Sequence[Hit], cues: Cues, text: str, version: str) -> Analysis:
    """The analysis of one contact."""
    hits = _credible(hits, cues)
    tags = _causes(hits)
    complains = _complains(hits, cues)
    kind = _kind(tags, complains, cues, text)
    severity = _severity(kind, tags, cues, text)
    triggers = tuple(_triggers(cues))
    doubtful = not tags or max(tag.confidence for tag in tags) < ENOUGH
    return Analysis(
        causes=tags,
        kind=kind,
        severity=severity,
        triggers=triggers,
        unsure=doubtful and kind in ("complaint", "suggestion"),
        version=version,
    )


def _credible(hits: Sequence[Hit], cues: Cues) -> list[Hit]:
    """Without what is settled by now, and without faint hits in a contact that praises and never blames."""
    settled = max((start for start, _ in cues.get("解决了", ())), default=-1)
    hits = [hit for hit in hits if hit.rule.asks or hit.start > settled]
    if cues.get("赞") and not cues.get("恶"):
        return [hit for hit in hits if hit.weight >= ENOUGH]
    return list(hits)


def _complains(hits: Sequence[Hit], cues: Cues) -> bool:
    """A statement of a problem; one among polite questions about it is still a question."""
    stated = {hit.clause for hit in hits if not hit.rule.asks}
    asked = {hit.clause for hit in hits if hit.rule.asks}
    return bool(stated) and (not asked - stated or bool(cues.get("恶")))


def _causes(hits: Iterable[Hit]) -> tuple[Tag, ...]:
    """Causes by confidence; the faint ones only where nothing better explains the contact."""
    by_code: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_code[hit.rule.code].append(hit)
    scored = sorted(((_confidence(found), code) for code, found in by_code.items()), reverse=True)
    if not scored:
        return ()
    floor = ENOUGH if scored[0][0] >= ENOUGH else WEAK
    kept = [(score, code) for score, code in scored if score >= floor][:MOST_CAUSES]
    kept.sort(key=lambda item: (-item[0] + _LATER * min(hit.clause for hit in by_code[item[1]]), item[1]))
    return tuple(Tag(code=code, confidence=score, evidence=_evidence(by_code[code])) for score, code in kept)


def _confidence(hits: Sequence[Hit]) -> float:
    best = max(hit.weight for hit in hits)
    clauses = len({hit.clause for hit in hits})
    return round(1 - (1 - best) * (1 - _ECHO) ** (clauses - 1), 3)


def _evidence(hits: Sequence[Hit]) -> tuple[tuple[int, int], ...]:
    """The matched phrases, overlapping ones joined, in the order of the text."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((hit.start, hit.end) for hit in hits):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _kind(tags: Sequence[Tag], complains: bool, cues: Cues, text: str) -> ContactKind:
    asks = bool(cues.get("问")) or "?" in text or "？" in text
    wants = bool(cues.get("求"))
    blames, praises = len(cues.get("恶", ())), len(cues.get("赞", ()))
    if complains or blames > praises or (blames and not praises):
        return "complaint"
    if cues.get("建议"):
        return "suggestion"
    if wants:
        return "request"
    if asks or tags:
        return "inquiry"
    return "praise" if praises else "other"


def _severity(kind: ContactKind, tags: Sequence[Tag], cues: Cues, text: str) -> int:
    if cues.get("危险") and kind != "praise":
        return 3
    if kind in ("praise", "other", "inquiry"):
        return 0
    if kind != "complaint":
        return 1
    codes = {tag.code for tag in tags}
    escalates = bool(cues.get("官") or cues.get("媒") or cues.get("强") or cues.get("损失"))
    return 2 if escalates or codes & (_COSTLY | _BROKEN) or "!" in text or len(tags) > 1 else 1


def _triggers(cues: Cues) -> Iterable[Tag]:
    for code, name in (("health", "危险"), ("authority", "官"), ("media", "媒")):
        if spans := cues.get(name):
            yield Tag(code=code, confidence=0.9, evidence=tuple(sorted(set(spans))))
