"""`voc verdict`, as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chalicelib.cli.__main__ import main

ASKED = {
    "rate_ratio", "ci", "dispersion", "slope_ratio", "slope_ci", "autocorrelation", "verdict", "reason", "power_date",
}  # fmt: skip
COUNTS = np.random.default_rng(6).poisson(np.where(np.arange(40) < 26, 200, 110))


def week(n: int) -> str:
    return f"2026-W{n + 1:02d}"


def rows(name=week, many: int = 40, before: int = 26) -> list[list[str]]:
    return [[name(n), str(COUNTS[n]), "1000", str(int(n >= before))] for n in range(many)]


def table(file: Path, some: list[list[str]], columns: str = "time,count,exposure,intervention") -> Path:
    file.write_text("\n".join([columns, *(",".join(row) for row in some)]) + "\n", "utf-8")
    return file


def run(capsys, folder: Path, data: Path, config: Any = None) -> tuple[int, dict[str, Any], str, str]:
    agreed = folder / "agreed.json"
    agreed.write_text(config if isinstance(config, str) else json.dumps(config or {}), "utf-8")
    capsys.readouterr()
    code = main(["verdict", "--in", str(data), "--config", str(agreed), "--json"])
    done = capsys.readouterr()
    return code, json.loads(done.out.splitlines()[-1]), done.out, done.err


def test_a_verdict_for_people_and_programs(tmp_path, capsys):
    code, found, out, _ = run(capsys, tmp_path, table(tmp_path / "t.csv", rows()))
    assert code == 0
    assert set(found) >= ASKED
    assert (found["verdict"], found["n_before"], found["n_after"]) == ("IMPROVED", 26, 14)
    assert found["ci"][0] < found["rate_ratio"] < found["ci"][1] < 1
    assert found["slope_ratio"] is found["slope_ci"] is found["power_date"] is None
    assert (found["start_after"], found["line"][-1]["time"]) == ("2026-W26", "2026-W40")
    assert all(
        text in out for text in ("有改进 IMPROVED", found["reason"]["zh"], found["reason"]["en"], "2026-W40")
    )


def test_the_same_words_without_json(tmp_path, capsys):
    data, agreed = table(tmp_path / "t.csv", rows(many=30)), tmp_path / "agreed.json"
    agreed.write_text('{"minimum_effect": 0.3}', "utf-8")
    assert main(["verdict", "--in", str(data), "--config", str(agreed)]) == 0
    out = capsys.readouterr().out
    assert "数据还不够 NOT_ENOUGH_DATA_YET" in out
    assert "power date：2026-W34" in out
    assert "{" not in out


def month(n: int) -> str:
    return f"{2024 + n // 12}-{n % 12 + 1:02d}"


@pytest.mark.parametrize(
    ("name", "date"),
    [(week, "2026-W34"), (month, "2026-10"), (lambda n: f"2026-01-{n + 1:02d}", "2026-02-03"),
     (lambda n: str(n + 101), "134"), (lambda n: f"2026w{n + 1}", "2026-W34"), (lambda n: month(n).replace("-", ""), "2026-10"),
     (lambda n: str(5 * n), "165")],
)  # fmt: skip
def test_the_power_date_is_written_as_the_times_are(name, date, tmp_path, capsys):
    data = table(tmp_path / "t.csv", rows(name, many=28))
    _, found, _, _ = run(capsys, tmp_path, data, {"minimum_effect": 0.3})
    assert found["power_date"] == date


def test_the_stamp_changes_with_what_was_agreed_and_not_with_the_data(tmp_path, capsys):
    def stamp(many: int, config: Any) -> str:
        return run(capsys, tmp_path, table(tmp_path / "t.csv", rows(many=many)), config)[1]["stamp"]

    assert stamp(40, {}) == stamp(36, {"direction": "down"})
    assert stamp(40, {}) != stamp(40, {"minimum_effect": 0.2})


def test_every_key_and_column_is_used(tmp_path, capsys):
    columns = "time,count,exposure,intervention,season,control,intervention_P-2,sibling_chat,note"
    some = [
        [*row, str(n % 4 + 1), "300", str(int(n > 10)), str(COUNTS[0] + 90 * (n >= 26)), "x"]
        for n, row in enumerate(rows())
    ]
    config = {
        "family": "quasipoisson", "harmonics": 1, "slope_change": False, "robust": "none", "direction": "down",
        "minimum_effect": 0.1, "wash_in": 2, "season_length": 4, "fewest_before": 12, "fewest_after": 8,
        "least_dispersion": 0.9,
    }  # fmt: skip
    some[3][5] = "290"
    _, found, out, _ = run(capsys, tmp_path, table(tmp_path / "t.csv", some, columns), config)
    assert found["config"] == config
    assert set(found["coefficients"]) == {
        "intercept",
        "trend",
        "level",
        "level:P-2",
        "sin1",
        "cos1",
        "control",
    }
    assert set(found["displacement"]["siblings"]) == {"chat"}
    assert found["verdict"] == "MOVED"
    assert (found["n_wash_in"], found["ignored_columns"]) == (2, ["note"])
    assert found["ci"] == found["intervals"]["quasipoisson"]
    assert "挪到了别处" in out
    _, poisson, _, _ = run(capsys, tmp_path, tmp_path / "t.csv", {**config, "family": "poisson"})
    assert poisson["ci"] == poisson["intervals"]["poisson"]


@pytest.mark.parametrize(
    ("line", "cells", "column"),
    [
        (5, ["2026-W04", "12.5", "1000", "0"], "count"),
        (5, ["2026-W04", "-1", "1000", "0"], "count"),
        (5, ["2026-W04", "", "1000", "0"], "count"),
        (5, ["2026-W04", "nan", "1000", "0"], "count"),
        (5, ["2026-W04", "138-0013-8000", "1000", "0"], "count"),
        (5, ["2026-W04", "12", "0", "0"], "exposure"),
        (5, ["2026-W04", "12", "", "0"], "exposure"),
        (5, ["2026-W04", "12", "inf", "0"], "exposure"),
        (5, ["2026-W04", "12", "1000", "2"], "intervention"),
        (40, ["2026-W39", "12", "1000", "0"], "intervention"),
        (5, ["2026-W03", "12", "1000", "0"], "time"),
        (5, ["2026-W54", "12", "1000", "0"], "time"),
        (5, ["soon", "12", "1000", "0"], "time"),
        (5, ["2026-W04", "12", "1000"], ""),
    ],
)
def test_one_bad_row_is_refused_with_its_line(line, cells, column, tmp_path, capsys):
    some = rows()
    some[line - 2] = cells
    code, found, _, told = run(capsys, tmp_path, table(tmp_path / "t.csv", some))
    where = found["error"]["where"]
    assert code == 2
    assert where == f"t.csv:{line}:{column}" if column else where == f"t.csv:{line}"
    assert not column or found["error"]["code"] == "table.cell"
    assert found["error"]["zh"] in told
    assert found["error"]["en"] in told
    assert "138-0013" not in told


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ("{", "agreed.json:1"),
        ("[]", "agreed.json"),
        ({"minimum": 0.1}, "agreed.json"),
        ({"minimum_effect": 10}, "agreed.json:minimum_effect"),
        ({"minimum_effect": True}, "agreed.json:minimum_effect"),
        ({"harmonics": 1.5}, "agreed.json:harmonics"),
        ({"slope_change": 1}, "agreed.json:slope_change"),
        ({"family": "gauss"}, "agreed.json:family"),
        ({"robust": None}, "agreed.json:robust"),
        ({"harmonics": 1}, "t.csv"),
    ],
)
def test_a_config_that_is_none(config, where, tmp_path, capsys):
    code, found, _, _ = run(capsys, tmp_path, table(tmp_path / "t.csv", rows()), config)
    assert (code, found["error"]["where"]) == (2, where)


@pytest.mark.parametrize(
    ("columns", "some", "where"),
    [
        ("time,count,intervention", [["1", "2", "0"]], "t.csv:1"),
        ("time,count,exposure,intervention", [], "t.csv"),
        ("time,count,exposure,intervention", [["1", "5", "9", "0"], ["2", "5", "9", "0"], ["99", "5", "9", "1"]], "t.csv:4:time"),
    ],
)  # fmt: skip
def test_a_table_that_is_none(columns, some, where, tmp_path, capsys):
    code, found, _, _ = run(capsys, tmp_path, table(tmp_path / "t.csv", some, columns))
    assert (code, found["error"]["where"]) == (2, where)


def test_a_season_that_is_too_short(tmp_path, capsys):
    some = [[*row, str(n % 4 + 1)] for n, row in enumerate(rows())]
    data = table(tmp_path / "t.csv", some, "time,count,exposure,intervention,season")
    code, found, _, _ = run(capsys, tmp_path, data, {"harmonics": 2})
    assert (code, found["error"]["where"]) == (2, "agreed.json:harmonics")


def test_periods_that_the_table_leaves_out_are_named(tmp_path, capsys):
    weeks = [f"2026-W{n:02},{20 + n % 3},1000,{int(n > 20)}" for n in range(1, 41) if n not in (7, 30)]
    table, config = tmp_path / "t.csv", tmp_path / "c.json"
    table.write_text("\n".join(["time,count,exposure,intervention", *weeks]), "utf-8")
    config.write_text("{}", "utf-8")
    assert main(["verdict", "--in", str(table), "--config", str(config), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out.splitlines()[-1])["missing_periods"] == ["2026-W07", "2026-W30"]
    assert main(["verdict", "--in", str(table), "--config", str(config)]) == 0
    assert "2026-W07、2026-W30" in capsys.readouterr().out


def test_a_key_that_is_there_twice_is_refused(tmp_path, capsys):
    table, config = tmp_path / "t.csv", tmp_path / "c.json"
    table.write_text("time,count,exposure,intervention\n1,2,3,0\n", "utf-8")
    config.write_text('{"minimum_effect": 0.1, "direction": "down", "minimum_effect": 0.3}', "utf-8")
    assert main(["verdict", "--in", str(table), "--config", str(config)]) == 2
    said = capsys.readouterr()
    assert "minimum_effect" in said.out + said.err
    assert "不止一次" in said.out + said.err
