"""Commands of what executives watch: the page, alarms, skyline, split, completeness, baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.figures import STATES, in_words, limits, mark, seam_lines, signals
from chalicelib.cli.output import say, table
from chalicelib.cli.projects import show_list
from chalicelib.loop import overview
from chalicelib.loop.measure.completeness import ChannelDay, State, completeness, span, summary
from chalicelib.loop.measure.registry import REGISTRY
from chalicelib.loop.measure.value import Value
from chalicelib.loop.track import alarms, baselines, charts, skyline, split, weekly
from chalicelib.model.checked import checked
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import parse_week

Result = tuple[int, dict[str, Any]]
Row = dict[str, Any]
ALARM_STATES = {
    "alarm": "告警 alarm",
    "quiet": "平常 quiet",
    "trial": "基线不满 12 点 on trial",
    "no_denominator": "无分母 no denominator",
}
DAY_STATES = {
    State.COMPLETE: "收全 complete",
    State.MISSING: "缺 missing",
    State.MORE: "比来源多 more than reported",
    State.NOT_REPORTED: "来源没报 not reported",
    State.RUNNING: "当天未完 running",
}
STEPS = {
    "contact": "联络 contact",
    "proposal": "提出 proposal",
    "accepted": "接受 accepted",
    "live": "实施 live",
    "verdict": "结论 verdict",
}


def alarm_list(run: Run) -> Result:
    """What was judged of a week."""
    week = parse_week(run.args.week) if run.args.week else ""
    found = alarms.shown(run.loop, run.caller, week)
    _alarms(found, run.loop.unit().taxonomy)
    return 0, found


def _alarms(found: Row, taxonomy: Taxonomy) -> None:
    if found["judged"] is None:
        say(f"{found['week']}：尚未判定 not judged yet")
        return
    say(
        f"{found['week']} 判定 judged {words.minute(found['judged'])}，q ≤ {found['q']}："
        + "，".join(f"{ALARM_STATES[state]} {n}" for state, n in found["states"].items())
    )
    for row in found["alarms"]:
        say(f"! {row['zh']}\n  {row['en']}")
        behind = row["behind"]
        say(f"  ./voc contacts --cause {behind['cause']} --first {behind['first']} --last {behind['last']}")
    for line in seam_lines(found["seams"]):
        say(line)
    rows = [
        {
            "cause": taxonomy.label(t.cause),
            "state": ALARM_STATES[t.state] + (" 静音 snoozed" if t.snoozed else ""),
            "contacts": t.contacts,
            "x": t.x,
            "ratio": f"{t.ratio:.2f}" if t.ratio is not None else None,
            "p": f"{t.p:.3g}" if t.p is not None else None,
            "q": f"{t.q:.3g}" if t.q is not None else None,
        }
        for t in sorted(found["tested"], key=lambda t: (t.p is None, t.p or 0, t.cause))
    ]
    names = [("cause", "原因 cause"), ("state", "状态 state"), ("contacts", "联络 n"), ("x", "X")]
    table("全部判定 all tested", rows, [*names, ("ratio", "三周之比 ratio"), ("p", "p"), ("q", "q")])


def bars(run: Run) -> Result:
    """Seven weeks of the top causes."""
    numbers = weekly.weekly(run.loop, parse_week(run.args.week) if run.args.week else "")
    found = skyline.skyline(numbers, charts.cutting_of(numbers), run.caller, run.args.causes)
    _skyline(found)
    return 0, found


def _skyline(found: Row) -> None:
    rows = [
        {"cause": row["label"], "n": row["contacts"], **{bar["week"]: _bar(bar) for bar in row["bars"]}}
        for row in found["causes"]
    ]
    names = [("cause", "原因 cause"), ("n", "联络 n"), *((week, week[5:]) for week in found["weeks"])]
    table("天际线 skyline：每千 X per 1,000 X，↑↓ 超限或连串 signals", rows, names)
    if rows:
        say(
            "箭头是单张图的信号，图多了难免有假的；该不该动手看告警（./voc alarms，误报受控）。"
            " Arrows are signals of single charts: among many some are false. Alarms are held to few false ones."
        )


def _bar(bar: Row) -> str:
    if bar["value"] is None:
        return STATES[bar["state"]]
    return f"{bar['value']:.2f}{mark(bar)}"


def two_periods(run: Run) -> Result:
    """What changed between two periods."""
    a, numbers = run.args, weekly.weekly(run.loop)
    asked = {
        name: parse_week(value, where=name) if (value := getattr(a, name)) else ""
        for name in ("first", "last", "before_first", "before_last")
    }
    wanted = split.periods(
        numbers, asked["first"], asked["last"], asked["before_first"], asked["before_last"]
    )
    found = split.split(numbers, run.caller, wanted)
    rows = [_split({"label": "全部 all", **found["all"]}), *map(_split, found["causes"][: a.limit])]
    names = [("label", "原因 cause"), ("before", "前 before"), ("after", "后 after"), ("change", "变化 ΔN")]
    title = f"{_span(found['before'])} → {_span(found['after'])}：ΔN = 量 + 摩擦"
    table(
        title,
        rows,
        [*names, ("volume", "量 volume"), ("friction", "摩擦 friction"), ("interval", "95 % 区间 interval")],
    )
    say(
        "区间含 0 就说不上变好变坏；有没有信号看 ./voc alarms 和 ./voc trend。 An interval with 0 in it shows neither better nor worse."
    )
    return 0, found


def _span(weeks: Sequence[str]) -> str:
    """The first week to the last; one week stands alone."""
    return "–".join(dict.fromkeys(weeks))


def _split(row: Row) -> Row:
    if row["friction"] is None:
        split_ = {"volume": STATES[row["state"]]}
    else:
        low, high = row["friction_interval"]
        split_ = {
            "volume": f"{row['volume']:+,.1f}",
            "friction": f"{row['friction']:+,.1f}",
            "interval": f"{low:+,.1f} – {high:+,.1f}",
        }
    counts = {"before": f"{row['before']['count']:,}", "after": f"{row['after']['count']:,}"}
    return {"label": row["label"], **counts, "change": f"{row['change']:+,}", **split_}


def complete(run: Run) -> Result:
    """Contacts recorded against reported."""
    run.may("recorded_and_reported")
    first, last = span(run.loop.clock(), run.args.first, run.args.last)
    rows = completeness(run.loop, first, last)
    told = [_day(row) for row in rows if row.reported is not None]
    names = [("day", "日期 day"), ("channel", "渠道 channel"), ("state", "状态 state")]
    numbers = [("recorded", "收到 recorded"), ("reported", "来源报 reported"), ("missing", "缺 missing")]
    table(f"收全了没有 completeness {first} – {last}", told, [*names, *numbers])
    found = summary(rows)
    say(_complete(found))
    return 0, {"first": first, "last": last, **found, "rows": rows}


def _day(row: ChannelDay) -> Row:
    share = f"{row.missing}（{row.share:.1%}）{' !' if row.alarm else ''}" if row.share else None
    fields = row.model_dump(include={"day", "channel", "recorded", "reported"})
    return {**fields, "state": DAY_STATES[row.state], "missing": share}


def _complete(found: Row) -> str:
    silent = found["not_reported"]
    if not found["channel_days"]:
        return (
            f"收没收全尚未可知：{silent} 个渠道日来源系统都没有报过条数（PUT /source-counts）"
            f" not yet known whether all contacts are in: no source has reported a count on {silent} channel days"
        )
    share = f"{found['share']:.2%}" if found["share"] is not None else "—"
    return (
        f"{found['channel_days']} 个渠道日：来源报 {found['reported']:,} 条，缺 {found['missing']:,} 条（{share}）"
        f" {found['missing']:,} of {found['reported']:,} missing on {found['channel_days']} channel days;"
        f" 另有 {silent} 个没报 not reported"
    )


def baseline(run: Run) -> Result:
    """List the acts on baselines, or add one."""
    a = run.args
    if a.action != "list":
        run.may("change_baseline")
        names = ("metric", "cause", "department", "segment", "week", "reason")
        given = {name: getattr(a, name) for name in names}
        new = checked(baselines.NewBaseline, {**given, "what": a.action})
        saved = baselines.act(run.loop, run.caller, new)
        say(f"{saved.key}：{'、'.join(saved.weeks) or '前 12 点 the first 12 points'}")
        return 0, {"baseline": saved, "in_force": saved.weeks}
    found = baselines.listed(run.loop, run.caller)
    rows = [
        {"series": one["baseline"].key, "week": act.week, "what": WHAT[act.what], "reason": act.reason}
        | {"by": words.actor(act.by), "at": words.minute(act.at)}
        for one in found
        for act in one["baseline"].acts
    ]
    names_ = [
        ("series", "序列 series"),
        ("week", "周 week"),
        ("what", "做了什么 act"),
        ("reason", "理由 reason"),
    ]
    table("重设过的基线 baselines begun again", rows, [*names_, ("by", "谁 by"), ("at", "时间 at")])
    return 0, {"baselines": found}


WHAT = {"rebase": "重设 re-based", "revoke": "撤销 revoked"}


def page(run: Run) -> Result:
    """The executive page."""
    run.may("executive_overview")
    week = parse_week(run.args.week) if run.args.week else ""
    found = overview.overview(run.loop, run.caller, week)
    say(f"管理层一页 overview：到 {found['week']}（本周 {found['running']} 未完 not over）")
    for change in found["changes"]:
        say(f"• {change['zh']}\n  {change['en']}")
    _chart(found["chart"])
    _skyline(found["skyline"])
    _heat(found["heat_map"])
    show_list(found["projects"]["projects"], run.loop.unit().taxonomy)
    _rates(found["three_rates"])
    _health(found["health"])
    say(_complete(found["completeness"]))
    for row in found["corrected"]["causes"]:
        newest = row["weeks"][-1]
        say(
            f"更正后 corrected {row['label']}：{in_words(newest['corrected'], ',.2f')}，原值 raw {in_words(newest['raw'], ',.2f')}"
        )
    return 0, found


def _chart(found: Row) -> None:
    rows = [
        {
            "week": w["week"],
            "value": in_words(Value(**{k: w[k] for k in Value.model_fields}), ",.2f"),
            "limits": limits(w, "per_1000"),
            "signals": signals(w),
        }
        for w in found["weeks"][-12:]
    ]
    names = [("week", "周 week"), ("value", "每千订单 per 1,000 orders"), ("limits", "控制限 limits")]
    table("全部联络 all contacts", rows, [*names, ("signals", "信号 signals")])
    for line in seam_lines(found["seams"]):
        say(line)


def _heat(found: Row) -> None:
    rows = [
        {"department": d["label"], **{cell["week"]: _bar(cell) for cell in d["cells"]}}
        for d in found["departments"]
    ]
    weeks = found["weeks"][-7:]
    table(
        "部门 departments：每千订单 per 1,000 orders",
        rows,
        [("department", "部门"), *((w, w[5:]) for w in weeks)],
    )


def _rates(found: Row) -> None:
    rows = []
    for name in overview.THREE_RATES:
        value = found[name]
        ends = f"{value.worst:.1%} – {value.best:.1%}" if value.worst is not None else None
        rows.append({"name": REGISTRY[name].zh, "value": in_words(value), "n": value.n, "bounds": ends})
    names = [
        ("name", "三率 rate"),
        ("value", "值 value"),
        ("n", "n"),
        ("bounds", "没联系上的全算坏–全算好 bounds"),
    ]
    table(f"{found['first']}–{found['last']}", rows, names)


def _health(found: Row) -> None:
    rows = [
        {
            "step": f"{STEPS[row['from']]} → {STEPS[row['to']]}",
            "days": in_words(row["days"].model_copy(update={"unknown": 0}), ".1f"),
            "n": row["days"].n,
            "waiting": row["days"].unknown,
        }
        for row in (*found["steps"], found["whole"])
    ]
    names = [
        ("step", "步骤 step"),
        ("days", "天，中位数 median days"),
        ("n", "n"),
        ("waiting", "还没到 not yet"),
    ]
    table("闭环快慢 loop health", rows, names)
    say(f"前 20 个原因有进行中项目的 top 20 causes with a live project：{in_words(found['top_causes_live'])}")
