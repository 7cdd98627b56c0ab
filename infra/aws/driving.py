"""The deployed stack as its users and operators meet it: over HTTP, over the queue, with `voc` commands."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from chalicelib.model.errors import Invalid

PATIENCE, PAUSE = 120.0, 1.0
"""Seconds without any progress, and between two looks."""


@dataclass(frozen=True)
class Stack:
    """The deployed stack, and how to speak with it."""

    said: Mapping[str, str]
    env: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A client of boto3's; they have no static type."""
        return boto3.client(
            service,
            region_name=self.env["AWS_DEFAULT_REGION"],
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            config=Config(read_timeout=180, retries={"mode": "standard"}),
        )

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """A request over the emulated API Gateway; its JSON."""
        url = f"{self.env['AWS_ENDPOINT_URL']}/restapis/{self.said['RestAPIId']}/api/_user_request_{path}"
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        with urlopen(Request(url, data, headers, method=method), timeout=180) as answer:
            return json.load(answer)

    def send_form(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """A file with a form as browsers send it (multipart/form-data)."""
        mark = "voc-form-boundary"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
        body = "".join([*parts, head]).encode() + content + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        with urlopen(Request(url, body, headers, method="POST"), timeout=180) as answer:
            hold(answer.status in (200, 201, 204), "form", str(answer.status))

    def voc(self, root: Path, *arguments: str, typed: str = "") -> dict[str, Any]:
        """A command of an operator's at the table; what it says in JSON."""
        own = {
            **self.env,
            "PYTHONPATH": str(root),
            "VOC_TABLE": self.said["TableName"],
            "VOC_SECRET_NAME": self.said["SecretName"],
        }
        command = [sys.executable, "-P", "-m", "chalicelib.cli", *arguments, "--json"]
        done = subprocess.run(command, env=own, input=typed, capture_output=True, text=True)
        hold(done.returncode == 0, f"voc {arguments[0]}", done.stderr.strip()[-300:])
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


def reaches(count: Callable[[], int], wanted: int, what: str) -> None:
    """Wait as long as it goes on: a slow machine is no failure, standing still is one."""
    best, until = -1, 0.0
    while (now := count()) < wanted:
        if now > best:
            best, until = now, time.monotonic() + PATIENCE
        hold(time.monotonic() < until, f"{wanted} {what}", f"{now}, {PATIENCE:.0f} s")
        time.sleep(PAUSE)


def hold(true: bool, what: str, why: str) -> None:
    """Raises Invalid for what did not come about."""
    if not true:
        raise Invalid("e2e.failed", f"没有做到：{what}", f"this did not come about: {what}", why)
