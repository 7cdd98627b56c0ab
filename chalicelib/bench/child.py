"""A round of a bench in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.model.errors import Invalid

Numbers = dict[str, Any]


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
