"""A backup's zip, read with distrust: its manifest, and parts that are what the manifest says, or a refusal."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from pydantic import BaseModel, ValidationError

from chalicelib.backup.form import (
    FORMAT,
    LARGEST_WHOLE,
    LONGEST_LINE,
    MANIFEST,
    PLAIN,
    VERSION,
    Manifest,
    Part,
    damaged,
    kept,
)
from chalicelib.model.errors import Invalid

LARGEST_MANIFEST = 4_000_000
ENCRYPTED = 1
"""Bit of a zip entry's flags."""
BUFFER = 1 << 20
Line = tuple[int, bytes]
M = TypeVar("M", bound=BaseModel)


class Packed:
    """A zip whose manifest fits its parts."""

    def __init__(self, zip: ZipFile, file: str) -> None:
        self._zip, self._file = zip, file
        raw = self._manifest()
        self.manifest = self._understood(raw)
        self.digest = hashlib.sha256(raw).hexdigest()
        self._check_parts()

    @property
    def entity_parts(self) -> list[Part]:
        """The parts that hold entities."""
        return [part for part in self.manifest.parts if part.entity]

    @property
    def lines(self) -> int:
        """How many entities there are."""
        return sum(self.manifest.counts.values())

    def _manifest(self) -> bytes:
        names = self._zip.namelist()
        if MANIFEST not in names or self._zip.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise self._foreign()
        with self._reading(MANIFEST) as file:
            return file.read(LARGEST_MANIFEST + 1)

    def _understood(self, raw: bytes) -> Manifest:
        try:
            said = json.loads(raw)
            form, version = said["format"], said["version"]
        except (ValueError, TypeError, KeyError, RecursionError):
            form, version = None, None
        if form != FORMAT or type(version) is not int or version < 1:
            raise self._foreign()
        if version > VERSION:
            product = "".join(c for c in str(said.get("product"))[:80] if c.isprintable())
            raise Invalid(
                "backup.newer",
                f"备份是格式 {version}，这个程序只懂到 {VERSION}；请先更新程序（写它的是 {product}）",
                f"the backup has format {version}, this program knows up to {VERSION}: update the program first"
                f" (written by {product})",
                self._file,
            )
        return valid(Manifest, raw, f"{self._file} {MANIFEST}")

    def _check_parts(self) -> None:
        infos = {info.filename: info for info in self._zip.infolist()}
        wanted = {part.name for part in self.manifest.parts} | {MANIFEST}
        same = len(infos) == len(self._zip.infolist()) == len(self.manifest.parts) + 1
        if not same or set(infos) != wanted:
            odd = sorted(set(infos) ^ wanted)[:3] or ["?"]
            raise damaged(
                self._file,
                f"清单和内容对不上（{odd[0][:80]!r}）",
                f"parts and manifest differ ({odd[0][:80]!r})",
            )
        for part in self.manifest.parts:
            info = infos[part.name]
            plain = info.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not info.flag_bits & ENCRYPTED
            named = PLAIN.fullmatch(part.name) and (not part.entity or part.name == _place(part.entity))
            small = part.lines is not None or part.bytes <= LARGEST_WHOLE
            if not (plain and named and small and info.file_size == part.bytes):
                raise damaged(
                    f"{self._file} {part.name[:80]!r}",
                    "这一部分不是写的样子",
                    "this part is not as it was written",
                )
        self._check_kinds()

    def _check_kinds(self) -> None:
        unknown = sorted({part.entity for part in self.entity_parts} - set(kept()))
        stray = [p.name for p in self.manifest.parts if p.name.startswith("entities/") and not p.entity]
        if unknown or stray:
            raise Invalid(
                "backup.kinds",
                f"备份里有这个程序不认识的种类 {'、'.join(unknown + stray)[:200]}；请先更新程序",
                f"the backup holds kinds that this program does not know: {', '.join(unknown + stray)[:200]};"
                " update the program first",
                self._file,
            )

    def numbered(self, part: Part) -> Iterator[Line]:
        """Numbered lines; at the end everything the manifest says of the part has been found true."""
        sha, size, number = hashlib.sha256(), 0, 0
        with self._reading(part.name) as file:
            while line := self._read_line(file, part, number):
                number += 1
                sha.update(line)
                size += len(line)
                yield number, line.removesuffix(b"\n")
        if (sha.hexdigest(), size, number) != (part.sha256, part.bytes, part.lines):
            raise self._changed(part)

    def _read_line(self, file: io.BufferedReader, part: Part, number: int) -> bytes:
        with self._faults(f"{self._file} {part.name}:{number + 1}"):
            line = file.readline(LONGEST_LINE)
        if line and not line.endswith(b"\n"):
            raise damaged(self.at(part, number + 1), "这一行没有写完", "this line does not end")
        return line

    def whole(self, part: Part) -> bytes:
        """A part in one piece."""
        with self._reading(part.name) as file:
            content = file.read(part.bytes + 1)
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise self._changed(part)
        return content

    @contextmanager
    def _reading(self, name: str) -> Iterator[io.BufferedReader]:
        with self._faults(f"{self._file} {name}"), self._zip.open(name) as packed:
            yield io.BufferedReader(cast(io.RawIOBase, packed), BUFFER)

    @contextmanager
    def _faults(self, where: str) -> Iterator[None]:
        try:
            yield
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise damaged(where, "解不开", "it cannot be unpacked") from error

    def at(self, part: Part, number: int) -> str:
        """Where a line is, for people."""
        return f"{self._file} {part.name}:{number}"

    def _foreign(self) -> Invalid:
        return Invalid(
            "backup.foreign",
            f"这不是 ./voc backup 写的备份（看 {MANIFEST}）",
            f"this is no backup written by ./voc backup (see {MANIFEST})",
            self._file,
        )

    def _changed(self, part: Part) -> Invalid:
        return damaged(
            f"{self._file} {part.name}", "内容和清单里的 SHA-256 不符", "its SHA-256 is not the manifest's"
        )


def _place(kind: str) -> str:
    return f"entities/{kind}.jsonl"


def valid(model: type[M], line: bytes, where: str) -> M:
    """The line as what it should be; the refusal names fields, never what is in them."""
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        fields = sorted({".".join(map(str, e["loc"])) or "JSON" for e in error.errors(include_input=False)})
        named = ", ".join(fields[:3])[:120]
        raise damaged(
            where, f"这一行读不懂（{named}）", f"this line is not as it was written ({named})"
        ) from None
