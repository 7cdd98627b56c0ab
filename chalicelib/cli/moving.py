"""Commands that move data: import, work, rebuild, retag, demo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from chalicelib.api.imports import LIKE
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table
from chalicelib.intake.load import Request, load, mapping_for
from chalicelib.intake.tables import count_rows
from chalicelib.loop import rebuild as rebuilding
from chalicelib.loop.admin import retag as owe_tag
from chalicelib.loop.reindex import index_orders
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.worker import drain

Result = tuple[int, dict[str, Any]]
PAUSE, PATIENCE = 0.2, 30.0
"""Seconds between two looks, and without progress until the rest is left to later tries."""


def import_file(run: Run) -> Result:
    """Take a file's rows; wait until each contact is tagged, routed and counted unless told otherwise."""
    args, path = run.args, Path(run.args.file)
    request = Request(
        path, args.kind, args.map or "", args.sheet, args.channel or "", run.environment.data / "refused"
    )
    run.may(LIKE.get(args.kind or mapping_for(request).kind, "take_contacts"))
    with progress("读取 reading", count_rows(path, args.sheet)) as advance:
        report = load(run.loop, run.caller, request, advance)
    if not args.no_wait:
        finish(run)
    table(
        f"{path.name}：{report.kind}",
        [vars(report)],
        [("taken", "收下 taken"), ("known", "已有 already there"), ("refused", "拒收 refused")],
    )
    if report.refused_file:
        say(f"拒收的行及原因 refused rows and reasons: {report.refused_file}")
        for line in report.examples:
            say(f"  {line}")
        if report.refused > len(report.examples):
            say(
                f"  … 共 {report.refused} 行，原因都在文件里 {report.refused} rows in all, each with its reason in the file"
            )
    if report.unused:
        say(f"没有用到的列 columns not used: {'、'.join(report.unused)}（--map 可指定 names them）")
    if report.assumed_channel:
        say(
            "文件没有渠道列，按 web 计；--channel 可指定 no channel column: taken as web, --channel names another"
        )
    numbers = {"taken": report.taken, "known": report.known, "refused": report.refused}
    refused_file = str(report.refused_file) if report.refused_file else None
    return int(report.refused > 0), {**numbers, "refused_file": refused_file}


def finish(run: Run) -> int:
    """Do all owed steps, those a running service has claimed included; returns how many were done here."""
    loop, done, idle = run.loop, 0, 0.0
    total = loop.store.waiting()
    with progress("打标、分派、计数 tagging, routing, counting", total) as advance:
        while loop.store.waiting():
            before = done
            done += drain(loop, lambda n, before=before: advance(before + n, total))  # type: ignore[misc]
            idle = 0.0 if done > before else idle + PAUSE
            if idle > PATIENCE:
                say(
                    "还有步骤没做成，稍后自动重试；./voc dead 看死信 some steps failed and will be tried again"
                )
                break
            time.sleep(PAUSE if idle else 0)  # another process holds the rest, or a retry waits for its time
    return done


def work(run: Run) -> Result:
    """Do what is owed now and look at the clocks once, without a service."""
    done = finish(run)
    woken = tick(run.loop)
    study(run.loop)
    say(f"完成 {done} 步，唤醒 {woken} 项 / {done} steps done, {woken} woken")
    return 0, {"done": done, "woken": woken, "dead_letters": len(run.loop.store.dead())}


def rebuild(run: Run) -> Result:
    """Recount every stored number; with --check only compare."""
    with progress("重新计数 recounting") as advance:
        found = rebuilding.recount(run.loop, advance)
    if found.differences and not run.args.check:
        rebuilding.put_right(run.loop, found)
        finish(run)
        say(f"改正了 {found.differences} 处 / {found.differences} put right")
    elif found.differences:
        say(
            f"有 {found.differences} 处不一致；去掉 --check 即改正 / {found.differences} differences; without --check they are put right"
        )
    else:
        say(f"核对 {found.entities} 项，全部一致 / {found.entities} entities, no differences")
    orders = 0 if run.args.check else index_orders(run.loop)
    if orders:
        say(f"{orders} 条较早的联络现在按订单号查得到 / {orders} older contacts are found by their order now")
    code = int(bool(found.differences) and run.args.check)
    return code, {"differences": found.differences, "entities": found.entities, "orders": orders}


def retag(run: Run) -> Result:
    """Read contacts again, as after a new taxonomy; what people said stays."""
    owed = owe_tag(run.loop, run.args.days)
    finish(run)
    say(f"重新打标 {owed} 条 / {owed} contacts read again")
    return 0, {"retagged": owed}
