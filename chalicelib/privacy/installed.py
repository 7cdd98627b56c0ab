"""Files of installed packages."""

from __future__ import annotations

from importlib import util
from pathlib import Path


def file_of(package: str, *path: str) -> Path:
    """A file in a package's folder; the package is not imported: that costs time and warnings."""
    found = util.find_spec(package)
    if found is None or not found.origin:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent.joinpath(*path)
