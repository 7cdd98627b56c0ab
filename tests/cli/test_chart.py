"""`voc chart`: a plain table in, every figure named out; a bad cell is named and nothing is charted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.cli.__main__ import main

NORMAL = [
    "-0.56047565",
    "-0.23017749",
    "1.55870831",
    "0.07050839",
    "0.12928774",
    "1.71506499",
    "0.46091621",
    "-1.26506123",
    "-0.68685285",
    "-0.44566197",
    "1.22408180",
    "0.35981383",
    "0.40077145",
    "0.11068272",
    "-0.55584113",
    "1.78691314",
    "0.49785048",
    "-1.96661716",
    "0.70135590",
    "-0.47279141",
]
X = [120, 133, 118, 141, 125, 160, 129, 137, 122, 131, 127, 140]
N = [10000, 10400, 9900, 10800, 10100, 10900, 10000, 10500, 9800, 10200, 10050, 10700]


def file(folder: Path, rows: list[str]) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def values(folder: Path, numbers: list[str]) -> Path:
    return file(folder, ["period,value", *(f"2026-W{i:02},{v}" for i, v in enumerate(numbers, 1))])


def counts(folder: Path, rows: list[tuple[int, int]]) -> Path:
    return file(folder, ["Period,Count,Exposure", *(f"{i},{x},{n}" for i, (x, n) in enumerate(rows, 1))])


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["chart", *(str(word) for word in words)])
    done = capsys.readouterr()
    return code, done.out, done.err


def charted(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    return json.loads(out.splitlines()[-1])


def test_xmr_check_values(tmp_path, capsys):
    path = values(tmp_path, NORMAL)
    found = charted(capsys, "--kind", "xmr", "--in", path, "--baseline", "all")
    assert found["mean"] == pytest.approx(0.1416238, abs=5e-8)
    assert found["limits"] == [pytest.approx(-3.01138, abs=5e-6), pytest.approx(3.294627, abs=5e-7)]
    assert len(found["moving_ranges"]) == 19
    assert (found["signals"], len(found["points"])) == (0, 20)
    locked = charted(capsys, "--kind", "xmr", "--in", path)
    assert (locked["baseline_points"], locked["locked"]) == (12, True)
    assert locked["all_as_baseline"]["limits"] == found["limits"]
    assert locked["limits"] != found["limits"]


@pytest.mark.parametrize(("kind", "sigma"), [("u", 0.6783569269), ("p", 0.6827520893)])
def test_laney_check_values(kind, sigma, tmp_path, capsys):
    path = counts(tmp_path, list(zip(X, N, strict=True)))
    found = charted(capsys, "--kind", kind, "--in", path, "--no-clamp")
    assert found["mean"] == pytest.approx(0.0128334009, abs=5e-11)
    assert found["sigma_z"] == pytest.approx(sigma, abs=5e-11)
    assert found["points"][0]["limits"] == found["limits"][0]
    if kind == "u":
        assert found["limits"][0] == pytest.approx([0.0105279791, 0.0151388227], abs=5e-11)
    clamped = charted(capsys, "--kind", kind, "--in", path)
    assert (clamped["sigma_z"], clamped["sigma_z_raw"]) == (1.0, found["sigma_z"])


def test_signals_gaps_and_new_baselines_are_named(tmp_path, capsys):
    rows = [
        f"{i},{v}" for i, v in enumerate([10, 11, 9, 10, 12, 10, 11, 9, 10, 11, 10, 9, "", 30, 31, 30], 1)
    ]
    path = file(tmp_path, ["period,value", *rows])
    found = charted(capsys, "--kind", "xmr", "--in", path)
    assert found["points"][12] == {"period": "13", "value": None, "state": "no_data", "signals": []}
    assert "outside" in found["points"][13]["signals"]
    again = charted(capsys, "--kind", "xmr", "--in", path, "--rebase", "14=换了承运商")
    assert [(s["why"], s["reason"], s["first"], s["locked"]) for s in again["segments"]] == [
        ("start", "", "1", True),
        ("rebase", "换了承运商", "14", False),
    ]
    assert again["signals"] == 0


def test_a_period_without_denominator_has_no_point(tmp_path, capsys):
    path = file(tmp_path, ["period,count,exposure", "1,5,", "2,6,100", "3,7,100", "4,5,0"])
    found = charted(capsys, "--kind", "u", "--in", path)
    assert [p["state"] for p in found["points"]] == ["no_denominator", "known", "known", "no_denominator"]
    assert found["limits"][0] is None


def test_people_read_it_in_both_languages(tmp_path, capsys):
    code, out, _ = run(capsys, "--kind", "u", "--in", counts(tmp_path, [(2, 100), (1, 100), (40, 100)]))
    assert code == 0
    for words in ("控制图 control chart", "试用限", "trial limits", "σz"):
        assert words in out
    small = counts(tmp_path, [*[(2, 100), (1, 100)] * 6, (40, 100)])
    out = run(capsys, "--kind", "u", "--in", small)[1]
    assert "Poisson 精确 exact" in out
    assert "超出控制限 outside the limits" in out


@pytest.mark.parametrize(
    ("kind", "rows", "where"),
    [
        ("xmr", ["period,value", "1,2", "2,abc"], "table.csv:3:value"),
        ("xmr", ["period,value", "1,2", "2,nan"], "table.csv:3:value"),
        ("xmr", ["period,value", "1,2", ",3"], "table.csv:3:period"),
        ("xmr", ["period,value", "1,2", "1,3"], "table.csv:3:period"),
        ("xmr", ["period,value", "1,2", "2"], "table.csv:3"),
        ("xmr", ["period,value"], "table.csv"),
        ("u", ["period,value", "1,2"], "table.csv:1"),
        ("u", ["period,count,exposure", "1,-2,9"], "table.csv:2:count"),
        ("u", ["period,count,exposure", '1,"1,200",9'], "table.csv:2:count"),
        ("u", ["period,count,exposure", "1,2,-9"], "table.csv:2:exposure"),
        ("u", ["period,count,exposure", "1,2,9", "2,2.5,9"], "table.csv:3:count"),
        ("p", ["period,count,exposure", "1,0.5,9"], "table.csv:2:count"),
        ("p", ["period,count,exposure", "1,10,9"], "table.csv:2:count"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_charted(kind, rows, where, tmp_path, capsys):
    code, out, told = run(capsys, "--kind", kind, "--in", file(tmp_path, rows), "--json")
    error = json.loads(out.splitlines()[-1])["error"]
    assert code == 2
    assert error["where"] == where
    assert where in told
    assert "abc" not in told + out


@pytest.mark.parametrize("words", [["--rebase", "99=x"], ["--rebase", "1"], ["--seam", "1="]])
def test_a_cut_needs_a_period_and_a_reason(words, tmp_path, capsys):
    code, _, told = run(capsys, "--kind", "xmr", "--in", values(tmp_path, NORMAL), *words)
    assert code == 2
    assert words[0] in told


@pytest.mark.parametrize("words", [["--baseline", "1"], ["--baseline", "many"]])
def test_a_baseline_is_a_number_or_all(words, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(capsys, "--kind", "xmr", "--in", values(tmp_path, NORMAL), *words)
    assert stopped.value.code == 2


def test_a_long_table_is_listed_from_its_newest_periods(tmp_path, capsys) -> None:
    path = values(tmp_path, ["1", "2"] * 160 + ["1"])
    code, out, err = run(capsys, "--kind", "xmr", "--in", path)
    shown = out + err
    assert code == 0
    assert "2026-W21 " not in shown
    assert "2026-W22 " in shown
    assert "2026-W321 " in shown
    assert "21 期" in shown
    assert len(charted(capsys, "--kind", "xmr", "--in", path)["points"]) == 321
