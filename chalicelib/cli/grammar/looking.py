"""Commands that show."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, between, limited, parts, weeks


def looking(commands: Any) -> None:
    """Add them."""
    one = limited(acting_as(add(commands, "queue", "工单队列 open cases by clock", "looking:queue")), 30)
    one.add_argument("--department")
    one.add_argument("--state", choices=("to_accept", "working", "unverified", "came_back", "verified"))
    acting_as(add(commands, "case", "一个工单 one case", "looking:case")).add_argument("id")
    limited(weeks(acting_as(add(commands, "focus", "按优先级排的原因 ranked causes", "figures:focus"))), 20)
    parts(add(commands, "metrics", "全部指标 all metrics", "figures:metrics"))
    one = parts(add(commands, "trend", "一个指标的周趋势 one metric by week", "figures:trend"))
    one.add_argument("metric", nargs="?", default="cpx")
    one.add_argument(
        "--corrected", action="store_true", help="另列按盲评更正的值 also corrected for label error"
    )
    text = "标注质量：盲评 label quality by blind second looks"
    weeks(acting_as(add(commands, "quality", text, "quality:label_errors")))
    one = limited(
        parts(add(commands, "contacts", "数字背后的联络 contacts behind a number", "looking:behind")), 30
    )
    one.add_argument("--channel", help="渠道 channel")
    one.add_argument("--cursor", default="", help="从上一页的末尾接着看 go on after the last page")
    one = limited(
        acting_as(add(commands, "find", "按说过的话找联络 find contacts by what was said", "finding:find")),
        30,
    )
    one.add_argument("terms", nargs="+", metavar="TERM", help="词，全部出现才算 terms, all of which occur")
    one.add_argument("--cursor", default="", help="从上一页的末尾接着看 go on after the last page")
    limited(acting_as(add(commands, "callbacks", "待回访 who to call back", "looking:call_list")), 30)
    acting_as(add(commands, "projects", "改进项目 projects", "projects:listed"))
    one = acting_as(
        add(commands, "project", "一个改进项目和它的结论 one project and its verdict", "projects:one")
    )
    one.add_argument("id")
    one.add_argument(
        "--table", metavar="CSV", help="把各周写成 voc verdict 读的表 write the weeks for voc verdict"
    )
    one.add_argument("--config", metavar="JSON", help="把口径写成文件 write the config for voc verdict")
    one = acting_as(add(commands, "why", "为什么：一个项目的 5-Why the 5-Why of a project", "whys:why"))
    one.add_argument("id")
    one.add_argument("text", nargs="?", default="", help="一个“因为” a because, to add it")
    one.add_argument("--under", default="", metavar="Y-…", help="解释哪个原因 the reason it explains")
    one.add_argument(
        "--contact", action="append", default=[], metavar="ID", help="引用的联络，可多次 cited, repeatable"
    )
    one.add_argument("--assumption", action="store_true", help="是假设 it is an assumption")
    one.add_argument(
        "--share", type=between(0, 100), metavar="PERCENT", help="占效果几成 share of the effect"
    )
    one.add_argument("--withdraw", default="", metavar="Y-…", help="收回一个原因和它下面的 take one back")
