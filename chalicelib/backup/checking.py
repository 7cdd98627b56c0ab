"""A backup understood to its last line before anything is written: every record valid, no field lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from chalicelib.backup.form import DEAD, Dead, Part, damaged, kept
from chalicelib.backup.unpacking import Packed, valid
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Invalid
from chalicelib.model.keycheck import KeyCheck

Progress = Callable[[str, int], None]
HIGHEST = 1 << 53
"""The highest version that every reader of JSON has exact."""
MOST_ATTEMPTS, USUAL_ATTEMPTS = 10_000, 50
"""A restore writes once for each attempt: so many in all, and so many more (the highest `max_tries`)
for each step that was given up."""


class Backup(Packed):
    """An opened backup. `drop` takes fields that this version does not know for gone; otherwise such a line is
    refused."""

    def __init__(self, zip: ZipFile, file: str, drop: bool = False) -> None:
        super().__init__(zip, file)
        self._drop = drop

    def verify(self, progress: Progress) -> None:
        """Read everything once. Raises Invalid with the part and the line of what is wrong."""
        done = 0
        for part in self.entity_parts:
            seen = set[int]()  # by their hash, some 70 bytes each: two of one are as good as never the same
            for number, entity in enumerate(self.entities(part), 1):
                self._check(entity, self.at(part, number))
                seen.add(hash(entity.key))
                if len(seen) < number:
                    raise twice(self.at(part, number))
                done += 1
                if done % 500 == 0:
                    progress(part.name, done)
        self._check_dead()
        for part in self.manifest.parts:
            if not part.entity and part.name != DEAD:
                self.whole(part)

    def entities(self, part: Part) -> Iterator[Entity]:
        """The entities of a part, each with every field it was written with."""
        kind = kept()[part.entity]
        for number, line in self.numbered(part):
            entity = valid(kind, line, self.at(part, number))
            written = entity.model_dump_json().encode()
            strict = written != line and not self._drop
            if strict and (extra := lost(json.loads(line), json.loads(written))):
                raise self._unknown(part, number, extra)
            yield entity

    def dead(self) -> Iterator[Dead]:
        """The steps that were given up."""
        for part in self.manifest.parts:
            if part.name == DEAD:
                for number, line in self.numbered(part):
                    yield valid(Dead, line, self.at(part, number))

    def models(self) -> Iterator[tuple[str, dict[str, bytes]]]:
        """(digest, its files) of each trained tagger."""
        digests = {part.name.split("/")[1] for part in self.manifest.parts if part.name.startswith("models/")}
        for digest in sorted(digests):
            mine = [p for p in self.manifest.parts if p.name.startswith(f"models/{digest}/")]
            yield digest, {part.name.split("/")[2]: self.whole(part) for part in mine}

    def _check(self, entity: Entity, where: str) -> None:
        if not 1 <= entity.version <= HIGHEST:
            raise damaged(
                where,
                f"version 应是 1 到 {HIGHEST}",
                f"its version should be from 1 to {HIGHEST}",
            )
        if isinstance(entity, KeyCheck) and entity.digest != self.manifest.key:
            raise damaged(where, "密钥的标记和清单里的不同", "its key is not the one of the manifest")

    def _check_dead(self) -> None:
        seen, attempts = set[int](), 0
        for number, letter in enumerate(self.dead(), 1):
            seen.add(hash((letter.kind, letter.key)))
            if len(seen) < number:
                raise twice(f"{DEAD}:{number}")
            attempts += letter.attempts
        if attempts > MOST_ATTEMPTS + USUAL_ATTEMPTS * len(seen):
            raise damaged(
                DEAD, f"做过 {attempts} 次，多得不可能", f"{attempts} attempts are more than can have been"
            )

    def _unknown(self, part: Part, number: int, field: str) -> Invalid:
        return Invalid(
            "backup.fields",
            f"这一行有这个程序不认识的字段 {field}，恢复会丢掉它；请先更新程序。确知用不着时加 --drop-unknown",
            f"this line has a field that this program does not know, {field}, and a restore would lose it: update"
            " the program first. --drop-unknown when you are sure that it is not needed",
            self.at(part, number),
        )


@contextmanager
def opened(path: Path, drop: bool = False) -> Iterator[Backup]:
    """A backup for reading. Raises Invalid when it is none, or damaged."""
    try:
        zip = ZipFile(path)
    except FileNotFoundError:
        raise Invalid("backup.none", "没有这个文件", "there is no such file", path.name) from None
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise damaged(
            path.name, "不是完整的 zip（没有传完或被截断）", "it is no whole zip (cut off on the way?)"
        ) from error
    with zip:
        yield Backup(zip, path.name, drop)


def twice(where: str) -> Invalid:
    """The refusal of a second line about the same thing: which of the two holds is not known."""
    return damaged(where, "前面已有同一条记录", "there is a line before it about the same record")


def lost(before: Any, after: Any, at: str = "") -> str:
    """The first field of `before` that `after` does not have, by its path; "" when none is lost."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            if name not in after:
                return f"{at}{name}"
            if found := lost(value, after[name], f"{at}{name}."):
                return found
    elif isinstance(before, list) and isinstance(after, list):
        return next((f for b, a in zip(before, after, strict=False) if (f := lost(b, a, at))), "")
    return ""
