"""`ledger` and `dispute` from the command line."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.admin import save_user
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.entity import utc_now
from chalicelib.model.months import month_of, month_shift, month_start
from chalicelib.model.people import SYSTEM, Role
from chalicelib.wiring import build
from tests.cli.commands import Done, Voc, checked

LATE = "delivery.late"


def last_month() -> tuple[str, datetime]:
    month = month_shift(month_of(utc_now()), -1)
    return month, month_start(month)


@pytest.fixture
def voc(tmp_path, capsys, monkeypatch) -> Voc:
    """Runs one command in this process on a folder with two contacts of last month."""
    _, start = last_month()
    system = build(environment({}, tmp_path / "data"))
    rows = [
        {"text": f"第{n}条", "channel": "phone", "time": start, "external_id": str(n), "causes": causes}
        for n, causes in enumerate(([LATE], [LATE, "billing.unclear"]))
    ]
    assert all(outcome.id for outcome in take(system.loop, SYSTEM, rows))
    drain(system.loop)
    save_user(system.loop, "lead", role=Role.LEAD, departments=["logistics"])
    system.close()
    monkeypatch.chdir(tmp_path)

    def run(*words: object, expect: int | None = 0) -> Done:
        capsys.readouterr()
        code = main([str(w) for w in words] + ["--data", str(tmp_path / "data")])
        return checked(Done(code, *capsys.readouterr()), expect)

    return run


def test_a_month_its_causes_and_their_contacts(voc):
    month, _ = last_month()
    seen = voc("ledger", "--month", month, "--json")
    assert {row["account"]: row["fen"] for row in seen.last["lines"]} == {"logistics": 900, "finance": 300}
    assert "合计 total ¥12.00" in seen.out
    assert "账目相符 balanced" in seen.out
    (cause,) = voc("ledger", "--month", month, "--department", "logistics", "--json").last["causes"]
    assert (cause["cause"], cause["fen"]) == (LATE, 900)
    words = ("ledger", "--month", month, "--department", "logistics", "--cause", LATE, "--json")
    assert sorted(row["fen"] for row in voc(*words).last["contacts"]) == [300, 600]
    assert "暂无" in voc("ledger").out
    mine = voc("ledger", "--month", month, "--as", "lead", "--json").last["lines"]
    assert [row["account"] for row in mine] == ["logistics"]
    assert "没有" in voc("ledger", "--department", "finance", "--as", "lead", expect=2).error


def test_closing_then_disputing_a_line(voc):
    month, _ = last_month()
    made = voc("ledger", "close", "--json").last["statement"]
    assert (made["month"], made["fen"]) == (month, 1_200)
    assert "已关账" in voc("ledger", "--month", month).out
    share = ("--month", month, "--cause", LATE, "--to", "quality", "--reason", "不是我们的")
    opened = voc("dispute", "open", *share, "--as", "lead", "--json")
    number = opened.last["dispute"]["id"]
    assert "10 个工作日" in opened.out
    assert number in voc("dispute", "--state", "open").out
    assert voc("dispute", "uphold", number, "--reason", "是品控", "--as", "lead", expect=2).error
    assert (
        voc("dispute", "uphold", number, "--reason", "是品控", "--json").last["dispute"]["state"] == "upheld"
    )
    now = {row["account"]: row["fen"] for row in voc("ledger", "--json").last["lines"]}
    assert now == {"logistics": -900, "quality": 900}
    assert voc("rebuild", "--check", "--json").last["differences"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("dispute", "open", "--cause", LATE),
        ("dispute", "uphold", "--reason", "理由"),
        ("dispute", "open", "--cause", LATE, "--reason", "理由"),
        ("ledger", "--month", "9月"),
        ("ledger", "close", "--as", "lead"),
    ],
)
def test_wrong_use_is_told(voc, words):
    assert voc(*words, expect=2).error
