"""`voc bench web` for people and programs."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.tokens import hash_password
from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

USUAL, FEWEST = 20_000, 10_000
LIMITS = {
    "agent_kb": 120,
    "executive_kb": 280,
    "agent_interactive_ms": 1_500,
    "queue_shown_ms": 300,
    "suggestion_ms": 150,
}
ROWS = (
    ("agent_kb", "客服页到第一次按键，KB agent's page to the first key", None),
    ("agent_all_kb", "客服页全部，KB agent's page in all", None),
    ("executive_kb", "管理层一页，KB executive page", None),
    (
        "agent_interactive_ms",
        "处理器慢四倍时可输入，毫秒 ready, processor 4 times slower",
        "interactive_ratio",
    ),
    ("queue_shown_ms", "一千行工单，答复到显示，毫秒 1,000 rows, from the answer", "queue_ratio"),
    ("queue_with_answer_ms", "  连同读取 with the reading", None),
    ("suggestion_ms", "建议，从停顿到显示，毫秒 suggestions, from the pause", None),
    ("suggestion_worst_ms", "  最慢 worst", None),
)
NOTES = """\
重量是压缩后传来的字节 weights are bytes as sent, compressed；客服页{agent}含 ECharts the agent's page has {agent_en}ECharts in it
对照 peer: 同一浏览器里没有程序的页面 the same browser with a page without a program: {plain_interactive_ms:.0f} ms、{bare_rows_ms:.0f} ms
{contacts:,} 条联络的库；时间含这台机器此刻的忙闲，请看比值 a store of that many contacts; times depend on what else the machine does, see the ratios"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when a page is heavier than promised or carries what it should not."""
    count, rounds = bench_sizes.contacts(run, USUAL, FEWEST), bench_sizes.rounds(run)
    from chalicelib.bench.web import measure

    with progress("测速 benchmark") as advance:
        report = measure(count, rounds, hash_password, lambda label: advance(0, label=label))
    show(report)
    return int(failed(report)), report


def failed(report: dict[str, Any]) -> bool:
    """A page is heavier than promised or carries what it should not; times are for people to judge."""
    heavy = any(report[name] > LIMITS[name] for name in ("agent_kb", "executive_kb"))
    return bool(heavy or report["agent_has_echarts"] or not report["executive_has_echarts"])


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    rows = [
        {"what": label, "value": report[name], "limit": LIMITS.get(name), "ratio": ratio and report[ratio]}
        for name, label, ratio in ROWS
    ]
    columns = [("what", "什么 what"), ("value", "值 value"), ("limit", "目标 goal"), ("ratio", "比值 ratio")]
    table("网页 the web pages", rows, columns)
    has = report["agent_has_echarts"]
    say(NOTES.format(**report, agent="" if has else "不", agent_en="" if has else "no "))
