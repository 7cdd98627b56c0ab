"""The bench of the pages: what it prints, and when it fails. What it measures needs a browser: tests/browser."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.cli.bench_web import LIMITS, ROWS, failed, show

REPORT: dict[str, Any] = {
    "contacts": 20_000,
    **{name: 10.0 for name, _, _ in ROWS},
    "interactive_ratio": 3.5,
    "queue_ratio": 1.5,
    "plain_interactive_ms": 30.0,
    "bare_rows_ms": 20.0,
    "agent_has_echarts": False,
    "executive_has_echarts": True,
}


def test_the_report_names_goals_and_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    show(REPORT)
    said = capsys.readouterr()
    assert all(f"{limit}" in said.out + said.err for limit in LIMITS.values())
    assert "不含 ECharts" in said.out + said.err


@pytest.mark.parametrize(
    ("wrong", "fails"),
    [
        ({}, False),
        ({"agent_kb": 120.1}, True),
        ({"executive_kb": 281.0}, True),
        ({"agent_has_echarts": True}, True),
        ({"executive_has_echarts": False}, True),
        ({"agent_interactive_ms": 9_999.0}, False),
    ],
)
def test_it_fails_for_weight_and_not_for_a_busy_machine(wrong: dict[str, Any], fails: bool) -> None:
    assert failed(REPORT | wrong) is fails
