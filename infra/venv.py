"""The virtual environment's folder, and what is known to be in it.

Beside what `venv` makes, the folder holds three files of ours: `voc-state.json` (which place and interpreter
it was made for, and the digest of every requirement file that is in), `voc.lock` and `voc-setup.log`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

STATE, LOCK, LOG = "voc-state.json", "voc.lock", "voc-setup.log"
NEW_STATE = STATE + ".new"
OWN = {STATE, NEW_STATE, LOCK, LOG}


class SetupFailed(Exception):
    """The environment cannot be made: why and what to do, in both languages; `detail` follows them."""

    def __init__(self, zh: str, en: str, detail: str = "") -> None:
        super().__init__("\n".join(filter(None, (zh, en, detail))))


class Venv:
    """One virtual environment's folder, and what is known to be in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"

    def state(self) -> dict[str, object] | None:
        """What was written when the last set-up ended; {} while one is under way, None if not ours."""
        try:
            return dict(json.loads((self.folder / STATE).read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            return {}

    def write_state(self, state: Mapping[str, object]) -> None:
        """Replace the state in one go, so that a reader never meets half of it."""
        new = self.folder / NEW_STATE
        new.write_text(json.dumps(state), encoding="ascii")
        new.replace(self.folder / STATE)

    def identity(self) -> str:
        """Changes when the folder was moved or copied, or its interpreter went away; "" if there is none."""
        target = os.path.realpath(self.python)
        try:
            made_as = (self.folder / "pyvenv.cfg").read_bytes()
        except OSError:
            return ""
        return digest(f"{self.folder}\n{target}\n".encode() + made_as) if os.access(target, os.X_OK) else ""

    def is_sound(self) -> bool:
        """Was it made completely, here, for the interpreter that it still has?"""
        return bool(identity := self.identity()) and (self.state() or {}).get("venv") == identity

    def missing(self, root: Path, names: Sequence[str]) -> list[str]:
        """Those of the requirement files whose present content is not installed."""
        state = self.state() if self.is_sound() else None
        return [name for name in names if (state or {}).get(name) != digest((root / name).read_bytes())]

    def contents(self) -> list[Path]:
        """What is in the folder beside our own files. Refuses a folder that we did not make."""
        others = [child for child in self.folder.iterdir() if child.name not in OWN]
        if others and self.state() is None:
            raise SetupFailed(
                f"{self.folder} 里的文件不是 voc 建的,不会动它。请移走它,或用 VOC_VENV 指定别的文件夹。",
                f"{self.folder} holds files that voc did not make and will not touch."
                " Move it away, or name another folder in VOC_VENV.",
            )
        return others

    def clear(self) -> None:
        """Empty the folder for a new start, all but the lock and the log that are in use."""
        import shutil  # dear for a start that finds nothing to do

        others = self.contents()
        self.write_state({})
        for child in others:
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()


def choose_venv(root: Path, names: Sequence[str], env: Mapping[str, str]) -> Venv:
    """$VOC_VENV, else .venv in the checkout if it is complete or can be written, else a cache folder."""
    if env.get("VOC_VENV"):
        return Venv(Path(os.path.abspath(os.path.expanduser(env["VOC_VENV"]))))
    local = Venv(root / ".venv")
    if writable(local.folder) or not local.missing(root, names):
        return local
    return Venv(cache_folder(env) / digest(os.fsencode(root))[:16])


def cache_folder(env: Mapping[str, str]) -> Path:
    """Where what can be had again is kept for this user. Refuses a folder of somebody else's."""
    for base in (env.get("XDG_CACHE_HOME", ""), os.path.join(home(), ".cache")):
        if os.path.isabs(base) and writable(Path(base)):
            return Path(base) / "huisheng"
    private = Path(env.get("TMPDIR") or "/tmp") / f"huisheng-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.lstat().st_uid != os.getuid():  # in a shared folder anybody may have made it first
        raise SetupFailed(
            f"{private} 属于别的用户。请用 VOC_VENV 指定一个可写的文件夹。",
            f"{private} belongs to another user. Name a folder you can write to in VOC_VENV.",
        )
    return private


def home() -> str:
    """The user's home folder, which need not exist."""
    folder = os.path.expanduser("~")
    return folder if os.path.isabs(folder) else "/nonexistent"  # a user id without an account has none


def writable(path: Path) -> bool:
    """Can a folder be made or filled there?"""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)


def digest(data: bytes) -> str:
    """A fingerprint to compare by."""
    return hashlib.sha256(data).hexdigest()
