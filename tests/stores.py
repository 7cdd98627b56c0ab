"""Empty stores for tests: SQLite in memory, and DynamoDB as moto plays it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.ports import Store

FRAGMENT = Path(__file__).parents[1] / "infra" / "table.json"
NUMBERS = count()


class OneAtATime:
    """A client whose calls wait for each other: a transaction of the real table is atomic, moto's is not."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, threading.Lock()
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            with self._lock:
                return getattr(self._client, name)(**request)

        return call


def table_properties() -> dict[str, Any]:
    """The properties of the table that is deployed."""
    properties: dict[str, Any] = json.loads(FRAGMENT.read_text())["Resources"]["Table"]["Properties"]
    return properties


def create_table(client: Any) -> str:
    """A new table with the properties of the deployed one, less its stream, which nobody reads here and moto would
    copy with every write of a transaction; its name."""
    wanted = table_properties()
    name = f"contract-{next(NUMBERS)}"
    only_afterwards = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
    for left_out in (*only_afterwards, "StreamSpecification"):
        del wanted[left_out]
    client.create_table(TableName=name, **wanted)
    return name


@contextmanager
def sqlite_store() -> Iterator[Store]:
    """An empty SQLite store."""
    store = SqliteStore(":memory:")
    yield store
    store.close()


@contextmanager
def dynamo_store(client: Any) -> Iterator[Store]:
    """An empty DynamoDB store; its table goes afterwards, because moto copies tables on every transaction."""
    name = create_table(client)
    yield DynamoStore(client, name)
    client.delete_table(TableName=name)


def moto_client() -> Any:
    """A client for a DynamoDB that lives in this process; to be made under `mock_aws`."""
    return OneAtATime(aws_client("dynamodb"))


def aws_client(service: str, region: str = "cn-north-1", **more: Any) -> Any:
    """A new client of a service that lives in this process; to be made under `mock_aws`."""
    keys = {"aws_access_key_id": "contract", "aws_secret_access_key": "contract"}
    return _session().client(service, region, **keys, **more)


@cache
def _session() -> boto3.Session:
    """It keeps the descriptions of the services, which take longer to read than a client takes to make."""
    return boto3.Session()
