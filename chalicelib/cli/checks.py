"""`voc test`: the one list of checks. A person and the CI run the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALL_CORES = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup")
# pytest comes last: its closing line is what people look for at the end.
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("npm", "run", "check"),
    ("npm", "test"),
    ("pytest", *ALL_CORES),
)


def main(arguments: Sequence[str]) -> int:
    """Run every check, or only pytest when it is given arguments; 1 if one of them failed."""
    checks = [("pytest", *arguments)] if arguments else CHECKS
    failed = [" ".join(check) for check in checks if not _passes(check)]
    if failed:
        _say(f"失败 failed: {', '.join(failed)}", good=False)
    return 1 if failed else 0


def _passes(check: Sequence[str]) -> bool:
    _say(f"— {' '.join(check)}")
    start = time.monotonic()
    good = _run_npm(check) if check[0] == "npm" else _run_python(check)
    _say(f"{'✓' if good else '✗'} {' '.join(check)} {time.monotonic() - start:.1f}s", good=good)
    return good


def _run_python(check: Sequence[str]) -> bool:
    command = [sys.executable, "-m", *check, *_read_only_options(check[0])]
    # Each of several processes with as many threads as there are cores would only wait for the others.
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=one_thread).returncode == 0


def _run_npm(check: Sequence[str]) -> bool:
    """In the folder where the pages were built, which need not be the checkout."""
    if not os.environ.get("VOC_WEB"):
        _say("网页没有装好，见上面的记录 the web pages were not built, see the log above", good=False)
        return False
    return subprocess.run(check, cwd=Path(os.environ["VOC_WEB"]).parent).returncode == 0


def _read_only_options(tool: str) -> list[str]:
    """Where a checkout cannot be written, the tools do without their caches in it."""
    if os.access(ROOT, os.W_OK):
        return []
    return {
        "ruff": ["--no-cache"],
        "mypy": ["--cache-dir", os.devnull],
        "pytest": ["-p", "no:cacheprovider", "--hypothesis-profile", "ci"],
    }[tool]


def _say(line: str, good: bool | None = None) -> None:
    colour = {True: "32", False: "31", None: "1"}[good]
    shown = f"\x1b[{colour}m{line}\x1b[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else line
    sys.stdout.write(shown + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
