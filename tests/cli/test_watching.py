"""The commands of what executives watch, on an empty folder and on one with numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.measure import denominators
from chalicelib.loop.track.alarms import judge
from chalicelib.model.weeks import shift, week_of
from chalicelib.wiring import build
from tests.loop.making import LATE
from tests.loop.weeks_of import fill

RISEN = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103, 160, 165, 158]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Late parcels have risen up to last week, which has been judged."""
    folder = tmp_path_factory.mktemp("watching") / "data"
    system = build(environment({}, folder))
    last = shift(week_of(system.loop.clock()), -1)
    fill(system.loop, LATE, RISEN, last)
    for name in ("parcels", "orders"):
        for back in range(len(RISEN)):
            new = denominators.NewDenominator(denominator=name, period=shift(last, -back), value=10_000)
            denominators.save(system.loop, new)
    judge(system.loop, last)
    system.close()
    return folder


@pytest.fixture
def voc(capsys):
    def run(folder: Path, *words: str, expect: int = 0) -> tuple[str, dict]:
        assert main([*words, "--data", str(folder), "--json"]) == expect
        out = capsys.readouterr().out
        return out, json.loads(out.splitlines()[-1])

    return run


def test_the_page_for_people_and_programs(voc, data):
    out, found = voc(data, "overview")
    assert found["changes"][0]["zh"] in out
    assert found["changes"][0]["en"] in out
    assert "15.80 ↑" in out
    assert "收没收全尚未可知" in out


def test_alarms_with_the_command_that_shows_their_contacts(voc, data):
    out, found = voc(data, "alarms")
    assert f"./voc contacts --cause {LATE} --first" in out
    assert found["states"]["alarm"] == 1
    assert "尚未判定" in voc(data, "alarms", "--week", "2020-W01")[0]


def test_skyline_and_split(voc, data):
    out, found = voc(data, "skyline", "--causes", "1")
    assert (len(found["weeks"]), "东西送得太慢" in out) == (7, True)
    out, found = voc(data, "split")
    assert "+188.0" in out
    assert (found["causes"][0]["change"], found["causes"][0]["volume"]) == (188, 0.0)
    week = found["after"][1]
    assert f"→ {week}：" in voc(data, "split", "--first", week, "--last", week)[0], "one week stands alone"


def test_an_empty_agenda_leaves_nothing_undecided(voc, tmp_path):
    voc(tmp_path / "empty", "user", "list")
    assert "没有要决定的" in voc(tmp_path / "empty", "cycle")[0]


def test_a_trend_shows_limits_and_signals(voc, data):
    out, found = voc(data, "trend", "cpx", "--cause", LATE)
    assert "超出控制限" in out
    assert found["weeks"][-2]["signals"] == ["outside"]
    assert found["weeks"][-1]["limits"] is None


def test_a_baseline_is_begun_again_and_listed(voc, data):
    words = ("--cause", LATE, "--week", "2026-W01", "--reason", "换了承运商")
    assert voc(data, "baseline", "rebase", *words)[1]["in_force"] == {"2026-W01": "换了承运商"}
    assert "换了承运商" in voc(data, "baseline")[0]
    assert voc(data, "baseline", "revoke", *words)[1]["in_force"] == {}
    assert (
        voc(data, "baseline", "revoke", *words[:-1], "再来", expect=2)[1]["error"]["code"] == "baseline.none"
    )


def test_source_counts_are_imported_and_compared(voc, data, tmp_path):
    path = tmp_path / "来源条数.csv"
    path.write_text(
        '渠道,日期,来源条数\n电话,2026-03-01,12\n在线,2026-03-01,"1,000"\n鸽子,2026-03-01,3\n', "utf-8"
    )
    _, taken = voc(data, "import", str(path), expect=1)
    assert (taken["taken"], taken["refused"]) == (2, 1)
    out, found = voc(data, "completeness", "--first", "2026-03-01", "--last", "2026-03-01")
    assert (found["reported"], found["missing"], len(found["alarms"])) == (1_012, 1_012, 2)
    assert "1000（100.0%） !" in out


@pytest.mark.parametrize(
    "command", ["overview", "alarms", "skyline", "split", "completeness", "baseline", "trend"]
)
def test_an_empty_company_reads_sensibly(voc, tmp_path, command):
    voc(tmp_path / "empty", "user", "list")
    out, _ = voc(tmp_path / "empty", command)
    assert out.splitlines()[0]
    assert "nan" not in out.lower().replace("finance", "")
