"""`voc bench statistics` for people and programs."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import bench_sizes
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

CELL = [
    ("weeks", "周 weeks"),
    ("mean", "每周 a week"),
    ("dispersion", "离散度 phi"),
    ("correlation", "相关 rho"),
]
NULL_COLUMNS = [
    *CELL,
    ("improved", "误判改进 false IMPROVED"),
    ("covered", "区间覆盖 coverage"),
    ("line", "90 % 带 band"),
    ("naive", "8 周对 8 周 naive"),
    ("usual_improved", "普通 NW 误判 plain NW"),
    ("usual_covered", "普通 NW 覆盖 coverage"),
]
EFFECT_COLUMNS = [
    *CELL,
    ("fall", "真降 true fall"),
    ("improved", "判为改进 IMPROVED"),
    ("foretold", "事先算的把握 foretold"),
    ("covered", "区间覆盖 coverage"),
]
POWER_COLUMNS = [
    ("weeks", "周 weeks"),
    ("group", "事先算的把握 foretold"),
    ("series", "序列 series"),
    ("foretold", "平均 mean"),
    ("reached", "实际判为改进 reached"),
]
SHARES = (
    "improved",
    "covered",
    "line",
    "naive",
    "usual_improved",
    "usual_covered",
    "fall",
    "foretold",
    "reached",
)
NOTES = """\
{when}：没有变化的 {series:,} 条序列 series without a change：误判改进 false IMPROVED {false_improved:.2%}\
（{low:.2%}–{high:.2%}；要求 asked ≤ 2.5 %），8 周对 8 周 naive {naive_false:.1%}，普通 Newey-West {usual_false_improved:.1%}
95 % 区间覆盖 coverage {covered:.1%}（各格 cells {c0:.1%}–{c1:.1%}；要求 asked 92–97 %），普通 Newey-West {usual_covered:.1%}
“没有改进时会怎样”的 90 % 带 the band holds {line:.1%}（各格 cells {l0:.1%}–{l1:.1%}；要求 asked 86–94 %）"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when a part does not keep what is asked of it."""
    rounds = bench_sizes.rounds(run)
    from chalicelib.bench import statistics_alarms
    from chalicelib.bench.statistics import measure, passed

    with progress("模拟 simulation") as advance:
        report = measure(rounds, lambda label: advance(0, label=label))
    show_verdict(report["verdict"])
    show_power(report["power"])
    table(*statistics_alarms.table(report["alarms"]))
    good = passed(report)
    say("全部达到要求 all as asked" if good else "没有全部达到要求 not all as asked")
    return int(not good), {"passed": good, **report}


def show_verdict(part: dict[str, Any]) -> None:
    """Cells without a change, cells with one, and all of the first together."""
    table("什么也没变 nothing changed", map(_shares, part["nulls"]), NULL_COLUMNS)
    table("真的少了 a true fall", map(_shares, part["effects"]), EFFECT_COLUMNS)
    say(_told("26 周时 at 26 weeks", part["summary"]))
    say(_told("最少的期数 fewest weeks", part["early"]))
    say(f"{part['summary']['seconds']:.0f} 秒 s")


def show_power(part: dict[str, Any]) -> None:
    """What was foretold before the start beside what came."""
    table("事先算的把握与实际 power foretold and reached", map(_shares, part["groups"]), POWER_COLUMNS)
    for row in part["lengths"]:
        say(
            f"{row['weeks']}：事先 foretold {row['foretold']:.1%}，实际 reached {row['reached']:.1%}，"
            f"差 bias {row['bias']:+.1%}，单条误差 error of one series {row['error']:.1%}"
        )


def _told(when: str, found: dict[str, Any]) -> str:
    low, high = found["false_improved_interval"]
    (c0, c1), (l0, l1) = found["covered_cells"], found["line_cells"]
    return NOTES.format(**found, when=when, low=low, high=high, c0=c0, c1=c1, l0=l0, l1=l1)


def _shares(row: dict[str, Any]) -> dict[str, Any]:
    shares = {name: row[name] for name in SHARES if row.get(name) is not None}
    return {**row, **{name: f"{share:.1%}" for name, share in shares.items()}}
