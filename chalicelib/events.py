"""Handlers of the queue, the stream and the schedule: raw Lambda events in, the same loop code behind.

Lambda finds a handler by the name of its function in this module. Every function imports all of it when it starts,
so what only one of them needs is imported where that one does it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib.adapters.keys import entity_of
from chalicelib.loop.context import Loop
from chalicelib.loop.worker import advance, batch_size, put_off, work
from chalicelib.model.contact import Contact
from chalicelib.model.errors import describe
from chalicelib.model.people import Caller, Role
from chalicelib.ports import Drop, Work
from chalicelib.wiring import system

background = Blueprint(__name__)
INTAKE = Caller("intake", Role.AGENT)
LOG = Logger(service="huisheng")
LAST_BATCH = 90.0
"""Seconds kept for finishing a batch of rows and the receipt."""
ONE_ROUND = 15.0
"""Seconds that a round of `owed` may take on a slow day."""

Failures = dict[str, list[dict[str, str]]]


def stream_records(loop: Loop, event: dict[str, Any]) -> Failures:
    """Stored changes that owe a step: do it at once. What fails is put off in the store itself, each time twice
    as late and in the end as a dead letter an admin sees: so no shard waits for one bad contact.

    A record needs `dynamodb.NewImage` of a contact that is owed a step now (`pending`, `wpk`) and was not tried
    yet; others are passed over: index entries, stored numbers, what `owed` looks after, and this handler's own
    writes that owe nothing more. Only what could not even be put off is named, by its sequence number.
    """
    wanted: dict[str, tuple[str, Work]] = {}
    for record in event.get("Records", ()):
        change = record.get("dynamodb", {})
        if work := _owed_now(change.get("NewImage", {})):
            wanted.setdefault(work.key, (change.get("SequenceNumber", ""), work))
    failed = _in_batches(loop, list(wanted))
    lost = [key for key, error in failed if not _put_off(loop, wanted[key][1], error)]
    return {"batchItemFailures": [{"itemIdentifier": wanted[key][0]} for key in lost]}


def _owed_now(image: dict[str, Any]) -> Work | None:
    step = image.get("pending", {}).get("S")
    fresh = all(float(image.get(name, {}).get("N", 0)) == 0 for name in ("ready", "tries"))
    if not step or not fresh or "wpk" not in image:
        return None
    kind, key = entity_of(image)
    return Work(kind, key, step, 0) if kind == Contact.kind else None


def _in_batches(loop: Loop, keys: list[str]) -> list[tuple[str, Exception]]:
    size = batch_size(loop)
    return [failed for i in range(0, len(keys), size) for failed in advance(loop, keys[i : i + size])]


def _put_off(loop: Loop, work: Work, error: Exception) -> bool:
    try:
        put_off(loop, work, error)
    except Exception as deeper:
        LOG.error("a step could not be put off", error=describe(deeper))
        return False
    return True


def owed(loop: Loop, left: Callable[[], float]) -> int:
    """Every minute: the steps that are due and that the stream did not do: put off, sent again, or lost with a
    batch. `left` tells the seconds this run still has. Returns how many were done."""
    done = 0
    while left() > ONE_ROUND and (claimed := loop.store.due(loop.clock(), batch_size(loop))):
        done += len(claimed) - len(work(loop, claimed))
    return done


def watched(loop: Loop, service: str | None = None) -> None:
    """Hand the gauges to CloudWatch, as a line of the log that it reads as metrics of a service, by default
    POWERTOOLS_SERVICE_NAME."""
    from aws_lambda_powertools.metrics import Metrics, MetricUnit

    from chalicelib.loop.gauges import gauges

    metrics = Metrics(namespace="huisheng", service=service)
    for name, value in gauges(loop).items():
        metrics.add_metric(name, MetricUnit.Count, value)
    metrics.flush_metrics()


def queue_messages(loop: Loop, event: dict[str, Any]) -> Failures:
    """Messages of other systems, one contact as JSON each: the listen step with the same refusals.

    A refused message is reported as failed, so that the queue keeps it, in the end among its dead letters.
    """
    from chalicelib.loop.listen.take import take

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
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def dropped_files(loop: Loop, drop: Drop, event: dict[str, Any], left: Callable[[], float]) -> Failures:
    """Messages that tell of files in the bucket. One that cannot be read, or is not yet read to its end, is
    reported as failed: it comes again and goes on where it was; what can never be read ends among the dead letters.
    `left` tells the seconds this run still has.
    """
    return {
        "batchItemFailures": [
            {"itemIdentifier": record.get("messageId", "")}
            for record in event.get("Records", ())
            if not all(_taken(loop, drop, name, left) for name in _names(record.get("body", "")))
        ]
    }


def _taken(loop: Loop, drop: Drop, name: str, left: Callable[[], float]) -> bool:
    """Whether nothing more is to be done about a file; one that breaks the reading never takes others with it."""
    from chalicelib.intake.dropped import take_file

    try:
        return take_file(loop, drop, name, lambda: left() < LAST_BATCH)
    except Exception as error:  # why is in the receipt
        LOG.warning("a file was not taken", error=describe(error))
        return False


def _names(body: str) -> list[str]:
    """The files that a bucket's message tells of; none in its test message."""
    try:
        return [unquote_plus(each["s3"]["object"]["key"]) for each in _row(body).get("Records", ())]
    except (KeyError, TypeError, AttributeError):  # no message of a bucket
        return []


def scheduled(loop: Loop) -> int:
    """Every minute: clocks that ran out, windows that passed, the cycle that opens; then group chats are told."""
    from chalicelib.loop.robots.telling import tell_when_due
    from chalicelib.loop.schedule import tick

    woken = tick(loop)
    tell_when_due(loop)
    return woken


def _left(context: Any) -> Callable[[], float]:
    """Tells the seconds that Lambda still gives this run."""
    return lambda: context.get_remaining_time_in_millis() / 1_000


@background.lambda_function(name="stream")
def on_stream(event: dict[str, Any], context: Any) -> Failures:
    """Changes of the table."""
    return stream_records(system().loop, event)


@background.lambda_function(name="intake")
def on_queue(event: dict[str, Any], context: Any) -> Failures:
    """Messages of other systems."""
    return queue_messages(system().loop, event)


@background.lambda_function(name="drop")
def on_drop(event: dict[str, Any], context: Any) -> Failures:
    """Files of other systems."""
    parts = system()
    assert parts.drop, "VOC_DROP names the bucket"
    return dropped_files(parts.loop, parts.drop, event, _left(context))


@background.lambda_function(name="owed")
def on_owed(event: dict[str, Any], context: Any) -> int:
    """Steps that are due; then the gauges, of what is left."""
    loop = system().loop
    done = owed(loop, _left(context))
    watched(loop)
    return done


@background.lambda_function(name="schedule")
def on_schedule(event: dict[str, Any], context: Any) -> int:
    """Clocks and group chats."""
    return scheduled(system().loop)


@background.lambda_function(name="study")
def on_study(event: dict[str, Any], context: Any) -> None:
    """Work that no clock may wait for."""
    from chalicelib.loop.schedule import study

    study(system().loop)
