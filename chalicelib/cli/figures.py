"""Commands that show numbers: focus, metrics, trend."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table, yuan
from chalicelib.loop.focus.ranking import Rank, ranking
from chalicelib.loop.measure.registry import REGISTRY, Scope, measure, metric, visible_scope
from chalicelib.loop.measure.value import State, Value
from chalicelib.loop.repeat import cycles
from chalicelib.loop.track import charts, series
from chalicelib.loop.track.corrected import correct_trend
from chalicelib.model.errors import Invalid
from chalicelib.model.segment import asked
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import parse_week, shift, week_of

Result = tuple[int, dict[str, Any]]
STATES = {
    State.NO_DATA: "无数据 no data",
    State.NO_DENOMINATOR: "无分母 no denominator",
    State.NOT_YET_KNOWN: "尚未可知 not yet known",
}


def span(run: Run, usual: int) -> tuple[str, str]:
    """The weeks asked for; by default the `usual` number of them that end with the current one."""
    last = parse_week(run.args.last) if run.args.last else week_of(run.loop.clock())
    first = parse_week(run.args.first) if run.args.first else shift(last, 1 - usual)
    if first > last:
        raise Invalid(
            "weeks.order",
            "起始周在结束周之后，请对调",
            "the first week is after the last; swap them",
            "--first",
        )
    return first, last


FOCUS_COLUMNS = [
    ("label", "原因 cause"),
    ("department", "部门"),
    ("contacts", "联络"),
    ("cost", "成本 cost"),
    ("irritation", "× 恼怒 irritation"),
    ("rest", "× (1 − 覆盖) 1 − reach"),
    ("priority", "= 优先级 priority"),
    ("running", "按联络数累计"),
]


def focus(run: Run) -> Result:
    """The ranked causes; each row multiplies to its priority."""
    first, last = span(run, cycles.FOCUS_WEEKS)
    rows = [r for r in ranking(run.loop, first, last) if run.caller.sees([r.department])]
    taxonomy = run.loop.unit().taxonomy
    shown_rows = [_factors(r, taxonomy) for r in rows[: run.args.limit]]
    table(f"聚焦 focus {first}–{last}", shown_rows, FOCUS_COLUMNS)
    return 0, {"first": first, "last": last, "causes": [r.model_dump() for r in rows]}


def _factors(r: Rank, taxonomy: Taxonomy) -> dict[str, Any]:
    """As many digits as a pocket calculator needs to come to the same priority."""
    return {
        "label": r.label,
        "department": words.department(taxonomy, r.department),
        "contacts": r.contacts,
        "cost": yuan(r.cost),
        "irritation": f"{r.irritation:.6g}",
        "rest": f"{1 - r.reach:.6g}",
        "priority": yuan(r.priority),
        "running": f"{r.running:.1%}",
    }


def shown(value: Value, unit: str) -> str:
    """A value as people read it, or why there is none."""
    if value.value is None:
        return STATES[value.state]
    if unit == "share":
        return f"{value.value:.1%}"
    if unit == "fen":
        return yuan(value.value)
    return f"{value.value:,.2f}" if unit == "per_1000" else f"{value.value:,.0f} 分钟 min"


def _scope(run: Run, first: str, last: str) -> Scope:
    a = run.args
    scope = Scope(first, last, a.cause or "", a.department or "", str(asked(a.segment or "")))
    return visible_scope(run.loop, run.caller, scope)


METRIC_COLUMNS = [
    ("name", "指标"),
    ("value", "值 value"),
    ("interval", "95 % 区间 interval"),
    ("n", "n"),
    ("unknown", "尚未可知 not yet known"),
]


def metrics(run: Run) -> Result:
    """The registry's metrics with n and interval."""
    first, last = span(run, cycles.FOCUS_WEEKS)
    values = measure(run.loop, _scope(run, first, last))
    rows = [_metric_row(name, value) for name, value in values.items()]
    table(f"指标 metrics {first}–{last}", rows, METRIC_COLUMNS)
    return 0, {"first": first, "last": last, "metrics": values}


def _metric_row(name: str, value: Value) -> dict[str, Any]:
    unit = REGISTRY[name].unit
    ends = [v for v in (value.low, value.high) if v is not None]
    return {
        "name": f"{REGISTRY[name].zh} {name}",
        "value": shown(value, unit),
        "n": value.n,
        "unknown": f"{value.unknown}" if value.unknown else "",
        "interval": " – ".join(shown(value.model_copy(update={"value": v}), unit) for v in ends),
    }


def trend(run: Run) -> Result:
    """One metric by week, or contacts by week when no metric is named."""
    first, last = span(run, 26)
    scope = _scope(run, first, last)
    weeks = series.metric_by_week(run.loop, run.args.metric, scope)
    weeks = charts.with_points(run.loop, run.args.metric, scope, weeks)
    unit = metric(run.args.metric).unit
    values = [Value.model_validate({k: w[k] for k in Value.model_fields}) for w in weeks]
    top = max((v.value or 0 for v in values), default=0) or 1
    rows = [
        {
            "week": w["week"],
            "value": shown(v, unit),
            "n": v.n,
            "bar": "█" * round(20 * (v.value or 0) / top),
            "limits": limits(w, unit),
            "signals": signals(w),
        }
        for w, v in zip(weeks, values, strict=True)
    ]
    numbers: dict[str, Any] = {"weeks": weeks}
    if run.args.corrected:
        numbers = correct_trend(run.loop, run.args.metric, scope, weeks)
        for row, week in zip(rows, numbers["weeks"], strict=True):
            row["corrected"] = in_words(week["corrected"], ",.2f")
    names = [("week", "周"), ("value", "值"), ("corrected", "更正后 corrected"), ("n", "n"), ("bar", "")]
    names += [("limits", "控制限 limits"), ("signals", "信号 signals")]
    table(
        f"趋势 trend {run.args.metric} {scope.cause or scope.department or '全部 all'}",
        rows,
        [name for name in names if run.args.corrected or name[0] != "corrected"],
    )
    numbers["seams"] = charts.marks(run.loop, first, last)
    for line in seam_lines(numbers["seams"], scope.cause, scope.department):
        say(line)
    if replaced := run.loop.unit().taxonomy.replaced(scope.cause):
        numbers["replaced"] = replaced
        say(f"{replaced['zh']} / {replaced['en']}")
    if run.args.corrected:
        say(_corrected_by(numbers["label_error"]))
    return 0, {"metric": run.args.metric, **numbers}


def seam_lines(seams: list[dict[str, Any]], cause: str = "", department: str = "") -> list[str]:
    """The seams that a series has, in words."""
    return [
        _of_tagger(seam)
        if seam["what"] == "tagger"
        else f"{seam['week']} 分类第 {seam['taxonomy']} 版起 from version {seam['taxonomy']} of the taxonomy on"
        for seam in seams
        if seam["what"] == "tagger"
        or not (cause or department)
        or cause in seam["causes"]
        or department in seam["departments"]
    ]


def _of_tagger(seam: dict[str, Any]) -> str:
    number, some = seam["tagger"], ("部分", "partly ") if seam["mixed"] else ("", "")
    return (
        f"{seam['week']} 起{some[0]}由打标第 {number} 版读，此处的变化可能只是读法变了，控制限没有切开 "
        f"{some[1]}read by version {number} of the tagger from here on: a change may be the reading; limits are not cut"
    )


def _corrected_by(error: dict[str, Any]) -> str:
    """What a correction stands on."""
    return (
        f"更正依据 corrected by：盲评 {error['looks']} 条 second looks，灵敏度 sensitivity "
        f"{in_words(error['sensitivity'])}，特异度 specificity {in_words(error['specificity'])}"
    )


def in_words(value: Value, form: str = ".1%") -> str:
    """A value with its interval, or why there is none and how many more second looks it takes."""
    if value.value is None:
        lacks = value.unknown if value.state is State.NOT_YET_KNOWN else 0
        return STATES[value.state] + (f"，还差 {lacks} more" if lacks else "")
    ends = " – ".join(format(end, form) for end in (value.low, value.high) if end is not None)
    return f"{value.value:{form}}" + (f"（{ends}）" if ends else "")


def limits(point: dict[str, Any], unit: str) -> str | None:
    """A point's limits as people read them."""
    if point["limits"] is None:
        return None
    ends = (Value(state=State.KNOWN, value=end) for end in point["limits"])
    return " – ".join(shown(end, unit) for end in ends)


def signals(point: dict[str, Any]) -> str:
    """A point's signals in words, with an arrow to its side."""
    from chalicelib.stats.signals import RULES

    return "；".join(" ".join(RULES[rule]) for rule in point["signals"]) + mark(point)


def mark(point: dict[str, Any]) -> str:
    """An arrow for a point with a signal, to the side on which it lies."""
    return {"above": " ↑", "below": " ↓"}.get(point["side"] or "", "") if point["signals"] else ""
