"""A whole file into the loop: mapped, taken row by row, what is refused written down with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from chalicelib.intake import columns
from chalicelib.intake.refused import Refused
from chalicelib.intake.rows import Row
from chalicelib.intake.tables import headers, own_columns, read_rows, sheets
from chalicelib.loop.context import Loop
from chalicelib.loop.customers import NewCustomer, save_customer
from chalicelib.loop.listen import source_counts
from chalicelib.loop.listen.take import take
from chalicelib.loop.measure import denominators
from chalicelib.loop.repeat.callbacks import Answer, answer
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid, LoopError, NotFound
from chalicelib.model.people import Caller

AT_ONCE = 500
EXAMPLES = 5
MOST_SHEETS = 20
"""Sheets of a workbook that are looked at when the one to import does not fit."""
USUAL_CHANNEL = "web"
"""Of files that do not say where their contacts came in and are imported without --channel."""
Progress = Callable[[int], None]
Taker = Callable[[Loop, Caller, list[dict[str, Any]]], list[LoopError | bool]]
"""Takes rows: True = new, False = known already, or the error that refuses it."""


@dataclass
class Report:
    """What became of a file's rows; taken + known + refused is their number."""

    kind: str
    taken: int = 0
    known: int = 0
    refused: int = 0
    refused_file: Path | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    unused: tuple[str, ...] = ()
    assumed_channel: bool = False
    examples: list[str] = field(default_factory=list)
    """The first `EXAMPLES` refusals in the order of the file: line, where, why; never the value."""


@dataclass(frozen=True)
class Request:
    """What is to be imported and how."""

    path: Path
    kind: str | None = None
    columns: str = ""
    """A --map text, laid over the guess."""
    sheet: str | None = None
    channel: str = ""
    """For files that do not say where their contacts came in."""
    refused: Path | None = None
    """Folder for the file of refused rows; default beside the file."""


def load(loop: Loop, caller: Caller, request: Request, progress: Progress | None = None) -> Report:
    """Take every row that can be taken. Raises Invalid when the file as a whole cannot be read."""
    mapping = mapping_for(request)
    report = Report(mapping.kind, unused=tuple(mapping.unused))
    report.assumed_channel = not request.channel and mapping.constants.get("channel") == USUAL_CHANNEL
    taker = _TAKERS[mapping.kind](mapping)
    own = own_columns(request.path, request.sheet)
    with Refused((request.refused or request.path.parent) / request.path.stem, own) as refused:
        for batch in _batches(read_rows(request.path, request.sheet)):
            _take_batch(loop, caller, mapping, taker, batch, report, refused)
            if progress:
                progress(report.taken + report.known + report.refused)
        report.refused_file = refused.path
    return report


def mapping_for(request: Request) -> columns.Mapping:
    """Which column is which field: guessed, overridden, with the given channel where none is.

    Raises Invalid when required columns are not there; it names the other sheets that have them.
    """
    try:
        return _mapping(request)
    except Invalid as error:
        fitting = _fitting_sheets(request) if error.code in ("columns.unknown", "header.missing") else ()
        if not fitting:
            raise
        zh, en = "、".join(fitting), ", ".join(fitting)
        raise Invalid(
            error.code,
            f"{error.zh}；合适的工作表：{zh}",
            f"{error.en}; sheets that fit: {en}",
            error.where,
        ) from None


def _fitting_sheets(request: Request) -> list[str]:
    """The options that choose another sheet, of those that could be imported."""
    names = sheets(request.path)
    asked = request.sheet or (names[0] if names else "")
    fitting = []
    for name in names[:MOST_SHEETS]:
        with suppress(Invalid):
            if name != asked and _mapping(replace(request, sheet=name)):
                fitting.append(f'--sheet "{name}"' if " " in name else f"--sheet {name}")
    return fitting


def _mapping(request: Request) -> columns.Mapping:
    names = headers(request.path, request.sheet)
    mapping = (
        columns.parse_map(request.columns, names, request.kind)
        if request.columns
        else columns.guess(names, request.kind)
    )
    if mapping.kind == "contacts" and "channel" not in {**mapping.fields, **mapping.constants}:
        mapping = columns.parse_map(
            ",".join(filter(None, (request.columns, f"channel=={request.channel or USUAL_CHANNEL}"))),
            names,
            mapping.kind,
        )
    return columns.require(mapping, names)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _take_batch(
    loop: Loop,
    caller: Caller,
    mapping: columns.Mapping,
    taker: Taker,
    batch: list[Row],
    report: Report,
    refused: Refused,
) -> None:
    bad: list[tuple[Row, LoopError]] = []
    good: list[tuple[Row, dict[str, Any]]] = []
    for row in batch:
        if row.problem or row.cells is None:
            unread = Invalid("row", "这一行读不出来", "this row cannot be read")
            bad.append((row, row.problem or unread))
            continue
        try:
            good.append((row, _converted(columns.apply(mapping, row.cells))))
        except LoopError as error:
            bad.append((row, error))
    for (row, _), result in zip(good, taker(loop, caller, [cells for _, cells in good]), strict=True):
        if isinstance(result, LoopError):
            bad.append((row, result))
        elif result:
            report.taken += 1
        else:
            report.known += 1
    for row, why in sorted(bad, key=lambda each: each[0].line):
        _refuse(row, why, report, refused)


def _refuse(row: Row, error: LoopError, report: Report, refused: Refused) -> None:
    report.refused += 1
    report.reasons[error.code] += 1
    if len(report.examples) < EXAMPLES:
        report.examples.append(_example(row, error))
    refused.add(row.line, error, row.cells if row.cells is not None else row.original)


def _example(row: Row, error: LoopError) -> str:
    """Where and why in one line. A row that could not be read has its place in the file as `where`: left out."""
    where = error.where if row.cells is not None else ""
    zh, en = (text.removeprefix(where).strip() for text in (error.zh, error.en))
    name = f" {where}" if where else ""
    return f"第 {row.line} 行{name}：{zh} / line {row.line}{name}: {en}"


def _converted(cells: Mapping[str, Any]) -> dict[str, Any]:
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


def _fen(value: Any) -> int:
    try:
        fen = Decimal(str(value).strip().lstrip("¥￥").rstrip("元").replace(",", "")) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if fen != fen.to_integral_value() if fen.is_finite() else True:
        raise Invalid(
            "concession",
            "补偿金额应为元，最多两位小数",
            "the concession must be yuan with at most two decimals",
            "concession",
        )
    return int(fen)


def _contacts(mapping: columns.Mapping) -> Taker:
    """Contacts; equal rows of a file without times are told apart by how many came before."""
    seen: Counter[tuple[str, str]] = Counter()
    timed = "time" in mapping.fields

    def ordinal(row: dict[str, Any]) -> int:
        if timed and row.get("time"):
            return 0
        name = (str(row.get("text", "")), str(row.get("customer", "")))
        seen[name] += 1
        return seen[name]

    def run(loop: Loop, caller: Caller, rows: list[dict[str, Any]]) -> list[LoopError | bool]:
        outcomes = take(loop, caller, rows, [ordinal(row) for row in rows])
        return [o.error if o.error else o.status == "taken" for o in outcomes]

    return run


def _one_by_one(
    take_row: Callable[[Loop, Caller, dict[str, Any]], bool],
) -> Callable[[columns.Mapping], Taker]:
    def run(loop: Loop, caller: Caller, rows: list[dict[str, Any]]) -> list[LoopError | bool]:
        results: list[LoopError | bool] = []
        for row in rows:
            try:
                results.append(take_row(loop, caller, row))
            except LoopError as error:
                results.append(error)
        return results

    return lambda mapping: run


def _denominator(loop: Loop, caller: Caller, row: dict[str, Any]) -> bool:
    return denominators.save(loop, checked(denominators.NewDenominator, row))[1]


def _source_count(loop: Loop, caller: Caller, row: dict[str, Any]) -> bool:
    return source_counts.save(loop, caller, checked(source_counts.NewSourceCount, row))[1]


def _customer(loop: Loop, caller: Caller, row: dict[str, Any]) -> bool:
    return save_customer(loop, caller, checked(NewCustomer, row))[1]


def _callback(loop: Loop, caller: Caller, row: dict[str, Any]) -> bool:
    case = str(row.pop("case", "")).strip()
    try:
        return answer(loop, caller, case, checked(Answer, row))[1]
    except NotFound:
        raise Invalid(
            "callback.case",
            "没有这个工单的回访任务，请核对工单号",
            "no call-back is owed for this case; check its number",
            "case",
        ) from None


_TAKERS: dict[str, Callable[[columns.Mapping], Taker]] = {
    "contacts": _contacts,
    "denominators": _one_by_one(_denominator),
    "customers": _one_by_one(_customer),
    "callbacks": _one_by_one(_callback),
    "source_counts": _one_by_one(_source_count),
}
