"""Whether a demo company is there, whole or only in part."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.demo import DemoMark


def mark(loop: Loop, complete: bool, holds: Mapping[str, int] | None = None) -> None:
    """Note that loading has begun, or is done and what was loaded."""

    def decide(unit: LoopUnit) -> None:
        known = unit.get(DemoMark, "demo") or DemoMark(demo=True)
        unit.put(known.model_copy(update={"complete": complete, "holds": dict(holds or {})}))

    loop.change(decide)


def unfinished(loop: Loop) -> bool:
    """Whether a load was interrupted: what it left is no company."""
    known = loop.unit().get(DemoMark, "demo")
    return known is not None and not known.complete
