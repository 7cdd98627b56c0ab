"""What counted use costs: the price file and the arithmetic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from chalicelib.bench.aws_company import Spent
from infra.aws.flows import EVERY
from infra.aws.functions import FUNCTIONS
from infra.aws.watching import watching

FILE = Path(__file__).with_name("aws_prices.json")
MILLION, GB, MONTHS = 1_000_000, 1 << 30, 12
CORE = 1_769
"""MB with which a function gets one whole core (Lambda developer guide, memory and computing power)."""
MINUTES, DAYS = 43_800, 30.4
"""Of a month."""
REUSE = 300
"""Seconds for which DynamoDB and SQS use a data key again before they ask KMS."""
METRICS = 3
UNIT, LEAST = 100, 3
"""Characters of a unit of Comprehend; units of a request at the least."""
CALLS = 2
"""Sentiment and key phrases."""
Money = dict[str, float]


@dataclass(frozen=True)
class Prices:
    """The price file."""

    held: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path = FILE) -> Prices:
        """As it is in the repository."""
        return cls(json.loads(file.read_text("utf-8")))

    def of(self, name: str, amount: float) -> float:
        """What so much costs."""
        price = self.held["prices"][name]
        return float(amount * price["price"] / price["per"])

    def assumed(self, name: str) -> float:
        """What is not measured; the file says why it is so."""
        return float(self.held["assumed"][name]["value"])


def milliseconds(prices: Prices, name: str, spent: Spent) -> dict[str, float]:
    """An invocation's: computed on its share of a core, waited for the table, billed in GB-seconds."""
    memory = next(one.memory for one in FUNCTIONS if one.name == name)
    computing = 1_000 * spent.cpu_seconds / min(1.0, memory / CORE)
    waiting = spent.transactions * prices.assumed("transaction_ms") + spent.requests * prices.assumed(
        "request_ms"
    )
    return {
        "cpu_ms": 1_000 * spent.cpu_seconds,
        "computing_ms": computing,
        "waiting_ms": waiting,
        "gb_seconds": (computing + waiting) / 1_000 * memory / 1_024,
    }


def bill(prices: Prices, way: Mapping[str, Any]) -> Money:
    """USD for a million contacts of a way, by what is paid for; its figures are those of one contact."""
    month_of_storage = way["bytes_stored"] * MILLION / GB
    used = {
        "table_write": way["write_units"],
        "table_read": way["read_units"],
        "lambda_seconds": sum(one["gb_seconds"] for one in way["functions"].values()),
        "lambda_calls": sum(one["calls"] for one in way["functions"].values()),
        "http_calls": way["http_calls"],
        "bytes_out": (way["bytes_out"] + way["http_calls"] * prices.assumed("headers_out")) / GB,
        "queue_calls": way["queue_calls"],
        "file_reads": way["file_reads"],
        "file_writes": way["file_writes"],
        "log_bytes": way["log_lines"] * prices.assumed("log_line") / GB,
    }
    year = {name: prices.of(name, MONTHS * month_of_storage) for name in ("table_stored", "table_recovery")}
    return {name: prices.of(name, MILLION * amount) for name, amount in used.items()} | year


def comprehend(prices: Prices, texts: Sequence[str]) -> float:
    """USD for a million such texts, sentiment and key phrases of each."""
    units = sum(CALLS * max(LEAST, ceil(len(text) / UNIT)) for text in texts)
    return prices.of("comprehend", units) / len(texts) * MILLION


def standing(prices: Prices, idle: Mapping[str, Mapping[str, Any]]) -> Money:
    """USD a month without any contact. `idle` has what one run of each function does that a clock sets off."""
    month = {name: MINUTES / _minutes(EVERY[name]) for name in idle}
    queues = 2  # those that Lambda polls
    polls = queues * prices.assumed("pollers") * MINUTES * 3
    asked = (len(FUNCTIONS) + queues) * MINUTES * 60 / REUSE
    alarms = sum(one["Type"] == "AWS::CloudWatch::Alarm" for one in watching().values())
    return {
        "key": prices.of("key", 1) + prices.of("key_calls", asked),
        "secret": prices.of("secret", 1),
        "alarm": prices.of("alarm", alarms),
        "dashboard": prices.of("dashboard", 1),
        "metric": prices.of("metric", METRICS),
        "queue_calls": prices.of("queue_calls", polls),
        "table_read": sum(prices.of("table_read", idle[name]["read_units"] * n) for name, n in month.items()),
        "table_write": sum(
            prices.of("table_write", idle[name]["write_units"] * n) for name, n in month.items()
        ),
        "lambda_seconds": sum(
            prices.of("lambda_seconds", idle[name]["gb_seconds"] * n) for name, n in month.items()
        ),
        "lambda_calls": prices.of("lambda_calls", sum(month.values())),
    }


def _minutes(rate: str) -> int:
    """Of `rate(5 minutes)`."""
    return int(rate.removeprefix("rate(").split()[0])
