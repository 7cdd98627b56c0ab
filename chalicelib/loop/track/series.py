"""Weekly series per cause, department, channel and segment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Literal

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.measure.registry import Metric, Scope, metric, source_for
from chalicelib.model.errors import Invalid
from chalicelib.model.people import not_found
from chalicelib.model.weeks import weeks_between

By = Literal["all", "cause", "department", "channel", "segment"]


def contacts_by_week(loop: Loop, by: By, part: str, first: str, last: str) -> list[dict[str, Any]]:
    """Contacts, cost and severity of one part for every week, weeks without contacts included."""
    if by == "cause" and part not in {*loop.unit().taxonomy.by_code, "other"}:
        raise not_found("cause")
    family = by if by in ("cause", "department") else "week"
    weeks = by_week(loop.store, family, first, last)
    return [_row(week, by, part, parts) for week, parts in weeks.items()]


def _row(week: str, by: By, part: str, parts: dict[str, Counter[str]]) -> dict[str, Any]:
    fields = parts.get(part if by in ("cause", "department") else "", Counter())
    if by in ("channel", "segment"):
        return {"week": week, "contacts": fields[f"{by}.{part}"]}
    n = fields["n"]
    return {
        "week": week,
        "contacts": n,
        "cost": fields["cost"],
        "mean_severity": round(fields["severity"] / n, 4) if n else None,
    }


def parts_by_week(loop: Loop, by: By, first: str, last: str) -> dict[str, list[int]]:
    """Contacts of every part for every week: the table behind heat maps and skylines."""
    weeks = list(by_week(loop.store, by if by in ("cause", "department") else "week", first, last).values())
    if by in ("cause", "department"):
        names = sorted({part for week in weeks for part in week})
        return {name: [week.get(name, Counter())["n"] for week in weeks] for name in names}
    if by == "all":
        return {"all": [week.get("", Counter())["n"] for week in weeks]}
    prefix = f"{by}."
    names = sorted({f for week in weeks for f in week.get("", ()) if f.startswith(prefix)})
    return {n.removeprefix(prefix): [week.get("", Counter())[n] for week in weeks] for n in names}


def metric_by_week(loop: Loop, metric_id: str, scope: Scope) -> list[dict[str, Any]]:
    """One metric of the registry for each week, each with its own state, n and interval."""
    chosen = metric(metric_id)
    must_fit(chosen, scope)
    whole = source_for(loop, scope)
    rows = []
    for week in weeks_between(scope.first, scope.last):
        one = replace(
            whole,
            scope=replace(scope, first=week, last=week),
            store_weeks=lambda family, week=week: {week: whole.store_weeks(family)[week]},  # type: ignore[misc]
        )
        rows.append({"week": week, **chosen.read(one).model_dump()})
    return rows


def must_fit(chosen: Metric, scope: Scope) -> None:
    """Invalid when the metric is not counted for such a scope."""
    if not chosen.fits(scope):
        raise Invalid(
            "metric.scope",
            "这个指标不按这种范围统计，见 /registry",
            "this metric is not counted for such a scope; see /registry",
            "metric",
        )
