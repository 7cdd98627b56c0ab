"""`voc export` and `voc sql`, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.admin import save_user
from chalicelib.model.people import Role
from chalicelib.wiring import build

ROOT = Path(__file__).parents[2]
ROWS = """工单编号,内容,渠道,手机号,来电时间,订单号
G1,快递三天了还没送到,电话,13800138000,2026-03-02 10:00,DD1
G2,账单看不懂,微信,13800138001,2026-03-10 11:00,
G3,说好的优惠没给我,邮件,13800138002,2026-03-11 09:30,
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A company of three contacts in two weeks, an agent, an executive and the lead of nothing."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "in.csv").write_text(ROWS, "utf-8")
    data = folder / "data"
    assert main(["import", str(folder / "in.csv"), "--data", str(data)]) == 0
    system = build(environment({}, data))
    for name, role in (("anna", Role.AGENT), ("exec", Role.EXECUTIVE), ("lead", Role.LEAD)):
        departments = ("legal",) if role is Role.LEAD else ()
        save_user(system.loop, name, role=role, departments=departments)
    system.close()
    return data


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    done = capsys.readouterr()
    assert "Traceback" not in done.out + done.err
    return code, done.out, done.err


def told(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def test_export_and_ask(data, tmp_path, capsys):
    code, out, _ = run(capsys, "export", "--data", data, "--out", tmp_path / "x", "--json")
    assert (code, told(out)["rows"]["contacts"], told(out)["written"]) == (0, 3, 3)
    assert (told(out)["last"]["first"], told(out)["departments"]) == ("2026-W10", None)
    assert {f.name for f in (tmp_path / "x/contacts").iterdir()} == {"week=2026-W10", "week=2026-W11"}
    ask = (
        "sql",
        "select week, count(*) as n from contacts group by week order by week",
        "--dir",
        tmp_path / "x",
    )
    code, out, _ = run(capsys, *ask, "--json")
    assert told(out)["rows"] == [{"week": "2026-W10", "n": 1}, {"week": "2026-W11", "n": 2}]
    assert told(out)["columns"][0] == {"name": "week", "type": "VARCHAR"}
    code, out, _ = run(capsys, *ask, "--csv")
    assert out == "\ufeffweek,n\r\n2026-W10,1\r\n2026-W11,2\r\n"
    code, out, _ = run(capsys, *ask, "--limit", "1")
    assert "2026-W10" in out
    assert "2026-W11" not in out
    assert "--csv" in out


def test_one_week_again_leaves_the_others(data, tmp_path, capsys):
    out = tmp_path / "x"
    run(capsys, "export", "--data", data, "--out", out)
    code, said, _ = run(
        capsys, "export", "--data", data, "--out", out, "--first", "2026-W11", "--last", "2026-W11", "--json"
    )
    assert (code, told(said)["rows"]["contacts"], told(said)["written"]) == (0, 3, 2)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_one_file(form, data, tmp_path, capsys):
    file = tmp_path / f"x.{form}"
    code, out, _ = run(capsys, "export", "--data", data, "--out", file, "--json")
    assert (code, told(out)["rows"], told(out)["format"]) == (0, 3, form)
    assert [f.name for f in tmp_path.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o077 == 0
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
        assert [row["week"] for row in rows] == ["2026-W10", "2026-W11", "2026-W11"]
        assert "text" not in rows[0]


def test_texts_need_a_purpose_and_come_masked(data, tmp_path, capsys):
    where = ("export", "--data", data, "--out", tmp_path / "t.csv", "--text")
    assert run(capsys, *where)[0] == 2
    assert not (tmp_path / "t.csv").exists()
    assert run(capsys, *where, "--purpose", "核对原因")[0] == 0
    assert "快递三天了还没送到" in (tmp_path / "t.csv").read_text("utf-8")
    _, out, _ = run(capsys, "do", "reading_log", "--data", data, "--json")
    assert [r["purpose"] for r in told(out)["readings"] if r["text"]] == ["核对原因"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--as", "anna"), "agents may not export"),
        (("--as", "nobody"), "no such user"),
        (("--as", "lead", "--department", "logistics"), "no such department"),
        (("--as", "exec", "--text", "--purpose", "看看"), "may not take texts"),
        (("--first", "2026-W12", "--last", "2026-W11"), "swap"),
        (("--first", "last week",), "2026-W47"),
        (("--format", "csv", "--out", "x.parquet"), "contradicts"),
    ],
)  # fmt: skip
def test_what_is_refused(words, says, data, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, error = run(
        capsys, "export", "--data", data, *(words if "--out" in words else (*words, "--out", "y"))
    )
    assert code == 2
    assert says in error
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(data, capsys):
    for place in ("/proc/nothing", "/proc/nothing.csv"):
        code, _, error = run(capsys, "export", "--data", data, "--out", place)
        assert (code, "cannot write" in error) == (2, True)


def test_a_lead_without_contacts_gets_an_empty_table(data, tmp_path, capsys):
    assert run(capsys, "export", "--data", data, "--as", "lead", "--out", tmp_path / "x")[0] == 0
    code, out, _ = run(capsys, "sql", "select count(*) as n from contacts", "--dir", tmp_path / "x", "--json")
    assert (code, told(out)["rows"]) == (0, [{"n": 0}])


@pytest.mark.parametrize("text", [False, True])
def test_the_statement_for_athena(text, data, tmp_path, capsys):
    more = ("--text",) if text else ()
    code, out, _ = run(capsys, "export", "--ddl", "--location", "s3://company/voc", *more, "--data", tmp_path)
    assert code == 0
    assert "LOCATION 's3://company/voc/contacts/'" in out
    assert ("`text` string" in out) == text
    assert list(tmp_path.iterdir()) == []


def test_sql_says_when_there_is_nothing_to_ask(data, tmp_path, capsys):
    code, _, error = run(capsys, "sql", "select 1", "--dir", tmp_path)
    assert (code, "./voc export" in error) == (2, True)
    run(capsys, "export", "--data", data, "--out", tmp_path / "x", "--format", "csv")
    code, _, error = run(capsys, "sql", "select 1", "--dir", tmp_path / "x")
    assert (code, "./voc export" in error) == (2, True)


def test_sql_from_standard_input_with_names_that_occur_twice(data, tmp_path, capsys):
    run(capsys, "export", "--data", data, "--out", tmp_path / "x")
    command = [sys.executable, "-m", "chalicelib.cli", "sql", "-", "--dir", str(tmp_path / "x"), "--json"]
    asked = "select 1 as a, 2.50 as a, [3] as b, null as c"
    done = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True)
    assert (done.returncode, told(done.stdout)["rows"]) == (0, [{"a": 1, "a_2": 2.5, "b": [3], "c": None}])


def test_the_route_from_the_command_line_is_the_csv_itself(data, capsys):
    code, out, _ = run(capsys, "do", "export_contacts", "first=2026-W10", "last=2026-W11", "--data", data)
    assert code == 0
    assert len(list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))) == 3
