"""`voc bench discovery` for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

SETS = Path(__file__).resolve().parents[3] / "shared" / "data" / "public"
COLUMNS = {
    "cars": [
        ("topic", "隐去 hidden"),
        ("found", "找到 found"),
        ("precision", "前20精度 P@20"),
        ("name", "名称 names"),
    ],
    "stream": [
        ("draw", "轮 draw"),
        ("topic", "隐去 hidden"),
        ("purity", "纯度 purity"),
        ("members", "条 members"),
        ("name", "名称 name"),
    ],
    "cosmetics": [("topic", "隐去 hidden"), ("named", "命名 named"), ("words", "前五词 first words")],
}


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; without the public sets say so and skip."""
    rounds = bench_sizes.rounds(run)
    from chalicelib.bench.discovery import SetsMissing, measure

    folder = Path(run.args.sets) if run.args.sets else SETS
    try:
        with progress("测评 benchmark") as advance:
            report = measure(folder, rounds, lambda label: advance(0, label=label))
    except SetsMissing as error:
        say(
            f"跳过：没有公开数据集 {error}，用 --sets 指明目录 skipped: no such set; name the folder with --sets"
        )
        return 0, {"skipped": str(error)}
    numbers = summary(report)
    show(report, numbers)
    return 0, {**numbers, **report}


def summary(report: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """One number a draw for each part, in the order of the draws."""
    draws = sorted({one["draw"] for one in report["cars"]})
    cars, reviews = (
        [[r for r in report[part] if r["draw"] == d] for d in draws] for part in ("cars", "cosmetics")
    )
    return {
        "cars_found": [sum(one["found"] for one in rows) for rows in cars],
        "cars_topics": [len(rows) for rows in cars],
        "cars_precision": [round(mean(one["precision"] for one in rows), 3) for rows in cars],
        "stream_proposed": [one["proposed"] for one in report["stream"]],
        "mixed_proposed": [one["proposed"] for one in report["mixed"]],
        "stream_seconds": [round(one["seconds"], 1) for one in report["stream"]],
        "cosmetics_named": [sum(one["named"] for one in rows) for rows in reviews],
        "cosmetics_topics": [len(rows) for rows in reviews],
    }


def show(report: Mapping[str, Sequence[Mapping[str, Any]]], numbers: Mapping[str, Any]) -> None:
    """The report for people."""
    table("汽车话题轮流隐去 car topics hidden in turn", _by_topic(report["cars"]), COLUMNS["cars"])
    for part, title in (
        ("stream", "购物评论 a stream of reviews"),
        ("mixed", "评论和汽车帖 reviews and car posts"),
    ):
        rows = [
            {"draw": one["draw"] + 1, "topic": topic, **figures}
            for one in report[part]
            for topic, figures in one["topics"].items()
        ]
        table(f"一万条里三个隐去的原因，{title}, three hidden in 10,000", rows, COLUMNS["stream"])
    table(
        "化妆品评论，按句剩余 cosmetics, clause residuals",
        _by_category(report["cosmetics"]),
        COLUMNS["cosmetics"],
    )
    for name, values in numbers.items():
        say(f"{name}: {' / '.join(map(str, values))}")


def _by_topic(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic,
            "found": f"{sum(one['found'] for one in mine)}/{len(mine)}",
            "precision": [f"{one['precision']:.2f}" for one in mine],
            "name": [one["name"] or "—" for one in mine],
        }
        for topic, mine in _groups(rows)
    ]


def _by_category(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic,
            "named": f"{sum(one['named'] for one in mine)}/{len(mine)}",
            "words": ["".join(f"{word} " for word in one["words"]).strip() or "—" for one in mine],
        }
        for topic, mine in _groups(rows)
    ]


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    topics = dict.fromkeys(one["topic"] for one in rows)
    return [(topic, [one for one in rows if one["topic"] == topic]) for topic in topics]
