"""`./voc cycle`: the agenda, what was decided and what became of it; decide, close, save the minutes."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.loop.repeat import cycles, minutes, wording
from chalicelib.loop.repeat.agenda import PARTS
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.model.cycle import Cycle, Decision
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import parse_week
from chalicelib.paper.minutes_csv import csv_of
from chalicelib.paper.minutes_pdf import pdf_of

Result = tuple[int, dict[str, Any]]
NAMES = [
    ("what", "决定 what"),
    ("about", "关于 about"),
    ("reason", "理由 reason"),
    ("by", "谁 by"),
]


def cycle(run: Run) -> Result:
    """Show, decide or close; with --pdf and --csv the minutes are saved too."""
    act = {"show": _show, "decide": _decide, "close": _close}[run.args.action]
    found = minutes.of(run.loop, run.caller, act(run))
    _shown(run, found)
    _saved(run, found)
    return 0, {"cycle": found}


def _show(run: Run) -> Cycle:
    week = run.args.week
    return cycles.by_week(run.loop, parse_week(week, where="--week")) if week else cycles.current(run.loop)


def _decide(run: Run) -> Cycle:
    run.may("record_decision")
    a = run.args
    missing = [f"--{name}" for name in ("what", "about", "reason") if not getattr(a, name)]
    if missing or a.week:
        raise Invalid(
            "cycle.decide",
            f"决定记在本期，要写 {'、'.join(missing) or '决定，不写 --week'}",
            f"decisions go into the open cycle; give {', '.join(missing) or 'no --week'}",
            (missing or ["--week"])[0],
        )
    return decide(run.loop, run.caller, Wish(a.what, a.about, a.reason, a.until or ""))


def _close(run: Run) -> Cycle:
    run.may("close_cycle")
    week = parse_week(run.args.week, where="--week") if run.args.week else cycles.current(run.loop).week
    return cycles.close(run.loop, run.caller, week)


def _shown(run: Run, found: Cycle) -> None:
    say(f"周期 cycle {found.week}（{wording.state(found)}）")
    if run.args.action != "decide":
        _agenda(found)
        became = [
            {**_decision(o.decision, found), "became": wording.became(o, found.names)} for o in found.outcomes
        ]
        table("上期决定的结果 what became of the last decisions", became, [*NAMES, ("became", "结果 became")])
    table(
        "本期决定 decided now",
        [_decision(d, found) for d in found.decisions],
        [*NAMES, ("came", "做了什么 done")],
    )
    left = len(found.undecided())
    if not found.prepared and found.state == "open":
        say("这一周还没开始，议程在周一零点生成 this week has not begun; its agenda comes on Monday")
    elif found.agenda:
        told = f"{left} 项" if left else "没有了"
        say(f"议程中尚未决定：{told} {left or 'no'} row{'s' * (left != 1)} of the agenda left to decide")
    else:
        say("议程是空的，没有要决定的 the agenda is empty: nothing to decide")


def _agenda(found: Cycle) -> None:
    rows = {name: list(part) for name, part in groupby(found.agenda, lambda item: item.part)}
    for name in [*PARTS, *(name for name in rows if name not in PARTS)]:
        _part(found, name, rows.get(name, []))


def _part(found: Cycle, name: str, items: list[Any]) -> None:
    rows = [
        {
            "id": item.id,
            "label": item.label,
            "department": found.names.get(item.department, item.department),
            "numbers": wording.figures(item, found.names),
            "since": item.since or None,
        }
        for item in items
    ]
    columns = [
        ("id", "编号 id"),
        ("label", "名称 name"),
        ("department", "部门 department"),
        ("numbers", "数字 figures"),
    ]
    table(wording.part(name), rows, [*columns, ("since", "自 since")])
    if left := found.left_out.get(name):
        say(f"另有 {left} 项 and {left} more")
    if asleep := found.snoozed.get(name):
        say(f"暂缓 {asleep} 项 put off {asleep}")


def _decision(made: Decision, found: Cycle) -> dict[str, str]:
    return {
        "what": wording.both(wording.WHAT, made.what),
        "about": wording.about(made, found.names),
        "reason": made.reason,
        "by": words.actor(made.by),
        "came": wording.came(made, found.names),
    }


def _saved(run: Run, found: Cycle) -> None:
    for name, content in (("pdf", pdf_of), ("csv", csv_of)):
        if not (target := getattr(run.args, name)):
            continue
        run.may(f"minutes_{name}")
        made = content(found)
        _write(Path(target), made if isinstance(made, bytes) else made.encode())
        say(f"已存 saved {target}")


def _write(target: Path, content: bytes) -> None:
    """The whole file or none of it."""
    if target.is_dir() or not target.parent.is_dir():
        raise Invalid(
            "cycle.file",
            "要写一个文件名，而且它的文件夹要存在",
            "name a file in a folder that exists",
            str(target),
        )
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
