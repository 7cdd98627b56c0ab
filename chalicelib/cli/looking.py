"""Commands that show the loop to the three users: queue, case, focus, metrics, trend, cycle and others."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.loop.coordinate.together import waited_for
from chalicelib.loop.focus.drill import Wanted, contacts
from chalicelib.loop.focus.ranking import ranking
from chalicelib.loop.measure.registry import REGISTRY, Scope, measure, metric, visible_scope
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.own import cases
from chalicelib.loop.repeat import callbacks, cycles
from chalicelib.loop.track import projects, series
from chalicelib.model.case import Case, CaseState
from chalicelib.model.weeks import local, parse_week, shift, week_of

Result = tuple[int, dict[str, Any]]
STATES = {
    State.NO_DATA: "无数据 no data",
    State.NO_DENOMINATOR: "无分母 no denominator",
    State.NOT_YET_KNOWN: "尚未可知 not yet known",
}


def _span(run: Run, usual: int) -> tuple[str, str]:
    last = parse_week(run.args.last) if run.args.last else week_of(run.loop.clock())
    return (parse_week(run.args.first) if run.args.first else shift(last, 1 - usual)), last


def _case_row(case: Case, label: str) -> dict[str, Any]:
    return {
        "id": case.id,
        "cause": label,
        "department": case.department,
        "state": str(case.state),
        "severity": case.severity,
        "contacts": case.contacts,
        "due": f"{local(case.due):%m-%d %H:%M}",
    }


CASE_COLUMNS = [
    ("id", "工单 case"),
    ("cause", "原因 cause"),
    ("department", "部门 department"),
    ("state", "状态 state"),
    ("severity", "严重 severity"),
    ("contacts", "联络 contacts"),
    ("due", "时限 due"),
]


def queue(run: Run) -> Result:
    """Open cases by clock, the most urgent first."""
    state = CaseState(run.args.state) if run.args.state else None
    found = cases.queue(run.loop, run.caller, run.args.department or "", state, run.args.limit)
    taxonomy = run.loop.unit().taxonomy
    rows = [_case_row(c, taxonomy.label(c.cause)) for c in found]
    table("工单队列 queue", rows, CASE_COLUMNS)
    return 0, {"cases": rows}


def case(run: Run) -> Result:
    """One case: its history, contacts, who is waited for, and the arithmetic of its clocks."""
    unit = run.loop.unit()
    found = cases.visible_case(unit, run.caller, run.args.id)
    table(found.id, [_case_row(found, unit.taxonomy.label(found.cause))], CASE_COLUMNS)
    waited = waited_for(found, unit.now, unit.settings.worktime)
    table(
        "在等谁 waited for",
        waited,
        [
            ("department", "部门"),
            ("for", "做什么 for"),
            ("minutes", "已等工作分钟 minutes"),
            ("late", "超时 late"),
        ],
    )
    clocks = cases.explain_clocks(run.loop, run.caller, found.id)["clocks"]
    for name, clock in clocks.items():
        say(f"{name} {clock['limit']} → {local(clock['due']):%Y-%m-%d %H:%M}")
        for line in clock["lines"]:
            say(f"    {line['zh']} / {line['en']}")
    history = [
        {"at": f"{local(e.at):%m-%d %H:%M}", "name": e.name, "actor": e.actor, "data": _short(e.data)}
        for e in found.history
    ]
    table("经过 history", history, [("at", "时间"), ("name", "事件"), ("actor", "谁"), ("data", "")])
    members = cases.contacts_of(run.loop, run.caller, found.id)
    table(
        "联络 contacts",
        [
            {"time": f"{local(c.time):%m-%d %H:%M}", "channel": str(c.channel), "text": c.text}
            for c in members
        ],
        [("time", "时间"), ("channel", "渠道"), ("text", "内容 text")],
    )
    return 0, {"case": found, "waited_for": waited, "clocks": clocks}


def _short(data: dict[str, Any]) -> str:
    return "、".join(f"{k}={v}" for k, v in data.items())


def focus(run: Run) -> Result:
    """The ranked causes with the three factors of priority."""
    first, last = _span(run, cycles.FOCUS_WEEKS)
    rows = [r.model_dump() for r in ranking(run.loop, first, last) if run.caller.sees([r.department])]
    table(
        f"聚焦 focus {first}–{last}",
        rows[: run.args.limit],
        [
            ("label", "原因 cause"),
            ("department", "部门"),
            ("contacts", "联络"),
            ("cost", "成本(分) cost"),
            ("irritation", "× 恼怒 irritation"),
            ("reach", "× (1 − 覆盖 reach)"),
            ("priority", "= 优先级 priority"),
            ("running", "帕累托 Pareto"),
        ],
    )
    return 0, {"first": first, "last": last, "causes": rows}


def shown(value: Value, unit: str) -> str:
    """A value as people read it, or why there is none."""
    if value.value is None:
        return STATES[value.state]
    if unit == "share":
        return f"{value.value:.1%}"
    if unit == "fen":
        return f"¥{value.value / 100:,.2f}"
    return f"{value.value:,.2f}" if unit == "per_1000" else f"{value.value:,.0f} 分钟 min"


def _scope(run: Run, first: str, last: str) -> Scope:
    a = run.args
    scope = Scope(first, last, a.cause or "", a.department or "", a.segment or "")
    return visible_scope(run.loop, run.caller, scope)


def metrics(run: Run) -> Result:
    """The registry's metrics with n and interval."""
    first, last = _span(run, cycles.FOCUS_WEEKS)
    scope = _scope(run, first, last)
    values = measure(run.loop, scope)
    rows = []
    for name, value in values.items():
        unit = REGISTRY[name].unit
        ends = [
            shown(value.model_copy(update={"value": v}), unit)
            for v in (value.low, value.high)
            if v is not None
        ]
        unknown = f"{value.unknown}" if value.unknown else ""
        row = {
            "name": f"{REGISTRY[name].zh} {name}",
            "value": shown(value, unit),
            "n": value.n,
            "unknown": unknown,
        }
        rows.append({**row, "interval": " – ".join(ends)})
    table(
        f"指标 metrics {first}–{last}",
        rows,
        [
            ("name", "指标"),
            ("value", "值 value"),
            ("interval", "95 % 区间 interval"),
            ("n", "n"),
            ("unknown", "尚未可知 not yet known"),
        ],
    )
    return 0, {"first": first, "last": last, "metrics": values}


def trend(run: Run) -> Result:
    """One metric by week, or contacts by week when no metric is named."""
    first, last = _span(run, 26)
    scope = _scope(run, first, last)
    weeks = series.metric_by_week(run.loop, run.args.metric, scope)
    unit = metric(run.args.metric).unit
    values = [Value.model_validate({k: v for k, v in w.items() if k != "week"}) for w in weeks]
    top = max((v.value or 0 for v in values), default=0) or 1
    rows = [
        {"week": w["week"], "value": shown(v, unit), "n": v.n, "bar": "█" * round(30 * (v.value or 0) / top)}
        for w, v in zip(weeks, values, strict=True)
    ]
    table(
        f"趋势 trend {run.args.metric} {scope.cause or scope.department or '全部 all'}",
        rows,
        [("week", "周"), ("value", "值"), ("n", "n"), ("bar", "")],
    )
    return 0, {"metric": run.args.metric, "weeks": weeks}


def behind(run: Run) -> Result:
    """The contacts behind a number, newest first."""
    first, last = _span(run, 1)
    a = run.args
    wanted = Wanted(first, last, a.cause or "", a.department or "", a.channel or "", a.segment or "")
    found, _ = contacts(run.loop, run.caller, wanted, limit=a.limit)
    rows = [
        {
            "id": c.id,
            "time": f"{local(c.time):%m-%d %H:%M}",
            "channel": str(c.channel),
            "causes": c.causes,
            "text": c.text.replace("\n", " ")[:80],
        }
        for c in found
    ]
    names = [("id", "编号"), ("time", "时间"), ("channel", "渠道"), ("causes", "原因"), ("text", "内容")]
    table(f"联络 contacts {first}–{last}", rows, names)
    return 0, {"contacts": rows}


def call_list(run: Run) -> Result:
    """Who is to be called back next."""
    found = callbacks.to_call(run.loop, run.caller, run.args.limit)
    rows = [
        {"case": b.case, "cause": b.cause, "due": f"{local(b.due):%m-%d %H:%M}", "attempts": b.attempts}
        for b in found
    ]
    names = [("case", "工单"), ("cause", "原因"), ("due", "时限"), ("attempts", "已拨 attempts")]
    table("回访 call-backs", rows, names)
    return 0, {"callbacks": rows}


def project_list(run: Run) -> Result:
    """Projects with where their verdicts stand."""
    rows = []
    for p in projects.listed(run.loop, run.caller):
        verdict = projects.verdict(run.loop, p)
        weeks = f"{verdict['weeks']}/{verdict['weeks_needed']}"
        row = {"id": p.id, "title": p.title, "cause": p.plan.cause, "metric": p.plan.metric, "state": p.state}
        rows.append(
            {
                **row,
                "verdict": str(verdict["state"]),
                "weeks": weeks,
                "due": f"{local(verdict['due']):%Y-%m-%d}",
            }
        )
    names = [("id", "项目"), ("title", "名称"), ("cause", "原因"), ("metric", "指标"), ("state", "状态")]
    table("改进项目 projects", rows, [*names, ("verdict", "结论"), ("weeks", "周 weeks"), ("due", "到期")])
    return 0, {"projects": rows}


def cycle(run: Run) -> Result:
    """The open cycle: its week, its focus list and its decisions."""
    now = cycles.current(run.loop)
    say(f"周期 cycle {now.week}（{now.state}）")
    run.args.first = run.args.last = None
    focus(run)
    for title, made in (("上期决定 decided before", now.carried), ("本期决定 decided now", now.decisions)):
        rows = [{"id": d.id, "what": d.what, "about": d.about, "reason": d.reason, "by": d.by} for d in made]
        table(
            title,
            rows,
            [("id", "编号"), ("what", "决定"), ("about", "关于"), ("reason", "理由"), ("by", "谁")],
        )
    return 0, {"cycle": now}
