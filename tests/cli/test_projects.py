"""`voc projects`, `voc project`, `voc why`: what people see, and files that give the same verdict again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.track.projects import move, propose
from chalicelib.loop.track.verdicts import look_when_due
from chalicelib.model.people import SYSTEM
from chalicelib.model.project import ProjectMove
from chalicelib.model.weeks import shift, week_start
from chalicelib.wiring import build
from tests.loop.judged import CAUSE, contacts, parcels, plan, write

PAST, WEEKS = "2025-W20", range(-26, 10)


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder with one project that was judged, and one that is proposed."""
    folder = tmp_path / "data"
    system = build(environment({}, folder))
    loop = system.loop.at(week_start(PAST) + timedelta(hours=1))
    rates = {CAUSE: lambda n: 100 if n < 0 else 55, "other": lambda n: 20}
    write(loop, contacts(rates, WEEKS, PAST), parcels(WEEKS, PAST))
    words = {"hypothesis": "换箱子", "owner": "boss", "department": "logistics"}
    for title in ("加固包装", "再换一家"):
        agreed = plan(starts=week_start(PAST), weeks_before=26)
        project = propose(loop, SYSTEM, title=title, **words, plan=agreed)
        if title == "加固包装":
            for order in (ProjectMove.ACCEPT, ProjectMove.START):
                move(loop, SYSTEM, project.id, order, None)
    look_when_due(system.loop.at(week_start(shift(PAST, 9)) + timedelta(hours=1)))
    system.close()
    return folder


def run(capsys, data: Path, *words: str, code: int = 0) -> tuple[str, Any]:
    capsys.readouterr()
    assert main([*words, "--data", str(data), "--json"]) == code
    out = capsys.readouterr().out
    return out, json.loads(out.splitlines()[-1])


def test_projects_with_their_words(data, capsys):
    out, found = run(capsys, data, "projects")
    assert [row["word"] for row in found["projects"]] == [None, "IMPROVED"]
    assert all(word in out for word in ("有改进", "未开始", "8/8"))


def test_a_project_and_the_files_behind_it(data, capsys, tmp_path):
    files = ["--table", str(tmp_path / "t.csv"), "--config", str(tmp_path / "c.json")]
    out, found = run(capsys, data, "project", "P-1", *files)
    told = ("有改进 IMPROVED", "事先约定", "没有改进时会怎样", found["figures"]["stamp"], "还没有人说为什么")
    assert all(word in out for word in told)
    _, again = run(capsys, data, "verdict", "--in", files[1], "--config", files[3])
    assert {n: again[n] for n in ("rate_ratio", "ci", "line")} == {
        n: found["figures"][n] for n in ("rate_ratio", "ci", "line")
    }


def test_a_project_that_has_not_started_warns(data, capsys):
    out, found = run(capsys, data, "project", "P-2")
    assert found["verdict"]["outlook"]["zh"] in out
    assert found["verdict"]["word"] is None
    _, refused = run(capsys, data, "project", "P-9", code=2)
    assert refused["error"]["code"] == "project.not_found"


def test_why_is_said_shown_and_taken_back(data, capsys):
    assert "nobody has said why" in run(capsys, data, "why", "P-1")[0]
    out, found = run(capsys, data, "why", "P-1", "箱子太薄", "--assumption", "--share", "60")
    thin = found["because"][0]["id"]
    out, _ = run(capsys, data, "why", "P-1", "采购只看价钱", "--under", thin, "--assumption")
    assert f"  {thin} 60 % 箱子太薄（假设 assumption）" in out
    assert "采购只看价钱" in run(capsys, data, "project", "P-1")[0]
    assert run(capsys, data, "why", "P-1", "没有根据", code=2)[1]["error"]["code"] == "why.unfounded"
    assert run(capsys, data, "why", "P-1", "--withdraw", thin)[1]["because"] == []
