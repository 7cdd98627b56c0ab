"""Whether a demo company is there, whole or only in part."""

from __future__ import annotations

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.entity import Entity


class DemoMark(Entity):
    """Stored before the demo company's first row and completed after its last."""

    kind = "demo_mark"

    complete: bool = False

    @property
    def key(self) -> str:
        """There is one."""
        return "demo"


def mark(loop: Loop, complete: bool) -> None:
    """Note that loading has begun, or is done."""

    def decide(unit: LoopUnit) -> None:
        known = unit.get(DemoMark, "demo") or DemoMark(demo=True)
        unit.put(known.model_copy(update={"complete": complete}))

    loop.change(decide)


def unfinished(loop: Loop) -> bool:
    """Whether a load was interrupted: what it left is no company."""
    known = loop.unit().get(DemoMark, "demo")
    return known is not None and not known.complete
