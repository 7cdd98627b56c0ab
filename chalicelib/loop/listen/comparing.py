"""A new tagger beside the live one on contacts neither has learnt from: the figures, and whether it may go live."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.model.analysis import Analysis
from chalicelib.model.tagger import CauseChange, Comparison, Figures, Interval, Reason
from chalicelib.ports import Label
from chalicelib.stats.f1 import Counts, Estimate, added, f1, f1_change, f1_interval
from chalicelib.stats.intervals import wilson

ERROR = 0.05
JUDGED = 10
"""Held-out labels from which on a cause is judged by itself."""
AVERAGED = 5
"""Labels from which on a cause counts in macro F1."""

Tagged = Sequence[Analysis]


def compare(held: Sequence[Label], before: Tagged, after: Tagged, against: int) -> Comparison:
    """All figures of both on the held-out labels; `against` is the number of the version before."""
    return Comparison(
        against=against,
        before=_figures(held, before),
        after=_figures(held, after),
        difference=_interval(f1_change(_pairs(held, before, after))),
        causes=_changes(held, before, after),
    )


def objections(found: Comparison) -> tuple[Reason, ...]:
    """Why the new one may not go live; nothing when it is not worse.

    Worse over all: the 95 % interval of the change of micro F1 lies wholly below 0. Worse in a cause: the
    interval of its F1 does. Those intervals together err in 5 % of comparisons of equals (Bonferroni): with
    forty causes at 95 % each, every other version as good as the live one would be refused by chance.
    """
    out = []
    if found.difference.high < 0:
        out.append(
            _reason(
                "learn.worse",
                "总体 micro F1 比现行版本低",
                "micro F1 over all is below the live version's",
                found.difference,
            )
        )
    for one in found.causes:
        if one.change and one.change.high < 0:
            zh = f"{one.code} 的 F1 由 {one.before:.3f} 降到 {one.after:.3f}"
            en = f"F1 of {one.code} fell from {one.before:.3f} to {one.after:.3f}"
            out.append(_reason("learn.worse_cause", zh, en, one.change))
    return tuple(out)


def _reason(code: str, zh: str, en: str, change: Interval) -> Reason:
    shown = f"{change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
    return Reason(code=code, zh=f"{zh}，变化 {shown}", en=f"{en}; change {shown}")


def _figures(held: Sequence[Label], tagged: Tagged) -> Figures:
    each = [_cause_f1(held, tagged, code) for code, n in _support(held).items() if n >= AVERAGED]
    return Figures(
        micro=_interval(f1_interval(_counts(held, tagged))),
        macro=sum(each) / len(each) if each else None,
        kind=_share(held, tagged, lambda label, said: label.kind and label.kind == said.kind),
        severity=_share(
            held,
            tagged,
            lambda label, said: None if label.severity is None else abs(label.severity - said.severity) <= 1,
        ),
    )


def _share(
    held: Sequence[Label], tagged: Tagged, hit: Callable[[Label, Analysis], bool | str | None]
) -> Interval | None:
    """The share of hits where somebody said what would be one; `hit` gives None where nobody did."""
    hits = [
        bool(one) for label, said in zip(held, tagged, strict=True) if (one := hit(label, said)) is not None
    ]
    if not hits:
        return None
    low, high = wilson(sum(hits), len(hits))
    return Interval(value=sum(hits) / len(hits), low=low, high=high)


def _changes(held: Sequence[Label], before: Tagged, after: Tagged) -> tuple[CauseChange, ...]:
    """Every cause that has held-out labels, most labels first."""
    support = _support(held)
    judged = sum(n >= JUDGED for n in support.values())
    return tuple(
        CauseChange(
            code=code,
            support=n,
            before=_cause_f1(held, before, code),
            after=_cause_f1(held, after, code),
            change=_interval(f1_change(_pairs(held, before, after, code), 1 - ERROR / judged))
            if n >= JUDGED
            else None,
        )
        for code, n in support.items()
    )


def _support(held: Sequence[Label]) -> dict[str, int]:
    """Cause -> held-out labels, most first."""
    codes = sorted({code for label in held for code in label.causes})
    counted = {code: sum(code in label.causes for label in held) for code in codes}
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _cause_f1(held: Sequence[Label], tagged: Tagged, code: str) -> float:
    return f1(*added(_counts(held, tagged, code)))


def _pairs(
    held: Sequence[Label], before: Tagged, after: Tagged, code: str | None = None
) -> list[tuple[Counts, Counts]]:
    return list(zip(_counts(held, before, code), _counts(held, after, code), strict=True))


def _counts(held: Sequence[Label], tagged: Tagged, code: str | None = None) -> list[Counts]:
    """Right, wrong and missed causes of each contact, or of one cause in each."""
    out = []
    for label, analysis in zip(held, tagged, strict=True):
        wanted, given = label.causes, frozenset(tag.code for tag in analysis.causes)
        if code is not None:
            wanted, given = wanted & {code}, given & {code}
        out.append(Counts(len(given & wanted), len(given - wanted), len(wanted - given)))
    return out


def _interval(estimate: Estimate) -> Interval:
    return Interval(value=estimate.value, low=estimate.low, high=estimate.high)
