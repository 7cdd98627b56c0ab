"""What whoever reads a verdict has to know besides its figures."""

from __future__ import annotations

from chalicelib.loop.track.project_weeks import Weeks


def notes(weeks: Weeks) -> list[dict[str, str]]:
    """[{code, zh, en}], none where there is nothing to add."""
    found, crossing = [], weeks.crossing
    if crossing.versions:
        told = "、".join(map(str, crossing.versions))
        zh = f"分类第 {told} 版改了这个原因或对照原因：只用改动一侧的周"
        en = f"version {told} of the taxonomy changed this cause or a control: only the weeks on one side of it are used"
        found.append({"code": "seam", "zh": zh, "en": en})
    if weeks.dropped:
        zh = f"含义在窗口里变过，不看是否挪过去：{'、'.join(weeks.named(code)[0] for code in weeks.dropped)}"
        told = ", ".join(weeks.named(code)[1] for code in weeks.dropped)
        en = f"changed meaning inside the window, not looked at for moved contacts: {told}"
        found.append({"code": "siblings", "zh": zh, "en": en})
    if apart := [row["week"] for row in weeks.left_out if row["why"] == "tagger"]:
        told = ", ".join(apart)
        zh = f"这些周由另一个打标版本读过，没有用上：{told}；用 ./voc retag 以同一版本重读后会补上"
        en = f"read by another version of the tagger and not used: {told}; once ./voc retag has read them with one"
        en += " version they count"
        found.append({"code": "tagger", "zh": zh, "en": en})
    if weeks.given_late:
        told = ", ".join(weeks.given_late)
        zh = f"开始前这些周的分母是开始之后才给或改的：{told}"
        en = f"denominators of weeks before the start were given or changed after it: {told}"
        found.append({"code": "denominators", "zh": zh, "en": en})
    if weeks.plan.control_causes and not any(row.control for row in weeks.rows):
        zh, en = "对照原因没有联络，没有用上", "the control causes had no contacts and are not used"
        found.append({"code": "control", "zh": zh, "en": en})
    return found
