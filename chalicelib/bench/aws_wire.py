"""A real DynamoDB client whose requests are answered in this process, with what they weigh and take counted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from chalicelib.bench.aws_table import Refused

NOBODY = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench", "region_name": "us-east-1"}


class Wire:
    """Between a client and what answers it, where the network would be.

    `answering` has a method a request, named and called as the client's are. The time it takes is not the
    caller's: `seconds` says how much processor time went there, to be taken off. Bytes are those of bodies.
    """

    def __init__(self, answering: Any) -> None:
        self.answering, self.seconds, self.sent, self.received = answering, 0.0, 0, 0
        self.waits = {"transactions": 0, "others": 0}
        """Requests by how long they would take."""

    def client(self) -> Any:
        """The client, as the adapters are given it."""
        client = boto3.client("dynamodb", config=Config(retries={"mode": "standard"}), **NOBODY)
        client.meta.events.register_first("before-send.dynamodb", self._answer)
        return client

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        began = time.thread_time()
        target = request.headers["X-Amz-Target"]
        name = target.decode() if isinstance(target, bytes) else target
        status, body = answered(self.answering, name.rpartition(".")[2], json.loads(request.body))
        self.sent += len(request.body)
        self.received += len(body)
        self.waits["transactions" if "Transact" in name else "others"] += 1
        answer = AWSResponse(request.url, status, {}, _Raw(body))
        self.seconds += time.thread_time() - began
        return answer


def answered(answering: Any, operation: str, asked: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body of the answer to one request; AttributeError for an operation that is not known."""
    do: Callable[..., Any] = getattr(answering, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower())
    try:
        return 200, json.dumps(do(**asked), ensure_ascii=False).encode()
    except Refused as error:
        told = {"__type": f"com.amazonaws.dynamodb.v20120810#{error.code}", "message": error.code}
        reasons = {"CancellationReasons": [{"Code": code} for code in error.reasons]} if error.reasons else {}
        return 400, json.dumps(told | reasons).encode()


class _Raw:
    """A body as the client reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        """All of it."""
        yield self._body

    def read(self, *_: Any) -> bytes:
        """All of it."""
        return self._body
