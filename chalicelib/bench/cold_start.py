"""How long a function takes from the start of its process to its first answer, measured on what is packaged.

Each round is a fresh process of Lambda's Python with the packaged code and layers, on one core, that gets one event
as Lambda gives it; DynamoDB and Secrets Manager are answered on loopback, from memory. What Lambda does before (the
download, its own bootstrap) is not in it. Several packages take turns, so that all see the same machine.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.bench.aws_answers import Answers, served
from chalicelib.bench.child import child
from chalicelib.model.errors import Invalid
from infra.aws.unpacked import Unpacked, unpack

Event = dict[str, Any]
HTTP, STREAM = "APIHandler", "Stream"
SECRET = "5" * 64
NAMES = {"VOC_TABLE": "bench", "VOC_SECRET_NAME": "bench", "VOC_MODELS": "bench"}
TRACED = 3
"""Rounds that only tell what was imported: telling takes time too."""
MOST = 12
"""Packages, and modules of ours, that are named."""

FILL = """
import json
from chalicelib.loop.redrive import INTAKE
from chalicelib.loop import admin
from chalicelib.loop.listen.take import take
from chalicelib.model.people import Role
from chalicelib.wiring import system
parts = system()
user = admin.save_user(parts.loop, "bench.agent", role=Role.AGENT)
take(parts.loop, INTAKE, [{"text": "快递三天了还没送到，太慢了", "channel": "phone", "customer": "13800138000"}])
print(json.dumps({"token": parts.issue(user.caller)[0]}))
"""
"""Through the front door: the stored form is the store's business."""
IMPORTED = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", re.MULTILINE)
OURS = ("app", "chalicelib")
ANSWER = """
import os, sys
core, module, name, event = sys.argv[1:]
if core:
    os.sched_setaffinity(0, {int(core)})
import importlib, json, time
handler = getattr(importlib.import_module(module), name)
imported = time.process_time()
answer = handler(json.loads(event), None)
print(json.dumps({"imported": imported, "cpu": time.process_time(), "answer": answer}))
"""


@dataclass(frozen=True)
class First:
    """One kind of first event: which function gets it, and whether it did with it what it should."""

    name: str
    function: str
    event: Event
    right: Callable[[Any], bool]


@dataclass(frozen=True)
class ColdStart:
    """One kind of first event over all rounds, from the start of the process to the answer.

    `cpu` are the seconds the process itself computed, `imported_cpu` those of them until its handler was there;
    `packages` and `modules` (ours) the milliseconds of all imports, each without what it imports in turn.
    """

    name: str
    function: str
    seconds: Sequence[float]
    cpu: Sequence[float]
    imported_cpu: Sequence[float]
    packages: Mapping[str, float]
    modules: Mapping[str, float]

    def numbers(self) -> dict[str, Any]:
        """Medians, and the extremes of CPU time, for programs."""
        return {
            "name": self.name,
            "function": self.function,
            "seconds": median(self.seconds),
            "cpu_seconds": median(self.cpu),
            "least_cpu_seconds": min(self.cpu),
            "most_cpu_seconds": max(self.cpu),
            "imported_cpu_seconds": median(self.imported_cpu),
            "imports_ms": _dearest(self.packages),
            "our_imports_ms": _dearest(self.modules),
        }


def cold_starts(
    packages: Sequence[Path], rounds: int, core: int | None, env: Mapping[str, str], traced: int = TRACED
) -> list[list[ColdStart]]:
    """Of each packaged folder, in their order, one ColdStart a kind of first event; its imports the least of `traced`.

    Raises Invalid without Lambda's Python, or when an answer is wrong: fast but wrong is no measurement.
    """
    with ExitStack() as stack:
        sides = [stack.enter_context(_side(package, env)) for package in packages]
        for _ in range(rounds):
            for side in sides:
                side.go(core)
        return [side.measured(traced) for side in sides]


@dataclass
class _Side:
    """One package, unpacked, with a table that every start finds the same."""

    unpacked: Unpacked
    answers: Answers
    found: Mapping[str, str]
    firsts: Sequence[First]
    runs: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._before = self.answers.table.copy()

    def go(self, core: int | None) -> None:
        """One round: every first event once."""
        for first in self.firsts:
            self.runs.setdefault(first.name, []).append(self._start(first, core))

    def _start(self, first: First, core: int | None) -> tuple[float, float, float]:
        self.answers.table = self._before.copy()
        began = time.perf_counter()
        said = child(self._command(first, core), self._environment(first), first.name)
        seconds = time.perf_counter() - began
        if not first.right(said["answer"]):
            raise Invalid(
                "bench.answer",
                "第一次答复不对，时间不算",
                "the first answer is wrong: no time counts",
                first.name,
            )
        return seconds, said["cpu"], said["imported"]

    def _command(self, first: First, core: int | None, *options: str) -> list[str]:
        handler = self.unpacked.handler(first.function)
        event = json.dumps(first.event)
        return self.unpacked.command(
            ANSWER, "" if core is None else str(core), *handler, event, options=options
        )

    def _environment(self, first: First) -> dict[str, str]:
        return self.unpacked.environment(first.function, self.found)

    def measured(self, traced: int) -> list[ColdStart]:
        """What came of all rounds, and what the imports cost."""
        return [self._measured(first, traced) for first in self.firsts]

    def _measured(self, first: First, traced: int) -> ColdStart:
        seconds, cpu, imported = zip(*self.runs[first.name], strict=True)
        packages, modules = self._imports(first, traced)
        return ColdStart(first.name, first.function, seconds, cpu, imported, packages, modules)

    def _imports(self, first: First, traced: int) -> tuple[dict[str, float], dict[str, float]]:
        least: dict[str, float] = {}
        for _ in range(traced):
            self.answers.table = self._before.copy()
            command = self._command(first, None, "-X", "importtime")
            told = subprocess.run(
                command, env=self._environment(first), capture_output=True, encoding="utf-8"
            )
            for spent, module in IMPORTED.findall(told.stderr):
                least[module] = min(least.get(module, float("inf")), int(spent) / 1_000)
        packages: dict[str, float] = {}
        for module, spent in least.items():
            top = module.partition(".")[0]
            packages[top] = packages.get(top, 0.0) + spent
        return packages, {module: spent for module, spent in least.items() if _ours(module)}


def _ours(module: str) -> bool:
    return module.partition(".")[0] in OURS


def _dearest(costs: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(costs.items(), key=lambda each: -each[1])[:MOST])


@contextmanager
def _side(packaged: Path, env: Mapping[str, str]) -> Iterator[_Side]:
    answers = Answers(SECRET)
    with TemporaryDirectory() as folder, served(answers) as aws:
        unpacked = unpack(packaged, Path(folder), env)
        found = {**NAMES, **aws}
        token = child(unpacked.command(FILL), unpacked.environment(STREAM, found), "fill")["token"]
        yield _Side(unpacked, answers, found, list(_firsts(token, answers)))


def _firsts(token: str, answers: Answers) -> Iterator[First]:
    """A route that needs nobody and nothing, what an agent's first page asks, and one contact to be read."""
    answered = lambda answer: answer["statusCode"] == 200  # noqa: E731
    yield First("health", HTTP, _request("/health", {}), answered)
    yield First("queue", HTTP, _request("/queue", {"authorization": f"Bearer {token}"}), answered)
    (owed,) = _tagging(answers)
    event = {"Records": [{"dynamodb": {"NewImage": owed, "SequenceNumber": "1"}}]}

    def read(answer: Any) -> bool:
        return answer == {"batchItemFailures": []} and not _tagging(answers)

    yield First("one contact", STREAM, event, read)


def _tagging(answers: Answers) -> list[Mapping[str, Any]]:
    return [item for item in answers.table.items() if item.get("pending", {}).get("S") == "tag"]


def _request(path: str, headers: Mapping[str, str]) -> Event:
    """What API Gateway sends for a GET without parameters."""
    context = {"resourcePath": path, "httpMethod": "GET", "path": path, "identity": {"sourceIp": "127.0.0.1"}}
    nothing = (
        "body",
        "pathParameters",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "stageVariables",
    )
    return {
        "requestContext": context,
        "headers": dict(headers),
        "isBase64Encoded": False,
        **dict.fromkeys(nothing),
    }
