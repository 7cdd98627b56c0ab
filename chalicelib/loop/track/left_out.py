"""Why a week is no row of a project's table."""

from __future__ import annotations

WHY = {
    "nothing_recorded": ("这一周没有收下任何联络", "no contacts at all were recorded in this week"),
    "no_denominator": ("这一周没有分母", "this week has no denominator"),
    "no_contacts": ("这一周没有可算的联络", "no contacts to count in this week"),
    "seam": (
        "分类换版，这一周的原因和约定的不是一回事",
        "a new taxonomy: here the cause is not what was agreed",
    ),
    "reshaped": (
        "这个原因或对照原因开始后被并入或拆分，全部以往都移动了",
        "the cause or a control was merged or split after the start, and all of its past has moved",
    ),
    "tagger": (
        "由另一个打标版本读的，和开始时不能比",
        "read by another version of the tagger: not to be compared with the start",
    ),
    "no_control": ("这一周对照原因没有联络", "no contacts of the control causes in this week"),
    "window": (
        "重复窗口开始后被改过，和约定的不同",
        "the repeat window was changed: not the one that was agreed",
    ),
}


def told(week: str, why: str) -> dict[str, str]:
    """The week with the reason in words."""
    zh, en = WHY[why]
    return {"week": week, "why": why, "zh": zh, "en": en}
