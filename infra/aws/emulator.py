"""AWS on this machine, without an account: MiniStack on the loopback address, for as long as it is needed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from chalicelib.model.errors import Invalid
from infra.aws.package import TEMPLATE
from infra.aws.wheels import PYTHON, Say, interpreter
from infra.install import PIP_OPTIONS, pip_environment
from infra.venv import cache_folder, digest

REQUIREMENTS = ("ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2")
"""It runs functions in its own interpreter, whose boto3 stands for that of Lambda's runtime."""
SERVICES = (
    *("apigateway", "cloudformation", "cloudfront", "dynamodb", "events", "firehose", "iam", "kms"),
    *("lambda", "logs", "monitoring", "s3", "secretsmanager", "sns", "sqs", "sts"),
)
REGION, ACCOUNT = "us-east-1", "000000000000"
PATIENCE = 60.0
"""Seconds until it must answer."""


UNKNOWN = {"AWS::SES::ReceiptRuleSet", "AWS::SES::ReceiptRule"}
"""Types that it refuses, also behind a condition that is false."""


def without_unknown(out: Path, folder: Path, say: Say) -> Path:
    """`folder` with what was packaged, less the resources that the emulator does not know; it is said which."""
    for path in out.glob("*.zip"):
        (folder / path.name).symlink_to(path.resolve())
    template = json.loads((out / TEMPLATE).read_text("utf-8"))
    left_out = {name for name, one in template["Resources"].items() if one["Type"] in UNKNOWN}
    for part in ("Resources", "Outputs"):
        kept = {k: v for k, v in template[part].items() if k not in left_out}
        template[part] = kept
    (folder / TEMPLATE).write_text(json.dumps(template), "utf-8")
    if left_out:
        names = ", ".join(sorted(left_out))
        say(f"模拟器不认识，没有试 not known to the emulator, not tried: {names}")
    return folder


@contextmanager
def emulator(env: Mapping[str, str], say: Say) -> Iterator[dict[str, str]]:
    """The environment variables with which boto3 finds it. Raises Invalid where it cannot be had."""
    python = _environment(env, say) / "bin" / "python"
    with TemporaryDirectory() as folder:
        port = _free_port()
        own = {
            "PATH": env.get("PATH", os.defpath),
            "HOME": folder,
            "TMPDIR": folder,
            "BIND_HOST": "127.0.0.1",  # it would listen at every address otherwise
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "SERVICES": ",".join(SERVICES),
            "LOG_LEVEL": "WARNING",
        }
        address = f"http://127.0.0.1:{port}"
        with (Path(folder) / "log").open("w+") as log:
            running = subprocess.Popen(
                [str(python), "-I", "-m", "ministack"],
                env=own, cwd=folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                _wait(address, running, log)
                yield {
                    "AWS_ENDPOINT_URL": address,
                    "AWS_ACCESS_KEY_ID": "test",
                    "AWS_SECRET_ACCESS_KEY": "test",
                    "AWS_DEFAULT_REGION": REGION,
                }
            finally:
                _end(running)


def _environment(env: Mapping[str, str], say: Say) -> Path:
    """A virtual environment of its own in the user's cache, made at the first call."""
    python = interpreter(env)
    if not python:
        raise Invalid(
            "e2e.python",
            f"没有 Python {PYTHON}：模拟器用它自己的解释器运行函数，包是为 {PYTHON} 打的",
            f"no Python {PYTHON}: the emulator runs functions in its own interpreter, and they are packaged for it",
            f"python{PYTHON}",
        )
    folder = cache_folder(env) / "lambda" / f"emulator-{digest(' '.join(REQUIREMENTS).encode())[:16]}"
    made = folder / ".complete"
    if not made.exists():
        say("准备模拟器 setting up the emulator")
        _run([python, "-m", "venv", "--clear", str(folder)], env)
        pip = [str(folder / "bin" / "python"), "-I", "-m", "pip", "install", *PIP_OPTIONS]
        _run([*pip, *REQUIREMENTS], env)
        made.touch()
    return folder


def _run(command: list[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=pip_environment(env), capture_output=True, text=True)
    if done.returncode:
        raise Invalid(
            "e2e.emulator",
            "没有装好模拟器；请检查网络、代理和 pip 的设置",
            "the emulator could not be installed; check the network, the proxy and pip's settings",
            (done.stderr.strip().splitlines() or ["pip"])[-1],
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, running: subprocess.Popen[bytes], log: IO[str]) -> None:
    until = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < until:
        with suppress(URLError, OSError), urlopen(f"{address}/_ministack/health", timeout=5):
            return
        time.sleep(0.2)
    log.seek(0)
    said = log.read().strip().splitlines()
    raise Invalid(
        "e2e.start",
        "模拟器没有起来",
        "the emulator did not start",
        said[-1] if said else "",
    )


def _end(running: subprocess.Popen[bytes]) -> None:
    """With the processes of the functions, which are of its session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=10)
