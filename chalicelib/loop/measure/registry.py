"""The registry: the only metrics there are. Every project names one; none has a private metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import per_x
from chalicelib.loop.measure.numbers import by_week, known_days, known_until, total
from chalicelib.loop.measure.value import (
    State,
    Value,
    amount,
    mean,
    missing,
    share,
)
from chalicelib.model.people import Caller, not_found
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.stats.intervals import bounds

Weeks = Mapping[str, Mapping[str, Counter[str]]]


@dataclass(frozen=True)
class Scope:
    """What a metric is asked about: a cause or a department or everything, perhaps one segment, some weeks."""

    first: str
    last: str
    cause: str = ""
    department: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Source:
    """Everything a metric may read: the scope's stored numbers, the rules, the time."""

    store_weeks: Callable[[str], Weeks]
    taxonomy: Taxonomy
    scope: Scope
    now: datetime

    def contacts(self) -> tuple[str, str]:
        """(family, part) of the scope's contacts."""
        if self.scope.cause:
            return "cause", self.scope.cause
        return ("department", self.scope.department) if self.scope.department else ("week", "")

    def cases(self) -> Counter[str]:
        """The scope's case numbers, summed over its weeks."""
        if self.scope.cause:
            return total(self.store_weeks("case.cause"), self.scope.cause)
        return self._of_departments("case")

    def callbacks(self) -> Counter[str]:
        """The scope's call-back numbers, summed over its weeks."""
        return self._of_departments("callback")

    def _of_departments(self, family: str) -> Counter[str]:
        weeks = self.store_weeks(family)
        if self.scope.department:
            return total(weeks, self.scope.department)
        parts = {part for week in weeks.values() for part in week}
        return sum((total(weeks, part) for part in parts), Counter())

    def sum(self) -> Counter[str]:
        """The scope's contact numbers, summed over its weeks."""
        family, part = self.contacts()
        return total(self.store_weeks(family), part)


@dataclass(frozen=True)
class Metric:
    """One entry of the registry."""

    id: str
    zh: str
    en: str
    unit: Literal["per_1000", "share", "minutes", "fen"]
    better: Literal["lower", "higher"]
    definition_zh: str
    read: Callable[[Source], Value]
    scopes: tuple[str, ...] = ("all", "cause", "department")
    by_segment: bool = False

    def fits(self, scope: Scope) -> bool:
        """Whether this metric is counted for such a scope; another's number is never shown in its place."""
        kind = "cause" if scope.cause else "department" if scope.department else "all"
        return kind in self.scopes and (self.by_segment or not scope.segment)


def denominator_of(taxonomy: Taxonomy, scope: Scope) -> str:
    """The X of a scope: a cause's own one; everything else is counted per order."""
    known = taxonomy.by_code.get(scope.cause)
    return known.denominator if known else "orders"


def _cpx(source: Source) -> Value:
    family, part = source.contacts()
    contacts = {week: parts.get(part, Counter()) for week, parts in source.store_weeks(family).items()}
    denominator = denominator_of(source.taxonomy, source.scope)
    x = {week: parts.get(denominator, Counter()) for week, parts in source.store_weeks("x").items()}
    return per_x(contacts, x, source.scope.segment, source.now)


def _days(source: Source, names: tuple[str, ...]) -> tuple[Counter[str], int]:
    """Sums over contacts older than the repeat window, and how many are younger."""
    scope = source.scope
    window = source.taxonomy.window(scope.cause) if scope.cause else source.taxonomy.widest_window
    until = known_until(source.now, window)
    family, part = source.contacts()
    known: Counter[str] = Counter()
    for week, parts in source.store_weeks(family).items():
        known.update(known_days(parts.get(part, {}), week, until, ("n", *names)))
    return known, source.sum()["n"] - known["n"]


def _repeat_rate(source: Source) -> Value:
    known, unknown = _days(source, ("repeat",))
    return share(known["repeat"], known["n"], unknown)


def _fcr(source: Source) -> Value:
    known, unknown = _days(source, ("first", "again"))
    return share(known["first"] - known["again"], known["first"], unknown)


def _time(source: Source, name: str, done: str) -> Value:
    cases = source.cases()
    return mean(
        cases[done], cases[f"{name}_minutes"], cases[f"{name}_squares"], cases["opened"] - cases[done]
    )


def _in_time(source: Source, name: str, done: str) -> Value:
    cases = source.cases()
    return share(cases[f"{name}_in_time"], cases[done], cases["opened"] - cases[done])


def _cost(source: Source) -> Value:
    fields = source.sum()
    return amount(fields["cost"], fields["n"])


def _cost_each(source: Source) -> Value:
    fields = source.sum()
    if not fields["n"]:
        return missing(State.NO_DATA)
    return Value(state=State.KNOWN, value=fields["cost"] / fields["n"], n=fields["n"], count=fields["cost"])


def _rate(source: Source, good: str, of: str) -> Value:
    """One of the three rates, with what it would be if all those not heard from were unhappy or happy."""
    asked = source.callbacks()
    value = share(asked[good], asked[of], asked["asked"] - asked[of])
    if not asked["asked"]:
        return value
    worst, best = bounds(asked[good], asked[of], asked["asked"] - asked[of])
    return value.model_copy(update={"worst": worst, "best": best})


_NO_CAUSE = ("all", "department")
_NO_DEPARTMENT = ("all", "cause")
REGISTRY: dict[str, Metric] = {
    m.id: m
    for m in (
        Metric("cpx", "每千件联络数", "Contacts per 1,000 X", "per_1000", "lower",
               "联络数 ÷ 该原因的分母 X × 1000", _cpx, by_segment=True),
        Metric("repeat_rate", "重复来电率（滚雪球）", "Repeat rate (snowball)", "share", "lower",
               "窗口内（默认 7 天）由同一客户同一原因或同一单号再次联络的占比；未满窗口的不计", _repeat_rate,
               _NO_DEPARTMENT),
        Metric("fcr", "首次解决率", "First-contact resolution", "share", "higher",
               "满窗口的首次联络中，之后没有再来的占比；以客户行为为准", _fcr, _NO_DEPARTMENT),
        Metric("time_to_own", "接受用时", "Time to own", "minutes", "lower",
               "从首次联络到责任部门接受的工作分钟数", partial(_time, name="own", done="owned")),
        Metric("owned_in_time", "按时接受率", "Accepted inside the clock", "share", "higher",
               "在时限内接受的工单占比", partial(_in_time, name="own", done="owned")),
        Metric("time_to_resolve", "办结用时", "Time to resolve", "minutes", "lower",
               "从首次联络到最近一次办结的工作分钟数", partial(_time, name="resolve", done="resolved")),
        Metric("resolved_in_time", "按时办结率", "Resolved inside the clock", "share", "higher",
               "在时限内办结的工单占比", partial(_in_time, name="resolve", done="resolved")),
        Metric("cost", "联络成本", "Cost of contacts", "fen", "lower",
               "处理时长 × 渠道费率 + 固定费用 + 补偿，单位分", _cost),
        Metric("cost_per_contact", "每次联络成本", "Cost per contact", "fen", "lower",
               "联络成本 ÷ 联络数，单位分", _cost_each),
        Metric("response_rate", "响应率", "Response rate", "share", "higher",
               "首次回应时限内联系上客户 ÷ 已回访", partial(_rate, good="in_limit", of="called"), _NO_CAUSE),
        Metric("resolution_rate", "解决率", "Resolution rate", "share", "higher",
               "客户说已解决 ÷ 有效回访", partial(_rate, good="resolved", of="valid"), _NO_CAUSE),
        Metric("satisfaction_rate", "满意率", "Satisfaction rate", "share", "higher",
               "满意或基本满意 ÷ 有效回访", partial(_rate, good="satisfied", of="rated"), _NO_CAUSE),
    )
}  # fmt: skip


def metric(metric_id: str) -> Metric:
    """The registry's entry, or NotFound: there are no others."""
    known = REGISTRY.get(metric_id)
    if known is None:
        raise not_found("metric")
    return known


def visible_scope(loop: Loop, caller: Caller, scope: Scope) -> Scope:
    """The scope, if its cause and department exist and are the caller's business."""
    taxonomy = loop.unit().taxonomy
    if scope.cause and scope.cause not in (OTHER, *taxonomy.by_code):
        raise not_found("cause")
    if scope.department and scope.department not in {d.code for d in taxonomy.departments}:
        raise not_found("department")
    owner = taxonomy.department_of(scope.cause) if scope.cause else scope.department
    if owner:
        caller.must_see([owner], "cause" if scope.cause else "department")
    return scope


def measure(loop: Loop, scope: Scope, wanted: Sequence[str] = ()) -> dict[str, Value]:
    """The registry's metrics for a scope (or the wanted ones), those that make sense for it."""
    source = source_for(loop, scope)
    chosen = [metric(name) for name in wanted] or list(REGISTRY.values())
    return {m.id: m.read(source) for m in chosen if m.fits(scope)}


def source_for(loop: Loop, scope: Scope) -> Source:
    """A source that reads each family at most once."""
    read: dict[str, Weeks] = {}

    def weeks(family: str) -> Weeks:
        if family not in read:
            read[family] = by_week(loop.store, family, scope.first, scope.last)
        return read[family]

    return Source(weeks, loop.unit().taxonomy, scope, loop.clock())
