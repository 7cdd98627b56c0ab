"""`voc bench numbers` for people and programs."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

USUAL, FEWEST = 1_000_000, 200
GOAL_MS = 100
NOTES = """\
一次改数 update：一条已打标的联络连同索引存下，同一事务里改动它的 {cells_each:.0f} 个数 one tagged contact saved with its index \
entries and the {cells_each:.0f} numbers it counts in, in one transaction
对照 peer：{peer}，每条联络和原因一行，看时才汇总 one row a contact and cause, summed when somebody looks；\
写快 writes faster, 看慢 looks slower：看 {made_up} 次就抵回多写的时间 looks make up for the slower writing
{core}；噪声 noise：各轮相差 rounds differ by {spread:.0%}，CPU 占实际时间 of the wall time {busy:.0%}"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when a number is wrong after the rebuild or the peer disagrees."""
    count, rounds = bench_sizes.contacts(run, USUAL, FEWEST), bench_sizes.rounds(run)
    from chalicelib.bench.child import one_core
    from chalicelib.bench.numbers import measure

    with progress("测速 benchmark", count) as advance:
        report = measure(count, rounds, one_core(), lambda label, done: advance(done, label=label))
    show(report)
    return outcome(report), report


def outcome(report: dict[str, Any]) -> int:
    """Fast but wrong is a failure."""
    right = report["identical"] and report["looks_agree"] and report["found"] == report["spoilt"]
    return int(not right)


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    names = [("what", f"{report['contacts']:,} 条 contacts"), ("value", "值 value"), ("unit", "单位 unit")]
    table(
        "数字 numbers",
        [dict(zip(("what", "value", "unit"), row, strict=True)) for row in _rows(report)],
        names,
    )
    core = report["core"]
    made_up = report["looks_to_make_up"]
    say(
        NOTES.format(
            **{name: report[name] for name in ("cells_each", "peer", "spread", "busy")},
            made_up="—" if made_up is None else f"{made_up:,.0f}",
            core="没有绑定处理器核 not pinned to a core" if core is None else f"都绑在核 all on core {core}",
        )
    )
    same = "逐位相同 bit-identical" if report["identical"] else "不同 NOT THE SAME"
    say(
        f"重算前弄错 {report['spoilt']} 个数，找出 {report['found']} 处，改正后与原来{same} "
        f"{report['spoilt']} numbers made wrong, {report['found']} found"
    )


def _rows(report: dict[str, Any]) -> list[tuple[str, Any, str]]:
    goal = "达到 met" if report["charts_ms"] < GOAL_MS else "没有达到 missed"
    return [
        ("改数 updates", report["updates_per_second"], "条/秒 contacts/s"),
        ("  按 CPU 时间 by CPU time", report["updates_per_cpu_second"], "条/CPU 秒"),
        ("  其中的数 numbers moved", report["cells_per_second"], "个/秒 /s"),
        ("  只算不存 computed only", report["computed_per_second"], "条/秒 contacts/s"),
        ("  改正已存的 changing stored ones", report["changes_per_second"], "条/秒 contacts/s"),
        ("对照只插入行 peer, rows only", report["peer_inserts_per_second"], "条/秒 contacts/s"),
        ("  按 CPU 时间 by CPU time", report["peer_inserts_per_cpu_second"], "条/CPU 秒"),
        ("看半年各原因 half a year by cause", report["look_ms"], "毫秒 ms"),
        ("对照 GROUP BY peer", report["peer_look_ms"], "毫秒 ms"),
        ("重算比对 recount (rebuild --check)", report["recount_seconds"], "秒 s"),
        ("重算并改正 rebuild", report["rebuild_seconds"], "秒 s"),
        ("  每秒实体 entities", report["entities"] / report["recount_seconds"], "项/秒 /s"),
        ("  内存峰值 peak memory", report["peak_megabytes"], "MB"),
        ("  其中起步 of it at the start", report["start_megabytes"], "MB"),
        (f"{report['causes']} × {report['weeks']} 控制图 control charts", report["charts_ms"],
         f"毫秒 ms（目标 goal < {GOAL_MS}：{goal}）"),
        ("  按 CPU 时间 by CPU time", report["charts_cpu_ms"], "毫秒 ms"),
    ]  # fmt: skip
