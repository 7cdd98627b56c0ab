"""The bill of a million contacts, its goals, what is full first, and how README tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.routing import DOOR
from chalicelib.bench.aws import goals, measure
from chalicelib.bench.aws_bill import Prices, bill, comprehend, milliseconds
from chalicelib.bench.aws_company import Spent
from chalicelib.bench.aws_paper import BEGIN, END, main
from chalicelib.bench.aws_scale import limits, loads
from chalicelib.bench.aws_ways import WAYS
from chalicelib.cli.bench_aws import PAID, WANTED, front, show, with_starts
from tests.conftest import WEDNESDAY

ONE = {
    "write_units": 10,
    "read_units": 4,
    "functions": {"Stream": {"gb_seconds": 0.1, "calls": 0.5}},
    "bytes_stored": 1 << 20,
    "http_calls": 1,
    "bytes_out": (1 << 20) - 700,
    "queue_calls": 3,
    "file_reads": 0,
    "file_writes": 0.001,
    "log_lines": 0,
}


def test_a_million_contacts_by_the_price_file():
    money = bill(Prices.read(), ONE)
    assert {part: round(usd, 4) for part, usd in money.items()} == {
        "table_write": 6.25,
        "table_read": 0.5,
        "lambda_seconds": 1.6667,
        "lambda_calls": 0.1,
        "http_calls": 3.5,
        "bytes_out": 87.8906,
        "queue_calls": 1.2,
        "file_reads": 0.0,
        "file_writes": 0.005,
        "log_bytes": 0.0,
        "table_stored": round(12 * 0.25 * 1e6 / 1024, 4),
        "table_recovery": round(12 * 0.20 * 1e6 / 1024, 4),
    }


def test_a_text_is_three_units_at_least_for_each_of_two_calls():
    assert comprehend(Prices.read(), ["退款"]) == pytest.approx(600)
    assert comprehend(Prices.read(), ["字" * 301]) == pytest.approx(800)
    assert comprehend(Prices.read(), ["退款", "字" * 301]) == pytest.approx(700)


def test_a_function_computes_on_its_share_of_a_core_and_waits():
    spent = Spent(calls=2, cpu_seconds=0.1, requests=5, transactions=2)
    assert milliseconds(Prices.read(), "Stream", spent) == pytest.approx(
        {"cpu_ms": 100, "computing_ms": 100, "waiting_ms": 40, "gb_seconds": 0.14 * 1_769 / 1_024}
    )
    assert milliseconds(Prices.read(), "Intake", spent)["computing_ms"] == pytest.approx(100 * 1_769 / 512)


def test_every_price_says_where_it_is_from_and_of_when():
    held = Prices.read().held
    assert date.fromisoformat(held["as_of"]) <= date(2100, 1, 1)
    for price in held["prices"].values():
        assert price["price"] > 0
        assert price["per"] > 0
        assert price["source"]
        assert price["seen"]
    assert set(held["prices"]) | {"total"} == set(PAID) | {"comprehend", "key_calls"}


def way(writes: float, usd: float) -> dict[str, Any]:
    return {"write_units": writes, "read_units": 5.0, "usd": {"total": usd}}


def test_a_goal_is_met_only_when_the_dearest_way_meets_it():
    found = goals({"http": way(11, 30), "drop": way(13, 20)}, 600)
    assert [(goal["what"], goal["found"], goal["way"], goal["met"]) for goal in found] == [
        ("write_units", 13, "drop", False),
        ("read_units", 5.0, "http", True),
        ("usd", 30, "http", True),
    ]


def cold(function: str, name: str, seconds: float) -> dict[str, Any]:
    return {"function": function, "name": name, "seconds": seconds}


def test_the_slowest_first_answer_of_a_function_meets_its_goal_or_does_not():
    starts = [cold("APIHandler", "health", 0.3), cold("APIHandler", "queue", 0.5), cold("Stream", "one", 1.2)]
    report = with_starts({"goals": [{"what": "usd", "met": True}]}, starts)
    found = [(goal["what"], goal.get("found"), goal["met"]) for goal in report["goals"]]
    assert found == [("usd", None, True), ("APIHandler", 0.5, False), ("Stream", 1.2, True)]
    assert {goal["what"] for goal in report["goals"]} <= set(WANTED)
    assert with_starts({"goals": []}, []) == {"goals": [], "cold_starts": []}


@pytest.fixture
def door() -> Iterator[None]:
    """The app's way to its loop is free again afterwards."""
    yield
    for name in ("loop", "verify", "issue"):
        delattr(DOOR, name)


@pytest.mark.usefixtures("door")
def test_twenty_contacts_in_every_way(capsys: pytest.CaptureFixture[str]):
    report = measure(20, front, lambda label: None, WEDNESDAY)
    assert report["differences"] == 0
    assert report["mix"]["with_case"] > 5
    ways = report["ways"]
    assert list(ways) == ["http", "queue 1", "queue 10", "queue 100", "drop"]
    for one in ways.values():
        assert one["writes"]["entity contact"] >= 4
        assert sum(one["writes"].values()) == pytest.approx(one["write_units"])
        assert one["functions"]["Stream"]["cpu_ms"] > 0
        assert one["usd"]["total"] == pytest.approx(sum(one["usd"].values()) / 2)
    assert ways["drop"]["write_units"] < ways["queue 1"]["write_units"] <= ways["http"]["write_units"]
    assert ways["http"]["http_calls"] == 1
    assert ways["queue 10"]["functions"]["Stream"]["calls"] == 0.1
    assert report["comprehend_usd"] == pytest.approx(600)
    show(with_starts(report, []))
    said = capsys.readouterr().out
    assert "listing contact.week" in said
    assert "没有 not met" in said or "达到 met" in said


def took(milliseconds: float) -> dict[str, float]:
    return {"computing_ms": milliseconds / 4, "waiting_ms": 3 * milliseconds / 4}


HTTP = {
    "zh": "接口",
    "writes": {"entity contact": 6.0, "numbers week": 4.0, "index work": 2.0},
    "reads": {"entity contact": 3.0, "index work": 0.5},
    "requests": {"Query": 5.0},
    "write_units": 12.0,
    "read_units": 3.5,
    "hottest": {"writes": ("c#week", 4.0), "reads": ("e#settings#settings", 1.0), "met": ("c#week|.", 0.5)},
    "functions": {"APIHandler": took(50), "Stream": took(80), "Intake": took(100)},
    "bytes_stored": 1 << 10,
    "usd": {"table_write": 7.5, "table_stored": 12.0, "table_recovery": 6.0, "total": 25.5},
}
REPORT = {
    "contacts": 30,
    "region": "us-east-1",
    "as_of": "2026-11-22",
    "comprehend_usd": 600.0,
    "ways": {"http": HTTP, "queue 1": HTTP},
    "standing_usd_a_month": {"total": 10.0},
}


def test_what_is_full_first_is_the_least_of_limit_by_use():
    rows = limits(REPORT)
    assert [(row["what"], row["full_at"]) for row in rows] == [
        ("Intake", 100),
        ("Stream", 100),
        ("item", 200),
        ("key_writes", 250),
        ("table_new", 400),
        ("gateway", 500),
        ("APIHandler", 1_000),
        ("key_reads", 3_000),
        ("table_new_reads", 4_000),
        ("table_quota", 4_000),
    ]


def test_the_burst_is_ten_times_the_busiest_hour_and_a_year_is_as_large():
    daily, yearly = loads(REPORT)
    assert daily["mean"] == pytest.approx(70_000 / 86_400)
    assert daily["burst"] == pytest.approx(10 * daily["busy"])
    assert daily["busy"] == pytest.approx(70_000 * 11 / 119 * 1.22 / 3_600)
    assert daily["write_units_at_burst"] == pytest.approx(12 * daily["burst"])
    assert yearly["a_day"] == pytest.approx(68_493, abs=1)
    assert yearly["gb_a_year"] == pytest.approx(25e6 / 1024**2)
    month, stored = 25e6 / 365 * 30.4 / 1e6, 18 / 12
    assert yearly["usd_first_month"] == pytest.approx(10 + month * (7.5 + stored))
    assert yearly["usd_month_after_a_year"] == pytest.approx(10 + month * 7.5 + 25 * stored)


def test_a_report_is_written_between_the_marks(tmp_path: Path):
    file = tmp_path / "README.md"
    file.write_text(f"# x\n{BEGIN}\nold\n{END}\ny\n", "utf-8")
    report = REPORT | {"limits": limits(REPORT), "loads": loads(REPORT)}
    main(file, f"said\n{json.dumps(report)}\n")
    text = file.read_text("utf-8")
    assert text.startswith(f"# x\n{BEGIN}\n")
    assert text.endswith(f"{END}\ny\n")
    assert "old" not in text
    assert "| http（接口） | 12.0 | 3.5 | 5.0 | 230 | 1,024 | 25.5 | 4.2% |" in text
    assert "| 70,000 | 0.81 |" in text
    assert "（`c#week`） | 1,000 | 4 | 250 |" in text
    file.write_text("no marks", "utf-8")
    with pytest.raises(SystemExit, match="begin"):
        main(file, json.dumps(report))


def test_readme_holds_the_figures_of_a_run():
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    held = text.partition(BEGIN)[2].partition(END)[0]
    assert "由 `./voc bench aws` 算出" in held
    assert all(f"{name}（" in held for name in (way.name for way in WAYS))
