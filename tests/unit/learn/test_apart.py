"""Work apart ends with whoever asked for it, killed or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chalicelib.learn.apart import apart
from chalicelib.model.errors import Invalid

ROOT = Path(__file__).parents[3]
LONG = 600.0


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def until(fine: object, seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if fine():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_the_answer_comes_back():
    assert apart(divmod, 7, 2) == (3, 1)


def test_a_process_that_is_ended_is_told():
    with pytest.raises(Invalid, match=r"learn\.ended"):
        apart(exec, "import os; os._exit(9)")


def test_work_ends_when_the_one_who_asked_is_killed(tmp_path):
    told = tmp_path / "pid"
    work = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep({LONG})"
    asking = f"from chalicelib.learn.apart import apart\nif __name__ == '__main__': apart(exec, {work!r})"
    (tmp_path / "ask.py").write_text(asking, "utf-8")
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "ask.py"], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        assert until(lambda: told.exists() and told.read_text())
        child = int(told.read_text())
        assert alive(child)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert until(lambda: not alive(child))
