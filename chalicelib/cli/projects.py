"""Commands that show projects: what was promised, what the looks found, what the numbers say now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.cli.whys import show as show_why
from chalicelib.loop.track import project_weeks, projects, sheet, verdicts, whys
from chalicelib.model.project import Plan, Project
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import local

Result = tuple[int, dict[str, Any]]
COLUMNS = [
    ("id", "项目"),
    ("title", "名称"),
    ("cause", "原因"),
    ("metric", "指标"),
    ("state", "状态"),
    ("verdict", "结论"),
    ("ratio", "倍数 ratio (95 %)"),
    ("weeks", "周 weeks"),
    ("due", "到期"),
]


def listed(run: Run) -> Result:
    """Projects with where their verdicts stand."""
    run.may("list_projects")
    found = verdicts.views(run.loop, projects.listed(run.loop, run.caller))
    return 0, {"projects": show_list(found, run.loop.unit().taxonomy)}


def show_list(found: list[dict[str, Any]], taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The table of projects with their newest verdicts; returns its rows."""
    rows = [_row(one["project"], one["verdict"]) for one in found]
    table("改进项目 projects", [{**row, **_in_words(row, taxonomy)} for row in rows], COLUMNS)
    return rows


def _row(p: Project, verdict: dict[str, Any]) -> dict[str, Any]:
    named = {"id": p.id, "title": p.title, "cause": p.plan.cause, "metric": p.plan.metric}
    found = {name: verdict[name] for name in ("word", *verdicts.BRIEF)}
    return {
        **named,
        "state": str(p.state),
        "verdict": str(verdict["state"]),
        "weeks": f"{verdict['weeks']}/{verdict['weeks_needed']}",
        "due": f"{local(verdict['due']):%Y-%m-%d}",
        **found,
    }


def _in_words(row: dict[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    stands = words.VERDICT_STATES.get(row["verdict"], row["verdict"])
    return {
        "cause": taxonomy.label(row["cause"]),
        "state": words.PROJECT_STATES.get(row["state"], row["state"]),
        "verdict": f"{words.WORDS[row['word']]} {row['word']}" if row["word"] else stands,
        "ratio": _ratio(row["mean_ratio"], row["mean_ci"]),
    }


def _ratio(value: float | None, ends: list[float] | None) -> str | None:
    return None if value is None or ends is None else f"{value:.3g} ({ends[0]:.3g}–{ends[1]:.3g})"


def one(run: Run) -> Result:
    """One project: its promise, its looks, and every figure of the verdict by the weeks there are."""
    from chalicelib.cli import verdict as figures  # with numpy: the list does without

    run.may("read_project")
    project = projects.visible(run.loop.unit(), run.caller, run.args.id)
    found = verdicts.view(run.loop, project)
    _write(run, project)
    _promise(project, run.loop.unit().taxonomy)
    stands = found["verdict"]
    if project.started:
        _looks(stands["looks"])
        say("现在的数字 the numbers now：")
        now = verdicts.live(run.loop, project)
        figures.show(now)
        for note in now["notes"]:
            say(f"注意 note：{note['zh']} {note['en']}")
        if now["left_out"]:
            names = [("week", "周 week"), ("zh", "为什么"), ("en", "why")]
            table("没有用上的周 weeks left out", now["left_out"], names)
        found["figures"] = now
    else:
        say(stands["outlook"]["zh"])
        say(stands["outlook"]["en"])
    found["why"] = whys.tree(run.loop, run.caller, project.id)
    show_why(found["why"])
    return 0, found


def _promise(project: Project, taxonomy: Taxonomy) -> None:
    plan = project.plan
    state = words.PROJECT_STATES[project.state]
    say(f"{project.id} {project.title}（{state} {project.state}） {project.owner}")
    say(f"假设 hypothesis：{project.hypothesis}")
    say(
        f"事先约定 agreed before：{plan.metric} / {taxonomy.label(plan.cause)} / 分母 X {plan.denominator}，"
        f"{'降' if plan.direction == 'down' else '升'} ≥ {plan.minimum_effect:.0%}，从 from {plan.counts_from}，"
        f"前 {plan.weeks_before} 后 {plan.weeks_after} 周 weeks before and after，{_controls(plan, taxonomy)}"
    )


def _controls(plan: Plan, taxonomy: Taxonomy) -> str:
    return f"对照 controls：{'、'.join(map(taxonomy.label, plan.control_causes)) or '无 none'}"


def _looks(looks: list[dict[str, Any]]) -> None:
    rows = [
        {
            "weeks": look["look"]["weeks"],
            "week": look["look"]["week"],
            "word": f"{words.WORDS[look['word']]} {look['word']}",
            "ratio": _ratio(look["mean_ratio"], look["mean_ci"]),
            "recent": look["look"]["recent"] and words.WORDS[look["look"]["recent"]["word"]],
            "relapsed": look["look"]["relapsed"],
        }
        for look in looks
    ]
    names = [("weeks", "周数 weeks"), ("week", "到 until"), ("word", "结论 verdict"), ("ratio", "倍数 ratio (95 %)"),
             ("recent", "上次以来 since the last"), ("relapsed", "复发 relapsed")]  # fmt: skip
    table("到期时的结论 verdicts when they were due", rows, names)


def _write(run: Run, project: Project) -> None:
    """The files that voc verdict reads."""
    args = run.args
    if not (args.table or args.config):
        return
    weeks = project_weeks.weeks_of(run.loop, project)
    if args.table:
        Path(args.table).write_text(sheet.as_csv(weeks), "utf-8")
    if args.config:
        Path(args.config).write_text(json.dumps(weeks.config, ensure_ascii=False, indent=1) + "\n", "utf-8")
