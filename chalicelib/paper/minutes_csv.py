"""The minutes of a cycle as a table that Excel opens: one row an agenda row, decision or outcome, all in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from chalicelib.loop.repeat import wording
from chalicelib.model.cycle import LAPSED, Cycle, Decision, Figure, Item
from chalicelib.model.weeks import local

BOM = "\ufeff"
"""By this Excel sees that the file is UTF-8."""
COLUMNS = {
    "week": "周 week",
    "row": "行 row",
    "part": "部分 part",
    "id": "编号 id",
    "label": "名称 name",
    "department": "部门 department",
    "numbers": "数字 figures",
    "since": "自哪一期 since",
    "decision": "决定 decision",
    "about": "关于 about",
    "reason": "理由 reason",
    "by": "谁 by",
    "at": "何时 at",
    "result": "做了什么 done",
    "became": "结果 became",
}
"""The columns and their headings."""
ROW: dict[str, wording.Words] = {
    "cycle": ("周期", "cycle"),
    "agenda": ("议程", "agenda"),
    "left_out": ("没有列出的项数", "left out"),
    "put_off": ("暂缓的项数", "put off"),
    "decision": ("本期决定", "decision"),
    "outcome": ("上期决定的结果", "what became of it"),
}
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins so would be run as a formula."""


def csv_of(cycle: Cycle) -> str:
    """The table with its heading; empty for what a row does not have."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS.values())
    for row, cells in _rows(cycle):
        told = {"week": cycle.week, "row": wording.both(ROW, row), **cells}
        writer.writerow([guarded(told.get(name, "")) for name in COLUMNS])
    return out.getvalue()


def guarded(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(RISKY) else text


def _rows(cycle: Cycle) -> Iterator[tuple[str, dict[str, str]]]:
    yield "cycle", {"id": cycle.week, "label": wording.state(cycle), "by": _who(cycle.closed_by)}
    for item in cycle.agenda:
        yield "agenda", _item(item, cycle.names)
    for part, n in cycle.left_out.items():
        yield "left_out", {"part": wording.part(part), "numbers": str(n)}
    for part, n in cycle.snoozed.items():
        yield "put_off", {"part": wording.part(part), "numbers": str(n)}
    for made in cycle.decisions:
        yield "decision", _decision(made, cycle.names)
    for outcome in cycle.outcomes:
        became = wording.became(outcome, cycle.names)
        yield "outcome", {**_decision(outcome.decision, cycle.names), "became": became}


def _item(item: Item, names: dict[str, str]) -> dict[str, str]:
    shown = ((name, value) for name, value in item.numbers.items() if name != "at_least")
    return {
        "part": wording.part(item.part),
        "id": item.id,
        "label": item.label,
        "department": names.get(item.department, item.department),
        "numbers": "；".join(_number(item, name, value, names) for name, value in shown),
        "since": item.since,
    }


def _number(item: Item, name: str, value: Figure, names: dict[str, str]) -> str:
    """As the pages show it, without commas; money in yuan; what is not known yet is empty."""
    heading = wording.both(wording.NUMBER, name)
    if name in wording.MONEY and isinstance(value, (int, float)):
        return f"{heading}（元 yuan）={wording.rounded(value / 100)}"
    if isinstance(value, float) and name not in wording.SHARES:
        return f"{heading}={wording.rounded(value)}"
    return f"{heading}={'' if value is None else wording.figure(item, name, names)}"


def _decision(made: Decision, names: dict[str, str]) -> dict[str, str]:
    return {
        "id": made.id,
        "department": names.get(made.department, made.department) if made.department else "全部 all",
        "decision": wording.both(wording.WHAT, made.what),
        "about": wording.about(made, names),
        "reason": made.reason,
        "by": _who(made.by),
        "at": f"{local(made.at):%Y-%m-%d %H:%M:%S}",
        "result": wording.came(made, names),
    }


def _who(name: str) -> str:
    return "系统 system" if name == LAPSED else name
