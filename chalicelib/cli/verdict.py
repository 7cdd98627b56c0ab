"""`voc verdict`: the before/after verdict of a project from a plain table, to be checked against R."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.cli.verdict_config import read_config
from chalicelib.cli.verdict_table import Table, read_table
from chalicelib.cli.words import WORDS
from chalicelib.model.errors import Invalid
from chalicelib.model.seal import seal
from chalicelib.stats.estimate import Promise
from chalicelib.stats.report import shown
from chalicelib.stats.verdict import verdict

LINE_COLUMNS = [
    ("time", "期 period"),
    ("count", "实际 count"),
    ("expected", "没有改进时 without"),
    ("low", "90 % 下界 low"),
    ("high", "90 % 上界 high"),
]
MOST_LINES = 13
FIGURES = [
    ("rate_ratio", "ci", "水平变化 level, rate ratio"),
    ("slope_ratio", "slope_ci", "每期斜率变化 slope per period"),
    ("mean_ratio", "mean_ci", "开始后平均 mean after the start"),
    ("dispersion", "", "离散度 dispersion"),
    ("autocorrelation", "", "一阶自相关 lag-1 autocorrelation"),
    ("power", "", "看出最小效果的把握 power for the minimum effect"),
]


def judge(run: Run) -> tuple[int, dict[str, Any]]:
    """Read, judge, show."""
    config_file, data_file = Path(run.args.config), Path(run.args.source)
    config = read_config(config_file)
    read = read_table(data_file)
    agreed = Promise.of(config)
    _check(read, agreed, config_file, data_file)
    found = shown(verdict(read.series, agreed, read.siblings), read.label)
    numbers = {
        **found,
        "config": config,
        "stamp": seal({"config": config, "start_after": read.label(int(read.series.last_before))}),
        "ignored_columns": list(read.ignored),
        "missing_periods": read.missing,
    }
    show(numbers)
    return 0, numbers


def _check(read: Table, agreed: Promise, config_file: Path, data_file: Path) -> None:
    """Harmonics need a season that is long enough."""
    model, season = agreed.model, read.series.season
    length = model.season_length or (int(season.max()) if season is not None else 0)
    if not model.harmonics:
        return
    if season is None:
        raise Invalid(
            "verdict.season",
            "harmonics 需要 season 列：每期在一年（或一轮）里的位置，1 到 S",
            "harmonics need a column season: the place of each period in the year (or cycle), 1 to S",
            data_file.name,
        )
    if length < 2 * model.harmonics + 1 or season.max() > length:
        raise Invalid(
            "verdict.season",
            f"season 的长度 {length} 装不下 {model.harmonics} 对谐波，或小于列里的最大值 {season.max():g}",
            f"a season of {length} is too short for {model.harmonics} harmonics, or less than the largest in the"
            f" column, {season.max():g}",
            f"{config_file.name}:harmonics",
        )


def show(numbers: dict[str, Any]) -> None:
    """The verdict for people."""
    word = numbers["verdict"]
    say(f"结论 verdict：{WORDS[word]} {word}")
    say(numbers["reason"]["zh"])
    say(numbers["reason"]["en"])
    if numbers["power_date"]:
        say(f"把握达到 80 % 的时间 power date：{numbers['power_date']}")
    rows = [
        {"name": name, "value": numbers[key], "interval": _interval(numbers.get(ends))}
        for key, ends, name in FIGURES
        if numbers[key] is not None
    ]
    table(
        f"开始前 {numbers['n_before']} 期，开始后 {numbers['n_after']} 期 periods before and after",
        rows,
        [("name", ""), ("value", "值 value"), ("interval", "95 % 区间 interval")],
    )
    lines = numbers.get("line", [])[-min(MOST_LINES, numbers["n_after"]) :] if numbers["n_after"] else []
    if lines:
        table("没有改进时会怎样 what would have happened", lines, LINE_COLUMNS)
    if numbers["ignored_columns"]:
        say(f"没有用到的列 columns not used：{', '.join(numbers['ignored_columns'])}")
    if missing := numbers["missing_periods"]:
        told = "、".join(missing[:MOST_LINES]) + (
            f" 等 {len(missing)} 期" if len(missing) > MOST_LINES else ""
        )
        say(
            f"表里缺这些期，按缺失处理，不当 0 / periods that the table leaves out, taken as missing, not as 0: {told}"
        )
    say(f"口径印记 stamp：{numbers['stamp']}")


def _interval(ends: list[float] | None) -> str:
    return f"{ends[0]:.4g} – {ends[1]:.4g}" if ends else ""
