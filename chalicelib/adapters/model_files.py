"""Files of trained taggers in a folder: one folder a model, there whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from chalicelib.model.errors import Invalid

LEFT_OVER = 3_600
"""Seconds after which a draft is one that a killed process left behind."""
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class FolderModels:
    """The `ModelFiles` port on a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Write beside, wait for the disk, then rename; what is there already and differs is replaced."""
        check_names(digest, files)
        place = self._root / digest
        if _read(place) == dict(files):
            return
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clear()
        draft = Path(tempfile.mkdtemp(dir=self._root, prefix=f".{digest}."))
        for name, content in files.items():
            _write(draft / name, content)
        _sync(draft)
        if place.exists():
            self._set_aside(digest)
        draft.rename(place)
        _sync(self._root)

    def get(self, digest: str) -> Mapping[str, bytes] | None:
        """The files; None when there are none."""
        check_names(digest, {})
        try:
            return _read(self._root / digest)
        except OSError as error:
            raise unreadable(digest) from error

    def remove(self, digest: str) -> None:
        """Renamed in one go, then deleted."""
        check_names(digest, {})
        try:
            if (self._root / digest).exists():
                shutil.rmtree(self._set_aside(digest))
                _sync(self._root)
        except OSError as error:
            raise unremovable(digest) from error

    def _set_aside(self, digest: str) -> Path:
        """Where the files are now: beside, as what a killed process left behind."""
        aside = Path(tempfile.mkdtemp(dir=self._root, prefix=f".{digest}."))
        (self._root / digest).rename(aside / "old")
        return aside

    def _clear(self) -> None:
        """Remove drafts that nobody can be writing any more."""
        for draft in self._root.glob(".*"):
            if draft.stat().st_mtime < time.time() - LEFT_OVER:
                shutil.rmtree(draft)


def check_names(digest: str, files: Mapping[str, bytes]) -> None:
    """Raises ValueError for what may not become part of an address."""
    if not _DIGEST.fullmatch(digest) or not all(_NAME.fullmatch(name) for name in files):
        raise ValueError("a model has a hexadecimal digest and files with plain names")


def unreadable(digest: str) -> Invalid:
    """The error for files that are there and cannot be had now."""
    return Invalid(
        "model.unreadable",
        "打标模型现在读不出来，请检查存放模型的目录或存储桶及其权限",
        "the model cannot be read now; check the folder or bucket of models and its permissions",
        digest[:8],
    )


def unremovable(digest: str) -> Invalid:
    """The error for files that are there and cannot be removed."""
    return Invalid(
        "model.unremovable",
        "旧的打标模型删不掉，请检查存放模型的目录或存储桶的删除权限",
        "an old model cannot be removed; check whether the folder or bucket of models permits it",
        digest[:8],
    )


def _read(place: Path) -> dict[str, bytes] | None:
    if not place.is_dir():
        return None
    return {file.name: file.read_bytes() for file in sorted(place.iterdir())}


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """A rename survives a power cut once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
