"""Making a backup: the store's entities into one zip, a line at a time, so that memory stays flat."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.backup.form import DEAD, MANIFEST, README, SCHEMA, TEXT, Dead, Engine, Manifest, Part, kept
from chalicelib.loop.context import Loop
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Invalid
from chalicelib.model.keycheck import WORD
from chalicelib.model.tagger import TaggerVersion
from chalicelib.ports import Store

LEVEL = 3
"""Of deflate: 6 takes twice as long and saves a tenth."""
MOST_DEAD = 1_000_000
Progress = Callable[[str, int], None]
"""Told of what, and how many so far."""


class Packer:
    """Puts parts into a zip and keeps what the manifest says of them."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self._progress, self._done = progress, 0
        self.parts: list[Part] = []

    def put(self, name: str, content: bytes) -> None:
        """A part in one piece."""
        self._pack(name, iter([content]))

    def lines(self, name: str, lines: Iterable[str], entity: str = "") -> None:
        """A part of JSON lines; none at all when there is no line."""
        rows = iter(lines)
        if (first := next(rows, None)) is not None:
            told = self._told(name, chain([first], rows))
            self._pack(name, (line.encode() + b"\n" for line in told), entity, jsonl=True)

    def __enter__(self) -> Packer:
        return self

    def __exit__(self, *failure: Any) -> None:
        """Write the zip's own list of what is in it."""
        self._zip.close()

    def _told(self, name: str, rows: Iterable[str]) -> Iterator[str]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % 500 == 0:
                self._progress(name, self._done)

    def _pack(self, name: str, pieces: Iterator[bytes], entity: str = "", jsonl: bool = False) -> None:
        sha, size, lines = hashlib.sha256(), 0, 0
        info = ZipInfo(name)
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                sha.update(piece)
                size, lines = size + len(piece), lines + 1
        counted = lines if jsonl else None
        self.parts.append(Part(name=name, bytes=size, sha256=sha.hexdigest(), lines=counted, entity=entity))


def make(loop: Loop, engine: Engine, product: str, path: Path, progress: Progress) -> Manifest:
    """Write the backup to a new file, readable by its owner only; there whole or not at all."""
    began = loop.clock()
    with new_file(path) as file, loop.store.frozen() as still, Packer(file, progress) as packer:
        for name, kind in kept().items():
            packer.lines(f"entities/{name}.jsonl", _entities(still, kind), name)
        packer.lines(DEAD, _dead(still))
        _put_models(loop, still, packer)
        packer.put(SCHEMA, schema(kept()))
        ended = loop.clock()
        packer.put(README, TEXT.format(began=began.isoformat(), ended=ended.isoformat()).encode())
        manifest = Manifest(
            product=product,
            began=began,
            ended=ended,
            store=engine,
            key=loop.vault.digest(WORD),
            parts=tuple(packer.parts),
        )
        packer.put(MANIFEST, manifest.model_dump_json(indent=1).encode())
    return manifest


def schema(kinds: dict[str, type[Entity]]) -> bytes:
    """The JSON Schema of each kind's lines."""
    described = {name: kind.model_json_schema(mode="serialization") for name, kind in kinds.items()}
    return json.dumps(described, ensure_ascii=False, indent=1).encode()


def _entities(store: Store, kind: type[Entity]) -> Iterator[str]:
    return (entity.model_dump_json() for entity in store.scan(kind))


def _dead(store: Store) -> Iterator[str]:
    return (Dead(**letter._asdict()).model_dump_json() for letter in store.dead(limit=MOST_DEAD))


def _put_models(loop: Loop, store: Store, packer: Packer) -> None:
    """The files of taggers that were learnt and not cleared; one that is lost already is lost here too."""
    if loop.workshop is None:
        return
    for digest in sorted({version.digest for version in store.scan(TaggerVersion) if version.digest}):
        for name, content in sorted((loop.workshop.files.get(digest) or {}).items()):
            packer.put(f"models/{digest}/{name}", content)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file of the owner's that takes its name when it is whole and on the disk. Raises Invalid where there is
    one of that name, or none can be written."""
    if path.exists():
        raise Invalid(
            "backup.exists",
            "已有这个文件，不覆盖；请换个名字",
            "this file is there already and is not overwritten; name another one",
            path.name,
        )
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise Invalid(
            "backup.write",
            f"写不了备份文件：{error.strerror}；请检查文件夹、权限和剩余空间",
            f"the backup cannot be written: {error.strerror}; check the folder, permissions and space",
            path.name,
        ) from error
    finally:
        part.unlink(missing_ok=True)
