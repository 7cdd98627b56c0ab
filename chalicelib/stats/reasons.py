"""The reason of a verdict in Chinese and English, with its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.stats.displacement import TOGETHER
from chalicelib.stats.estimate import Promise, Ratio
from chalicelib.stats.verdict import FEWEST_APART, Verdict, Why

Label = Callable[[int], str]
"""The name of a period, as people write it."""
Words = tuple[str, str]
Names = Mapping[str, Words]
"""Siblings in Chinese and English; one that is not there is called as its column is."""
TEXTS: dict[Why, Words] = {
    Why.GOOD: (
        "{figures}整个区间都在好的一侧，也容得下约定的最小效果（{minimum}）。",
        "{figures}The whole interval is on the better side and leaves room for the agreed minimum effect ({minimum}).",
    ),
    Why.BAD: (
        "{figures}整个区间都在坏的一侧：比没有改进时更差。",
        "{figures}The whole interval is on the worse side: worse than without the project.",
    ),
    Why.SMALL: (
        "{figures}区间不含约定的最小效果（{minimum}）：没有看到值得有的变化。",
        "{figures}The interval leaves out the agreed minimum effect ({minimum}): no change worth having is shown.",
    ),
    Why.TOO_SMALL: (
        "{figures}有一点好转，但区间不含约定的最小效果（{minimum}）：没有达到事先说好的。",
        "{figures}A little better, but the interval leaves out the agreed minimum effect ({minimum}): less than promised.",
    ),
    Why.FEW: (
        "开始前 {before} 期、开始后（磨合期除外）{after} 期；结论至少要 {fewest_before} 期和 {fewest_after} 期。{power}",
        "{before} periods before the start and {after} after it (wash-in apart); a verdict needs {fewest_before} and"
        " {fewest_after}. {power}",
    ),
    Why.NOTHING: (
        "开始前没有联络，没有可以减少的。请检查原因和时间。",
        "No contacts before the start: there is nothing to reduce. Check the cause and the times.",
    ),
    Why.UNFITTED: (
        "期数够了，但模型拟合不出来：有的列说不出别的列没有说的（例如 season 几乎不变）。请检查 season、control 和"
        " intervention_ 列，或减少 harmonics。",
        "There are enough periods, but the model cannot be fitted: some column says nothing the others do not say (such"
        " as a season that hardly changes). Check the columns season, control and intervention_, or use fewer harmonics.",
    ),
    Why.OPEN: (
        "{figures}区间既容得下没有变化，也容得下约定的最小效果（{minimum}）。{power}",
        "{figures}The interval leaves room for no change and for the agreed minimum effect ({minimum}). {power}",
    ),
    Why.ELSEWHERE: (
        "{figures}但是少掉的约 {avoided:.0f} 条里，约 {gained:.0f} 条又出现在 {places}；合起来没有下降（{total}）。",
        "{figures}But of about {avoided:.0f} contacts that went away, about {gained:.0f} came back under {places}; the"
        " sum of both did not fall ({total}).",
    ),
    Why.TOGETHER: (
        "另一个改进（{others}）几乎同时开始：只有其中一个在进行的不到 {apart} 期，效果分不开。",
        "Another project ({others}) started at almost the same time: fewer than {apart} periods with just one of the two"
        " running. Their effects cannot be told apart.",
    ),
    Why.ENTANGLED: (
        "{figures}另一个改进（{others}）使不确定性大了 {inflation:.1f} 倍（方差），区间因此两可，效果分不开。",
        "{figures}Another project ({others}) makes the variance {inflation:.1f} times as large, which leaves the interval"
        " open. Their effects cannot be told apart.",
    ),
}


def reason(found: Verdict, label: Label = str, names: Names | None = None) -> dict[str, str]:
    """{"code", "zh", "en"}; `label` names a period for the power date."""
    zh, en = (
        TEXTS[found.why][language].format(**_figures(found, language, label, names or {}), **_counts(found))
        for language in (0, 1)
    )
    return {"code": str(found.why), "zh": zh, "en": en.strip()}


def interval(ratio: Ratio) -> str:
    """0.89 (0.84–0.95)"""
    return f"{ratio.value:.3g} ({ratio.low:.3g}–{ratio.high:.3g})"


def _counts(found: Verdict) -> dict[str, float]:
    moved, promise = found.moved, found.promise
    return {
        "before": found.before,
        "after": found.after,
        "fewest_before": promise.fewest_before,
        "fewest_after": promise.fewest_after,
        "apart": FEWEST_APART,
        "inflation": found.inflation or 1.0,
        "avoided": moved.avoided if moved else 0.0,
        "gained": moved.gained if moved else 0.0,
    }


def _figures(found: Verdict, language: int, label: Label, names: Names) -> dict[str, str]:
    moved = found.moved
    called = {TOGETHER: ("其余各处合计", "all the others together"), **names}
    rose = [name for name, one in moved.siblings.items() if one.rose] if moved else []
    single = [name for name in rose if name != TOGETHER] or rose
    return {
        "figures": _effect(found.effect)[language] if found.effect else "",
        "minimum": _minimum(found.promise)[language],
        "power": _power(found, label)[language],
        "others": ("、", ", ")[language].join(found.apart),
        "places": ("、", ", ")[language].join(called.get(n, (n, n))[language] for n in single),
        "total": interval(moved.total) if moved and moved.total else "",
    }


def _effect(effect: Ratio) -> Words:
    shown = f"{effect.value:.3g}", f"{effect.low:.3g}–{effect.high:.3g}"
    return (
        "开始后是没有改进时的 {} 倍（95 % 区间 {}）。".format(*shown),
        "After the start it is {} times what it would have been (95 % interval {}). ".format(*shown),
    )


def _minimum(promise: Promise) -> Words:
    share = f"{100 * promise.minimum_effect:g} %"
    return (
        (f"上升 {share}", f"a rise of {share}")
        if promise.direction == "up"
        else (f"下降 {share}", f"a fall of {share}")
    )


def _power(found: Verdict, label: Label) -> Words:
    zh, en = _minimum(found.promise)
    if found.before < found.promise.fewest_before:
        return "开始前的期数等不来，要另立项目。", "Waiting adds none before the start: make another project."
    if found.power is None and found.power_time is None and found.figures is None:
        return "", ""
    if found.power_time is None:
        return (
            f"照现在的数量和波动，四年也看不清{zh}：请用更长的期、更大的范围，或约定更大的效果。",
            f"With these counts and their scatter {en} cannot be seen in four years: take longer periods, a wider scope"
            " or a larger effect.",
        )
    day = label(found.power_time)
    if found.power_reached and found.why is Why.OPEN:
        return (
            f"到 {day} 看出{zh}的把握已有 80 %，仍然两可，效果大概更小；13 期和 26 期时再看。",
            f"By {day} the power to see {en} had reached 80 % and it is still open, so the effect is probably smaller;"
            " look again at 13 and 26 periods.",
        )
    return f"预计到 {day}，看出{zh}的把握达到 80 %。", f"By {day} the power to see {en} should reach 80 %."
