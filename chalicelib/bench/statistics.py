"""`voc bench statistics`: how often alarms and verdicts are wrong, and how often they see what is there."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from chalicelib.bench import statistics_verdict

SEED = 20_261_122
QUIET_RUNS, RISEN_RUNS = 34, 100
"""Simulated quarters and rises of the alarms in each round."""
MOST_FALSE, FEWEST_FOUND = 2.0, 0.9
"""False alarms of 50 quiet causes a quarter; share of true rises found within three weeks."""
Step = Callable[[str], None]


def alarms() -> ModuleType | None:
    """The alarms' simulation, where it is part of the program."""
    name = "chalicelib.bench.statistics_alarms"
    return import_module(name) if find_spec(name) else None


def measure(rounds: int, step: Step = lambda label: None) -> dict[str, Any]:
    """{"verdict": …, "alarms": …}; the same rounds give the same figures."""
    report = {"verdict": statistics_verdict.measure(rounds, step)}
    if part := alarms():
        step("告警 alarms")
        report["alarms"] = part.figures(SEED, QUIET_RUNS * rounds, RISEN_RUNS * rounds)
    return report


def passed(report: dict[str, Any]) -> bool:
    """Whether every part keeps what is asked of it."""
    good = bool(report["verdict"]["summary"]["passed"])
    ours = [one["ours"] for one in report.get("alarms", {}).values() if isinstance(one, dict)]
    return good and all(
        one["false_alarms"] <= MOST_FALSE and one["found_usual"] >= FEWEST_FOUND for one in ours
    )
