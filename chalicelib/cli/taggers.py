"""`voc learn`: learn from corrections, list the versions, go back to one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table
from chalicelib.loop.listen.learning import PARTS, Lesson, learn
from chalicelib.loop.listen.versions import go_live, live_tagger, overview, shown
from chalicelib.model.tagger import Comparison, Interval, TaggerState
from chalicelib.model.weeks import local

Result = tuple[int, dict[str, Any]]
LABELS = dict(zip(PARTS, ("收集 collecting", "训练 training", "检验 testing", "保存 saving"), strict=True))
STATES = {
    TaggerState.LIVE: "现行 live",
    TaggerState.KEPT: "保留 kept",
    TaggerState.REFUSED: "未启用 refused",
}


def learn_from_corrections(run: Run) -> Result:
    """Train a version from corrections; with --list or --revert look at versions or go back to one."""
    if run.args.list:
        return _list(run)
    if run.args.revert is not None:
        return _revert(run, run.args.revert)
    return _learn(run)


def _learn(run: Run) -> Result:
    """Exit code 1 when the new version was refused."""
    run.may("start_learning")
    with progress("学习 learning", len(PARTS)) as advance:
        lesson = learn(
            run.loop, run.caller.name, lambda part: advance(PARTS.index(part), len(PARTS), LABELS[part])
        )
    live = live_tagger(run.loop.unit()).number
    if lesson.fresh and lesson.version.comparison:
        _show_figures(lesson, lesson.version.comparison)
    _say_outcome(lesson, live)
    return int(lesson.fresh and lesson.version.number != live), {
        "fresh": lesson.fresh,
        "live": live,
        "tagger": shown(lesson.version, live),
    }


def _show_figures(lesson: Lesson, found: Comparison) -> None:
    version = lesson.version
    say(
        f"第 {version.number} 版：学了 {version.learnt} 条纠正，在没学过的 {version.tested} 条上检验"
        f" version {version.number}: learnt from {version.learnt} corrections, tested on {version.tested} others"
    )
    names = [
        ("what", ""),
        ("before", f"第 {found.against} 版 live"),
        ("after", f"第 {version.number} 版 new"),
    ]
    table("指标（95% 区间）figures (95 % intervals)", _rows(found), [*names, ("change", "变化 change")])
    causes = [
        {
            **vars(one),
            "before": _three(one.before),
            "after": _three(one.after),
            "change": _interval(one.change, sign="+"),
        }
        for one in found.causes
    ]
    table(
        "每个原因的 F1（变化只列标注够的）F1 by cause (change where there are labels enough)",
        causes,
        [("code", "原因 cause"), ("support", "标注 labels"), ("before", "之前 before"), ("after", "之后 after"),
         ("change", "变化 change")],
    )  # fmt: skip


def _rows(found: Comparison) -> list[dict[str, Any]]:
    old, new = found.before, found.after
    change = _interval(found.difference, sign="+")
    return [
        {"what": "micro F1", "before": _interval(old.micro), "after": _interval(new.micro), "change": change},
        {"what": "macro F1", "before": _three(old.macro), "after": _three(new.macro)},
        {"what": "类别 kind", "before": _interval(old.kind), "after": _interval(new.kind)},
        {
            "what": "严重度差不过一级 severity within 1",
            "before": _interval(old.severity),
            "after": _interval(new.severity),
        },
    ]


def _three(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _interval(one: Interval | None, sign: str = "") -> str | None:
    if one is None:
        return None
    return f"{one.value:{sign}.3f} [{one.low:{sign}.3f}, {one.high:{sign}.3f}]"


def _say_outcome(lesson: Lesson, live: int) -> None:
    number = lesson.version.number
    if not lesson.fresh:
        say(f"没有新东西可学：结果与第 {number} 版相同 nothing new to learn: the same as version {number}")
    elif number == live:
        say(f"第 {number} 版已启用，新联络由它打标 version {number} is live and tags new contacts")
        say("历史用 ./voc retag 重读；退回用 ./voc learn --revert N / ./voc retag reads the past again")
    else:
        say(
            f"第 {number} 版没有启用，现行第 {live} 版 version {number} was refused; version {live} stays live"
        )
    for reason in lesson.version.refused if lesson.fresh else ():
        say(f"  {reason.zh}\n  {reason.en}")


def _list(run: Run) -> Result:
    """Every version, the newest first."""
    run.may("list_taggers")
    known = overview(run.loop)
    names = [("number", "版 version"), ("state", "状态 state"), ("made", "时间 made"), ("by", "由 by"),
             ("learnt", "学 learnt"), ("tested", "验 tested"), ("micro", "micro F1"), ("change", "变化 change"),
             ("digest", "模型 model")]  # fmt: skip
    table("打标模型的版本 versions of the tagger", [_line(one) for one in known["taggers"]], names)
    say_fault(known["fault"])
    if outcome := known["learning"]["outcome"]:
        say(f"上次学习 last learning: {outcome.zh} / {outcome.en}")
    return 0, known


def say_fault(fault: dict[str, str] | None) -> None:
    """Why the live version does not tag, and what to do; nothing when it does."""
    if fault:
        say(f"注意：{fault['zh']}\nwarning: {fault['en']}")


def _line(one: dict[str, Any]) -> dict[str, Any]:
    found = Comparison.model_validate(one["comparison"]) if one["comparison"] else None
    return {
        **one,
        "state": STATES[one["state"]] + ("，已清除 cleared" if one["cleared"] else ""),
        "made": f"{_time(one['made'])}" if one["number"] else "自带 shipped",
        "by": one["by"] if one["number"] else None,
        "micro": _interval(found.after.micro) if found else None,
        "change": f"{_interval(found.difference, sign='+')} ⇐ {found.against}" if found else None,
        "digest": one["digest"][:8] or None,
    }


def _time(text: str) -> str:
    return f"{local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def _revert(run: Run, number: int) -> Result:
    """Make a version live; 0 is the shipped one."""
    run.may("make_tagger_live")
    version = go_live(run.loop, run.caller, number)
    say(f"第 {number} 版已启用，新联络由它打标；历史用 ./voc retag 重读")
    say(f"version {number} is live and tags new contacts; ./voc retag reads the past with it")
    say("夜间学习可能再换版本，不想要就关掉：./voc settings learn_nightly=false")
    say("learning at night may put another one live; turn it off with ./voc settings learn_nightly=false")
    return 0, {"live": number, "tagger": shown(version, number)}
