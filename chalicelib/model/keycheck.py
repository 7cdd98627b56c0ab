"""Which key a store was filled with: a foreign one would take every known contact for new."""

from __future__ import annotations

from chalicelib.model.entity import Entity

WORD = "key check"
"""What is digested."""


class KeyCheck(Entity):
    """The digest of a fixed word under the store's key."""

    kind = "key_check"

    digest: str

    @property
    def key(self) -> str:
        """There is one."""
        return "key"
