"""Where in the bucket files lie, and what became of them."""

from __future__ import annotations

IN, OUT = "in/", "out/"


def beside(name: str, end: str = ".json") -> str:
    """What lies in `out/` of a file in `in/`; its receipt unless told otherwise."""
    return OUT + name.removeprefix(IN) + end
