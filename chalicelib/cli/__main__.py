"""`./voc`: every command, its arguments and its help."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from chalicelib.cli.grammar.acting import acting
from chalicelib.cli.grammar.admin import admin
from chalicelib.cli.grammar.cloud import cloud
from chalicelib.cli.grammar.cycle import cycle
from chalicelib.cli.grammar.data import data, run
from chalicelib.cli.grammar.exporting import exporting
from chalicelib.cli.grammar.ledger import ledger
from chalicelib.cli.grammar.looking import looking
from chalicelib.cli.grammar.options import add
from chalicelib.cli.grammar.proposals import proposals
from chalicelib.cli.grammar.tables import tables
from chalicelib.cli.grammar.tagging import tagging
from chalicelib.cli.grammar.watching import watching

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

GROUPS = (
    run,
    data,
    tagging,
    looking,
    watching,
    ledger,
    cycle,
    proposals,
    tables,
    exporting,
    acting,
    admin,
    cloud,
)
"""The commands, in the order of the help."""

Command = Callable[[Any], tuple[int, dict[str, Any]]]


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        "voc", description="回声 Huisheng: the voice-of-customer feedback loop", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        group(commands)
    add(commands, "test", "全部检查 all checks (format, lint, types, tests)", "")
    return top


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
    except Exception as error:  # none may end with 1, which means that some rows were refused
        if not isinstance(error, BrokenPipeError):
            return _broken(error)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0


def _broken(error: Exception) -> int:
    """What no check foresaw: a disk that is full, a damaged file, a folder without permission."""
    from chalicelib.model.errors import describe

    why = getattr(error, "strerror", None) or getattr(error, "sqlite_errorname", None) or type(error).__name__
    if type(error).__module__.partition(".")[0] == "botocore":
        from chalicelib.cli.output import AWS

        sys.stderr.write("\n".join((*AWS, f"({why})\n")))
        return BROKEN
    sys.stderr.write(f"没有做成：{why}（{describe(error)}）；请检查磁盘、权限和数据目录\n")
    sys.stderr.write(f"it did not work: {why}; check the disk, the permissions and the data folder\n")
    return BROKEN


BROKEN = 3

if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
