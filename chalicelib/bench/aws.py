"""`voc bench aws`: what one contact costs from intake to counted, counted at the DynamoDB client and priced.

The contacts are the demo company's, two weeks of them. The first two thirds fill the table; the last third is
measured, once in each way in which contacts come, from the same table, with one run of the minute's clock at the
end. Functions are warm, no two run at once, so nothing is tried twice. What people do with cases later, and the
clocks' work for them, is not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.bench.aws_bill import Prices, bill, comprehend, milliseconds, standing
from chalicelib.bench.aws_company import Company, Row, arrivals, measured
from chalicelib.bench.aws_scale import limits, loads
from chalicelib.bench.aws_table import Table, properties
from chalicelib.bench.aws_units import STORED
from chalicelib.bench.aws_ways import WAYS, Besides, Front, Way
from chalicelib.bench.child import Numbers
from chalicelib.events import owed, scheduled
from chalicelib.loop.admin import new_taxonomy, save_settings
from chalicelib.loop.gauges import gauges
from chalicelib.loop.listen.newness import count_words_when_due
from chalicelib.loop.listen.take import take
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact
from chalicelib.model.entity import utc_now

WRITES, READS, SHARE = 12.0, 6.0, 0.1
"""Goals: units a contact at the most, and the share of Comprehend's price."""
WARM = 2
"""Contacts that fill the table for each one that is measured."""
Step = Callable[[str], None]


def measure(count: int, front: Front, step: Step, now: datetime | None = None) -> Numbers:
    """All figures of `count` contacts; those of a way are one contact's unless they say otherwise."""
    prices, declared = Prices.read(), properties()
    rows = arrivals((1 + WARM) * count, now or utc_now())
    with TemporaryDirectory(prefix="voc-aws-") as folder:
        data = Path(folder)
        step("装入 filling")
        filled = Company(Table(declared), declared, data, datetime.fromisoformat(rows[0]["time"]))
        _fill(filled, rows[:-count])
        measured_rows = rows[-count:]
        ways: dict[str, Numbers] = {}
        for way in WAYS:
            step(f"{way.zh} {way.en}")
            company = Company(filled.table.copy(), declared, data, filled.now, filled.token)
            ways[way.name] = _way(way, company, measured_rows, front, prices)
        step("没有联络的一分钟 a minute without contacts")
        idle = {name: _idle(company, name, do, prices) for name, do in _CLOCKS.items()}
        report: Numbers = {
            "contacts": count,
            "filled": len(rows) - count,
            "mix": _mix(company, filled.table, measured_rows),
            "differences": recount(company.loop).differences,
        }
        company.system.close()
    against = comprehend(prices, [row["text"] for row in measured_rows])
    month = standing(prices, idle)
    assumed = {name: prices.assumed(f"{name}_ms") for name in ("request", "transaction")}
    report |= {
        "assumed": assumed,
        "as_of": prices.held["as_of"],
        "region": prices.held["region"],
        "ways": ways,
        "idle": idle,
        "standing_usd_a_month": month | {"total": sum(month.values())},
        "comprehend_usd": against,
        "goals": goals(ways, against),
    }
    return report | {"limits": limits(report), "loads": loads(report)}


def _fill(company: Company, rows: Sequence[Row]) -> None:
    """Some at a time, as if all had come by then, in a company that has its own taxonomy and settings."""
    loop, known = company.loop, company.loop.unit().taxonomy
    first, *others = known.causes
    changed = [first.model_copy(update={"definition_zh": f"{first.definition_zh}。"}), *others]
    new_taxonomy(loop, company.admin, known.departments, changed, None)
    save_settings(loop, {"company": "青禾生活"}, None)
    for at in range(0, len(rows), 50):
        some = rows[at : at + 50]
        company.now = datetime.fromisoformat(some[-1]["time"])
        take(loop, company.admin, some)
        drain(loop)
    count_words_when_due(loop)


def _way(way: Way, company: Company, rows: Sequence[Row], front: Front, prices: Prices) -> Numbers:
    """Measured after one throw-away look, so that what a warm function knows is known."""
    company.loop.store.families()
    weighed = _weighed(company.table)
    besides: list[Besides] = []
    measured(company, lambda: besides.append(way.run(company, rows, front)))
    counted, n = company.counting.taken(), len(rows)
    functions = {
        name: {part: value / n for part, value in milliseconds(prices, name, spent).items()}
        | {"calls": spent.calls / n}
        for name, spent in company.spent.items()
    }
    now = _weighed(company.table)
    found = {
        "zh": way.zh,
        "en": way.en,
        "write_units": sum(counted.writes.values()) / n,
        "read_units": sum(counted.reads.values()) / n,
        "writes": _each(counted.writes, n),
        "items": _each(counted.written, n),
        "reads": _each(counted.reads, n),
        "requests": _each(counted.requests, n),
        "hottest": {name: _hottest(borne, n) for name, borne in counted.keys.items()},
        "functions": functions,
        "bytes_sent": company.wire.sent / n,
        "bytes_received": company.wire.received / n,
        "bytes_stored": (now.total() - weighed.total()) / n,
        "stored": _each(now - weighed, n),
        "log_lines": company.lines.count / n,
        **{name: value / n for name, value in vars(besides[0]).items()},
    }
    money = bill(prices, found)
    return found | {"usd": money | {"total": sum(money.values())}}


def _weighed(table: Table) -> Counter[str]:
    """Bytes as storage bills them, by what they are."""
    weighed: Counter[str] = Counter()
    for what, size in table.weights():
        weighed[what] += size + STORED
    return weighed


def _each(counted: Mapping[str, float], n: int) -> dict[str, float]:
    """For one contact, the most first."""
    return {name: value / n for name, value in sorted(counted.items(), key=lambda pair: -pair[1])}


def _hottest(borne: Mapping[str, float], n: int) -> tuple[str, float]:
    """The key that bears the most, and what it bears of one contact."""
    key = max(borne, key=lambda one: borne[one])
    return key, borne[key] / n


def _watched(company: Company) -> None:
    owed(company.loop, lambda: 60.0)
    gauges(company.loop)


_CLOCKS: dict[str, Callable[[Company], Any]] = {
    "Owed": _watched,
    "Schedule": lambda company: scheduled(company.loop),
}


def _idle(company: Company, name: str, do: Callable[[Company], Any], prices: Prices) -> Numbers:
    """One run when nothing is to be done: the second of two at the same moment."""
    do(company)

    def run() -> None:
        with company.function(name):
            do(company)

    measured(company, run)
    counted = company.counting.taken()
    return {
        "write_units": float(sum(counted.writes.values())),
        "read_units": sum(counted.reads.values()),
        "reads": _each(counted.reads, 1),
        **milliseconds(prices, name, company.spent[name]),
    }


def _mix(company: Company, before: Table, rows: Sequence[Row]) -> Numbers:
    """What the measured contacts were."""
    old, new = _keys(before), _keys(company.table)
    fresh = {kind: len(new.get(kind, set()) - old.get(kind, set())) for kind in new}
    came = company.loop.store.get(Contact, sorted(new["contact"] - old.get("contact", set()))).values()
    return {
        "with_cause": sum(bool(c.causes) for c in came),
        "causes": sum(len(c.causes) for c in came),
        "with_case": sum(bool(c.case) for c in came),
        "cases": fresh.get("case", 0),
        "customers": len({c.customer for c in came if c.customer}),
        "new_customers": fresh.get("customer", 0),
        "repeats": sum(c.repeats for c in came),
        "unsure": sum(c.unsure for c in came),
        "notices": fresh.get("notice", 0),
        "letters": sum(len(row["text"]) for row in rows) / len(rows),
    }


def _keys(table: Table) -> dict[str, set[str]]:
    """Keys of the stored entities by kind."""
    found: dict[str, set[str]] = {}
    for item in table.items():
        if item["pk"]["S"].startswith("e#"):
            _, kind, key = item["pk"]["S"].split("#", 2)
            found.setdefault(kind, set()).add(key)
    return found


def goals(ways: Mapping[str, Numbers], against: float) -> list[Numbers]:
    """Each goal with what the dearest way needs of it."""
    wanted = (("write_units", WRITES), ("read_units", READS))
    rows = [(name, goal, max((way[name], at) for at, way in ways.items())) for name, goal in wanted]
    dearest = max((way["usd"]["total"], at) for at, way in ways.items())
    rows.append(("usd", SHARE * against, dearest))
    return [
        {"what": name, "goal": goal, "found": found, "way": way, "met": found <= goal}
        for name, goal, (found, way) in rows
    ]
