"""What the loop needs of the bucket for files too large for a request; there is none beside the embedded store."""

from __future__ import annotations

from typing import Protocol

IN, OUT = "in/", "out/"
"""Where in the bucket files lie, and what became of them."""


def beside(name: str, end: str = ".json") -> str:
    """What lies in `out/` of a file in `in/`; its receipt unless told otherwise."""
    return OUT + name.removeprefix(IN) + end


class Uploads(Protocol):
    """A bucket that browsers may be let at, a file at a time."""

    def offer(self, name: str, most: int, seconds: int) -> tuple[str, dict[str, str]]:
        """Let somebody put one file of at most so many bytes there under this name, for a while: the address of a form
        and its fields, after which the file comes."""
        ...

    def link(self, name: str, seconds: int) -> str:
        """An address where a file can be fetched for a while."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file's content; None when it is not there."""
        ...
