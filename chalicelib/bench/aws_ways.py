"""The ways in which contacts come on AWS, each through the handlers that Lambda runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from chalice.local import LambdaEventConverter, RouteMatcher

from chalicelib.bench.aws_company import Company, Row
from chalicelib.events import dropped_files, owed, queue_messages, stream_records
from chalicelib.model.errors import Invalid
from infra.aws.flows import flows

STREAM = int(flows()["StreamFeed"]["Properties"]["BatchSize"])
T = TypeVar("T")
FILE = "in/bench/contacts.jsonl"
PLENTY = 900.0
"""Seconds a function still has."""
Front = Callable[[Company], Any]
"""Puts the HTTP application before a company; gives the Chalice app."""


@dataclass
class Besides:
    """What the way in costs besides the table and the functions, for all contacts together."""

    http_calls: int = 0
    bytes_out: int = 0
    queue_calls: int = 0
    file_reads: int = 0
    file_writes: int = 0


@dataclass(frozen=True)
class Way:
    """`taken` hands rows in; `stream` is how many changes the table's stream hands over at once."""

    name: str
    zh: str
    en: str
    stream: int
    taken: Callable[[Company, Sequence[Row], Front, Besides], None] = field(repr=False)

    def run(self, company: Company, rows: Sequence[Row], front: Front) -> Besides:
        """All rows from their arrival until they are counted, and one run of the minute's clock behind them."""
        besides = Besides()
        for some in _parts(rows, len(rows) if self.name == "drop" else self.stream):
            self.taken(company, some, front, besides)
            images = company.owed()
            for part in _parts(images, self.stream):
                with company.function("Stream"):
                    answer = stream_records(company.loop, _stream_event(part))
                _fine(answer)
        with company.function("Owed"):
            owed(company.loop, lambda: PLENTY)
        if left := company.owed():
            raise _undone(len(left))
        return besides


def _parts(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[at : at + size] for at in range(0, len(many), size))


def _by_http(company: Company, rows: Sequence[Row], front: Front, besides: Besides) -> None:
    app = front(company)
    converter = LambdaEventConverter(RouteMatcher(list(app.routes)))
    for row in rows:
        company.now = datetime.fromisoformat(row["time"])
        headers = {"content-type": "application/json", "authorization": f"Bearer {company.token}"}
        body = json.dumps(row, ensure_ascii=False).encode()
        event = converter.create_lambda_event("POST", "/contacts", headers, body)
        with company.function("APIHandler"):
            answer = app(event, None)
        if answer["statusCode"] != 201:
            raise _undone(1)
        besides.http_calls += 1
        besides.bytes_out += len(answer["body"].encode())


def _by_queue(company: Company, rows: Sequence[Row], front: Front, besides: Besides) -> None:
    """One message at a time: sent, received, deleted."""
    for row in rows:
        company.now = datetime.fromisoformat(row["time"])
        event = {"Records": [{"messageId": "0", "body": json.dumps(row, ensure_ascii=False)}]}
        with company.function("Intake"):
            answer = queue_messages(company.loop, event)
        _fine(answer)
        besides.queue_calls += 3


def _by_file(company: Company, rows: Sequence[Row], front: Front, besides: Besides) -> None:
    """One file in the bucket, told by one message."""
    company.now = datetime.fromisoformat(rows[-1]["time"])
    lines = (json.dumps(_as_in_a_file(row), ensure_ascii=False) for row in rows)
    bucket = Bucket({FILE: "\n".join(lines).encode()})
    told = json.dumps({"Records": [{"s3": {"object": {"key": FILE}}}]})
    with company.function("Drop"):
        answer = dropped_files(
            company.loop, bucket, {"Records": [{"messageId": "0", "body": told}]}, lambda: PLENTY
        )
    _fine(answer)
    receipt = json.loads(bucket.files["out/bench/contacts.jsonl.json"])
    if receipt["taken"] != len(rows):
        raise _undone(len(rows) - receipt["taken"])
    besides.queue_calls += 3
    besides.file_reads += bucket.reads
    besides.file_writes += bucket.writes + 1  # the sender's own


def _as_in_a_file(row: Row) -> Row:
    """Money is in yuan there."""
    return {**row, "concession": f"{row['concession'] / 100:.2f}"}


@dataclass
class Bucket:
    """A `Drop` in memory that counts requests; a removal looks first."""

    files: dict[str, bytes]
    reads: int = 0
    writes: int = 0

    def fetch(self, name: str, path: Path) -> str:
        """Copy to disk."""
        self.reads += 1
        path.write_bytes(self.files[name])
        return "mark"

    def read(self, name: str) -> bytes | None:
        """The content."""
        self.reads += 1
        return self.files.get(name)

    def put(self, name: str, content: bytes) -> None:
        """Have it."""
        self.writes += 1
        self.files[name] = content

    def remove(self, name: str, mark: str) -> None:
        """Have it no more; deleting is free, looking is not."""
        self.reads += 1
        with suppress(KeyError):
            del self.files[name]


def _stream_event(images: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {"eventName": "MODIFY", "dynamodb": {"NewImage": image, "SequenceNumber": str(number)}}
            for number, image in enumerate(images)
        ]
    }


def _fine(answer: dict[str, Any]) -> None:
    if failed := answer["batchItemFailures"]:
        raise _undone(len(failed))


def _undone(many: int) -> Invalid:
    return Invalid(
        "bench.aws",
        f"{many} 条没有走完，数字不可信",
        f"{many} contacts did not go all the way: the figures would be wrong",
        "contacts",
    )


WAYS = (
    Way("http", "接口，流每批 1", "stream 1", 1, _by_http),
    Way("queue 1", "队列，流每批 1", "stream 1", 1, _by_queue),
    Way("queue 10", "队列，流每批 10", "stream 10", 10, _by_queue),
    Way("queue 100", "队列，流每批 100", "stream 100", 100, _by_queue),
    Way("drop", f"文件，流每批 {STREAM}", f"stream {STREAM}", STREAM, _by_file),
)
