"""Handlers of the queue, the stream and the schedule: raw Lambda events in, the same loop code behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from chalice.app import Blueprint

from chalicelib.adapters.keys import entity_of
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take
from chalicelib.loop.robots.telling import tell_when_due
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.worker import advance, batch_size
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.wiring import system

if TYPE_CHECKING:
    from chalicelib.intake.dropped import Drop, Stop

background = Blueprint(__name__)
INTAKE = Caller("intake", Role.AGENT)
LAST_MS = 90_000
"""Of a function's time, kept for finishing a batch of rows and the receipt."""

Failures = dict[str, list[dict[str, str]]]


def stream_records(loop: Loop, event: dict[str, Any]) -> Failures:
    """Stored changes that owe a step: do it. Those that failed are named so that only they come again.

    A record needs `dynamodb.NewImage` of an entity with `pending`; others are passed over: index entries,
    stored numbers, and this handler's own writes that owe nothing more.
    """
    wanted: dict[str, str] = {}
    for record in event.get("Records", ()):
        image = record.get("dynamodb", {}).get("NewImage", {})
        if not image.get("pending", {}).get("S"):
            continue
        kind, key = entity_of(image)
        if kind == Contact.kind:
            wanted[key] = record.get("eventID", "")
    return _failures(wanted, [key for key, _ in _in_batches(loop, list(wanted))])


def _in_batches(loop: Loop, keys: list[str]) -> list[tuple[str, Exception]]:
    size = batch_size(loop)
    return [failed for i in range(0, len(keys), size) for failed in advance(loop, keys[i : i + size])]


def _failures(ids: dict[str, str], failed: list[str]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": ids[key]} for key in failed]}


def queue_messages(loop: Loop, event: dict[str, Any]) -> Failures:
    """Messages of other systems, one contact as JSON each: the listen step with the same refusals.

    A refused message is reported as failed, so that the queue keeps it, in the end among its dead letters.
    """
    records = event.get("Records", ())
    rows = [_row(record.get("body", "")) for record in records]
    outcomes = take(loop, INTAKE, rows)
    return {
        "batchItemFailures": [
            {"itemIdentifier": record.get("messageId", "")}
            for record, outcome in zip(records, outcomes, strict=True)
            if outcome.status == "refused"
        ]
    }


def _row(body: str) -> dict[str, Any]:
    try:
        row = json.loads(body)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def dropped_files(loop: Loop, drop: Drop, event: dict[str, Any], stop: Stop) -> Failures:
    """Messages that tell of files in the bucket. One that cannot be read, or is not yet read to its end, is
    reported as failed: it comes again and goes on where it was; what can never be read ends among the dead letters.
    """
    return {
        "batchItemFailures": [
            {"itemIdentifier": record.get("messageId", "")}
            for record in event.get("Records", ())
            if not all(_taken(loop, drop, name, stop) for name in _names(record.get("body", "")))
        ]
    }


def _taken(loop: Loop, drop: Drop, name: str, stop: Stop) -> bool:
    from chalicelib.intake.dropped import take_file  # reads workbooks: not for functions that answer requests

    try:
        return take_file(loop, drop, name, stop)
    except Invalid:  # why is in the receipt
        return False


def _names(body: str) -> list[str]:
    """The files that a bucket's message tells of; none in its test message, nor for what is put beside them."""
    keys = [each.get("s3", {}).get("object", {}).get("key", "") for each in _row(body).get("Records", ())]
    names = [unquote_plus(key) for key in keys]
    return [name for name in names if name.startswith("in/") and not name.endswith("/")]


def scheduled(loop: Loop) -> int:
    """Every minute: clocks that ran out, windows that passed, the cycle that opens; then group chats are told."""
    woken = tick(loop)
    tell_when_due(loop)
    return woken


def _handler(do: Callable[[Loop, dict[str, Any]], Any]) -> Callable[[dict[str, Any], Any], Any]:
    def handle(event: dict[str, Any], context: Any) -> Any:
        return do(system().loop, event)

    return handle


def _on_drop(event: dict[str, Any], context: Any) -> Failures:
    parts = system()
    assert parts.drop, "VOC_DROP names the bucket"
    return dropped_files(
        parts.loop, parts.drop, event, lambda: context.get_remaining_time_in_millis() < LAST_MS
    )


on_drop = background.lambda_function(name="drop")(_on_drop)
on_stream = background.lambda_function(name="stream")(_handler(stream_records))
on_queue = background.lambda_function(name="intake")(_handler(queue_messages))
on_study = background.lambda_function(name="study")(_handler(lambda loop, event: study(loop)))
on_schedule = background.lambda_function(name="schedule")(_handler(lambda loop, event: scheduled(loop)))
