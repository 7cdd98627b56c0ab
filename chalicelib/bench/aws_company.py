"""The company that `voc bench aws` runs: real client, adapter and handlers on a table in memory, its clock turned by
what arrives."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.bench.aws_counting import Counting
from chalicelib.bench.aws_table import Table
from chalicelib.bench.aws_wire import Wire
from chalicelib.demo.arrivals import Arrivals
from chalicelib.environment import Environment
from chalicelib.loop import intake_keys
from chalicelib.loop.context import Loop
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import local
from chalicelib.wiring import SHIPPED, System, build

SEED, WEEKS = 26, 2
SECRET = "5a" * 32
ADMIN = Caller("bench", Role.ADMIN)
Row = dict[str, Any]
Image = dict[str, Any]


def arrivals(count: int, now: datetime) -> list[Row]:
    """What customers of the demo company send in two weeks, in the order of time: with problems and without, some
    again; three contacts in ten are of a new customer, as in the whole story. Each as a source sends it."""
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=today.weekday(), weeks=WEEKS)
    drawn = Arrivals(SEED, first, WEEKS, 2 * count)
    for day in range(7 * WEEKS):
        drawn.draw(first + timedelta(days=day))
    came = drawn.until(first + timedelta(weeks=WEEKS))[-count:]
    return [
        {**one.sent, "external_id": f"BENCH-{number:07d}", "time": one.time.isoformat()}
        for number, one in enumerate(came)
    ]


@dataclass
class Spent:
    """What one function took."""

    calls: int = 0
    cpu_seconds: float = 0.0
    requests: int = 0
    transactions: int = 0


class Lines(logging.Handler):
    """Counts what a function would write to its log."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.count += 1


class Company:
    """A system whose store is `table`; time stands still until `now` is set. A source system sends with `token`,
    made when none is given."""

    def __init__(self, table: Table, properties: Row, data: Path, now: datetime, token: str = "") -> None:
        self.now, self.table, self.counting = now, table, Counting(table, properties)
        self.admin = ADMIN
        self.wire, self.spent = Wire(self.counting), defaultdict[str, Spent](Spent)
        self.lines = Lines()
        env = Environment(data=data, table="bench", secret=SECRET)
        system = build(env, clients=lambda service, **config: self.wire.client())
        shared = partial(SHIPPED.live, system.loop.store)  # dictionaries are built once for all companies
        loop = replace(system.loop, clock=lambda: self.now, analyser=shared)
        self.system: System = replace(system, loop=loop)
        self.system.loop.analyser(self.loop.unit().taxonomy)(["暖机"])  # loads the dictionaries
        self.token = token or intake_keys.make(self.loop, ADMIN, "bench")[1]

    @property
    def loop(self) -> Loop:
        """Its loop."""
        return self.system.loop

    @contextmanager
    def function(self, name: str) -> Iterator[None]:
        """One invocation: processor time but for what the table took, and the requests it waited for."""
        spent, waits = self.spent[name], dict(self.wire.waits)
        elsewhere, began = self.wire.seconds, time.thread_time()
        yield
        spent.cpu_seconds += time.thread_time() - began - (self.wire.seconds - elsewhere)
        spent.calls += 1
        spent.transactions += self.wire.waits["transactions"] - waits["transactions"]
        spent.requests += self.wire.waits["others"] - waits["others"]

    def owed(self) -> list[Image]:
        """The new images of contacts that are owed a step, as the stream has them."""
        return [
            item for item in self.table.items() if "wpk" in item and item["pk"]["S"].startswith("e#contact#")
        ]


def measured(company: Company, do: Callable[[], None]) -> None:
    """Do it with nothing counted before."""
    company.counting.taken()
    company.spent.clear()
    company.wire.sent = company.wire.received = 0
    log = logging.getLogger("huisheng")
    log.addHandler(company.lines)
    try:
        do()
    finally:
        log.removeHandler(company.lines)
