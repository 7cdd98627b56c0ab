"""Commands of the charge-back ledger."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, limited


def ledger(commands: Any) -> None:
    """Add them."""
    one = acting_as(add(commands, "ledger", "内部结算：一个月的账 charge-back: a month", "ledger:ledger"))
    one.add_argument("action", nargs="?", choices=("show", "close"), default="show")
    one.add_argument("--month", metavar="MONTH", help="2026-09；默认本月，close 默认最近结束的月份")
    one.add_argument("--department", help="部门代码，按原因列出；也可为 @unallocated one account by cause")
    one.add_argument("--cause", help="再按原因下钻到联络 down to the contacts of one cause")
    one.add_argument("--cursor", default="", help="从上一页的末尾接着看 go on after the last page")
    limited(one, 30)
    one = acting_as(add(commands, "dispute", "结算争议 disputed shares", "ledger:dispute"))
    one.add_argument("action", nargs="?", choices=("list", "open", "uphold", "refuse"), default="list")
    one.add_argument("id", nargs="?", help="争议编号 Q-…")
    one.add_argument("--state", choices=("open", "upheld", "refused"))
    for name, text in (
        ("month", "争议哪个月的账 whose line"),
        ("contact", "或哪一条联络 or one contact"),
        ("cause", "原因代码 cause"),
        ("department", "提出的部门 who disputes"),
        ("to", "应由哪个部门承担 who should bear it"),
        ("reason", "理由 reason"),
    ):
        one.add_argument(f"--{name}", default="", help=text)
