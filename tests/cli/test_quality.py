"""`voc quality` and `voc trend --corrected`: label quality and corrected trends for people and programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.admin import save_settings, save_user
from chalicelib.loop.listen.quality import draw_when_due, look
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.people import Caller, Role
from chalicelib.wiring import build
from tests.loop.saying import Saying

LATE = "delivery.late"
TAKEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
WEEK = ("--first", "2026-W10", "--last", "2026-W10")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Thirty contacts about late parcels, all judged blind: 25 times late, 5 times nothing."""
    folder = tmp_path_factory.mktemp("quality") / "data"
    system = build(environment({}, folder))
    loop = replace(system.loop, analyser=lambda taxonomy: Saying())
    save_user(loop, "anna", role=Role.AGENT)
    save_settings(loop, {"blind_daily": 30}, None)
    rows = [
        {"text": f"{LATE}:.9 快递", "channel": "phone", "time": TAKEN + timedelta(minutes=n)}
        for n in range(30)
    ]
    take(loop, Caller("anna", Role.AGENT), rows)
    drain(loop)
    then = loop.at(TAKEN + timedelta(days=1))
    draw = draw_when_due(then)
    assert draw is not None
    for n, key in enumerate(draw.contacts):
        look(
            then,
            Caller("ben", Role.AGENT),
            key,
            [LATE] if n < 25 else [],
            "complaint" if n < 25 else "other",
            1,
        )
    system.close()
    return folder


@pytest.fixture
def voc(data, capsys):
    def run(*words: str, expect: int = 0) -> tuple[str, dict]:
        assert main([*words, "--data", str(data), "--json"]) == expect
        out = capsys.readouterr().out
        return out, json.loads(out.splitlines()[-1])

    return run


def test_label_quality_is_shown_and_read(voc):
    out, found = voc("quality", *WEEK)
    assert (found["n"], found["first"]) == (30, "2026-W10")
    (late,) = found["causes"]
    assert (late["code"], late["machine"], late["person"]) == (LATE, 30, 25)
    assert (late["precision"]["n"], round(late["precision"]["value"], 3)) == (30, 0.833)
    assert "83.3%（66.4% – 92.7%）" in out
    assert "100.0%" in out


def test_without_looks_nothing_is_known(voc):
    out, found = voc("quality", "--first", "2026-W20", "--last", "2026-W20")
    assert (found["n"], found["causes"]) == (0, [])
    assert "尚未可知 not yet known，还差 10 more" in out


def test_an_agent_is_not_shown_label_quality(voc):
    _, found = voc("quality", *WEEK, "--as", "anna", expect=2)
    assert found["error"]["code"] == "role"


def test_a_corrected_trend_stands_beside_the_raw_one(voc):
    _, raw = voc("trend", "--cause", LATE, *WEEK)
    out, both = voc("trend", "--cause", LATE, "--corrected", *WEEK)
    assert "更正后 corrected" in out
    assert "盲评 30 条" in out
    assert both["label_error"]["missing_without_cause"] == 15
    assert {k: v for k, v in both["weeks"][0].items() if k != "corrected"} == raw["weeks"][0]


def test_only_contacts_per_x_of_a_cause_are_corrected(voc):
    _, found = voc("trend", "cost", "--cause", LATE, "--corrected", expect=2)
    assert found["error"]["code"] == "corrected.scope"
