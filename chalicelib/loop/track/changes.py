"""What has changed: only what an alarm or a signal says, as data and as sentences made from the numbers.

A difference between two weeks is in here only when it is a signal; nothing else is called a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.loop.measure.completeness import ChannelDay
from chalicelib.loop.measure.denominators import shown
from chalicelib.loop.track.charts import PER, Drawn
from chalicelib.model.people import Caller
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.watch import AlarmState, AlarmWeek, Tested
from chalicelib.model.weeks import shift

Row = dict[str, Any]
ALARM_WEEKS = 3
BASELINE = 12
SIGNALS = {
    "outside": ("超出控制限", "is outside its control limits"),
    "side": ("连续至少七周在均值同一侧", "has been on one side of its mean for seven weeks or more"),
    "trend": ("连续至少七周朝一个方向走", "has moved one way for seven weeks or more"),
    "near": ("三周里有两周接近控制限", "was near a control limit in two of three weeks"),
}
SIDES = {"above": ("高于", "above"), "below": ("低于", "below"), "on": ("等于", "at")}


def changes(
    week: str,
    judged: AlarmWeek | None,
    company: Drawn,
    gaps: Sequence[ChannelDay],
    caller: Caller,
    taxonomy: Taxonomy,
) -> list[Row]:
    """Alarms of the last finished week, signals of all contacts together, missing contacts; else why there is none."""
    found = [
        *_alarms(judged, caller, taxonomy),
        *_signals(week, company),
        *_gaps(gaps),
    ]
    return [*found, *_not_yet(week, judged, company), *([] if found else _quiet(week, judged, company))]


def _alarms(judged: AlarmWeek | None, caller: Caller, taxonomy: Taxonomy) -> Iterator[Row]:
    for alarm in judged.alarms if judged else []:
        if judged and caller.sees([alarm.department]):
            yield alarm_row(judged.week, alarm, taxonomy)


def alarm_row(week: str, alarm: Tested, taxonomy: Taxonomy) -> Row:
    """An alarm as data, with its sentence and the contacts behind it."""
    zh, en = taxonomy.label(alarm.cause), label_en(taxonomy, alarm.cause)
    observed, expected, ratio = alarm.observed or 0, alarm.expected or 0, alarm.ratio or 0
    begun = ("新告警", "new alarm") if alarm.new else ("告警仍在", "the alarm still stands")
    asleep = ("（已静音）", " (snoozed)") if alarm.snoozed else ("", "")
    return {
        "kind": "alarm",
        "week": week,
        "label": zh,
        **alarm.model_dump(mode="json"),
        "behind": {"cause": alarm.cause, "first": shift(week, 1 - ALARM_WEEKS), "last": week},
        "zh": f"「{zh}」多于平常（{begun[0]}{asleep[0]}）：到 {week} 的三周共 {observed:,.0f} 条，"
        f"若一切照旧约 {expected:,.0f} 条，是它的 {ratio:.2f} 倍（误报率 q {_q(alarm)}）。",
        "en": f'"{en}" is above what is usual ({begun[1]}{asleep[1]}): {observed:,.0f} contacts in the three weeks to '
        f"{week}, about {expected:,.0f} if nothing had changed: {ratio:.2f} times that (false-alarm rate q {_q(alarm)}).",
    }


def _q(alarm: Tested) -> str:
    """Of alarms as clear as this one, the share that is false."""
    share = alarm.q or 0.0
    return "< 0.001" if share < 0.001 else f"= {share:.2g}"


def label_en(taxonomy: Taxonomy, cause: str) -> str:
    """A cause in English, where it has an English name."""
    known = taxonomy.by_code.get(cause)
    return (known.label_en or known.label_zh) if known else cause


def _signals(week: str, company: Drawn) -> Iterator[Row]:
    point = company.at(week)
    if point is None or not point.signals:
        return
    low, high = point.limits or (0.0, 0.0)
    side = "above" if point.value > point.mean else "below"
    said = [SIGNALS[rule] for rule in point.signals]
    zh, en = "；".join(one[0] for one in said), " and ".join(one[1] for one in said)
    yield {
        "kind": "signal",
        "series": "all",
        "week": week,
        "value": point.value,
        "mean": point.mean,
        "limits": point.limits,
        "signals": list(point.signals),
        "side": side,
        "zh": f"全部联络每千订单 {point.value:.2f}（{week}），{SIDES[side][0]}均值 {point.mean:.2f}，{zh}"
        f"（控制限 {low:.2f}–{high:.2f}）。",
        "en": f"All contacts per {PER:,} orders were {point.value:.2f} in {week}, {SIDES[side][1]} the mean of "
        f"{point.mean:.2f}: the series {en} (limits {low:.2f} to {high:.2f}).",
    }


def _gaps(gaps: Sequence[ChannelDay]) -> Iterator[Row]:
    alarms = [row for row in gaps if row.alarm]
    if alarms:
        lacking, told = sum(row.missing for row in alarms), sum(row.reported or 0 for row in alarms)
        share = lacking / told
        yield {
            "kind": "missing_contacts",
            "missing": lacking,
            "reported": told,
            "share": share,
            "days": sorted({row.day for row in alarms}),
            "channels": sorted({row.channel for row in alarms}),
            "zh": f"联络没有收全：{len(alarms)} 个渠道日少了 {lacking:,} 条（{share:.1%}），这些天的数字偏低。",
            "en": f"Contacts are missing: {lacking:,} ({share:.1%}) on {len(alarms)} channel day(s); "
            "the figures of those days are too low.",
        }


def _not_yet(week: str, judged: AlarmWeek | None, company: Drawn) -> Iterator[Row]:
    points = sum(point is not None for point in company.chart.points)
    if judged is None:
        yield {
            "kind": "not_judged",
            "week": week,
            "zh": f"{week} 尚未判定告警：还没有联络，或分母还没到齐（最多等三天）。",
            "en": f"{week} has not been judged for alarms: no contacts yet, or denominators still to come "
            "(waited for at most three days).",
        }
    if points < BASELINE:
        yield {
            "kind": "not_enough_data",
            "weeks": points,
            "zh": f"数据还不够：基线要 {BASELINE} 个有分母的完整周，现在 {points} 个；在此之前的控制限是试用的。",
            "en": f"Not enough data yet: a baseline takes {BASELINE} whole weeks with a denominator, there are {points}; "
            "until then limits are on trial.",
        }


def _quiet(week: str, judged: AlarmWeek | None, company: Drawn) -> Iterator[Row]:
    """Said only of what was really looked at."""
    tested = [t for t in judged.tested if t.state is AlarmState.QUIET] if judged else []
    lacking = shown({t.denominator for t in judged.tested if t.x is None}) if judged else ("", "")
    blind = sum(t.x is None for t in judged.tested) if judged else 0
    zh = f"另有 {blind} 个原因没有分母（{lacking[0]}），无法判定。" if blind else ""
    en = f" {blind} more have no denominator ({lacking[1]}) and could not be judged." if blind else ""
    if tested and company.at(week) is not None:
        yield {
            "kind": "none",
            "week": week,
            "tested": len(tested),
            "zh": f"没有告警：{week} 把 {len(tested)} 个原因放在一起判定，没有一个超出偶然；单个点可以在控制限外。{zh}",
            "en": f"No alarm: {len(tested)} causes were judged together for {week}, none is beyond chance; "
            f"single points may lie outside their limits.{en}",
        }
