"""The stored numbers counted anew from the entities, written apart from `tally`: plain sums by the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.loop.context import Loop
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Denominator

SHANGHAI = ZoneInfo("Asia/Shanghai")
FAMILIES = ("week", "cause", "department", "case", "case.cause", "callback", "x")
FIELDS = {
    "week": "n kind channel segment severity unsure cost seconds callbacks repeat first again",
    "cause": "n channel segment severity cost repeat first again",
    "department": "n channel segment severity cost",
    "case": "opened reopened late state owned own_in_time own_minutes own_squares resolved resolve_in_time"
    " resolve_minutes resolve_squares",
    "callback": "asked called in_limit reached not_reached valid resolved rated satisfied",
    "x": "value days day",
}
FIELDS["case.cause"] = FIELDS["case"]


def stored(loop: Loop) -> dict[tuple[str, str, str], int]:
    """The stored numbers that `counted` counts."""
    return {
        cell: n
        for family in FAMILIES
        for cell, n in loop.store.cells(family).items()
        if cell[2].split(".")[0] in FIELDS[family].split()
    }


def week(time: datetime) -> str:
    """ISO week in Shanghai."""
    year, number, _ = time.astimezone(SHANGHAI).isocalendar()
    return f"{year}-W{number:02d}"


def weekday(time: datetime) -> int:
    """1 is Monday."""
    return time.astimezone(SHANGHAI).isoweekday()


def counted(loop: Loop) -> dict[tuple[str, str, str], int]:
    """What the stored numbers should be."""
    out: Counter[tuple[str, str, str]] = Counter()
    contacts = list(loop.store.scan(Contact))
    for c in contacts:
        _contact(out, c, contacts, loop)
    for case in loop.store.scan(Case):
        _case(out, case)
    for callback in loop.store.scan(Callback):
        _callback(out, callback)
    for x in loop.store.scan(Denominator):
        day = "W" not in x.period
        sort = f"{x.week}/{x.name}"
        out["x", sort, f"value.{x.segment}"] += x.value
        out["x", sort, f"days.{x.segment}"] += 1 if day else 7
        if day:
            out["x", sort, f"day.{x.segment}.{datetime.fromisoformat(x.period).isoweekday()}"] += 1
    return {cell: n for cell, n in out.items() if n}


def _contact(out: Counter[Any], c: Contact, everybody: Iterable[Contact], loop: Loop) -> None:
    said = c.correction is not None and c.correction.causes is not None
    if c.analysis is None and not said:
        return
    when = week(c.time)
    if c.channel == "callback":
        out["week", when, "callbacks"] += 1
        return
    repeats, repeated = chain(c, everybody, loop)
    marks = {"repeat": repeats, "first": not repeats, "again": repeated and not repeats}
    places = [("week", when, c.cost)]
    places += [("cause", f"{when}/{x}", cost) for x, cost in split(c.cost, c.causes)]
    owner = dict(zip(c.causes, c.owners, strict=True))
    borne = Counter[str]()
    for x, cost in split(c.cost, c.causes):
        borne[owner[x]] += cost
    places += [("department", f"{when}/{x}", borne[x]) for x in c.departments]
    for family, sort, cost in places:
        fields = {
            "n": 1,
            f"channel.{c.channel}": 1,
            f"segment.{c.segment}": 1,
            "severity": c.severity,
            "cost": cost,
        }
        fields[f"n.{weekday(c.time)}"] = 1
        if family != "department":
            fields |= {f"{name}.{weekday(c.time)}": int(mark) for name, mark in marks.items()}
        if family == "week":
            fields |= {f"kind.{c.contact_kind}": 1, "unsure": int(c.unsure), "seconds": c.seconds}
        for field, n in fields.items():
            out[family, sort, field] += n


def split(cost: int, parts: Iterable[str]) -> list[tuple[str, int]]:
    """Fen by fen to the parts in turn, in the order of their names."""
    names = sorted(parts)
    out = dict.fromkeys(names, cost // len(names)) if names else {}
    for name in names[: cost % len(names)] if names else ():
        out[name] += 1
    return list(out.items())


def chain(c: Contact, everybody: Iterable[Contact], loop: Loop) -> tuple[bool, bool]:
    """Whether an earlier linked contact lies within the window, and a later one: by looking at every other one."""
    windows = {cause.code: cause.window_days for cause in loop.unit().taxonomy.causes}
    before = after = False
    for other in everybody:
        if other.id == c.id or other.channel == "callback" or not c.customer or other.customer != c.customer:
            continue
        reach = [windows.get(cause, 7) for cause in set(c.causes) & set(other.causes)]
        reach += [7] if (c.order and c.order == other.order) or (c.bill and c.bill == other.bill) else []
        gap = (other.time - c.time).total_seconds()
        near = bool(reach) and 0 < abs(gap) <= 86_400 * max(reach)
        before, after = before or (near and gap < 0), after or (near and gap > 0)
    return before, after


def _case(out: Counter[Any], k: Case) -> None:
    fields = {"opened": 1, "reopened": k.reopened, "late": int(len(k.escalated) > 0), f"state.{k.state}": 1}
    if k.accepted:
        fields |= {"owned": 1, "own_in_time": int(k.accepted <= k.accept_due)}
        fields |= {"own_minutes": k.own_minutes, "own_squares": k.own_minutes**2}
    if k.resolved:
        fields |= {"resolved": 1, "resolve_in_time": int(k.resolved <= k.resolve_due)}
        fields |= {"resolve_minutes": k.resolve_minutes, "resolve_squares": k.resolve_minutes**2}
    for field, n in fields.items():
        out["case", f"{week(k.opened)}/{k.department}", field] += n
        out["case.cause", f"{week(k.opened)}/{k.cause}", field] += n


def _callback(out: Counter[Any], b: Callback) -> None:
    if b.state == "cancelled":
        return
    reached = b.state == "reached"
    fields = {
        "asked": True,
        "called": b.attempts > 0,
        "in_limit": reached and b.in_limit,
        "reached": reached,
        "not_reached": b.state == "not_reached",
        "valid": reached and b.says_resolved is not None,
        "resolved": reached and b.says_resolved is True,
        "rated": reached and b.satisfaction is not None,
        "satisfied": reached and b.satisfaction in ("satisfied", "basically_satisfied"),
    }
    for field, yes in fields.items():
        out["callback", f"{week(b.created)}/{b.department}", field] += int(yes)
