"""Backups in tests: made, read as the parts they consist of, changed and packed anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from chalicelib.backup.checking import opened
from chalicelib.backup.form import DEAD, MANIFEST
from chalicelib.backup.making import make
from chalicelib.backup.restoring import restore
from chalicelib.loop.context import Loop
from chalicelib.model.restored import Restored
from chalicelib.ports import Store


def quiet(*_: object) -> None:
    """Progress nobody looks at."""


def backed_up(loop: Loop, path: Path) -> Path:
    make(loop, "sqlite", "0", path, quiet)
    return path


def brought_back(loop: Loop, path: Path, drop: bool = False) -> Restored:
    with opened(path, drop) as backup:
        backup.verify(quiet)
        return restore(loop, backup, quiet)


def parts_of(path: Path) -> dict[str, set[bytes]]:
    """Part of entities or dead letters -> its lines; their order is the store's business."""
    with ZipFile(path) as zip:
        return {name: set(zip.read(name).splitlines()) for name in zip.namelist() if name.endswith(".jsonl")}


def repacked(source: Path, target: Path, contents: Mapping[str, bytes] = {}, **manifest: Any) -> Path:
    """The backup with other contents, for which the manifest vouches."""
    with ZipFile(source) as zip:
        content = {name: zip.read(name) for name in zip.namelist()}
    said = json.loads(content.pop(MANIFEST))
    old = {part["name"]: part for part in said["parts"]}
    content |= contents
    said["parts"] = [
        {
            **old.get(
                name,
                {
                    "name": name,
                    "entity": "" if name == DEAD else name.removeprefix("entities/").removesuffix(".jsonl"),
                },
            ),
            "bytes": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "lines": raw.count(b"\n") if name.endswith(".jsonl") else None,
        }
        for name, raw in content.items()
    ]
    with ZipFile(target, "w", ZIP_DEFLATED) as zip:
        for name, raw in content.items():
            zip.writestr(name, raw)
        zip.writestr(MANIFEST, json.dumps({**said, **manifest}))
    return target


class Killed(Exception):
    """The end of a process."""


class Mortal:
    """A store that dies at its n-th save."""

    capacity = 40

    def __init__(self, store: Store, saves: int) -> None:
        self._store, self._left = store, saves

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def save(self, changes: Any, cells: Any) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed
        self._store.save(changes, cells)
