"""What benches need to run a round in a process of its own. Imports little: what a side imports is measured."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.model.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent.parent
Numbers = dict[str, Any]


class PeerUnavailable(Exception):
    """The other side cannot run here; the text says why, in both languages."""


def cache_folder(env: Mapping[str, str]) -> Path:
    """Where a peer's environment is kept: $XDG_CACHE_HOME or ~/.cache, in a folder of ours."""
    base = env.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "huisheng"


def one_core() -> int | None:
    """The core to run on: the last one we may use, as the first often serves interrupts. None: cannot choose."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def child(command: Sequence[str], env: Mapping[str, str], name: str) -> Numbers:
    """The JSON object in the last line that the command writes. Raises Invalid, about `name`, when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, env=env, encoding="utf-8", check=False)
    if done.returncode:
        raise Invalid(
            "bench.round",
            "测速有一轮没有跑完，原因见上面的输出",
            "a round of the bench did not finish; the output above says why",
            name,
        )
    numbers: Numbers = json.loads(done.stdout.splitlines()[-1])
    return numbers
