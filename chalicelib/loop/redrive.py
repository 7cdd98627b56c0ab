"""Messages that queues gave up: how many, how old and why, sent again, or discarded with a receipt.

What they say is judged here and shown to nobody: only ids, times, counts and the kind of error leave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import why_refused
from chalicelib.loop.uploads import IN, beside
from chalicelib.model.errors import Invalid, NotFound
from chalicelib.model.letters import Discard, Letter
from chalicelib.model.people import Caller, Role
from chalicelib.ports import DeadQueues

INTAKE = Caller("intake", Role.AGENT)
"""Who takes what other systems send by message."""
MOST_SHOWN, MOST_AT_ONCE = 20, 500
"""Messages of a queue that are looked into for a page, and that one request sends or discards."""
RECEIPTS = 20
LONGEST_KEY = 1_000
"""Bytes of a file's name in the bucket, with room for the end of its receipt's."""
MOST_IN_BATCH = 10_000
PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z_.-]|\d(?!\d{4})){0,39}")
"""Codes, and names of sources; no number long enough to be a person's."""

Why = tuple[str, str]
"""Code of the error, and the field it is about; "" where nothing is known."""


def row_of(body: str) -> dict[str, Any]:
    """The JSON object of a message; an empty one when it is none."""
    try:
        row = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def listed(loop: Loop) -> list[dict[str, Any]]:
    """Each queue with its oldest messages of those it hands out; no queues on the embedded store."""
    return (
        [_shown(loop, loop.letters, name, n) for name, n in loop.letters.counts().items()]
        if loop.letters
        else []
    )


def send_again(loop: Loop, queue: str) -> dict[str, Any]:
    """Send a queue's messages where they came from. Raises Invalid for one that only tells of what failed."""
    letters = _letters(loop, queue)
    if not letters.sends(queue):
        raise Invalid(
            "dead_queue.pointers",
            "这里只是指针：步骤仍欠着，一分钟内会做；看过就丢弃",
            "these only point at what failed: the steps are still owed and done within the minute; discard them",
            "queue",
        )
    sent = 0
    while sent < MOST_AT_ONCE and (taken := letters.take(queue, MOST_AT_ONCE - sent)):
        went = letters.again(queue, taken)
        sent += len(went)
        if len(went) < len(taken):
            break
    return {"sent": sent, "more": sent >= MOST_AT_ONCE}


def discard(loop: Loop, caller: Caller, queue: str) -> Discard | None:
    """Throw a queue's messages away, at most MOST_AT_ONCE; the receipt, None when there were none."""
    letters, taken = _letters(loop, queue), list[Letter]()
    while len(taken) < MOST_AT_ONCE and (more := letters.take(queue, MOST_AT_ONCE - len(taken))):
        taken += more
    if not taken:
        return None
    receipt = loop.change(lambda unit: unit.put(_receipt(unit, caller, queue, taken)))
    gone = {one.id for one in letters.discard(queue, taken)}  # told first: never gone without a receipt
    stayed = [one for one in taken if one.id not in gone]
    if stayed:
        kept = tuple(id for id in receipt.letters if id in gone)
        return loop.change(lambda unit: unit.put(_fresh(unit, receipt).model_copy(update={"letters": kept})))
    return receipt


def receipts(loop: Loop) -> list[Discard]:
    """What was discarded, newest first."""
    return loop.unit().find(Discard, "discard.all", "all", limit=RECEIPTS, newest_first=True)


def _letters(loop: Loop, queue: str) -> DeadQueues:
    if loop.letters is None or queue not in loop.letters.counts():
        raise NotFound("dead_queue", "没有这个队列", "there is no such queue", "queue")
    return loop.letters


def _receipt(unit: LoopUnit, caller: Caller, queue: str, taken: list[Letter]) -> Discard:
    ids, oldest = tuple(one.id for one in taken), min(one.sent for one in taken)
    return Discard(queue=queue, at=unit.now, by=caller.name, letters=ids, oldest=oldest)


def _fresh(unit: LoopUnit, receipt: Discard) -> Discard:
    return unit.get(Discard, receipt.key) or receipt


def _shown(loop: Loop, letters: DeadQueues, name: str, n: int) -> dict[str, Any]:
    taken = letters.take(name, min(n, MOST_SHOWN)) if n else []
    letters.release(name, taken)
    rows = [
        {"id": one.id, "sent": one.sent, "tries": one.tries, **_told(loop, name, one)}
        for one in sorted(taken, key=lambda one: one.sent)
    ]
    return {"queue": name, "count": max(n, len(rows)), "sends": letters.sends(name), "letters": rows}


def _told(loop: Loop, queue: str, letter: Letter) -> dict[str, str]:
    judge = WHY.get(queue)
    code, where = judge(loop, letter) if judge else ("", "")
    return {"error": code, "where": where}


def _contact(loop: Loop, letter: Letter) -> Why:
    """What would refuse it now; nothing when it would be taken: what was wrong has been put right."""
    error = why_refused(loop, INTAKE, row_of(letter.body))
    return (error.code, error.where) if error else ("", "")


def _file(loop: Loop, letter: Letter) -> Why:
    """What the receipt of the file says that it tells of, and the file's source: its name may be anybody's."""
    try:
        key = unquote_plus(row_of(letter.body)["Records"][0]["s3"]["object"]["key"])
    except (KeyError, IndexError, TypeError, AttributeError):
        return "message", ""
    if not (key.startswith(IN) and key.isprintable() and len(key.encode()) <= LONGEST_KEY):
        return "message", ""
    receipt = loop.uploads.read(beside(key)) if loop.uploads else None
    problem = row_of((receipt or b"").decode(errors="replace")).get("problem")
    code = _plain(problem.get("code")) if isinstance(problem, dict) else ""
    return code or "file", _plain(key.split("/")[1]) if key.count("/") > 1 else ""


def _batch(loop: Loop, letter: Letter) -> Why:
    said = row_of(letter.body)
    context, batch = (said.get(name) for name in ("requestContext", "DDBStreamBatchInfo"))
    code = context.get("condition") if isinstance(context, dict) else ""
    size = batch.get("batchSize") if isinstance(batch, dict) else ""
    return _plain(code), str(size) if type(size) is int and 0 <= size <= MOST_IN_BATCH else ""


def _plain(said: object) -> str:
    """What is a code or the name of a source; "" for anything else, which could be somebody's."""
    return said if isinstance(said, str) and PLAIN.fullmatch(said) else ""


WHY: dict[str, Callable[[Loop, Letter], Why]] = {"intake": _contact, "drop": _file, "stream": _batch}
