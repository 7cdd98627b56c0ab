"""`voc bench numbers`: what it costs to keep every number stored, to recount all of them, and to draw the charts.

The peer keeps no numbers: a plain SQLite table with one row a contact and cause, summed by one GROUP BY whenever
somebody looks. It writes faster and reads slower; both are measured, and how many looks make up for the writing.
Everything runs on one core in processes of its own: rates in turn (ours, peer), the recount alone for its memory.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.bench.filling import fill, histories
from chalicelib.bench.numbers_peer import Took, batches, insert, looks, timed
from chalicelib.environment import Environment
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.tally import tally
from chalicelib.loop.rebuild import put_right, recount
from chalicelib.loop.unit import contribution
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.wiring import build

Numbers = dict[str, Any]
Step = Callable[[str, int], None]
ROOT = Path(__file__).resolve().parents[2]
WRITTEN = 4_000
"""Contacts a round of the rates."""
CAUSES, WEEKS = 50, 104
SPOILT = 500
"""Stored numbers that are made wrong before the rebuild."""


def measure(count: int, rounds: int, core: int | None, step: Step = lambda label, done: None) -> Numbers:
    """All figures of one run."""
    with TemporaryDirectory(prefix="voc-numbers-") as folder:
        step("写入速度 rates", 0)
        rates = _apart("rates", folder, rounds, core)
        step("装入 filling", 0)
        system = build(Environment(data=Path(folder) / "rebuild"))
        try:
            began = time.perf_counter()
            fill(system.loop, count, lambda done: step("装入 filling", done))
            filled = time.perf_counter() - began
            looked = looks(system.loop, Path(folder) / "look.db")
        finally:
            system.close()
        step("重算 recounting", count)
        rebuilt = _apart("rebuild", str(Path(folder) / "rebuild"), rounds, core)
        step("画图 charts", count)
        charts = _apart("charts", folder, rounds, core)
    written = 1 / rates["updates_per_cpu_second"] - 1 / rates["peer_inserts_per_cpu_second"]
    saved = (looked["peer_look_ms"] - looked["look_ms"]) / 1000
    made_up = written * count / saved if saved > 0 else None
    return {"contacts": count, "core": core, "fill_seconds": filled, **rates, **looked, "looks_to_make_up": made_up,
            **rebuilt, **charts}  # fmt: skip


def _apart(stage: str, folder: str, rounds: int, core: int | None) -> Numbers:
    """One stage in a fresh process, on one core."""
    command = [sys.executable, "-P", "-m", "chalicelib.bench.numbers", stage, folder, str(rounds)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "" if core is None else str(core)], stdout=subprocess.PIPE, env=env,
                          encoding="utf-8", check=False)  # fmt: skip
    if done.returncode:
        raise Invalid(
            "bench.stage",
            "测速有一步没有跑完，原因见上面的输出",
            "a stage of the bench did not finish; the output above says why",
            stage,
        )
    numbers: Numbers = json.loads(done.stdout.splitlines()[-1])
    return numbers


# how fast the numbers follow


def rates(folder: Path, rounds: int, count: int = WRITTEN) -> Numbers:
    """Contacts a second: only computed, saved with their numbers, changed; and the peer's rows. Medians."""
    took: dict[str, list[Took]] = {name: [] for name in ("computed", "saved", "changed", "peer")}
    cells = 0.0
    for number in range(rounds):
        system = build(Environment(data=folder / f"rates{number}"))
        try:
            loop = system.loop
            made = _finished(loop, count, number)
            changed = [c.model_copy(update={"severity": 3, "causes": c.causes[:1]}) for c in made]
            cells = sum(len(contribution([_new(c)], tally)) for c in made) / count
            took["computed"].append(timed(lambda: [contribution([_new(c)], tally) for c in made]))  # noqa: B023
            took["saved"].append(timed(lambda: _put(loop, made)))  # noqa: B023
            took["changed"].append(timed(lambda: _change(loop, changed)))  # noqa: B023
            took["peer"].append(timed(lambda: insert(folder / f"peer{number}.db", made)))  # noqa: B023
        finally:
            system.close()
    rate = {name: sorted(count / one.wall for one in found) for name, found in took.items()}
    cpu = {name: median(count / one.cpu for one in found) for name, found in took.items()}
    every = [one for found in took.values() for one in found]
    return {
        "updates_per_second": median(rate["saved"]),
        "updates_per_cpu_second": cpu["saved"],
        "cells_each": cells,
        "cells_per_second": cells * median(rate["saved"]),
        "computed_per_second": median(rate["computed"]),
        "changes_per_second": median(rate["changed"]),
        "peer_inserts_per_second": median(rate["peer"]),
        "peer_inserts_per_cpu_second": cpu["peer"],
        "peer": f"sqlite3 {sqlite3.sqlite_version}, GROUP BY",
        "spread": (rate["saved"][-1] - rate["saved"][0]) / median(rate["saved"]),
        "busy": sum(one.cpu for one in every) / sum(one.wall for one in every),
    }


def _finished(loop: Loop, count: int, seed: int) -> list[Contact]:
    unit = loop.unit()
    made = histories(Random(seed), unit.taxonomy, unit.settings, loop.clock(), count)
    return [entity for history in made for entity in history if isinstance(entity, Contact)]


def _new(contact: Contact) -> Any:
    return None, contact


def _put(loop: Loop, contacts: Sequence[Contact]) -> None:
    for some in batches(contacts):
        loop.change(lambda unit, some=some: [unit.put(contact) for contact in some])  # type: ignore[misc]


def _change(loop: Loop, contacts: Sequence[Contact]) -> None:
    def change(unit: LoopUnit, some: Sequence[Contact]) -> None:
        unit.many(Contact, [contact.id for contact in some])
        for contact in some:
            unit.put(contact)

    for some in batches(contacts):
        loop.change(lambda unit, some=some: change(unit, some))  # type: ignore[misc]


# the recount


def rebuild(folder: Path) -> Numbers:
    """Make some numbers wrong, recount, put right; whether every number is what it was before."""
    system = build(Environment(data=folder))
    try:
        loop, start = system.loop, peak_megabytes()
        right = _stored(loop)
        spoilt = spoil(loop, SPOILT)
        wall, cpu = time.perf_counter(), time.process_time()
        found = recount(loop)
        counted, busy = time.perf_counter() - wall, time.process_time() - cpu
        put_right(loop, found)
        whole = time.perf_counter() - wall
        return {
            "entities": found.entities,
            "recount_seconds": counted,
            "recount_cpu_seconds": busy,
            "rebuild_seconds": whole,
            "peak_megabytes": peak_megabytes(),
            "start_megabytes": start,
            "numbers": len(right),
            "spoilt": spoilt,
            "found": found.differences,
            "identical": _stored(loop) == right,
        }
    finally:
        system.close()


def _stored(loop: Loop) -> dict[int, int]:
    """Every stored number under the hash of its place: small, and enough to compare within one process."""
    families = loop.store.families()
    return {hash(cell): n for family in families for cell, n in loop.store.cells(family).items()}


def spoil(loop: Loop, count: int) -> int:
    """Make numbers wrong: some too high, some gone, one that nothing stands behind. Returns how many."""
    some = sorted(loop.store.cells("cause").items())[:: max(1, len(loop.store.cells("cause")) // count)][
        :count
    ]
    wrong = {cell: -n if number % 2 else 1 + number for number, (cell, n) in enumerate(some)}
    wrong["cause", "2001-W01/nothing", "n"] = 7
    loop.store.save([], wrong)
    return len(wrong)


def peak_megabytes() -> float:
    """The most memory this process has had. `ru_maxrss` also knows what the parent had when it began."""
    try:
        (line,) = (
            row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM")
        )
        return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# the charts


def charts(rounds: int) -> Numbers:
    """Milliseconds for the control charts of 50 causes over 104 weeks; the first also pays for its imports."""
    from chalicelib.stats.chart import Series, chart

    rng = Random(50)
    series = [_series(rng, Series) for _ in range(CAUSES)]
    took = [timed(lambda: [chart(one) for one in series]) for _ in range(max(3, rounds) + 1)]
    return {
        "charts_ms": 1000 * median(one.wall for one in took[1:]),
        "charts_cpu_ms": 1000 * median(one.cpu for one in took[1:]),
        "first_charts_ms": 1000 * took[0].wall,
        "causes": CAUSES,
        "weeks": WEEKS,
    }


def _series(rng: Random, make: Any) -> Any:
    level, x = rng.uniform(0.0002, 0.01), [rng.randint(8_000, 12_000) for _ in range(WEEKS)]
    return make(counts=[max(0, round(rng.gauss(level * n, (level * n) ** 0.5))) for n in x], exposures=x)


def main(arguments: Sequence[str]) -> None:
    """One stage; one JSON line on standard output."""
    stage, folder, rounds, core = arguments
    if core:
        os.sched_setaffinity(0, {int(core)})
    numbers = {
        "rates": lambda: rates(Path(folder), int(rounds)),
        "rebuild": lambda: rebuild(Path(folder)),
        "charts": lambda: charts(int(rounds)),
    }[stage]()
    sys.stdout.write(json.dumps(numbers) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
