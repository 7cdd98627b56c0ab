"""Commands on new causes."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add


def proposals(commands: Any) -> None:
    """Add them."""
    one = acting_as(
        add(commands, "discover", "查找还没有名字的原因 look for new causes", "proposals:discover")
    )
    one.add_argument(
        "--week", metavar="WEEK", help="看到哪一周，默认本周 the last week (default the current one)"
    )
    one = acting_as(add(commands, "proposals", "新原因的提议 proposed causes", "proposals:proposals"))
    one.add_argument(
        "action", nargs="?", default="list", choices=("list", "show", "accept", "merge", "refuse")
    )
    one.add_argument("id", nargs="?", help="提议编号 N-…")
    one.add_argument("--state", default="open", choices=("open", "accepted", "merged", "refused"))
    one.add_argument("--into", metavar="CODE", help="并入哪个原因 the cause it is merged into")
    one.add_argument("--words", metavar="A,B", help="客户的说法，默认证据词 words (default the evidence)")
    for name in ("code", "label", "department", "denominator", "reason"):
        one.add_argument(f"--{name}")
