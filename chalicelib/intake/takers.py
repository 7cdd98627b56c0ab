"""Rows of a file as callers send them, and who takes them: one taker a kind of file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.intake import columns
from chalicelib.loop.context import Loop
from chalicelib.loop.customers import NewCustomer, save_customer
from chalicelib.loop.listen import source_counts
from chalicelib.loop.listen.take import take
from chalicelib.loop.measure import denominators
from chalicelib.loop.repeat.callbacks import Answer, answer
from chalicelib.model.case import Case
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid, LoopError, NotFound, together
from chalicelib.model.people import Caller

Fields = dict[str, Any]
Result = LoopError | bool
"""True = new, False = known already, or the error that refuses the row."""
Taker = Callable[[Loop, Caller, list[Fields], list[int]], list[Result]]


class Ordinals:
    """How many equal rows came before, where a file says no times: 1 for the first; 0 for rows with a time."""

    def __init__(self, mapping: columns.Mapping) -> None:
        self._timed = "time" in mapping.fields
        self._seen: Counter[tuple[str, str]] = Counter()

    def __call__(self, row: Mapping[str, Any]) -> int:
        if self._timed and row.get("time"):
            return 0
        name = (str(row.get("text", "")), str(row.get("customer", "")))
        self._seen[name] += 1
        return self._seen[name]


def fields_of(mapping: columns.Mapping, cells: Mapping[str, object]) -> Fields:
    """A row's fields as callers send them; for an amount that is none, the Invalid that says so."""
    return _converted(columns.apply(mapping, cells))


def take_rows(
    loop: Loop,
    caller: Caller,
    mapping: columns.Mapping,
    rows: Sequence[Mapping[str, object]],
    ordinal: Callable[[int, Fields], int],
) -> list[Result]:
    """What became of each row, in their order; `ordinal` is told the row's place and its fields."""
    given = [fields_of(mapping, cells) for cells in rows]
    ordinals = [ordinal(n, fields) for n, fields in enumerate(given)]
    return TAKERS[mapping.kind](loop, caller, given, ordinals)


def _converted(cells: Mapping[str, Any]) -> Fields:
    """What files write differently from callers: kinds, durations, money in yuan, lists of causes."""
    out = dict(cells)
    if "kind" in out:
        out["contact_kind"] = out.pop("kind")
    if "seconds" in out:
        out["seconds"] = _seconds(out["seconds"])
    if "concession" in out:
        out["concession"] = _fen(out["concession"])
    if isinstance(out.get("causes"), str):
        out["causes"] = tuple(c for c in out["causes"].replace("；", ";").replace(",", ";").split(";") if c)
    return out


def _seconds(value: Any) -> Any:
    parts = str(value).strip().split(":")
    if len(parts) in (2, 3) and all(p.isdigit() for p in parts):
        return sum(int(p) * 60**i for i, p in enumerate(reversed(parts)))
    return value


def _fen(value: Any) -> int | Invalid:
    try:
        fen = Decimal(str(value).strip().lstrip("¥￥").rstrip("元").replace(",", "")) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if fen.is_finite() and fen == fen.to_integral_value():
        return int(fen)
    return Invalid(
        "concession",
        "补偿金额应为元，最多两位小数",
        "the concession must be yuan with at most two decimals",
        "concession",
    )


def _contacts(loop: Loop, caller: Caller, rows: list[Fields], ordinals: list[int]) -> list[Result]:
    outcomes = take(loop, caller, rows, ordinals)
    return [o.error if o.error else o.status == "taken" for o in outcomes]


def _one_by_one(take_row: Callable[[Loop, Caller, Fields], bool]) -> Taker:
    def run(loop: Loop, caller: Caller, rows: list[Fields], ordinals: list[int]) -> list[Result]:
        results: list[Result] = []
        for row in rows:
            try:
                results.append(take_row(loop, caller, row))
            except LoopError as error:
                results.append(error)
        return results

    return run


def _denominator(loop: Loop, caller: Caller, row: Fields) -> bool:
    return denominators.save(loop, checked(denominators.NewDenominator, row), caller.name)[1]


def _source_count(loop: Loop, caller: Caller, row: Fields) -> bool:
    return source_counts.save(loop, caller, checked(source_counts.NewSourceCount, row))[1]


def _customer(loop: Loop, caller: Caller, row: Fields) -> bool:
    return save_customer(loop, caller, checked(NewCustomer, row))[1]


def _callback(loop: Loop, caller: Caller, row: Fields) -> bool:
    case = str(row.pop("case", "")).strip()
    unowed = Invalid(
        "callback.case",
        "没有这个工单的回访任务，请核对工单号",
        "no call-back is owed for this case; check its number",
        "case",
    )
    try:
        return answer(loop, caller, case, checked(Answer, row))[1]
    except NotFound:
        raise unowed from None
    except Invalid as fault:
        known = loop.unit().get(Case, case) if case else None
        raise together([fault] if known else [unowed, fault]) from None


TAKERS: dict[str, Taker] = {
    "contacts": _contacts,
    "denominators": _one_by_one(_denominator),
    "customers": _one_by_one(_customer),
    "callbacks": _one_by_one(_callback),
    "source_counts": _one_by_one(_source_count),
}
