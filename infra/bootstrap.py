"""What `voc` starts: sets up the virtual environment when something is missing, then runs the program in it.

Standard library only, and quick when there is nothing to do: no network, no lock, no child process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.venv import SetupFailed, Venv, choose_venv, writable

ROOT = Path(__file__).resolve().parent.parent
APP, TESTS = "requirements.txt", "tests/requirements.txt"
SET_UP_FAILED, INTERRUPTED = 3, 130
WITH_PAGES = (["run"], ["deploy"], ["test"], ["bench", "web"], ["pictures"])
"""Commands that need the built web pages."""
WITH_BROWSER = WITH_PAGES[2:]
"""Commands that need a browser too, and what drives it."""


def plan(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which requirement files the command needs, and which module with which arguments carries it out."""
    if arguments[:1] == ["test"]:
        return [APP, TESTS], ["chalicelib.cli.checks", *arguments[1:]]
    return [APP, TESTS] if among(arguments, WITH_BROWSER) else [APP], ["chalicelib.cli", *arguments]


def among(arguments: Sequence[str], commands: Sequence[list[str]]) -> bool:
    """Whether it is one of these commands."""
    return any(list(arguments[: len(command)]) == command for command in commands)


def program_environment(root: Path, venv: Venv, env: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with the checkout, and nothing else, to import from."""
    own = {**env, "PYTHONPATH": str(root)}
    own.pop("PYTHONHOME", None)
    if not writable(root) and writable(venv.folder):
        own.setdefault("PYTHONPYCACHEPREFIX", str(venv.folder / "pycache"))
    return own


def prepare(root: Path, names: Sequence[str], env: Mapping[str, str]) -> Venv:
    """The environment with everything in that the requirement files name."""
    venv = choose_venv(root, names, env)
    if venv.missing(root, names):
        from infra.install import set_up  # only a first start pays for its imports

        set_up(venv, root, names, env, sys.stderr)
    return venv


def prepare_pages(root: Path, venv: Venv, arguments: Sequence[str], env: Mapping[str, str]) -> dict[str, str]:
    """VOC_WEB, where the built pages are, for commands that need them, and for the tests the path to node;
    nothing where they cannot be built."""
    if env.get("VOC_WEB") or not among(arguments, WITH_PAGES):
        return {}
    from infra.web import Web, node_folder, prepare_web

    web, tests = Web(root, venv), among(arguments, WITH_BROWSER)
    if not prepare_web(web, venv, env, sys.stderr, tests):
        return {}
    node = node_folder(venv, env) if tests else None
    path = {"PATH": f"{node}{os.pathsep}{env.get('PATH', os.defpath)}"} if node else {}
    return {"VOC_WEB": str(web.dist), **path}


def main(arguments: Sequence[str]) -> None:
    """Set up and become the program; its exit code is then the program's."""
    if not os.environ.get("HOME", "unset"):
        del os.environ["HOME"]  # an empty one would make "~" the root folder
    names, command = plan(arguments)
    try:
        venv = prepare(ROOT, names, os.environ)
        pages = prepare_pages(ROOT, venv, arguments, os.environ)
    except SetupFailed as failure:
        sys.exit(_fail(str(failure)))
    except OSError as error:
        sys.exit(_fail(f"{error}\n请检查权限和剩余空间。\nCheck the permissions and the free space."))
    except KeyboardInterrupt:
        sys.stderr.write("\n中断了,下次会接着准备。 Interrupted; the next start goes on.\n")
        sys.exit(INTERRUPTED)
    python = str(venv.python)
    # -P keeps the caller's folder out of the import path: a csv.py lying there must not be imported.
    os.execve(
        python, [python, "-P", "-m", *command], {**program_environment(ROOT, venv, os.environ), **pages}
    )


def _fail(message: str) -> int:
    sys.stderr.write(f"\nvoc: 准备失败 set-up failed\n{message}\n")
    return SET_UP_FAILED


if __name__ == "__main__":
    main(sys.argv[1:])
