"""The packaged stack on an emulated AWS, end to end, without an account."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CANNOT = ("package.wheels", "package.strip", "e2e.python", "e2e.emulator")


@pytest.mark.slow
@pytest.mark.xdist_group("lambda")
def test_a_day_on_aws():
    command = [sys.executable, "-P", "-m", "chalicelib.cli", "e2e", "aws", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    if (error := said.get("error", {})).get("code") in CANNOT:
        pytest.skip(f"{error['en']} ({error['where']})")  # this machine has no Python 3.13, strip or emulator
    assert done.returncode == 0, done.stdout + done.stderr
    assert (said["contacts"], said["cases"]) == (207, 207)
