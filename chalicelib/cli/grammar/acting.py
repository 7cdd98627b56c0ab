"""Commands that do."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add


def acting(commands: Any) -> None:
    """Add them."""
    one = acting_as(add(commands, "log", "记一条联络 log one contact", "acting:log"))
    one.add_argument("text", help="内容；- 读标准输入 text, - for standard input")
    one.add_argument("--channel", default="phone")
    for name in ("customer", "order"):
        one.add_argument(f"--{name}")
    one.add_argument("--seconds", type=int)
    one.add_argument("--cause", action="append", help="原因代码，可多次 cause code, repeatable")
    one = acting_as(add(commands, "do", "执行任一接口操作 do what any route does", "acting:do"))
    one.add_argument("operation", nargs="?", help="不给则列出全部 none lists all")
    one.add_argument("values", nargs="*", metavar="name=value")
    one.add_argument("--body", default="", help="JSON")
