"""Commands of what executives watch."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, between, limited


def watching(commands: Any) -> None:
    """Add them."""
    one = acting_as(add(commands, "overview", "管理层一页 the executive page", "watching:page"))
    one.add_argument("--week", metavar="WEEK", help="默认上一周 default the last finished one")
    one = acting_as(add(commands, "alarms", "一周的告警 the alarms of a week", "watching:alarm_list"))
    one.add_argument("--week", metavar="WEEK", help="默认最近判定的一周 default the newest judged one")
    one = acting_as(
        add(commands, "skyline", "各原因七周的每千件 seven weeks of the top causes", "watching:bars")
    )
    one.add_argument("--week", metavar="WEEK", help="到哪一周 the last week")
    one.add_argument("--causes", type=between(1, 60), default=20, help="几个原因 how many causes")
    text = "两段之间的变化：量和摩擦 a change split into volume and friction"
    one = limited(acting_as(add(commands, "split", text, "watching:two_periods")), 30)
    for name in ("first", "last", "before-first", "before-last"):
        one.add_argument(f"--{name}", default="", metavar="WEEK")
    text = "收全了没有 contacts recorded against reported"
    one = acting_as(add(commands, "completeness", text, "watching:complete"))
    one.add_argument(
        "--first", default="", metavar="DAY", help="2026-11-01，默认最近 14 天 default the last 14"
    )
    one.add_argument("--last", default="", metavar="DAY")
    text = "基线：列出、重设、撤销 baselines: list, begin again, take back"
    one = acting_as(add(commands, "baseline", text, "watching:baseline"))
    one.add_argument("action", nargs="?", default="list", choices=("list", "rebase", "revoke"))
    one.add_argument("--metric", default="cpx")
    for name in ("cause", "department", "segment", "week", "reason"):
        one.add_argument(f"--{name}", default="")
