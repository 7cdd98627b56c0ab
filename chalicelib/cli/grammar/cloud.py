"""Commands that bring the same code to AWS."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import add


def cloud(commands: Any) -> None:
    """Add them."""
    text = "打包给 AWS：函数、层、模板 package functions, layers and template for AWS"
    one = add(commands, "package", text, "cloud:make_package")
    one.add_argument("--stage", default="prod", help="阶段 stage (default prod)")
    one.add_argument("--out", required=True, metavar="DIR", help="放在哪里 where to")
    one.add_argument(
        "--partition", choices=("aws", "aws-cn"), default="aws", help="aws-cn 为中国区 China (default aws)"
    )
