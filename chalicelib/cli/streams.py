"""Lines in and out of the commands on JSONL: files or standard streams, in any encoding, and what is wrong with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

from chalicelib.cli.output import write
from chalicelib.intake.encoding import detect, open_text, require_file, stream_lines
from chalicelib.model.errors import Invalid

STANDARD = "-"
MOST_NAMED = 20
"""Lines with repeated ids that are named."""


class Refusals:
    """Bad lines: told at once on standard error, with their number. Also lines whose id stood there before: they
    count all the same."""

    def __init__(self, name: str) -> None:
        self.name, self.count, self.repeated = name, 0, 0

    def again(self, number: int, first: int) -> None:
        """A line with the id of an earlier one; the first few are named."""
        self.repeated += 1
        if self.repeated <= MOST_NAMED:
            more = "，之后的不再列出 further ones are not listed" if self.repeated == MOST_NAMED else ""
            zh, en = f"id 和第 {first} 行相同，两行都算", f"same id as line {first}, both count"
            write(sys.stderr, f"{self.name}:{number} (id): {zh} {en}{more}\n")

    def __call__(self, number: int, error: Invalid) -> None:
        """One bad line; nothing of its content is shown."""
        self.count += 1
        field = f" ({error.where})" if error.where else ""
        write(sys.stderr, f"{self.name}:{number}{field}: {error.zh} {error.en}\n")


@contextmanager
def reading(name: str) -> Iterator[Iterable[str]]:
    """The lines of a file or of standard input, UTF-8 or GB18030."""
    if name == STANDARD:
        yield stream_lines(sys.stdin.buffer)
        return
    path = Path(name)
    require_file(path)
    with open_text(path, detect(path)) as text:
        yield text


def can_be_file(name: str, source: str = STANDARD) -> None:
    """Raises Invalid for a place where no file can be written, or where the source itself lies; asked before anything
    long is begun."""
    path = Path(name)
    if name == STANDARD:
        return
    if source != STANDARD and path.is_file() and Path(source).exists() and path.samefile(source):
        raise Invalid(
            "file.source",
            "--out 就是 --in 的那个文件，写了会盖掉原文；请换一个名字",
            "--out is the file of --in and would be written over it: choose another name",
            path.name,
        )
    if not path.name or path.name == ".." or path.is_dir():
        raise Invalid(
            "file.folder",
            "--out 要一个文件名，这里是文件夹",
            "--out must name a file, and this is a folder",
            path.name or name,
        )
    _can_be_written(path.parent, path.name)


def can_be_folder(path: Path) -> None:
    """Raises Invalid for a place where no folder can be filled."""
    if path.exists() and not path.is_dir():
        raise Invalid(
            "file.no_folder",
            "--out 要一个文件夹，这里已经有一个文件",
            "--out must name a folder, and this is a file",
            path.name,
        )
    near = path
    while not near.exists() and near != near.parent:
        near = near.parent
    _can_be_written(near, path.name)


def _can_be_written(folder: Path, shown: str) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Invalid(
            "file.write",
            f"这个文件夹写不了：{error.strerror}；请换个地方或调整权限",
            f"this folder cannot be written: {error.strerror}; name another one or change its permissions",
            shown,
        ) from error


@contextmanager
def writing(name: str) -> Iterator[TextIO]:
    """A file that is there whole or not at all, or standard output."""
    if name == STANDARD:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
        return
    path = Path(name)
    whole = path.is_file() or not path.exists()  # a device or a pipe is written to, and stays what it is
    part = path.with_name(f".{path.name}.{os.getpid()}") if whole else path
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    except OSError as error:
        raise Invalid(
            "file.write",
            f"写不了输出文件：{error.strerror}",
            f"cannot write the output file: {error.strerror}",
            path.name,
        ) from error
    finally:
        if whole:
            part.unlink(missing_ok=True)
