"""What numbers things that people name aloud."""

from __future__ import annotations

from chalicelib.model.entity import Entity


class Sequence(Entity):
    """The last number given out, for things people name aloud (P-12)."""

    kind = "sequence"

    name: str
    last: int = 0

    @property
    def key(self) -> str:
        """What is numbered."""
        return self.name
