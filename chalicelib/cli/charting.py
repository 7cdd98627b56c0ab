"""`voc chart`: a control chart of a plain table, every figure named, to be checked against other software."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.cli.context import Run
from chalicelib.cli.measured import ANY, Bounds, Cell, measured
from chalicelib.cli.output import say, table
from chalicelib.model.errors import Invalid
from chalicelib.stats.baseline import LOCKED_AFTER, Rebase, Seam
from chalicelib.stats.chart import Chart, Part, Point, Series, chart
from chalicelib.stats.laney import Laney
from chalicelib.stats.signals import RULES
from chalicelib.stats.xmr import Xmr

Result = tuple[int, dict[str, Any]]
BOUNDS = {"value": ANY, "count": Bounds(least=0, whole=True), "exposure": Bounds(least=0)}
NAMES = {"xmr": "XmR", "u": "Laney u'", "p": "Laney p'"}
NEEDED = {
    "xmr": ("period", "value"),
    "u": ("period", "count", "exposure"),
    "p": ("period", "count", "exposure"),
}
FROM = {
    "xmr": "XmR",
    "laney": "Laney",
    "poisson": "Poisson 精确 exact",
    "none": "还没有 none yet",
}


class Table(NamedTuple):
    """What the file holds: its periods and the figures under them, None where there is none."""

    periods: list[str]
    figures: dict[str, list[float | None]]

    @property
    def series(self) -> Series:
        """As a chart takes it."""
        values, counts = self.figures.get("value", []), self.figures.get("count", [])
        return Series(values, counts, self.figures.get("exposure", []))


def draw(run: Run) -> Result:
    """Chart a CSV file; nothing is charted of a file with a bad row."""
    args = run.args
    read = _read(Path(args.source), args.kind)
    series = read.series._replace(share=args.kind == "p")
    rebases = [Rebase(at, reason) for at, reason in _cuts(args.rebase, read, "--rebase")]
    seams = [Seam(at, version) for at, version in _cuts(args.seam, read, "--seam")]
    clamp, baseline = not args.no_clamp, args.baseline
    drawn = chart(series, rebases, seams, baseline, clamp)
    whole = chart(series, baseline=None, clamp=clamp)
    show(drawn, read, args.kind)
    return 0, {**as_dict(drawn, read, args.kind, clamp), "all_as_baseline": _in_force(whole)}


# reading


def _read(path: Path, kind: str) -> Table:
    names = NEEDED[kind]
    table = Table([], {name: [] for name in names[1:]})
    seen: dict[str, int] = {}
    for row in measured(path, names):
        period = row.text("period")
        if period in seen:
            raise row.wrong(
                "period",
                f"与第 {seen[period]} 行同一期，请合并或删去一行",
                f"the same period as line {seen[period]}: join the two or delete one",
            )
        seen[period] = row.line
        table.periods.append(period)
        for name in names[1:]:
            table.figures[name].append(row.number(name, BOUNDS[name]))
        _check_share(row, table, kind)
    return table


def _check_share(row: Cell, table: Table, kind: str) -> None:
    if kind != "p":
        return
    count, exposure = table.figures["count"][-1], table.figures["exposure"][-1]
    if count is not None and exposure and count > exposure:
        raise row.wrong(
            "count",
            "比例图的 count 不能大于 exposure；每件可有多次时用 --kind u",
            "in a p chart count cannot exceed exposure; use --kind u where one X can have several",
        )


def _cuts(asked: Sequence[str], read: Table, option: str) -> Iterator[tuple[int, str]]:
    """(place, reason) of each PERIOD=REASON."""
    for text in asked:
        period, _, reason = (part.strip() for part in text.partition("="))
        if period not in read.periods or not reason:
            raise Invalid(
                "chart.cut",
                f"{option} 写作 期=理由，期要在文件里有",
                f"write {option} as PERIOD=REASON, with a period of the file",
                option,
            )
        yield read.periods.index(period), reason


# showing


def as_dict(drawn: Chart, read: Table, kind: str, clamp: bool) -> dict[str, Any]:
    """The chart with every intermediate figure named; what is at the top is in force for the newest point."""
    points = [_point(read, place, point) for place, point in enumerate(drawn.points)]
    return {
        "kind": kind,
        "chart": NAMES[kind],
        **({} if kind == "xmr" else {"clamp": clamp}),
        **_in_force(drawn),
        "signals": sum(bool(p.signals) for p in drawn.points if p),
        "segments": [_part(part, read) for part in drawn.parts],
        "points": points,
    }


def _in_force(drawn: Chart) -> dict[str, Any]:
    """The newest segment's baseline and figures. XmR has one pair of limits, the rates a list of pairs by period."""
    if not drawn.parts:
        return {"mean": None, "limits": None, "near_limits": None, "baseline_points": 0, "locked": False}
    part, last = drawn.parts[-1], [p for p in drawn.points if p][-1]
    pairs = {
        name: getattr(last, name) if drawn.kind == "xmr" else [p and getattr(p, name) for p in drawn.points]
        for name in ("limits", "near_limits")
    }
    state = {"baseline_points": part.baseline_points, "locked": part.segment.locked}
    return {"mean": drawn.mean, **pairs, **state, **_figures(part.figures)}


def _figures(figures: Xmr | Laney | None) -> dict[str, Any]:
    if isinstance(figures, Xmr):
        return {
            "moving_ranges": figures.ranges,
            "mean_range_before_screening": figures.first_range,
            "screen": figures.screen,
            "screened_out": [figures.ranges[place] for place in figures.dropped],
            "mean_range": figures.mean_range,
        }
    if isinstance(figures, Laney):
        return {"z": figures.z, "sigma_z_raw": figures.sigma_z_raw, "sigma_z": figures.sigma_z}
    return {}


def _part(part: Part, read: Table) -> dict[str, Any]:
    cut = part.segment
    return {
        "first": read.periods[cut.start],
        "last": read.periods[cut.end - 1],
        "baseline_last": read.periods[cut.baseline_end - 1],
        "baseline_points": part.baseline_points,
        "locked": cut.locked,
        "why": cut.why,
        "reason": cut.reason,
        "mean": part.figures.mean if part.figures else None,
        **_figures(part.figures),
    }


def _point(read: Table, place: int, point: Point | None) -> dict[str, Any]:
    given = {name: column[place] for name, column in read.figures.items()}
    if point is None:
        state = "no_denominator" if "exposure" in given and given["count"] is not None else "no_data"
        return {"period": read.periods[place], **given, "value": None, "state": state, "signals": []}
    row = {"period": read.periods[place], **given, **point._asdict(), "state": "known"}
    row["limits_from"] = row.pop("by")
    if point.expected is None:
        row.pop("expected")
    return row


SHOWN = 300
"""Periods of the table for people: laying out a row takes longer than computing it."""
COLUMNS = [
    ("period", "期 period"),
    ("value", "值 value"),
    ("mean", "均值 mean"),
    ("limits", "控制限 limits"),
    ("from", "限的来历 from"),
    ("signals", "信号 signals"),
]


def show(drawn: Chart, read: Table, kind: str) -> None:
    """The chart for people."""
    pairs = list(zip(read.periods, drawn.points, strict=True))
    table(f"控制图 control chart {NAMES[kind]}", (_row(*pair) for pair in pairs[-SHOWN:]), COLUMNS)
    if older := pairs[:-SHOWN]:
        told = sum(bool(point and point.signals) for _, point in older)
        say(
            f"只列最近 {SHOWN} 期；更早的 {len(older):,} 期（{told:,} 期有信号）用 --json 看 / only the newest {SHOWN}"
            f" periods are listed; --json holds the {len(older):,} before them, {told:,} with signals"
        )
    for part in drawn.parts:
        say(_said(part, read))
    if not drawn.parts:
        say(
            "没有一期有数可画：exposure 空着或为 0 就是没有分母，请补上 / no period has anything to draw: an empty or zero"
            " exposure is no denominator; fill it in"
        )


def _row(period: str, point: Point | None) -> dict[str, Any]:
    if point is None:
        return {"period": period, "value": "无分母或无数据 no denominator or no data"}
    return {
        "period": period + (" *" if point.baseline else ""),
        "value": f"{point.value:.6g}",
        "mean": f"{point.mean:.6g}",
        "limits": " – ".join(f"{end:.6g}" for end in point.limits) if point.limits else None,
        "from": FROM[point.by],
        "signals": "；".join(" ".join(RULES[rule]) for rule in point.signals),
    }


def _said(part: Part, read: Table) -> str:
    """One line on a baseline."""
    cut, figures = part.segment, part.figures
    state = "已锁定 locked" if cut.locked else f"试用限：不满 {LOCKED_AFTER} 点 trial limits"
    text = f"* 基线 baseline {read.periods[cut.start]}–{read.periods[cut.baseline_end - 1]}：{part.baseline_points} 点 points，{state}"
    if isinstance(figures, Xmr):
        text += f"，平均移动极差 mean moving range {figures.mean_range:.6g}"
    if isinstance(figures, Laney):
        text += f"，σz {figures.sigma_z:.6g}（数据给出 from the data {figures.sigma_z_raw:.6g}）"
    why = {"start": "", "rebase": "，重设理由 re-based because ", "seam": "，分类版本 taxonomy version "}
    return text + why[cut.why] + cut.reason
