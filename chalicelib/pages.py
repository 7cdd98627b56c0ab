"""The built web pages, served as the bucket behind the distribution serves them: same paths, headers and types."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
"""Files in assets/ have their digest in the name; the others are asked for again each time."""
START = "index.html"
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class File:
    """One file as it is sent."""

    body: bytes
    packed: bytes
    """Gzipped."""
    headers: dict[str, str]


class Pages:
    """All files of a folder, read once: they are few and small."""

    def __init__(self, folder: Path) -> None:
        paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        self._files = {path.relative_to(folder).as_posix(): _file(path, folder) for path in paths}

    def __bool__(self) -> bool:
        return START in self._files

    def files(self) -> dict[str, File]:
        """All of them by their names below the folder."""
        return dict(self._files)

    def find(self, path: str) -> File | None:
        """The file at an address; "/" is the start page."""
        return self._files.get(path.removeprefix("/") or START)


def _file(path: Path, folder: Path) -> File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    named = path.relative_to(folder).parts[0] == "assets"
    headers = {**HEADERS, "Content-Type": kind + charset, "Cache-Control": FOR_EVER if named else ASK_AGAIN}
    return File(body, gzip.compress(body, mtime=0), {**headers, "Vary": "Accept-Encoding"})
