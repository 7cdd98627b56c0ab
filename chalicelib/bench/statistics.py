"""`voc bench statistics`: how often alarms and verdicts are wrong, and how often they see what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.bench import statistics_alarms, statistics_power, statistics_verdict

SEED = 20_261_122
QUIET_RUNS, RISEN_RUNS = 34, 100
"""Simulated quarters and rises of the alarms in each round."""
MOST_FALSE, FEWEST_FOUND = 2.0, 0.9
"""False alarms of 50 quiet causes a quarter; share of true rises found within three weeks."""
Step = Callable[[str], None]


def measure(rounds: int, step: Step = lambda label: None) -> dict[str, Any]:
    """{"verdict": …, "power": …, "alarms": …}; the same rounds give the same figures."""
    report = {
        "verdict": statistics_verdict.measure(rounds, step),
        "power": statistics_power.measure(rounds, step),
    }
    step("告警 alarms")
    report["alarms"] = statistics_alarms.figures(SEED, QUIET_RUNS * rounds, RISEN_RUNS * rounds)
    return report


def passed(report: dict[str, Any]) -> bool:
    """Whether every part keeps what is asked of it."""
    good = bool(report["verdict"]["summary"]["passed"] and report["power"]["passed"])
    ours = [one["ours"] for one in report["alarms"].values() if isinstance(one, dict)]
    return good and all(
        one["false_alarms"] <= MOST_FALSE and one["found_usual"] >= FEWEST_FOUND for one in ours
    )
