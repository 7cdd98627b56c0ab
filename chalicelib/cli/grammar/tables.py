"""Arguments of the commands that compute from a plain table."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from chalicelib.cli.grammar.options import add

FEWEST, USUAL, MOST = 2, 12, 10_000


def tables(commands: Any) -> None:
    """Add them."""
    _chart(add(commands, "chart", "一个表的控制图 control chart of a table", "charting:draw"))
    text = "改进前后的结论，从一张表算 before/after verdict of a plain table"
    _verdict(add(commands, "verdict", text, "verdict:judge"))


def _chart(one: ArgumentParser) -> None:
    one.add_argument("--kind", required=True, choices=("xmr", "u", "p"), help="单值、每件次数、比例")
    one.add_argument(
        "--in", dest="source", required=True, metavar="CSV", help="period,value 或 or period,count,exposure"
    )
    one.add_argument(
        "--baseline", type=_points, default=USUAL, metavar="N",
        help=f"前 N 点为基线，all 为全部 points of the baseline or all (default {USUAL})",
    )  # fmt: skip
    one.add_argument("--no-clamp", action="store_true", help="σz 可小于 1 do not clamp sigma_z at 1")
    for name, text in (
        ("rebase", "从该期起重设基线 a new baseline"),
        ("seam", "从该期起分类换版 a new taxonomy"),
    ):
        one.add_argument(f"--{name}", action="append", default=[], metavar="PERIOD=REASON", help=text)


def _verdict(one: ArgumentParser) -> None:
    columns = "time,count,exposure,intervention[,season,control,intervention_NAME,sibling_NAME]"
    one.add_argument("--in", dest="source", required=True, metavar="CSV", help=columns)
    one.add_argument("--config", required=True, metavar="JSON", help="事先约定的口径 what was agreed before")


def _points(text: str) -> int | None:
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and FEWEST <= int(text) <= MOST):
        raise ArgumentTypeError(
            f"应为 all 或 {FEWEST} 到 {MOST} 的整数 must be all or a whole number from {FEWEST} to {MOST}"
        )
    return int(text)
