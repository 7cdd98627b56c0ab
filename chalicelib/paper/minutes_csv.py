"""The minutes of a cycle as a table that Excel opens: one row an agenda row, decision or outcome."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from chalicelib.loop.repeat import wording
from chalicelib.model.cycle import Cycle, Decision, Figure
from chalicelib.model.weeks import local

BOM = "\ufeff"
"""By this Excel sees that the file is UTF-8."""
COLUMNS = (
    "week", "row", "part", "id", "label", "department", "numbers", "since", "decision", "about", "reason", "by",
    "at", "result", "made", "until", "became", "detail",
)  # fmt: skip
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins so would be run as a formula."""


def csv_of(cycle: Cycle) -> str:
    """The table with its heading; empty for what a row does not have."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(cycle):
        cells = {"week": cycle.week, **row}
        writer.writerow([guarded(cells.get(name, "")) for name in COLUMNS])
    return out.getvalue()


def guarded(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(RISKY) else text


def _rows(cycle: Cycle) -> Iterator[dict[str, str]]:
    yield {"row": "cycle", "id": cycle.week, "label": wording.state(cycle), "by": cycle.closed_by}
    for item in cycle.agenda:
        yield {
            "row": "agenda",
            "part": item.part,
            "id": item.id,
            "label": item.label,
            "department": item.department,
            "numbers": ";".join(_number(name, value) for name, value in item.numbers.items()),
            "since": item.since,
        }
    for part, n in cycle.left_out.items():
        yield {"row": "left out", "part": part, "numbers": str(n)}
    for part, n in cycle.snoozed.items():
        yield {"row": "put off", "part": part, "numbers": str(n)}
    for made in cycle.decisions:
        yield {"row": "decision", **_decision(made)}
    for outcome in cycle.outcomes:
        yield {
            "row": "outcome",
            **_decision(outcome.decision),
            "became": outcome.state,
            "detail": outcome.detail,
        }


def _number(name: str, value: Figure) -> str:
    """Money in yuan, and so named; what is not known yet is empty."""
    if name in wording.MONEY and isinstance(value, (int, float)):
        return f"{name}_yuan={value / 100:.2f}"
    return f"{name}={'' if value is None else value}"


def _decision(made: Decision) -> dict[str, str]:
    return {
        "id": made.id,
        "department": made.department,
        "decision": made.what,
        "about": made.about,
        "reason": made.reason,
        "by": made.by,
        "at": f"{local(made.at):%Y-%m-%d %H:%M:%S}",
        "result": made.result,
        "made": made.made,
        "until": made.until,
    }
