"""The command of the cycle."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add

WHAT = ("start_project", "accept_proposal", "rebase", "snooze", "other")


def cycle(commands: Any) -> None:
    """Add it."""
    text = "周期：议程、决定、上期的结果 the cycle: agenda, decisions, what became of the last ones"
    one = acting_as(add(commands, "cycle", text, "cycle:cycle"))
    one.add_argument("action", nargs="?", default="show", choices=("show", "decide", "close"))
    one.add_argument("--week", metavar="WEEK", help="哪一期，默认本期 which, default the open one")
    one.add_argument("--pdf", metavar="FILE", help="纪要存为两页 PDF save the minutes as a PDF")
    one.add_argument("--csv", metavar="FILE", help="纪要存为 CSV save the minutes as CSV")
    one.add_argument("--what", choices=WHAT, help="decide：决定什么 what is decided")
    one.add_argument("--about", metavar="X", help="decide：原因、项目、提议或议程里的编号 about what")
    one.add_argument("--reason", metavar="R", help="decide：理由 why")
    one.add_argument("--until", metavar="WEEK", help="snooze：到哪一周再提 when it returns (default in four)")
