"""How good an analyser is on labelled contacts: F1 with bootstrap intervals, kind, severity, evidence, calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chalicelib.learn.gold import Gold
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.stats.intervals import wilson

ENOUGH = 5
"""Macro F1 counts causes with at least so many labels."""
RESAMPLES = 1_000
BINS = 10
DRAWS = 200


class Share(NamedTuple):
    """Hits of n with the Wilson 95 % interval; None: nothing to count."""

    hits: int
    n: int
    value: float | None
    low: float | None
    high: float | None


class Figure(NamedTuple):
    """A value with its bootstrap 95 % interval; None: nothing to count."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CauseFigures:
    """One cause: labels, right, wrongly given, missed."""

    code: str
    support: int
    right: int
    wrong: int
    missed: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Report:
    """All figures of one evaluation."""

    contacts: int
    version: str
    micro: Figure
    macro: Figure
    precision: Share
    recall: Share
    causes: tuple[CauseFigures, ...]
    kind: Share
    severity_within_one: Share
    evidence_overlap: Share
    none_where_none: Share
    """Contacts without a problem that got no cause."""
    calibration_error: float | None
    """Expected calibration error of the causes given (10 bins of equal count)."""
    calibration_by_chance: float | None
    """What a perfectly calibrated analyser would show on average with these confidences: chance alone."""
    decided: Share
    """Contacts that were not marked unsure."""
    decided_precision: Share
    """Right ones among the causes of decided contacts."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        plain = asdict(self)
        for name, value in plain.items():
            if isinstance(value, tuple) and hasattr(value, "_asdict"):
                plain[name] = value._asdict()
        return plain


def evaluate(gold: Sequence[Gold], analyses: Sequence[Analysis], seed: int = 20_200_101) -> Report:
    """Compare, contact by contact; disputed causes count for nothing."""
    codes = sorted({c for g in gold for c in g.causes} | {t.code for a in analyses for t in a.causes})
    counts = _counts(gold, analyses, codes)
    right, wrong, missed = counts.sum(axis=0).T
    micro, macro = _figures(counts, seed)
    pairs = list(zip(gold, analyses, strict=True))
    given = [(tag, tag.code in g.causes) for g, a in pairs for tag in a.causes if tag.code not in g.disputed]
    sure = [
        (t.code in g.causes) for g, a in pairs if not a.unsure for t in a.causes if t.code not in g.disputed
    ]
    return Report(
        contacts=len(gold),
        version=analyses[0].version if analyses else "",
        micro=micro,
        macro=macro,
        precision=share(int(right.sum()), int((right + wrong).sum())),
        recall=share(int(right.sum()), int((right + missed).sum())),
        causes=tuple(
            _cause(code, *map(int, row)) for code, *row in zip(codes, right, wrong, missed, strict=True)
        ),
        kind=_share(pairs, lambda g: g.kinds is not None, lambda g, a: a.kind in (g.kinds or ())),
        severity_within_one=_share(pairs, lambda g: g.severity is not None, _near),
        evidence_overlap=_overlaps(pairs),
        none_where_none=_share(pairs, lambda g: not g.causes and not g.disputed, lambda g, a: not a.causes),
        calibration_error=calibration_error([t.confidence for t, _ in given], [ok for _, ok in given]),
        calibration_by_chance=calibration_by_chance([t.confidence for t, _ in given], seed),
        decided=share(sum(not a.unsure for a in analyses), len(analyses)),
        decided_precision=share(sum(sure), len(sure)),
    )


def share(hits: int, n: int) -> Share:
    """With its interval, or None where there is nothing to count."""
    if not n:
        return Share(hits, n, None, None, None)
    return Share(hits, n, hits / n, *wilson(hits, n))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Expected calibration error: |mean confidence - share right| over bins of equal count, weighted by count.

    Naeini, Cooper & Hauskrecht (2015). Equal counts, because most confidences lie near 1.
    """
    if not confidences:
        return None
    order = np.argsort(np.asarray(confidences), kind="stable")
    said, true = np.asarray(confidences)[order], np.asarray(right, dtype=float)[order]
    bins = np.array_split(np.arange(len(order)), min(BINS, len(order)))
    return float(sum(len(b) * abs(said[b].mean() - true[b].mean()) for b in bins) / len(order))


def calibration_by_chance(confidences: Sequence[float], seed: int) -> float | None:
    """Mean calibration error where each is right exactly as often as it says: few labels alone make it large."""
    if not confidences:
        return None
    said, random = np.asarray(confidences), np.random.default_rng(seed)
    errors = [calibration_error(confidences, list(random.random(len(said)) < said)) for _ in range(DRAWS)]
    return float(np.mean([error for error in errors if error is not None]))


def _counts(gold: Sequence[Gold], analyses: Sequence[Analysis], codes: Sequence[str]) -> NDArray[np.int64]:
    """[contact, cause, (right, wrong, missed)]."""
    at = {code: number for number, code in enumerate(codes)}
    counts = np.zeros((len(gold), len(codes), 3), dtype=np.int64)
    for row, (labels, analysis) in enumerate(zip(gold, analyses, strict=True)):
        given = {tag.code for tag in analysis.causes} - labels.disputed
        wanted = set(labels.causes)
        for which, found in enumerate((given & wanted, given - wanted, wanted - given)):
            counts[row, [at[code] for code in found], which] += 1
    return counts


def _figures(counts: NDArray[np.int64], seed: int) -> tuple[Figure, Figure]:
    """Micro and macro F1; whole contacts are drawn again for the intervals (Efron's percentile bootstrap)."""
    total = counts.sum(axis=0)
    counted = total[:, 0] + total[:, 2] >= ENOUGH
    random = np.random.default_rng(seed)
    drawn = [
        _f1s(counts[random.integers(0, len(counts), len(counts))].sum(axis=0), counted)
        for _ in range(RESAMPLES if len(counts) else 0)
    ]
    value = _f1s(total, counted)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0) if drawn else (value, value)
    known = bool(total.any()), bool(counted.any())
    micro, macro = (
        Figure(value[i], float(low[i]), float(high[i])) if known[i] else Figure(None, None, None)
        for i in (0, 1)
    )
    return micro, macro


def _f1s(total: NDArray[np.int64], counted: NDArray[np.bool_]) -> tuple[float, float]:
    each = _f1(*total[counted].T)
    return float(_f1(*total.sum(axis=0))), float(each.mean()) if len(each) else 0.0


def _f1(right: Any, wrong: Any, missed: Any) -> Any:
    return 2 * right / np.maximum(2 * right + wrong + missed, 1)


def _cause(code: str, right: int, wrong: int, missed: int) -> CauseFigures:
    def part(of: int) -> float | None:
        return right / of if of else None

    f1 = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else None
    return CauseFigures(
        code, right + missed, right, wrong, missed, part(right + wrong), part(right + missed), f1
    )


Pair = tuple[Gold, Analysis]


def _share(
    pairs: Sequence[Pair], counts: Callable[[Gold], bool], hit: Callable[[Gold, Analysis], bool]
) -> Share:
    hits = [hit(gold, analysis) for gold, analysis in pairs if counts(gold)]
    return share(sum(hits), len(hits))


def _near(gold: Gold, analysis: Analysis) -> bool:
    low, high = gold.severity or (0, 3)
    return low - 1 <= analysis.severity <= high + 1


def _overlaps(pairs: Sequence[Pair]) -> Share:
    """Of the right causes whose words people marked: those whose evidence touches one of the marks."""
    hits = [
        _touches(gold.text, tag, gold.evidence[tag.code])
        for gold, analysis in pairs
        for tag in analysis.causes
        if gold.evidence and tag.code in gold.causes and gold.evidence.get(tag.code)
    ]
    return share(sum(hits), len(hits))


def _touches(text: str, tag: Tag, marked: Sequence[str]) -> bool:
    for words in marked:
        at = text.find(words)
        while at >= 0:
            if any(start < at + len(words) and at < end for start, end in tag.evidence):
                return True
            at = text.find(words, at + 1)
    return False


def by_code(report: Report) -> Mapping[str, CauseFigures]:
    """Figures of each cause."""
    return {figures.code: figures for figures in report.causes}
