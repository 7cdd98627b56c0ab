"""`voc bench search` for people and programs."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

USUAL, FEWEST = 100_000, 200
NAMES = {
    "frequent": "常见 frequent",
    "rare": "少见 rare",
    "absent": "没有 absent",
    "two terms": "两个词 two",
    "number part": "号码 number",
    "one letter": "单字 letter",
}
COLUMNS = [
    ("sort", "词 terms"),
    ("found", "找到 found"),
    *((f"answer_p{q}_ms", f"答复 p{q}") for q in (50, 95, 99)),
    *((f"index_p{q}_ms", f"索引 p{q}") for q in (50, 95, 99)),
    *((f"like_p{q}_ms", f"LIKE p{q}") for q in (50, 95, 99)),
    ("ratio", "比值"),
]
NOTES = """\
毫秒 milliseconds；找到为中位数 found is the median；答复 answer: 查索引、读出最新 50 条、标出位置 the newest 50, read and with their places; LIKE 对照 the peer: 同一 SQLite 文件里\
折叠好、按时间排的文本，逐条比，只取 50 个编号 the folded texts of the same file in order of time, 50 keys only；比值 ratio = LIKE : 索引 index
{contacts:,} 条，平均 {letters:.0f} 字，索引 {megabytes:.0f} MB；与逐条比对不同的答案 answers unlike looking at each: {wrong}
写入 writing: 整个环路每 CPU 秒 {with_index_per_cpu_second:.0f} 条，不建索引 {without_index_per_cpu_second:.0f} 条，\
慢 {slower:.1%} the whole loop, contacts a CPU second, with and without the index"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when an answer misses a contact or shows one too many."""
    count, rounds = bench_sizes.contacts(run, USUAL, FEWEST), bench_sizes.rounds(run)
    from chalicelib.bench.search import measure

    with progress("测速 benchmark") as advance:
        report = measure(count, rounds, lambda label: advance(0, label=label))
    show(report)
    return int(bool(report["wrong"])), report


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    rows = [
        {"sort": NAMES[sort], **found, "ratio": found["like_p50_ms"] / found["index_p50_ms"]}
        for sort, found in report["queries"].items()
    ]
    table(f"搜索 search, {report['contacts']:,} 条 contacts", rows, COLUMNS)
    say(NOTES.format(**report, **report["write"], megabytes=report["index_bytes"] / 1e6))
