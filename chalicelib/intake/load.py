"""A whole file into the loop: mapped, taken row by row, what is refused written down with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from chalicelib.intake import columns
from chalicelib.intake.fields import name_of, reasons
from chalicelib.intake.refused import Refused
from chalicelib.intake.rows import Row
from chalicelib.intake.tables import headers, own_columns, read_rows, sheets
from chalicelib.intake.takers import Ordinals, Result, fields_of, take_rows
from chalicelib.loop.context import Loop
from chalicelib.model.errors import Invalid, LoopError
from chalicelib.model.people import Caller

AT_ONCE = 500
EXAMPLES = 5
MOST_SHEETS = 20
"""Sheets of a workbook that are looked at when the one to import does not fit."""
USUAL_CHANNEL = "web"
"""Of files that do not say where their contacts came in and are imported without --channel."""
Progress = Callable[[int], None]


@dataclass
class Report:
    """What became of a file's rows; taken + known + refused is the number of those looked at."""

    kind: str
    rows: int = 0
    """How far into the file it came; where the rest begins when it was `stopped`."""
    stopped: bool = False
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
    after: int = 0
    """Rows to pass over: an earlier turn saw to them."""


def load(
    loop: Loop,
    caller: Caller,
    request: Request,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Take every row that can be taken, until told to stop. Raises Invalid when the file as a whole cannot be read."""
    mapping = mapping_for(request)
    report = Report(mapping.kind, request.after, unused=tuple(mapping.unused))
    report.assumed_channel = not request.channel and mapping.constants.get("channel") == USUAL_CHANNEL
    ordinals = Ordinals(mapping)
    own = own_columns(request.path, request.sheet)
    with Refused((request.refused or request.path.parent) / request.path.stem, own) as refused:
        rows = read_rows(request.path, request.sheet)
        _pass_over(islice(rows, request.after), ordinals, mapping)
        for batch in _batches(rows):
            report.stopped = report.rows > request.after and stop()
            if report.stopped:
                break
            _take_batch(loop, caller, mapping, ordinals, batch, report, refused)
            report.rows += len(batch)
            if progress:
                progress(report.taken + report.known + report.refused)
        report.refused_file = refused.path
    return report


def _pass_over(rows: Iterable[Row], ordinals: Ordinals, mapping: columns.Mapping) -> None:
    """Count them as an earlier turn did, so that equal rows after them keep their ordinals."""
    for row in rows:
        if row.cells is not None and not row.problem:
            with suppress(LoopError):
                ordinals(fields_of(mapping, row.cells))


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
    ordinals: Ordinals,
    batch: list[Row],
    report: Report,
    refused: Refused,
) -> None:
    read = [row for row in batch if row.cells is not None and not row.problem]
    results = take_rows(
        loop, caller, mapping, [row.cells or {} for row in read], lambda _, fields: ordinals(fields)
    )
    became: dict[int, Result] = {id(row): result for row, result in zip(read, results, strict=True)}
    for row in batch:
        result = became.get(id(row), row.problem or unread())
        if isinstance(result, LoopError):
            _refuse(row, result, report, refused)
        elif result:
            report.taken += 1
        else:
            report.known += 1


def unread() -> Invalid:
    """The refusal of a row of which nobody knows what is wrong."""
    return Invalid("row", "这一行读不出来", "this row cannot be read")


def _refuse(row: Row, error: LoopError, report: Report, refused: Refused) -> None:
    report.refused += 1
    report.reasons[error.code] += 1
    if len(report.examples) < EXAMPLES:
        report.examples.append(_example(row, error))
    refused.add(row.line, error, row.cells if row.cells is not None else row.original)


def _example(row: Row, error: LoopError) -> str:
    """Where and why in one line. A row that could not be read has its place in the file as `where`: left out."""
    where = error.where if row.cells is not None else ""
    name, (zh, en) = name_of(where) or where, reasons(error)
    zh, en = zh.removeprefix(name).strip(), en.removeprefix(where).lstrip(": ")
    return f"第 {row.line} 行{name and f' {name}'}：{zh} / line {row.line}{where and f' {where}'}: {en}"
