"""Commands that bring data in and keep it right."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, between


def run(commands: Any) -> None:
    """`voc run`."""
    one = add(commands, "run", "启动服务 start service, worker and schedule", "serving:run_service")
    one.add_argument("--port", type=between(1, 65_535), default=8000, help="端口 port (default 8000)")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--empty", action="store_true", help="空库不载入演示公司 no demo company")


def data(commands: Any) -> None:
    """Add them."""
    one = acting_as(
        add(commands, "import", "导入文件 import a CSV, XLSX or JSONL file", "moving:import_file")
    )
    one.add_argument("file")
    one.add_argument(
        "--kind", choices=("contacts", "denominators", "customers", "callbacks", "source_counts")
    )
    one.add_argument("--map", metavar="FIELD=HEADER,...", help="指定列；FIELD==VALUE 为固定值 a fixed value")
    one.add_argument("--channel", help="文件没有渠道列时 for files without a channel column")
    one.add_argument("--sheet", help="XLSX 工作表 sheet name")
    one.add_argument(
        "--no-wait", action="store_true", help="留给运行中的服务处理 leave the steps to the service"
    )
    add(commands, "work", "处理所有待办步骤 do what is owed, without a service", "moving:work")
    one = add(commands, "rebuild", "从联络和工单重新计数 recount every stored number", "moving:rebuild")
    one.add_argument("--check", action="store_true", help="只比较 only compare")
    one = add(commands, "retag", "用现行分类重读历史 read past contacts again", "moving:retag")
    one.add_argument("--days", type=int, default=0, help="只重读最近几天 only the last days (default all)")
    _keeping(commands)
    one = add(commands, "demo", "演示公司 the demo company", "administration:demo")
    one.add_argument("action", choices=("load", "remove"))
    one.add_argument("--yes", action="store_true", help="不再确认 do not ask")
    add(commands, "status", "待办和死信数 owed steps and dead letters", "administration:status")
    one = add(commands, "dead", "死信 dead letters", "administration:dead")
    one.add_argument("action", nargs="?", choices=("list", "again"), default="list")
    one = add(commands, "bench", "测速 benchmarks", "bench:bench")
    one.add_argument(
        "what", choices=("loop", "search", "tagger", "discovery", "statistics", "numbers", "web", "aws")
    )
    one.add_argument(
        "--contacts",
        type=int,
        help="几条 (default loop 3000 a round, search 100000, numbers 1000000, web 20000, aws 300)",
    )
    one.add_argument("--rounds", type=int, default=3, help="几轮 (default 3)")
    one.add_argument("--no-peer", action="store_true", help="不装对照 without django-helpdesk")
    one.add_argument("--sets", default="", metavar="DIR", help="公开数据集目录 folder of the public sets")
    one.add_argument(
        "--package", default="", metavar="DIR", help="打好的包，测冷启动 aws: a package, for its cold starts"
    )
    one = add(
        commands,
        "pictures",
        "画出 README 里的图 draw README's pictures from the demo company",
        "pictures:pictures",
    )
    one.add_argument(
        "--out", default="web/pictures", metavar="DIR", help="放在哪里 where (default web/pictures)"
    )


def _keeping(commands: Any) -> None:
    one = add(commands, "backup", "备份到一个文件 everything into one file", "keeping:back_up")
    one.add_argument("--out", required=True, metavar="FILE", help="新文件 a new file, .zip")
    one.add_argument(
        "--receipts", action="store_true", help="只写删除回执 only the receipts of erasures, as JSON lines"
    )
    text = "把备份恢复到空库 a backup into an empty store, SQLite or DynamoDB"
    one = add(commands, "restore", text, "keeping:bring_back")
    one.add_argument("--in", dest="packed", metavar="FILE", help="备份 the backup")
    one.add_argument(
        "--erased",
        metavar="FILE",
        help="另存的删除回执：再删一次 receipts, to erase again who was erased since",
    )
    one.add_argument("--taken", metavar="TIME", help="数据是何时的 of what time the data is (--erased only)")
    one.add_argument(
        "--drop-unknown",
        action="store_true",
        help="丢掉不认识的字段 without the fields that this version does not know",
    )
