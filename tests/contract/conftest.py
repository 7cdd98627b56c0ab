"""Both adapters of the store, handed to every contract test as an empty store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.ports import Store
from tests.stores import create_table, dynamo_store, moto_client, sqlite_store, table_properties

Fresh = Callable[[], AbstractContextManager[Store]]


@pytest.fixture
def properties() -> dict[str, Any]:
    """What is declared of the table that is deployed."""
    return table_properties()


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A DynamoDB that lives in this process and never meets the network."""
    with mock_aws():
        yield moto_client()


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    """The name of an empty table."""
    name = create_table(client)
    yield name
    client.delete_table(TableName=name)


@pytest.fixture(scope="module", params=["sqlite", "dynamo"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Makes empty stores, for tests that need more than one."""
    if request.param == "sqlite":
        return sqlite_store
    client = request.getfixturevalue("client")
    return lambda: dynamo_store(client)


@pytest.fixture
def store(fresh: Fresh) -> Iterator[Store]:
    """An empty store."""
    with fresh() as empty:
        yield empty
