"""Clients of AWS services, made when they are first needed: most runs of a function call few of its services."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from threading import Lock
from typing import Any

Clients = Callable[..., Any]
"""Makes a client of an AWS service by its name, configured so; boto3's clients have no static type."""

_MAKING = Lock()
"""A session makes one client at a time."""


def client(service: str, **more: Any) -> Any:
    """A client that tries again by itself what was throttled or lost."""
    from botocore.config import Config  # only where AWS is: importing it takes longer than all of SQLite

    with _MAKING:
        return _session().create_client(service, config=Config(retries={"mode": "standard"}, **more))


@cache
def _session() -> Any:
    """Of botocore itself: boto3 brings nothing that a client needs, and what it brings is imported too."""
    from botocore.session import get_session

    return get_session()


class Later:
    """Stands for the client that `make` will make."""

    def __init__(self, make: Callable[[], Any]) -> None:  # Any: AWS's clients have no static type
        self._make = make

    @cached_property
    def _client(self) -> Any:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def close(self) -> None:
        """End the client, if there ever was one."""
        if "_client" in vars(self):
            self._client.close()
