"""Fills a virtual environment: makes it in whichever way the machine allows, then lets pip do its work."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from infra.venv import LOCK, LOG, SetupFailed, Venv, digest, home

SHOWN_LOG_LINES = 15
DEBIAN_PACKAGE = f"python3.{sys.version_info.minor}-venv"
PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
PIP_SETTINGS = {"PIP_USER": "0", "PIP_QUIET": "0", "PIP_ROOT_USER_ACTION": "ignore"}
# Settings of the caller's that would send packages elsewhere than into the virtual environment.
MISLEADING = ("PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")


def set_up(venv: Venv, root: Path, names: Sequence[str], env: Mapping[str, str], out: TextIO) -> None:
    """Install what is missing, one process at a time; another one may have done it while we waited."""
    if venv.folder.is_symlink():  # making it anew would empty what somebody else works with
        raise SetupFailed(
            f"{venv.folder} 是一个链接；请删掉这个链接，或用 VOC_VENV 指定这份代码自己的文件夹",
            f"{venv.folder} is a link; remove it, or name a folder of this checkout's own with VOC_VENV",
        )
    steps = Steps(out)
    steps.say(f"回声 准备运行环境(第一次约一两分钟) setting up {venv.folder}: ")
    venv.folder.mkdir(parents=True, exist_ok=True)
    venv.contents()
    start = time.monotonic()
    with locked(venv.folder / LOCK, steps) as lock:
        if missing := venv.missing(root, names):
            _bring_in(venv, root, missing, Runner(venv.folder / LOG, env, lock), steps)
    steps.say(f"好了 done, {time.monotonic() - start:.0f}s\n")


def base_python() -> str:
    """The interpreter itself, also when we run inside a virtual environment (which may be the stale one)."""
    return getattr(sys, "_base_executable", "") or sys.executable


class Steps:
    """One quiet line that grows: each step's name, a dot now and then, its seconds."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def say(self, text: str) -> None:
        """Add to the line at once."""
        self._out.write(text)
        self._out.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Name a step, and when it went well how long it took."""
        self.say(name)
        start = time.monotonic()
        yield
        self.say(f" {time.monotonic() - start:.0f}s · ")


class Runner:
    """Runs commands with their output in the log, the lock held by each of them too."""

    def __init__(self, log: Path, env: Mapping[str, str], lock: IO[str]) -> None:
        self._path, self._env, self._lock = log, pip_environment(env), lock
        log.write_text("", encoding="utf-8")

    def lines(self, command: Sequence[str]) -> Iterator[str]:
        """The output as it comes. Raises OSError if it cannot start, CalledProcessError if it fails."""
        with self._path.open("a", encoding="utf-8", buffering=1) as log:
            log.write(f"$ {' '.join(command)}\n")
            # The child holds the lock as well: killing only the parent must not let a second pip in.
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env=self._env,
                pass_fds=(self._lock.fileno(),),
            )
            with child:
                for line in child.stdout or ():
                    log.write(line)
                    yield line
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)

    def works(self, *command: str) -> bool:
        """Run it to its end: did it go well?"""
        try:
            for _ in self.lines(command):
                pass
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def log_end(self) -> str:
        """The log's last lines and where the whole of it is."""
        lines = self._path.read_text(encoding="utf-8").splitlines()[-SHOWN_LOG_LINES:]
        return "\n".join([*(f"  | {line}" for line in lines), f"完整记录 full log: {self._path}"])


def _bring_in(venv: Venv, root: Path, names: Sequence[str], run: Runner, steps: Steps) -> None:
    """Make the environment if need be and install the requirement files that are not in."""
    own_pip = pip = [str(venv.python), "-I", "-m", "pip"]
    if not venv.is_sound():
        with steps.step("虚拟环境 venv"):
            pip = _make(venv, run, steps)
        with steps.step("安装工具 pip"):
            _pip_install(venv, run, pip, build_tools(root / "requirements.txt"), steps)
    installed = {key: value for key, value in (venv.state() or {}).items() if key != "venv"}
    for name in names:
        with steps.step(f"依赖 {name} "):
            # The pinned setuptools builds what has no wheel, not whichever is newest that day.
            _pip_install(venv, run, own_pip, ["--no-build-isolation", "-r", str(root / name)], steps)
        installed[name] = digest((root / name).read_bytes())
        venv.write_state({"venv": venv.identity(), **installed})


def _make(venv: Venv, run: Runner, steps: Steps) -> list[str]:
    """Make an empty environment in whichever way this machine allows; the pip command to fill it with."""
    base, folder, python = base_python(), str(venv.folder), str(venv.python)

    def made_by(*command: str) -> bool:
        venv.clear()
        return run.works(*command, folder)

    with_venv, own_pip = [base, "-I", "-m", "venv"], [python, "-I", "-m", "pip"]
    if made_by(*with_venv) or (_add_debian_package(base, run, steps) and made_by(*with_venv)):
        return own_pip
    if made_by(*with_venv, "--without-pip"):
        for pip in ([base, "-P", "-m", "pip"], ["pip3"], ["pip"]):
            if run.works(*pip, "--python", python, "--version"):
                return [*pip, "--python", python]
    if any(made_by(*tool, "-p", base) for tool in ([base, "-P", "-m", "virtualenv"], ["virtualenv"])):
        return own_pip
    raise _cannot_make(base, run)


def _add_debian_package(base: str, run: Runner, steps: Steps) -> bool:
    """Debian keeps ensurepip in a package of its own; root can have it at once."""
    return base.startswith("/usr/bin/") and add_debian_packages([DEBIAN_PACKAGE], run, steps)


def add_debian_packages(names: Sequence[str], run: Runner, steps: Steps) -> bool:
    """Install packages of Debian's where that is allowed; False where it is not, or did not work."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    install = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    with steps.step(f" (apt-get install {' '.join(names)})"):
        return run.works(*install) or (run.works("apt-get", "update") and run.works(*install))


def _cannot_make(base: str, run: Runner) -> SetupFailed:
    fedora, debian = "sudo dnf install python3-pip", f"sudo apt-get install {DEBIAN_PACKAGE}"
    command = fedora if shutil.which("dnf") else debian
    return SetupFailed(
        f"{base} 建不了虚拟环境(多半缺少 ensurepip,即 Debian 的 {DEBIAN_PACKAGE}),"
        f"也没有找到 pip 22.3 以上或 virtualenv。请运行:{command}",
        f"{base} cannot make a virtual environment (often ensurepip is missing, Debian's {DEBIAN_PACKAGE}),"
        f" and neither pip 22.3 or newer nor virtualenv was found. Run: {command}",
        run.log_end(),
    )


def _pip_install(venv: Venv, run: Runner, pip: Sequence[str], what: Sequence[str], steps: Steps) -> None:
    collected = 0
    try:
        for line in run.lines([*pip, "install", *PIP_OPTIONS, *what]):
            if line.startswith("Installing collected packages"):
                venv.write_state({})  # a kill from here on leaves half a package: start anew then
            elif line.startswith("Collecting "):
                collected += 1
                steps.say("." * (collected % 8 == 0))
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(
            "pip 没有装好依赖。请检查网络、代理和 pip 的设置(如 PIP_INDEX_URL),然后再运行一次。",
            "pip could not install the requirements. Check the network, the proxy"
            " and pip's settings (such as PIP_INDEX_URL), then run it again.",
            run.log_end(),
        ) from error


def pip_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The caller's settings (index, proxy, certificates) less those that lead past the environment."""
    own = {key: value for key, value in env.items() if key not in MISLEADING}
    own |= {**PIP_SETTINGS, "DEBIAN_FRONTEND": "noninteractive"}
    if not os.path.isdir(home()) and not {"XDG_CACHE_HOME", "PIP_CACHE_DIR"} & own.keys():
        own["PIP_NO_CACHE_DIR"] = "1"  # else pip makes a folder named "~" where the caller stands
    return own


def build_tools(requirements: Path) -> list[str]:
    """The pins of pip itself and of what it builds with: they go in first."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in ("pip", "setuptools", "wheel")]


@contextmanager
def locked(path: Path, steps: Steps) -> Iterator[IO[str]]:
    """One set-up at a time; says so while it waits for another one."""
    with path.open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with steps.step("等待另一个 voc waiting for another voc"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
