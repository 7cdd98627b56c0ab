"""Rows as CSV: UTF-8 with a byte-order mark for Excel, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.loop.export.columns import Column

MARK = "\ufeff"
RISKY = tuple("=+-@\t\r\n'＝＋－＠")
"""A text cell that begins so, blanks aside, gets an apostrophe in front: spreadsheets run the signs as formulas, in their wide
form too. The apostrophe itself is among them, so that taking one away gives the text back."""


def cell(value: Any) -> str:
    """One value: lists joined by ;, yes and no as true and false, nothing as an empty cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    text = ";".join(str(one).replace(";", "；") for one in value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(RISKY) else text


def head(columns: Sequence[Column]) -> str:
    """The first line, behind the byte-order mark."""
    return MARK + cells([c.name for c in columns])


def line(row: Mapping[str, Any], columns: Sequence[Column]) -> str:
    """One row."""
    return cells([row[c.name] for c in columns])


def cells(values: Iterable[Any]) -> str:
    """One line of these cells."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in values])
    return out.getvalue()
