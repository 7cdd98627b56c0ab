"""Commands of the tagger."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import add


def tagging(commands: Any) -> None:
    """Add them."""
    one = add(commands, "tag", "给一个文件打标 tag a JSONL file", "tagging:tag")
    one.add_argument(
        "--in", dest="source", required=True, metavar="JSONL", help="每行 {id,text}；- 读标准输入"
    )
    one.add_argument("--out", dest="target_file", required=True, metavar="JSONL", help="- 写标准输出")
    one.add_argument(
        "--model", metavar="DIR", help="./voc learn --out 的模型，默认自带的 default the shipped one"
    )
    one = add(commands, "evaluate", "用标注衡量打标 measure the tagger on labels", "tagging:evaluate")
    one.add_argument("--gold", required=True, metavar="JSONL", help="每行 {id,text,causes,...}")
    one.add_argument("--model", metavar="DIR", help="默认自带的模型 default the shipped one")
