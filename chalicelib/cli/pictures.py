"""`voc pictures`: README's pictures, drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say


def pictures(run: Run) -> tuple[int, dict[str, Any]]:
    """Draw README's pictures from the demo company, which is made first where the store is empty."""
    from chalicelib.bench.pictures import draw
    from chalicelib.cli.serving import first_start

    first_start(run)
    with progress("画图 pictures") as advance:
        drawn = draw(run.environment.data, Path(run.args.out), lambda label: advance(0, label=label))
    for path in drawn:
        say(str(path))
    return 0, {"pictures": [str(path) for path in drawn]}
