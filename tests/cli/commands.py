"""One command from outside: what it is given and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONTACTS = """
    工单编号,内容,渠道,手机号,来电时间,订单号
    G1,快递三天了还没送到,电话,13800138000,2026-03-02 10:00,DD1
    G2,账单看不懂,微信,13800138001,2026-03-02 11:00,
    G3,说好的优惠没给我,邮件,13800138002,2026-03-03 09:30,
"""


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    error: str

    @property
    def last(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


Voc = Callable[..., Done]


def checked(done: Done, expect: int | None) -> Done:
    """The command, if it ended as it should and without a traceback."""
    assert "Traceback" not in done.out + done.error
    assert expect is None or done.code == expect, done.error
    return done


def typed(data: Path, text: str, *words: str, expect: int = 0) -> Done:
    """One command in a process of its own, with something on its standard input."""
    command = [sys.executable, "-m", "chalicelib.cli", *words, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)
    return checked(Done(done.returncode, done.stdout, done.stderr), expect)


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with these lines, in the source code indented."""
    path.write_bytes("\n".join(line.strip() for line in text.strip().splitlines()).encode(encoding))
    return path


def one_case(voc: Voc, department: str = "logistics") -> str:
    return str(voc("queue", "--department", department, "--json").last["cases"][0]["id"])
