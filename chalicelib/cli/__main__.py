"""`./voc`: every command, its arguments and its help."""

from __future__ import annotations

import argparse
import io
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from chalicelib.cli.table_arguments import VERDICT, chart_arguments, verdict_arguments

EXAMPLES = """\
例子 examples:
  ./voc run                                   启动（空库先载入演示公司） start; an empty store gets a demo company
  ./voc import 工单.xlsx --channel phone       导入联络 import contacts; columns are guessed
  ./voc import parcels.csv                    导入分母 import denominators (denominator, period, value)
  ./voc import a.csv --map "text=备注,time=来电时间"   指定列 name columns
  ./voc log "快递三天没送到" --channel phone --customer 13800138000
  ./voc queue --as lead.logistics             部门负责人的队列 a lead's queue
  ./voc do accept_case id=K-XXXX --as lead.logistics
  ./voc focus ; ./voc metrics ; ./voc trend cpx --cause delivery.late ; ./voc cycle
  ./voc rebuild --check                       核对全部数字 compare every stored number with a recount
退出码 exit codes: 0 完成 done, 1 有拒收或差异 refusals or differences, 2 用法或输入不对 wrong use, 3 没有做成 it did not work
"""

Command = Callable[[Any], tuple[int, dict[str, Any]]]


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        "voc", description="回声 Huisheng: the voice-of-customer feedback loop", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _run(commands)
    _data(commands)
    _tagging(commands)
    _looking(commands)
    chart_arguments(add(commands, "chart", "一个表的控制图 control chart of a table", "charting:draw"))
    _acting(commands)
    _admin(commands)
    add(commands, "test", "全部检查 all checks (format, lint, types, tests)", "")
    return top


def add(commands: Any, name: str, text: str, target: str) -> argparse.ArgumentParser:
    """One command with what all have; `target` is module:function."""
    one: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    one.add_argument("--data", metavar="DIR", help="数据目录 data folder (default ./data or $VOC_DATA)")
    one.add_argument(
        "--json", action="store_true", help="最后一行输出一个 JSON 对象 last line is one JSON object"
    )
    one.set_defaults(target=target)
    return one


def _as(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("--as", dest="as_user", default="", metavar="USER", help="以该用户身份 as this user")
    return one


def _weeks(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("--first", metavar="WEEK", help="起始周 2026-W40")
    one.add_argument("--last", metavar="WEEK", help="结束周 last week, default the current one")
    return one


def _parts(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    for name, text in (("cause", "原因代码"), ("department", "部门代码"), ("segment", "客群")):
        one.add_argument(f"--{name}", help=text)
    return _weeks(_as(one))


def _limit(one: argparse.ArgumentParser, usual: int) -> argparse.ArgumentParser:
    one.add_argument(
        "--limit", type=_between(1, 500), default=usual, help=f"最多几行，1–500 rows (default {usual})"
    )
    return one


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(
                f"应为 {low} 到 {high} 的整数 must be a whole number from {low} to {high}"
            )
        return int(text)

    return number


def _run(commands: Any) -> None:
    one = add(commands, "run", "启动服务 start service, worker and schedule", "serving:run_service")
    one.add_argument("--port", type=_between(1, 65_535), default=8000, help="端口 port (default 8000)")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--empty", action="store_true", help="空库不载入演示公司 no demo company")


def _data(commands: Any) -> None:
    one = _as(add(commands, "import", "导入文件 import a CSV, XLSX or JSONL file", "moving:import_file"))
    one.add_argument("file")
    one.add_argument("--kind", choices=("contacts", "denominators", "customers", "callbacks"))
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
    one = add(commands, "demo", "演示公司 the demo company", "administration:demo")
    one.add_argument("action", choices=("load", "remove"))
    one.add_argument("--yes", action="store_true", help="不再确认 do not ask")
    add(commands, "status", "待办和死信数 owed steps and dead letters", "administration:status")
    one = add(commands, "dead", "死信 dead letters", "administration:dead")
    one.add_argument("action", nargs="?", choices=("list", "again"), default="list")
    one = add(commands, "bench", "测速 benchmarks", "bench:bench")
    one.add_argument("what", choices=("loop", "search", "tagger", "discovery", "statistics"))
    one.add_argument("--contacts", type=int, help="几条 (default loop 3000 a round, search 100000)")
    one.add_argument("--rounds", type=int, default=3, help="几轮 (default 3)")
    one.add_argument("--no-peer", action="store_true", help="不装对照 without django-helpdesk")
    one.add_argument("--sets", default="", metavar="DIR", help="公开数据集目录 folder of the public sets")


def _tagging(commands: Any) -> None:
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


def _looking(commands: Any) -> None:
    one = _limit(_as(add(commands, "queue", "工单队列 open cases by clock", "looking:queue")), 30)
    one.add_argument("--department")
    one.add_argument("--state", choices=("to_accept", "working", "unverified", "came_back", "verified"))
    _as(add(commands, "case", "一个工单 one case", "looking:case")).add_argument("id")
    _limit(_weeks(_as(add(commands, "focus", "按优先级排的原因 ranked causes", "figures:focus"))), 20)
    _parts(add(commands, "metrics", "全部指标 all metrics", "figures:metrics"))
    one = _parts(add(commands, "trend", "一个指标的周趋势 one metric by week", "figures:trend"))
    one.add_argument("metric", nargs="?", default="cpx")
    one.add_argument(
        "--corrected", action="store_true", help="另列按盲评更正的值 also corrected for label error"
    )
    text = "标注质量：盲评 label quality by blind second looks"
    _weeks(_as(add(commands, "quality", text, "quality:label_errors")))
    one = _limit(
        _parts(add(commands, "contacts", "数字背后的联络 contacts behind a number", "looking:behind")), 30
    )
    one.add_argument("--channel", help="渠道 channel")
    one.add_argument("--cursor", default="", help="从上一页的末尾接着看 go on after the last page")
    one = _limit(
        _as(add(commands, "find", "按说过的话找联络 find contacts by what was said", "finding:find")), 30
    )
    one.add_argument("terms", nargs="+", metavar="TERM", help="词，全部出现才算 terms, all of which occur")
    one.add_argument("--cursor", default="", help="从上一页的末尾接着看 go on after the last page")
    _limit(_as(add(commands, "callbacks", "待回访 who to call back", "looking:call_list")), 30)
    _as(add(commands, "projects", "改进项目 projects", "looking:project_list"))
    _limit(_as(add(commands, "cycle", "本期 the open cycle", "looking:cycle")), 10)
    _proposals(commands)
    verdict_arguments(add(commands, "verdict", VERDICT, "verdict:judge"))


def _proposals(commands: Any) -> None:
    one = _as(add(commands, "discover", "查找还没有名字的原因 look for new causes", "proposals:discover"))
    one.add_argument(
        "--week", metavar="WEEK", help="看到哪一周，默认本周 the last week (default the current one)"
    )
    one = _as(add(commands, "proposals", "新原因的提议 proposed causes", "proposals:proposals"))
    one.add_argument(
        "action", nargs="?", default="list", choices=("list", "show", "accept", "merge", "refuse")
    )
    one.add_argument("id", nargs="?", help="提议编号 N-…")
    one.add_argument("--state", default="open", choices=("open", "accepted", "merged", "refused"))
    one.add_argument("--into", metavar="CODE", help="并入哪个原因 the cause it is merged into")
    one.add_argument("--words", metavar="A,B", help="客户的说法，默认证据词 words (default the evidence)")
    for name in ("code", "label", "department", "denominator", "reason"):
        one.add_argument(f"--{name}")


def _acting(commands: Any) -> None:
    one = _as(add(commands, "log", "记一条联络 log one contact", "acting:log"))
    one.add_argument("text", help="内容；- 读标准输入 text, - for standard input")
    one.add_argument("--channel", default="phone")
    for name in ("customer", "order"):
        one.add_argument(f"--{name}")
    one.add_argument("--seconds", type=int)
    one.add_argument("--cause", action="append", help="原因代码，可多次 cause code, repeatable")
    one = _as(add(commands, "do", "执行任一接口操作 do what any route does", "acting:do"))
    one.add_argument("operation", nargs="?", help="不给则列出全部 none lists all")
    one.add_argument("values", nargs="*", metavar="name=value")
    one.add_argument("--body", default="", help="JSON")


def _admin(commands: Any) -> None:
    one = add(commands, "user", "用户 users", "administration:user")
    one.add_argument("action", choices=("list", "add", "set", "password", "block", "unblock"))
    one.add_argument("name", nargs="?")
    one.add_argument("--role", choices=("agent", "lead", "executive", "admin"))
    one.add_argument("--departments", help="逗号分隔 separated by commas")
    one = _as(add(commands, "taxonomy", "原因分类 causes and departments", "administration:taxonomy"))
    one.add_argument("action", nargs="?", choices=("show", "save", "load"), default="show")
    one.add_argument("--causes", metavar="CSV")
    one.add_argument("--departments", metavar="CSV")
    one = _as(add(commands, "learn", "从纠正中学习 learn from corrections", "tagging:learn"))
    one.add_argument("--list", action="store_true", help="列出版本 list the versions of the tagger")
    one.add_argument(
        "--revert", type=_between(0, 999_999), metavar="N", help="启用第 N 版，0 为自带 make version N live"
    )
    one.add_argument("--taxonomy", metavar="CSV", help="改为训练独立模型：分类表 a stand-alone model: causes")
    one.add_argument("--labels", metavar="JSONL", help="独立模型的标注 its labels")
    one.add_argument("--unlabelled", metavar="JSONL", help="独立模型可用的未标注内容 its unlabelled texts")
    one.add_argument("--out", metavar="DIR", help="独立模型存到 where to save it")
    add(commands, "settings", "设置 settings", "administration:settings").add_argument(
        "values", nargs="*", metavar="name=value"
    )
    one = _as(
        add(commands, "customer", "客户：查看、导出、删除 show, export, erase", "administration:customer")
    )
    one.add_argument("action", choices=("show", "export", "erase"))
    one.add_argument("ref", help="电话、会员号或用户号 phone, member or user number")
    one.add_argument("--purpose", default="个人信息权利请求 request of the person")
    one.add_argument("--out")
    one.add_argument("--yes", action="store_true", help="不再确认 do not ask")


def main(arguments: Sequence[str]) -> int:
    """Run one command; errors a person can act on go to standard error in both languages."""
    args = parser().parse_args(arguments)
    from chalicelib.model.errors import LoopError

    if args.command == "test":
        return _tests()
    from chalicelib.cli.context import Run
    from chalicelib.cli.output import result, write

    module, _, name = args.target.partition(":")
    command: Command = getattr(import_module(f"chalicelib.cli.{module}"), name)
    run = Run(args)
    try:
        if args.command == "do":
            import app  # noqa: F401  registers the routes
        code, numbers = command(run)
    except LoopError as error:
        where = f"({error.where})\n" if error.where else ""
        write(sys.stderr, f"{error.zh}\n{error.en}\n{where}")
        if args.json:
            result({"error": error.as_dict()})
        return 2
    except KeyboardInterrupt:
        write(
            sys.stderr,
            "\n已中断；重复同一命令即可继续 interrupted; the same command goes on where it stopped\n",
        )
        return 130
    finally:
        run.close()
    if args.json:
        result(numbers)
    return code


def _tests() -> int:
    from chalicelib.cli.checks import main as check

    return check([])


def start(arguments: Sequence[str]) -> int:
    """`main` on streams of any encoding, quiet when nobody reads the output to its end (| head)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        try:
            return main(arguments)
        finally:
            sys.stdout.flush()
    except (OSError, sqlite3.Error, OverflowError, RecursionError, AttributeError) as error:
        if not isinstance(error, BrokenPipeError):
            return _broken(error)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0


def _broken(error: Exception) -> int:
    """What no check foresaw: a disk that is full, a damaged file, a folder without permission."""
    from chalicelib.loop.worker import describe

    why = getattr(error, "strerror", None) or getattr(error, "sqlite_errorname", None) or type(error).__name__
    sys.stderr.write(f"没有做成：{why}（{describe(error)}）；请检查磁盘、权限和数据目录\n")
    sys.stderr.write(f"it did not work: {why}; check the disk, the permissions and the data folder\n")
    return BROKEN


BROKEN = 3

if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
