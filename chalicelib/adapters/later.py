"""Clients that are made when they are first needed: most runs of a function never call most of its services."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any


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
