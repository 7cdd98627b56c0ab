"""`voc bench loop`: contacts a second through the whole loop, beside tickets a second of django-helpdesk.

Every round runs in a fresh process on one core with a fresh SQLite file: ours, peer, ours, peer, so that both
see the same machine. Start-up (imports, dictionaries, migrations) is measured apart and in neither rate.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from chalicelib.bench.child import ROOT, Numbers, PeerUnavailable, child
from chalicelib.demo.texts import channel_for, mobile, order_number, texts, write
from chalicelib.environment import Environment
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take, take_one
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import advance, drain
from chalicelib.model.contact import Contact
from chalicelib.model.entity import utc_now
from chalicelib.model.people import Caller, Role
from chalicelib.wiring import build

AT_ONCE, SINGLES = 500, 10
"""Contacts handed to `take` together; one in so many more is then taken on its own."""
NO_PROBLEM, WITH_PROBLEM = "none", 0.5
PRODUCTS = ("空气炸锅", "破壁机", "电饭煲", "加湿器", "吸尘器", "洗衣机", "净水器", "按摩椅")
PERIOD = timedelta(weeks=26)
BENCH = Caller("bench", Role.ADMIN)
PEER_SCRIPT = Path(__file__).with_name("helpdesk_peer.py")
PEER_PINS = (
    *("django-helpdesk==2.6.1", "Django==5.2.19", "asgiref==3.13.0", "beautifulsoup4==4.15.0"),
    *("certifi==2026.10.18", "charset-normalizer==3.5.2", "django-cleanup==9.0.0", "idna==3.20"),
    *("django-model-utils==5.0.0", "djangorestframework==3.18.3", "email-reply-parser==0.5.12"),
    *("Markdown==3.11.3", "nh3==0.3.8", "oauthlib==4.0.1", "requests==2.34.2", "soupsieve==4.1.2"),
    *("requests-oauthlib==2.0.0", "sqlparse==0.6.1", "typing_extensions==4.16.0", "urllib3==2.8.0"),
)
"""What the peer runs on: its newest release of this year, on Django's long-term release."""


@dataclass(frozen=True)
class Job:
    """What one side does in one round. `file` holds count + count // SINGLES contacts, a JSON object a line."""

    file: Path
    folder: Path
    count: int
    core: int | None = None


Side = Callable[[Job], Numbers]


@dataclass(frozen=True)
class Report:
    """The rounds of both sides. A peer that could not run has none."""

    ours: list[Numbers] = field(default_factory=list)
    peers: list[Numbers] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many stored numbers a recount found wrong, over all rounds."""
        return sum(r["differences"] for r in self.ours)

    @property
    def uncounted(self) -> int:
        """How many contacts did not go all the way, over all rounds."""
        return sum(r["uncounted"] for r in self.ours)

    def per_second(self, name: str = "seconds") -> list[float]:
        """Our contacts per second of each round, by one of its times."""
        return [r["contacts"] / r[name] for r in self.ours]

    def tickets_per_second(self, name: str = "seconds") -> list[float]:
        """The peer's tickets per second of each round, by one of its times."""
        return [r["tickets"] / r[name] for r in self.peers]

    def ratios(self, name: str = "seconds") -> list[float]:
        """Ours to the peer's, within each round."""
        pairs = zip(self.per_second(), self.tickets_per_second(name), strict=False)
        return [ours / theirs for ours, theirs in pairs]


def contacts(count: int, now: datetime, seed: int = 26) -> list[Numbers]:
    """Contacts of the demo company's kind over half a year; half of them about a problem, n / 3 customers."""
    rng = Random(seed)
    buyers = [mobile(rng) for _ in range(max(1, count // 3))]
    problems = [cause for cause in texts() if cause != NO_PROBLEM]
    times = sorted(now - rng.random() * PERIOD for _ in range(count))
    return [_contact(rng, number, time, problems, buyers) for number, time in enumerate(times)]


def _contact(
    rng: Random, number: int, time: datetime, problems: Sequence[str], buyers: Sequence[str]
) -> Numbers:
    wrong = rng.random() < WITH_PROBLEM
    order, product = order_number(rng, f"{time:%y%m%d}"), rng.choice(PRODUCTS)
    text = write(rng, rng.choice(problems) if wrong else NO_PROBLEM, product, order)
    return {
        "text": text,
        "channel": channel_for(rng, text),
        "external_id": f"BENCH-{number:07d}",
        "customer": rng.choice(buyers),
        "time": time.isoformat(timespec="seconds"),
        "order": order if wrong else "",
        "product": product,
        "seconds": rng.randint(60, 600),
    }


def measure(job: Job) -> Numbers:
    """Our side, in this process: all contacts in bulk until each is counted, then single ones, then a recount."""
    began = time.perf_counter()
    with job.file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    system = build(Environment(data=job.folder))
    try:
        loop = system.loop
        loop.analyser(loop.unit().taxonomy)(["暖机"])  # loads the dictionaries
        started = time.perf_counter() - began
        bulk = _bulk(loop, rows[: job.count])
        single = _single(loop, rows[job.count :])
        return {"contacts": job.count, "start_seconds": started, **bulk, **single, **_check(loop, len(rows))}
    finally:
        system.close()


def _bulk(loop: Loop, rows: Sequence[Numbers]) -> Numbers:
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), AT_ONCE):
        take(loop, BENCH, rows[start : start + AT_ONCE])
    taken = time.perf_counter()
    drain(loop)
    done = time.perf_counter()
    return {
        "seconds": done - wall,
        "cpu_seconds": time.process_time() - cpu,
        "listen_seconds": taken - wall,
        "work_seconds": done - taken,
    }


def _single(loop: Loop, rows: Sequence[Numbers]) -> Numbers:
    """Milliseconds that 95 of 100 single contacts stay under, in a store that holds all the others."""
    listened, whole = [], []
    for row in rows:
        start = time.perf_counter()
        key = take_one(loop, BENCH, row).id
        listened.append(time.perf_counter() - start)
        advance(loop, [key])
        whole.append(time.perf_counter() - start)
    return {
        "singles": len(rows),
        "single_take_p95_ms": 1000 * p95(listened),
        "single_p95_ms": 1000 * p95(whole),
    }


def p95(values: Sequence[float]) -> float:
    """The smallest value that at least 95 % of them do not exceed; 0 without values."""
    return sorted(values)[-(-95 * len(values) // 100) - 1] if values else 0.0


def _check(loop: Loop, expected: int) -> Numbers:
    counted = cases = 0
    for contact in loop.store.scan(Contact):
        counted += not contact.pending
        cases += bool(contact.case)
    return {
        "uncounted": expected - counted,
        "with_case": cases,
        "differences": recount(loop).differences,
    }


def ours(job: Job) -> Numbers:
    """Our side in a fresh process."""
    command = [sys.executable, "-P", "-m", "chalicelib.bench.loop"]
    return _child(command, job, {**os.environ, "PYTHONPATH": str(ROOT)})


def helpdesk(cache: Path) -> Side:
    """The peer in an environment of its own, made at first use and kept. Raises PeerUnavailable."""
    from infra.install import set_up
    from infra.venv import SetupFailed, Venv

    venv = Venv(cache / "bench-helpdesk")
    try:
        venv.folder.parent.mkdir(parents=True, exist_ok=True)
        pins = cache / "bench-helpdesk.txt"
        pins.write_text("".join(f"{pin}\n" for pin in PEER_PINS), encoding="ascii")
        if venv.missing(ROOT, [str(pins)]):
            patience = {"PIP_RETRIES": "1", "PIP_TIMEOUT": "15"}
            set_up(venv, ROOT, [str(pins)], {**patience, **os.environ}, sys.stderr)
    except (SetupFailed, OSError) as error:
        said = (line for line in str(error).splitlines() if not line.startswith("  |"))  # not pip's own words
        raise PeerUnavailable("\n".join(said)) from error
    command = [str(venv.python), "-I", str(PEER_SCRIPT)]
    return lambda job: _child(command, job, dict(os.environ))


def _child(command: Sequence[str], job: Job, env: Mapping[str, str]) -> Numbers:
    core = "" if job.core is None else str(job.core)
    arguments = [*command, str(job.file), str(job.folder), str(job.count), core]
    return child(arguments, env, Path(command[-1]).name)


def compare(
    count: int,
    rounds: int,
    ours: Side,
    peer: Side | None,
    core: int | None,
    tell: Callable[[str, int], None] = lambda label, done: None,
) -> Report:
    """Both sides in turn over the same file, in temporary folders."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="huisheng-bench-") as top:
        file = Path(top) / "contacts.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(
                json.dumps(row, ensure_ascii=False) + "\n"
                for row in contacts(count + count // SINGLES, utc_now())
            )
        for label, side, found in _turns(rounds, ours, peer, report):
            tell(label, len(report.ours) + len(report.peers))
            folder = Path(tempfile.mkdtemp(dir=top))
            found.append(side(Job(file, folder, count, core)))
    return report


def _turns(
    rounds: int, ours: Side, peer: Side | None, report: Report
) -> Iterator[tuple[str, Side, list[Numbers]]]:
    for number in range(1, rounds + 1):
        yield f"第 {number} 轮：回声 round {number}: ours", ours, report.ours
        if peer:
            yield f"第 {number} 轮：对照 round {number}: peer", peer, report.peers


def spread(values: Sequence[float]) -> float:
    """(largest - smallest) / median: what the machine's noise did between rounds."""
    return (max(values) - min(values)) / median(values) if values else 0.0


def main(arguments: Sequence[str]) -> None:
    """One round of our side; one JSON line on standard output."""
    file, folder, count, core = arguments
    if core:
        os.sched_setaffinity(0, {int(core)})
    job = Job(Path(file), Path(folder), int(count), int(core) if core else None)
    sys.stdout.write(json.dumps(measure(job)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
