"""The service in a process of its own and a real browser in front of it, for what is measured or drawn there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from chalicelib.bench.child import ROOT
from chalicelib.model.errors import Invalid

NOTE = "sign-in.txt"
PATIENCE = 120.0
"""Seconds for the service to answer; the tagger is loaded before that."""
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that calls nobody."""


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of a service on the folder's store, while it is needed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-P",
        "-m",
        "chalicelib.cli",
        "run",
        "--empty",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    running = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}/"
        _await(address, running)
        yield address
    finally:
        running.terminate()
        running.wait(30)


def _await(address: str, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.poll() is None:
        try:
            urllib.request.urlopen(f"{address}health", timeout=5).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise Invalid(
        "bench.service",
        "服务没有启动，原因见上面的输出",
        "the service did not start; the output above says why",
        "--data",
    )


def password(data: Path) -> str:
    """Everybody's first password in a store that `run` or the demo company made."""
    return (data / NOTE).read_text("utf-8").splitlines()[1]


def chromium() -> str | None:
    """Where Debian's Chromium is; playwright's own is never fetched."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Raises Invalid where it is missing."""
    path = chromium()
    if not path:
        raise Invalid("bench.browser", "没有 chromium：sudo apt-get install chromium fonts-wqy-microhei", "chromium is missing: sudo apt-get install chromium fonts-wqy-microhei", "web")  # fmt: skip
    # As root the browser has no sandbox of its own.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*QUIET, *root])
        yield started
        started.close()


def person(started: Browser, width: int = 1280, height: int = 900) -> BrowserContext:
    """A browser profile of its own, in Shanghai."""
    return started.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
    )


def sign_in(context: BrowserContext, address: str, name: str, word: str, where: str = "") -> Page:
    """A page of somebody who is signed in, at `where` of the pages or where their role starts."""
    page = context.new_page()
    page.goto(f"{address}#{where}")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(word)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="菜单").wait_for()
    return page
