"""What each entity contributes to the stored numbers: pure functions, so that numbers can always be recounted.

All numbers are integers (counts, fen, seconds, minutes), so sums do not depend on the order of events.

| family | sort | fields |
| --- | --- | --- |
| week | week | n, kind.K, channel.C, segment.S, cause.C, department.D, severity, unsure, cost, seconds, callbacks, days (below), reader.M |
| cause | week/cause | n, severity, cost, channel.C, segment.S, days |
| department | week/department | n, severity, cost, channel.C, segment.S, n.1 .. n.7 |
| case | week/department, of opening | opened, owned, own_minutes, own_squares, own_in_time, resolved, ... |
| case.cause | week/cause, of opening | the same |
| callback | week/department, of creation | asked, called, in_limit, valid, resolved, satisfied, not_reached |
| charge.month | month | cost (of contacts of the month), n, fen (booked in it) |
| charge | month/account | n, fen, late, reversed, reversals, each also with .cause (`charging`) |
| dispute | dispute | n, fen, of the shares it moved |
| x | week/denominator | value.S, days.S (7 for a whole week), day.S.D of single days |
| day | day | channel: contacts recorded, also those nobody has read yet |
| source | day | count.channel: contacts by the source's own count; told.channel: whether it gave one |

cause.C and department.D of a week are the n of the cause and the department once more: years of charts are read
from one small row a week. reader.M counts the contacts that the model M read last.

Days: n.1 .. n.7, repeat.1 .., first.1 .., again.1 .. by weekday (Monday = 1), because a contact younger than
its repeat window is not yet known, and the window ends in the middle of weeks. `first` has no earlier
linked contact, `again` is a first contact that a later one repeats.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import cast

from chalicelib.model.case import Callback, CallbackState, Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.cycle import Denominator
from chalicelib.model.entity import Entity
from chalicelib.model.months import month_of
from chalicelib.model.source_count import SourceCount
from chalicelib.model.weeks import date_of, day_of, week_of
from chalicelib.ports import Cells

READER = "reader."
"""Field of a week: contacts by the model that read them last."""


def tally(entity: Entity) -> Cells:
    """The contribution of one entity; empty for what is not counted."""
    count = _TALLIES.get(entity.kind)
    return count(entity) if count else {}


def _contact(entity: Entity) -> Cells:
    c = cast(Contact, entity)
    came: Cells = {} if c.channel is Channel.CALLBACK else {("day", date_of(c.time), str(c.channel)): 1}
    return came | _tagged(c) if c.tagged else came


def _tagged(c: Contact) -> Cells:
    week = week_of(c.time)
    if c.channel is Channel.CALLBACK:
        return {("week", week, "callbacks"): 1}
    common = {"n": 1, f"channel.{c.channel}": 1, f"segment.{c.segment}": 1, "severity": c.severity}
    days = _days(c)
    whole = {
        **common,
        **days,
        f"kind.{c.contact_kind}": 1,
        "unsure": int(c.unsure),
        "cost": c.cost,
        "seconds": c.seconds,
        **{f"cause.{cause}": 1 for cause in c.causes},
        **{f"department.{department}": 1 for department in c.departments},
        **({f"{READER}{c.analysis.model}": 1} if c.analysis else {}),
    }
    cells = {("week", week, field): n for field, n in whole.items() if n}
    borne = _borne(c)
    for department in c.departments:
        mine = {**common, f"n.{day_of(c.time)}": 1, "cost": borne[department]}
        cells |= {("department", f"{week}/{department}", f): n for f, n in mine.items() if n}
    for cause, cost in zip(sorted(c.causes), shares(c.cost, len(c.causes)), strict=True):
        mine = {**common, **days, "cost": cost}
        cells |= {("cause", f"{week}/{cause}", f): n for f, n in mine.items() if n}
    return cells | charged(c)


def _borne(c: Contact) -> Counter[str]:
    """What each department's causes cost: the same shares as those the ledger charges."""
    borne: Counter[str] = Counter()
    owned = sorted(zip(c.causes, c.owners, strict=False))  # contacts of older versions have no owners yet
    for (_, owner), fen in zip(owned, shares(c.cost, len(owned)), strict=True):
        borne[owner] += fen
    return borne


def charged(c: Contact) -> Cells:
    """What a contact adds to the ledger. It is counted in each line once, where it was first charged."""
    cells: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    cells["charge.month", month_of(c.time), "cost"] = c.cost
    for one in c.charges:
        row, cause, fen = f"{one.month}/{one.account}", one.cause, one.fen
        cells["charge.month", one.month, "fen"] += fen
        for name in _SUMMED[one.why]:
            cells["charge", row, name] += fen
            cells["charge", row, f"{name}.{cause}"] += fen
        if one.why == "reversal":
            cells["charge", row, "reversals"] += 1
            cells["charge", row, f"reversals.{cause}"] += 1
        else:
            for cell in (
                ("charge.month", one.month, "n"),
                ("charge", row, "n"),
                ("charge", row, f"n.{cause}"),
            ):
                cells[cell] = 1
    for ruling in c.rulings:
        if moved := sum(o.fen for o in c.charges if (o.account, o.cause) == (ruling.account, ruling.cause)):
            cells["dispute", ruling.dispute, "n"] += 1
            cells["dispute", ruling.dispute, "fen"] += moved
    return {cell: n for cell, n in cells.items() if n}


_SUMMED = {"charge": ("fen",), "late": ("fen", "late"), "reversal": ("fen", "reversed")}


def _days(c: Contact) -> dict[str, int]:
    day = day_of(c.time)
    first = not c.repeats
    return {
        f"n.{day}": 1,
        f"repeat.{day}": int(c.repeats),
        f"first.{day}": int(first),
        f"again.{day}": int(first and c.repeated),
    }


def shares(total: int, parts: int) -> list[int]:
    """`total` in `parts` integer shares that sum to it exactly, the first ones larger by at most 1."""
    if not parts:
        return []
    each, rest = divmod(total, parts)
    return [each + (i < rest) for i in range(parts)]


def _case(entity: Entity) -> Cells:
    k = cast(Case, entity)
    week = week_of(k.opened)
    fields = {
        "opened": 1,
        "reopened": k.reopened,
        "late": int(bool(k.escalated)),
        f"state.{k.state}": 1,
    }
    if k.accepted:
        in_time = int(k.accepted <= k.accept_due)
        fields |= {"owned": 1, "own_in_time": in_time, **_sums("own", k.own_minutes)}
    if k.resolved:
        in_time = int(k.resolved <= k.resolve_due)
        fields |= {"resolved": 1, "resolve_in_time": in_time, **_sums("resolve", k.resolve_minutes)}
    return {
        (family, f"{week}/{name}", field): n
        for family, name in (("case", k.department), ("case.cause", k.cause))
        for field, n in fields.items()
        if n
    }


def _sums(name: str, minutes: int) -> dict[str, int]:
    return {f"{name}_minutes": minutes, f"{name}_squares": minutes * minutes}


def _callback(entity: Entity) -> Cells:
    b = cast(Callback, entity)
    if b.state is CallbackState.CANCELLED:
        return {}
    reached = b.state is CallbackState.REACHED
    valid = reached and b.says_resolved is not None
    rated = reached and b.satisfaction is not None
    fields = {
        "asked": 1,
        "called": int(b.attempts > 0),
        "in_limit": int(reached and b.in_limit),
        "reached": int(reached),
        "not_reached": int(b.state is CallbackState.NOT_REACHED),
        "valid": int(valid),
        "resolved": int(valid and bool(b.says_resolved)),
        "rated": int(rated),
        "satisfied": int(rated and b.satisfaction in ("satisfied", "basically_satisfied")),
    }
    sort = f"{week_of(b.created)}/{b.department}"
    return {("callback", sort, field): n for field, n in fields.items() if n}


def _denominator(entity: Entity) -> Cells:
    d = cast(Denominator, entity)
    sort = f"{d.week}/{d.name}"
    whole = "W" in d.period
    cells = {("x", sort, f"value.{d.segment}"): d.value, ("x", sort, f"days.{d.segment}"): 7 if whole else 1}
    if not whole:
        day = date.fromisoformat(d.period).isoweekday()
        cells["x", sort, f"day.{d.segment}.{day}"] = 1
    return {cell: n for cell, n in cells.items() if n}


def _source_count(entity: Entity) -> Cells:
    s = cast(SourceCount, entity)
    cells = {("source", s.day, f"count.{s.channel}"): s.count, ("source", s.day, f"told.{s.channel}"): 1}
    return {cell: n for cell, n in cells.items() if n}


_TALLIES: dict[str, Callable[[Entity], Cells]] = {
    Contact.kind: _contact,
    Case.kind: _case,
    Callback.kind: _callback,
    Denominator.kind: _denominator,
    SourceCount.kind: _source_count,
}

COUNTED: tuple[type[Entity], ...] = (Contact, Case, Callback, Denominator, SourceCount)
"""The kinds that contribute."""
