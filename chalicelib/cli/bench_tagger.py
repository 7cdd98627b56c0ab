"""`voc bench tagger` for people and programs."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

NAMES = {
    "full": "回声，spaCy 全流程 ours, full pipeline",
    "suggest": "回声，建议路径 ours, suggestion path",
    "scikit": "scikit-learn TF-IDF + LinearSVC",
    "textcat": "spaCy textcat_multilabel",
    "snownlp": "SnowNLP sentiment",
}
COLUMNS = [
    ("side", ""),
    ("short_per_second", "45 字/秒 short"),
    ("long_per_second", "335 字/秒 long"),
    ("single_ms", "单条毫秒 one, ms"),
    ("first_cpu_seconds", "首条 CPU 秒 first"),
    ("memory_mb", "内存 MB"),
    ("ratio", "全流程 : 它 full : it"),
]


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure and show."""
    rounds = bench_sizes.rounds(run)
    from chalicelib.bench.tagger import compare

    with progress("测速 benchmark") as advance:
        report = compare(rounds, lambda label: advance(0, label=label))
    show(report)
    return 0, report


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    ours = report["sides"]["full"]["short_per_second"]
    rows = [
        {"side": NAMES[name], **side, "ratio": ours / side["short_per_second"]}
        for name, side in report["sides"].items()
    ]
    table("打标，单核，按 CPU 时间 tagging, one core, by CPU time", rows, COLUMNS)
    say(
        f"模型 {report['model_bytes'] / 1e6:.2f} MB；单是 import spacy 就要 {report['import_spacy_cpu_seconds']:.2f} CPU 秒"
        f" model size; import spacy alone, CPU seconds. 首条含进程启动；对照的含训练"
        f" the first answer counts from process start; the peers' includes their training"
    )
    fulls = [one["short_per_second"] for one in report["rounds"]["full"]]
    say(
        f"噪声：各轮 {min(fulls):.0f}–{max(fulls):.0f} 条/秒 noise: rounds from {min(fulls):.0f} to {max(fulls):.0f} a second"
    )
    if report["peer_reason"]:
        say(report["peer_reason"])
