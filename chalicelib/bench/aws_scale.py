"""Scale on paper: from what one contact costs to what is full at how many contacts a second. Arithmetic, no test.

full at = limit / what one contact uses. Limits that nobody has raised yet, from AWS's guides: a new on-demand table
and what it doubles to within half an hour, the default quota of a table, one partition key, one item in
transactions (they exclude each other, so they stand in a row), the functions' concurrency and the gateway as they are set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.bench.aws_bill import DAYS, GB, MONTHS, Prices
from chalicelib.bench.child import Numbers
from chalicelib.demo.story import DAYS as WEEK
from chalicelib.demo.story import HOURS
from infra.aws.flows import flows
from infra.aws.functions import FUNCTIONS
from infra.aws.template import REQUESTS_A_SECOND

TABLE_WRITES, TABLE_READS, QUOTA = 4_000, 12_000, 40_000
KEY_WRITES, KEY_READS = 1_000, 3_000
SHARDS = 4
"""A new on-demand table's partitions, each with a shard of the stream."""
BURST, DAILY, YEARLY = 10, 70_000, 25_000_000
BUSY = max(HOURS) / sum(HOURS) * max(WEEK) * len(WEEK) / sum(WEEK)
"""Share of a mean day's contacts in the busiest hour of the busiest weekday, as the demo company has them."""
STORED = ("table_stored", "table_recovery")


def limits(report: Mapping[str, Any]) -> list[Numbers]:
    """What is full at how many contacts a second, the lowest first; of contacts that come one by one."""
    prices, http, queue = Prices.read(), report["ways"]["http"], report["ways"]["queue 1"]
    rows = [
        *_of_table(http),
        *_of_keys(http, prices),
        *_of_functions(http, queue),
        _row("gateway", REQUESTS_A_SECOND, 1),
    ]
    return sorted(rows, key=lambda row: float(row["full_at"]))


def _of_table(way: Mapping[str, Any]) -> Iterator[Numbers]:
    writes = sum(units for what, units in way["writes"].items() if not what.startswith("index "))
    reads = sum(units for what, units in way["reads"].items() if not what.startswith("index "))
    yield _row("table_new", TABLE_WRITES, writes)
    yield _row("table_new_reads", TABLE_READS, reads)
    yield _row("table_quota", QUOTA, writes)


def _of_keys(way: Mapping[str, Any], prices: Prices) -> Iterator[Numbers]:
    hottest = way["hottest"]
    for name, limit in (("writes", KEY_WRITES), ("reads", KEY_READS)):
        key, units = hottest[name]
        yield _row(f"key_{name}", limit, units) | {"key": key}
    key, times = hottest["met"]
    yield _row("item", 1_000 / prices.assumed("transaction_ms"), times) | {"key": key}


def _of_functions(http: Mapping[str, Any], queue: Mapping[str, Any]) -> Iterator[Numbers]:
    at_once = {one.name: one.at_once for one in FUNCTIONS}
    fed = flows()["StreamFeed"]["Properties"]["ParallelizationFactor"]
    at_once["Stream"] = min(at_once["Stream"], SHARDS * fed)
    for way, name in ((http, "APIHandler"), (queue, "Intake"), (http, "Stream")):
        took = way["functions"][name]
        yield _row(name, at_once[name], (took["computing_ms"] + took["waiting_ms"]) / 1_000)


def _row(what: str, limit: float, each: float) -> Numbers:
    return {"what": what, "limit": limit, "each": each, "full_at": limit / each if each else float("inf")}


def loads(report: Mapping[str, Any]) -> list[Numbers]:
    """The two sizes: contacts a second, and what they cost; a year's growth of the table."""
    http = report["ways"]["http"]
    once = sum(usd for part, usd in http["usd"].items() if part not in (*STORED, "total"))
    stored = sum(http["usd"][part] for part in STORED) / MONTHS
    standing = report["standing_usd_a_month"]["total"]
    rows = []
    for a_day in (DAILY, YEARLY / 365):
        month, year = a_day * DAYS, a_day * 365
        busy = a_day * BUSY / 3_600
        rows.append(
            {
                "a_day": a_day,
                "a_year": year,
                "mean": a_day / 86_400,
                "busy": busy,
                "burst": BURST * busy,
                "write_units_at_burst": BURST * busy * http["write_units"],
                "read_units_at_burst": BURST * busy * http["read_units"],
                "gb_a_year": year * http["bytes_stored"] / GB,
                "usd_first_month": standing + month / 1e6 * (once + stored),
                "usd_month_after_a_year": standing + month / 1e6 * once + year / 1e6 * stored,
            }
        )
    return rows
