"""Commands that bring the same code to AWS."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from chalicelib.cli.grammar.options import add, between


def cloud(commands: Any) -> None:
    """Add them."""
    text = "打包给 AWS：函数、层、模板 package functions, layers and template for AWS"
    one = add(commands, "package", text, "cloud:make_package")
    one.add_argument("--stage", default="prod", help="阶段 stage (default prod)")
    one.add_argument("--out", required=True, metavar="DIR", help="放在哪里 where to")
    one.add_argument(
        "--partition", choices=("aws", "aws-cn"), default="aws", help="aws-cn 为中国区 China (default aws)"
    )
    text = "部署打好的包和网页 deploy what was packaged, and the pages"
    one = add(commands, "deploy", text, "cloud:make_stack")
    one.add_argument("--in", dest="packaged", required=True, metavar="DIR", help="打好的包 the package")
    one.add_argument("--stack", default="huisheng", help="栈的名字 its name (default huisheng)")
    one.add_argument("--bucket", help="放包的存储桶，默认自建 bucket for packages, made if not given")
    one.add_argument(
        "--set", action="append", type=_pair, default=[], metavar="NAME=VALUE",
        help="模板参数，可多次 a parameter of the template, repeatable",
    )  # fmt: skip
    text = "删掉栈，先说删什么、留什么 delete the stack; says first what goes and what stays"
    one = add(commands, "destroy", text, "cloud:unmake_stack")
    one.add_argument("--stack", default="huisheng", help="栈的名字 its name (default huisheng)")
    one.add_argument(
        "--yes", default="", metavar="NAME", help="不问，再写一遍栈的名字 do not ask; its name again"
    )
    one.add_argument("--receipt", metavar="FILE", help="回执存在哪里 where to keep the receipt")
    one = add(
        commands, "e2e", "在本机模拟的 AWS 上走一遍 live through a day on an emulated AWS", "cloud:prove_it"
    )
    one.add_argument("where", choices=("aws",))
    one.add_argument("--contacts", type=between(10, 10_000), default=200, help="几条 how many (default 200)")
    one.add_argument("--in", dest="packaged", metavar="DIR", help="已打好的包，默认现打 packaged already")


def _pair(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not name or not given:
        raise ArgumentTypeError("应为 名=值 must be NAME=VALUE")
    return name, value
