"""What the loop needs of queues whose messages were given up; there are none beside the embedded store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.model.letters import Letter


class DeadQueues(Protocol):
    """Dead-letter queues by short names. Messages that are taken are hidden from others for a minute or so."""

    def counts(self) -> dict[str, int]:
        """Queue -> about how many messages lie there."""
        ...

    def sends(self, queue: str) -> bool:
        """Whether what lies there can be sent again; else it only tells of what failed."""
        ...

    def take(self, queue: str, most: int) -> list[Letter]:
        """Some of them, hidden from now on."""
        ...

    def release(self, queue: str, letters: Sequence[Letter]) -> None:
        """Show them again."""
        ...

    def again(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """Send them where they came from, then remove them; those that were sent. After a crash in between they are
        in both places: taking a contact twice counts it once."""
        ...

    def discard(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """Remove them; those that are gone."""
        ...
