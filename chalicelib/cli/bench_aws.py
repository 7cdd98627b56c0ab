"""`voc bench aws` for people and programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

USUAL, FEWEST = 300, 20
COLD = {"APIHandler": 0.4, "Stream": 1.5}
"""Seconds from the start of the process to the first answer, at the most."""
KINDS = {
    "entity": "实体",
    "listing": "目录",
    "numbers": "数字",
    "index": "全局索引",
    "families": "数字有哪些族",
    "searched": "哪些分区有文本",
    "j": "数字的流水",
    "w": "写在前面的意图",
}
PAID = {
    "table_write": "表，写 table writes",
    "table_read": "表，读 table reads",
    "lambda_seconds": "函数时间 Lambda time",
    "lambda_calls": "函数调用 Lambda calls",
    "http_calls": "接口请求 API Gateway",
    "bytes_out": "流出 data out",
    "queue_calls": "队列请求 SQS",
    "file_reads": "文件，读 S3 reads",
    "file_writes": "文件，写 S3 writes",
    "log_bytes": "日志 logs",
    "table_stored": "存一年 stored for a year",
    "table_recovery": "一年可恢复 its recovery",
    "key": "密钥和请求 KMS",
    "secret": "密钥库的密钥 secret",
    "alarm": "告警 alarms",
    "dashboard": "仪表板 dashboard",
    "metric": "自己的指标 own metrics",
    "total": "合计 total",
}
WANTED = {
    "write_units": "写单位一条 write units a contact",
    "read_units": "读单位一条 read units a contact",
    "APIHandler": "APIHandler 冷启动，秒 cold start, seconds",
    "Stream": "Stream 冷启动（打标），秒 cold start (tagging), seconds",
    "usd": "一百万条美元，Comprehend 的十分之一 USD a million, a tenth of Comprehend",
}
FULL = {
    "table_new": "新表，写单位每秒 new table, write units a second",
    "table_new_reads": "新表，读单位每秒 new table, read units a second",
    "table_quota": "表的默认配额，写单位每秒 a table's default quota, write units a second",
    "key_writes": "一个分区键，写单位每秒 one partition key, write units a second",
    "key_reads": "一个分区键，读单位每秒 one partition key, read units a second",
    "item": "一个条目，一个接一个的事务 one item, transactions one after the other",
    "gateway": "API Gateway，请求每秒 requests a second",
    "APIHandler": "函数 APIHandler 的并发 its concurrency",
    "Intake": "函数 Intake 的并发 its concurrency",
    "Stream": "函数 Stream 的并发（分片 × 并行） its concurrency (shards x parallelisation)",
}
NOTES = """\
联络 contacts: 演示公司的，先 {filled} 条铺底，再量 {contacts} 条，平均 {letters:.0f} 字 of the demo company, measured after \
{filled} others; {with_cause} 条有原因 with a cause ({causes} 个 causes), {with_case} 条有工单 with a case, \
新工单 new cases {cases}, 新客户 new customers {new_customers}/{customers}, 重复 repeats {repeats}, \
拿不准 unsure {unsure}, 通知 notices {notices}
单位 units: 按 DynamoDB 公布的规则从真的请求和存下的条目算出，不是账单 computed by DynamoDB's published rules from the real \
requests and the stored items; no bill has confirmed them. 两个函数同时改同一行而重试的不在内 repeats after two \
functions met at one row are not in it
毫秒 ms: 处理器时间是本机量的，按内存折算；等表 {request:.0f}–{transaction:.0f} 毫秒一次是假设 processor time as \
measured here, at the function's share of a core; {request:.0f}-{transaction:.0f} ms of waiting a request are assumed
价格 prices: {region}，{as_of}，逐项来源在 chalicelib/bench/aws_prices.json the source of each stands there; 存一年算在合计里 a year of \
storage is in the totals; Comprehend 同样文本的情感和关键短语 sentiment and key phrases of the same texts: {comprehend:,.0f} USD
重算核对 recount: {differences} 处不一致 differences"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when a recount finds a wrong number or a goal is not met."""
    count = bench_sizes.contacts(run, USUAL, FEWEST)
    from chalicelib.bench.aws import measure

    with progress("测用量 usage on AWS") as advance:
        starts = _cold_starts(run)
        report = with_starts(measure(count, front, lambda label: advance(0, label=label)), starts)
    show(report)
    return int(bool(report["differences"]) or not all(goal["met"] for goal in report["goals"])), report


def _cold_starts(run: Run) -> list[dict[str, Any]]:
    """Of the package that was named; none without one."""
    if not run.args.package:
        return []
    from chalicelib.bench.child import one_core
    from chalicelib.bench.cold_start import cold_starts

    rounds = bench_sizes.rounds(run)
    (starts,) = cold_starts([Path(run.args.package)], rounds, one_core(), os.environ)
    return [start.numbers() for start in starts]


def with_starts(report: dict[str, Any], starts: list[dict[str, Any]]) -> dict[str, Any]:
    """The report with cold starts, and their goals beside the others."""
    goals = list(report["goals"])
    for function, most in COLD.items():
        measured = [(one["seconds"], one["name"]) for one in starts if one["function"] == function]
        if measured:
            found, name = max(measured)
            goal = {"what": function, "goal": most, "found": found, "way": name, "met": found <= most}
            goals.append(goal)
    return report | {"cold_starts": starts, "goals": goals}


def front(company: Any) -> Any:
    """The app, answering for this company."""
    import app
    from chalicelib.api.routing import DOOR

    DOOR.loop, DOOR.verify, DOOR.issue = lambda: company.loop, company.system.verify, None
    return app.app


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    _usage(report)
    _money(report)
    _starts(report)
    _paper(report)
    say(NOTES.format(**report, **report["mix"], **report["assumed"], comprehend=report["comprehend_usd"]))


def _usage(report: dict[str, Any]) -> None:
    ways, against = report["ways"], report["comprehend_usd"]
    table(
        "一条联络，从收下到计数 one contact from intake to counted",
        [_way(name, way, against) for name, way in ways.items()],
        [
            ("way", "怎么来 way in"),
            ("write_units", "写单位 writes"),
            ("read_units", "读单位 reads"),
            ("requests", "请求 requests"),
            ("cpu_ms", "处理器 CPU ms"),
            ("billed_ms", "函数 billed ms"),
            ("stored", "存下字节 bytes"),
            ("usd", "美元/百万条 USD a million"),
            ("share", "比 Comprehend"),
        ],
    )
    first, last = (list(ways)[at] for at in (0, -1))
    table(
        f"单位花在哪里 where the units go: {first} | {last}",
        _where(ways[first], ways[last]),
        [
            ("what", "写什么 what"),
            ("write", f"写 writes, {first}"),
            ("write_last", last),
            ("read", f"读 reads, {first}"),
            ("read_last", last),
            ("stored", "存下字节 bytes stored"),
        ],
    )
    functions = [
        {"way": name, "function": function, **parts}
        for name, way in ways.items()
        for function, parts in way["functions"].items()
    ]
    table("函数，每条联络 functions, for one contact", functions,
          [("way", "怎么来 way in"), ("function", "函数 function"), ("calls", "次 calls"), ("cpu_ms", "CPU ms"),
           ("computing_ms", "算 computing ms"), ("waiting_ms", "等 waiting ms"), ("gb_seconds", "GB-s")])  # fmt: skip


def _money(report: dict[str, Any]) -> None:
    ways = report["ways"]
    first = next(iter(ways))
    table("一百万条，美元 a million contacts, USD",
          [{"what": PAID[part], **{name: way["usd"][part] for name, way in ways.items()}} for part in ways[first]["usd"]],
          [("what", "什么 what"), *((name, name) for name in ways)])  # fmt: skip
    table("没有联络时每月，美元 a month without contacts, USD",
          [{"what": PAID[part], "usd": usd} for part, usd in report["standing_usd_a_month"].items()],
          [("what", "什么 what"), ("usd", "美元 USD")])  # fmt: skip
    table("目标，最贵的一种 goals, by the dearest way",
          [{**goal, "what": WANTED[goal["what"]], "met": "达到 met" if goal["met"] else "没有 not met"} for goal in report["goals"]],
          [("what", "什么 what"), ("goal", "最多 at most"), ("found", "实际 found"), ("way", "怎么来 way in"), ("met", "")])  # fmt: skip


def _starts(report: dict[str, Any]) -> None:
    """Without a package there are none to show."""
    for one in report["cold_starts"]:
        imports = "、".join(f"{name} {took:.0f}" for name, took in list(one["imports_ms"].items())[:6])
        say(
            f"冷启动 cold start: {one['function']} {one['name']} {one['seconds']:.2f} s, CPU {one['cpu_seconds']:.2f} s; "
            f"最贵的导入 dearest imports, ms: {imports}"
        )


def _paper(report: dict[str, Any]) -> None:
    busiest = report["loads"][0]
    table(
        "纸上的规模：每秒几条时满，先满的在前 scale on paper: what is full at how many contacts a second",
        [
            {**row, "what": FULL[row["what"]], "busy": f"{busiest['burst'] / row['full_at']:.0%}"}
            for row in report["limits"]
        ],
        [
            ("what", "什么 what"),
            ("limit", "上限 limit"),
            ("each", "一条用 a contact"),
            ("full_at", "满 full at"),
            ("busy", f"{busiest['burst']:.0f} 条/秒时 at the burst"),
            ("key", "哪个键 key"),
        ],
    )
    table(
        "两种规模 two sizes",
        report["loads"],
        [
            ("a_day", "条/天 a day"),
            ("mean", "平均/秒 mean"),
            ("busy", "最忙一小时/秒 busy hour"),
            ("burst", "它的十倍 tenfold"),
            ("write_units_at_burst", "那时写单位/秒 writes then"),
            ("gb_a_year", "一年 GB a year"),
            ("usd_first_month", "头一月美元 USD, first month"),
            ("usd_month_after_a_year", "一年后每月 a month after a year"),
        ],
    )


def _way(name: str, way: dict[str, Any], against: float) -> dict[str, Any]:
    functions = way["functions"].values()
    return {
        "way": f"{name}: {way['zh']} {way['en']}",
        **{part: way[part] for part in ("write_units", "read_units")},
        "requests": sum(way["requests"].values()),
        "cpu_ms": sum(one["cpu_ms"] for one in functions),
        "billed_ms": sum(one["computing_ms"] + one["waiting_ms"] for one in functions),
        "stored": way["bytes_stored"],
        "usd": way["usd"]["total"],
        "share": f"{way['usd']['total'] / against:.1%}",
    }


def _where(first: dict[str, Any], last: dict[str, Any]) -> Iterator[dict[str, Any]]:
    known = dict.fromkeys([*first["writes"], *last["writes"], *first["reads"], *last["reads"]])
    for what in sorted(known, key=lambda one: -first["writes"].get(one, 0)):
        kind, _, name = what.partition(" ")
        yield {
            "what": f"{KINDS.get(kind, '')} {kind} {name}".strip(),
            "write": first["writes"].get(what, 0.0),
            "write_last": last["writes"].get(what, 0.0),
            "read": first["reads"].get(what, 0.0),
            "read_last": last["reads"].get(what, 0.0),
            "stored": first["stored"].get(what, 0.0),
        }
