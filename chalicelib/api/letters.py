"""Routes for messages that queues gave up; beside the embedded store there are no queues."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import ADMIN, Ask, Body, Step
from chalicelib.loop import redrive
from chalicelib.model.errors import Invalid

step = Step("admin")
route = step.route


class Sure(Body):
    """Whoever throws away says which queue's once more."""

    confirm: str = Field(max_length=40)


@route("GET", "/dead-queues", ADMIN, "Messages that queues gave up, and what was discarded")
def list_dead_queues(ask: Ask) -> Any:
    return {"queues": redrive.listed(ask.loop), "receipts": redrive.receipts(ask.loop)}


@route("POST", "/dead-queues/{queue}/again", ADMIN, "Send a queue's dead letters where they came from")
def send_queue_again(ask: Ask, queue: str) -> Any:
    return redrive.send_again(ask.loop, queue)


@route(
    "POST", "/dead-queues/{queue}/discard", ADMIN, "Throw a queue's dead letters away; a receipt", body=Sure
)
def discard_queue(ask: Ask, queue: str) -> Any:
    if ask.body(Sure).confirm != queue:
        raise Invalid("confirm", "请写出队列的名字以确认", "write the queue's name to confirm", "confirm")
    return {"receipt": redrive.discard(ask.loop, ask.caller, queue)}
