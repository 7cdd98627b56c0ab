"""Commands of the administrator."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, between


def admin(commands: Any) -> None:
    """Add them."""
    one = add(commands, "user", "用户 users", "administration:user")
    one.add_argument("action", choices=("list", "add", "set", "password", "block", "unblock"))
    one.add_argument("name", nargs="?")
    one.add_argument("--role", choices=("agent", "lead", "executive", "admin"))
    one.add_argument("--departments", help="逗号分隔 separated by commas")
    one = acting_as(add(commands, "taxonomy", "原因分类 causes and departments", "administration:taxonomy"))
    one.add_argument("action", nargs="?", choices=("show", "save", "load", "merge", "split"), default="show")
    one.add_argument("--cause", metavar="CODE", help="要并出或拆分的原因 the cause to merge or split")
    one.add_argument("--into", metavar="CODE", help="并入哪个原因 the cause it is merged into")
    one.add_argument("--reason", default="", help="理由 why")
    one.add_argument("--causes", metavar="CSV")
    one.add_argument("--departments", metavar="CSV")
    one = acting_as(add(commands, "learn", "从纠正中学习 learn from corrections", "tagging:learn"))
    one.add_argument("--list", action="store_true", help="列出版本 list the versions of the tagger")
    one.add_argument(
        "--revert", type=between(0, 999_999), metavar="N", help="启用第 N 版，0 为自带 make version N live"
    )
    one.add_argument("--taxonomy", metavar="CSV", help="改为训练独立模型：分类表 a stand-alone model: causes")
    one.add_argument("--labels", metavar="JSONL", help="独立模型的标注 its labels")
    one.add_argument("--unlabelled", metavar="JSONL", help="独立模型可用的未标注内容 its unlabelled texts")
    one.add_argument("--out", metavar="DIR", help="独立模型存到 where to save it")
    add(commands, "settings", "设置 settings", "administration:settings").add_argument(
        "values", nargs="*", metavar="name=value"
    )
    one = acting_as(
        add(commands, "customer", "客户：查看、导出、删除 show, export, erase", "administration:customer")
    )
    one.add_argument("action", choices=("show", "export", "erase"))
    one.add_argument("ref", help="电话、会员号或用户号 phone, member or user number")
    one.add_argument("--purpose", default="个人信息权利请求 request of the person")
    one.add_argument("--out")
    one.add_argument("--yes", action="store_true", help="不再确认 do not ask")
