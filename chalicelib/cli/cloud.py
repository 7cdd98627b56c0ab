"""Commands that bring the same code to AWS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000

Result = tuple[int, dict[str, Any]]


def make_package(run: Run) -> Result:
    """Fill a folder with all that is deployed, and show how much each function loads."""
    from infra.aws.package import LARGEST, TEMPLATE, package

    out = Path(run.args.out)
    loads = package(ROOT, run.args.stage, out, run.args.partition, os.environ, say)
    rows = [{"function": name, "mb": f"{size / MB:.0f}"} for name, size in loads.items()]
    columns = [("function", "函数 function"), ("mb", "解开 MB unzipped")]
    table(f"每个函数装入多少，最多 what each function loads, at most {LARGEST // MB} MB", rows, columns)
    say(f"模板 template: {out / TEMPLATE}")
    return 0, {"template": str(out / TEMPLATE), "bytes": loads}
