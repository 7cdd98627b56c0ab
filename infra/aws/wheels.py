"""The wheels that Lambda loads, for its platform and Python, whatever this machine has; fetched once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.parser import Parser
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from chalicelib.model.errors import Invalid
from infra.install import PIP_OPTIONS, pip_environment

PYTHON = "3.13"
PLATFORMS = (
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
)
"""What Amazon Linux 2023 runs: glibc 2.34."""
THERE = {
    "python_full_version": f"{PYTHON}.0",
    "python_version": PYTHON,
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "extra": "",
}
"""The environment that markers are asked about."""
NEVER = frozenset(
    {"pip", "pycparser", "setuptools", "wheel", "click", "jinja2", "requests", "typer", "weasel"}
)
"""Asked for and not used by what runs: tools to build with, and what spaCy's command line is made of, which
`nlp/pipeline.py` leaves out."""
ONLY_SOURCE = frozenset({"jieba"})
"""There is no wheel of these; they are pure Python, so one made here fits there."""
COMPLETE = ".complete"
Say = Callable[[str], None]


def canonical(name: str) -> str:
    """How a package is called whoever spells it."""
    return str(canonicalize_name(name))


def pins(requirements: Path) -> dict[str, str]:
    """Name -> pinned requirement of everything in requirements.txt that applies on Lambda."""
    found = (Requirement(line) for line in _lines(requirements))
    return {
        canonical(one.name): f"{one.name}{one.specifier}"
        for one in found
        if one.marker is None or one.marker.evaluate(THERE)
    }


def _lines(requirements: Path) -> Iterator[str]:
    for line in requirements.read_text("utf-8").splitlines():
        if text := line.partition("#")[0].strip():
            yield text


def fetch(requirements: Path, names: Iterable[str], folder: Path, env: Mapping[str, str], say: Say) -> Path:
    """`folder` with a wheel of everything that `names` need. Raises Invalid when they cannot be had.

    Whole or not at all: what was broken off is begun again.
    """
    if (folder / COMPLETE).exists():
        return folder
    say("下载 Lambda 用的包 fetching the packages for Lambda")
    known = pins(requirements)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as draft:
        place, have, wanted = Path(draft) / "wheels", set[str](), {canonical(name) for name in names}
        place.mkdir()
        while new := wanted - have:
            _download(place, [known[name] for name in sorted(new - ONLY_SOURCE)], env)
            _build(place, [known[name] for name in sorted(new & ONLY_SOURCE)], env)
            have |= new
            wanted |= needed(place, have)
        (place / COMPLETE).touch()
        if not (folder / COMPLETE).exists():  # nobody else fetched them meanwhile
            shutil.rmtree(folder, ignore_errors=True)
            place.rename(folder)
    return folder


def needed(folder: Path, names: Iterable[str]) -> set[str]:
    """The names and all that they need, as far as there are wheels to look into, without NEVER."""
    wheels = {canonical(path.name.split("-")[0]): path for path in folder.glob("*.whl")}
    found, todo = set[str](), {canonical(name) for name in names}
    while todo:
        name = todo.pop()
        found.add(name)
        if name in wheels:
            todo |= _requirements(wheels[name]) - found - NEVER
    return found


def _requirements(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1)
        said = Parser().parsestr(archive.read(name).decode("utf-8"), headersonly=True)
    asked = (Requirement(line) for line in said.get_all("Requires-Dist", []))
    return {canonical(r.name) for r in asked if r.marker is None or r.marker.evaluate(THERE)}


def _download(folder: Path, requirements: list[str], env: Mapping[str, str]) -> None:
    platforms = [f"--platform={platform}" for platform in PLATFORMS]
    options = ["--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp", *platforms]
    _pip(["download", *options, f"--dest={folder}"], requirements, env)


def _build(folder: Path, requirements: list[str], env: Mapping[str, str]) -> None:
    # The pinned setuptools of this environment builds it, as at the set-up.
    _pip(["wheel", "--no-build-isolation", f"--wheel-dir={folder}"], requirements, env)


def _pip(command: list[str], requirements: list[str], env: Mapping[str, str]) -> None:
    if not requirements:
        return
    pip = [sys.executable, "-I", "-m", "pip", *command, "--no-deps", *PIP_OPTIONS, *requirements]
    done = subprocess.run(pip, env=pip_environment(env), capture_output=True, text=True)
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), "pip")
        raise Invalid(
            "package.wheels",
            "没有下载到 Lambda 用的包；请检查网络、代理和 pip 的设置，然后再运行一次",
            "the packages for Lambda could not be fetched; check the network, the proxy and pip's settings,"
            " then run it again",
            why,
        )


def interpreter(env: Mapping[str, str]) -> str:
    """A Python of Lambda's version on this machine; "" without one."""
    if sys.version_info[:2] == tuple(int(part) for part in PYTHON.split(".")):
        return sys.executable
    for candidate in (shutil.which(f"python{PYTHON}", path=env.get("PATH")), *_pyenv(env)):
        if candidate and _answers(str(candidate)):
            return str(candidate)
    return ""


def _pyenv(env: Mapping[str, str]) -> Iterator[Path]:
    root = Path(env.get("PYENV_ROOT") or Path(os.path.expanduser("~")) / ".pyenv")
    yield from sorted(root.glob(f"versions/{PYTHON}.*/bin/python{PYTHON}"), reverse=True)


def _answers(python: str) -> bool:
    """A shim of pyenv's is there also when its version is not chosen: ask it."""
    asked = [python, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return False
    return said.returncode == 0 and said.stdout.strip() == PYTHON
