"""Options that many commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def add(commands: Any, name: str, text: str, target: str) -> argparse.ArgumentParser:
    """One command with what all have; `target` is module:function."""
    one: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    one.add_argument("--data", metavar="DIR", help="数据目录 data folder (default ./data or $VOC_DATA)")
    one.add_argument(
        "--json", action="store_true", help="最后一行输出一个 JSON 对象 last line is one JSON object"
    )
    one.set_defaults(target=target)
    return one


def acting_as(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Who does it."""
    one.add_argument("--as", dest="as_user", default="", metavar="USER", help="以该用户身份 as this user")
    return one


def weeks(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which weeks."""
    one.add_argument("--first", metavar="WEEK", help="起始周 2026-W40")
    one.add_argument("--last", metavar="WEEK", help="结束周 last week, default the current one")
    return one


def parts(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Of what, and which weeks."""
    for name, text in (("cause", "原因代码"), ("department", "部门代码"), ("segment", "客群")):
        one.add_argument(f"--{name}", help=text)
    return weeks(acting_as(one))


def limited(one: argparse.ArgumentParser, usual: int) -> argparse.ArgumentParser:
    """How many rows."""
    one.add_argument(
        "--limit", type=between(1, 500), default=usual, help=f"最多几行，1–500 rows (default {usual})"
    )
    return one


def between(low: int, high: int) -> Callable[[str], int]:
    """A whole number with bounds."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(
                f"应为 {low} 到 {high} 的整数 must be a whole number from {low} to {high}"
            )
        return int(text)

    return number
