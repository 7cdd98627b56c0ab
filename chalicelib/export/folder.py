"""A folder of exported weeks: contacts/week=2026-W47/part-0.parquet, the same for numbers, and the receipt.

The receipt says for whom and how the folder is written; what does not fit it goes into another folder, so that
a lead's rows and everybody's, or rows with texts and without, never lie mixed. It is written after each week:
a killed export leaves whole files and a receipt that tells which.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalicelib.export.files import Format, Writer, Written, part_of
from chalicelib.loop.export.columns import SCHEMA, Column, Row
from chalicelib.model.errors import Busy, Invalid

RECEIPT, LOCK = "receipt.json", ".lock"
CONTACTS, NUMBERS = "contacts", "numbers"
FIXED = ("product", "schema", "format", "departments", "text")
"""What all weeks of a folder have in common."""


def agreed(form: Format, departments: Sequence[str] | None, text: bool) -> dict[str, Any]:
    """What all weeks of a folder have in common."""
    listed = None if departments is None else sorted(departments)
    values = ("huisheng", SCHEMA, form, listed, text)
    return dict(zip(FIXED, values, strict=True))


class Folder:
    """An export folder that is being written to, by one process at a time."""

    def __init__(self, path: Path, writer: Writer, receipt: dict[str, Any]) -> None:
        self.path, self.receipt, self._writer = path, receipt, writer

    def put(self, table: str, week: str, rows: Iterable[Row], columns: Sequence[Column]) -> Written:
        """Replace one week of a table; a week without rows has no file."""
        path = self.path / file_of(table, week, self._writer.form)
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path)
        written = self._writer.write(path, rows, columns, week)
        weeks = self.receipt["tables"].setdefault(table, {})
        if written.rows:
            weeks[week] = {"file": str(path.relative_to(self.path)), **written._asdict()}
        else:
            weeks.pop(week, None)
            path.unlink()
            path.parent.rmdir()
        return written

    def save(self, **more: Any) -> None:
        """Write the receipt as it is now."""
        tables = {t: dict(sorted(w.items())) for t, w in sorted(self.receipt["tables"].items())}
        self.receipt |= {"tables": tables, **more}
        self.receipt["rows"] = {t: sum(w["rows"] for w in weeks.values()) for t, weeks in tables.items()}
        lines = [f"{t}/{week} {w['rows_sha256']}" for t, weeks in tables.items() for week, w in weeks.items()]
        self.receipt["sha256"] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        with part_of(self.path / RECEIPT) as part:
            part.write_text(json.dumps(self.receipt, ensure_ascii=False, indent=1) + "\n", "utf-8")


def file_of(table: str, week: str, form: str) -> str:
    """Where a week of a table lies in the folder."""
    return f"{table}/week={week}/part-0.{form}"


def _clear(path: Path) -> None:
    """Remove what a killed export left beside a file; nobody else writes here now."""
    for left in path.parent.glob(f".{path.name}.*"):
        left.unlink()


@contextmanager
def writing(path: Path, form: Format, fixed: dict[str, Any]) -> Iterator[Folder]:
    """The folder, made if need be, while nobody else writes to it. Raises Invalid for one that holds anything
    else, or an export of another kind; Busy while another process exports there."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "export.busy",
                "另一个导出正在写这个文件夹，请稍后再试",
                "another export is writing to this folder; try again later",
                path.name,
            ) from None
        receipt = _receipt(path, fixed)
        with Writer(form) as writer:
            yield Folder(path, writer, receipt)


def _receipt(path: Path, fixed: dict[str, Any]) -> dict[str, Any]:
    known = read_receipt(path)
    if known is None:
        if any(child.name != LOCK for child in path.iterdir()):
            raise Invalid(
                "export.folder",
                "这个文件夹里有别的东西，请给一个空的或新的文件夹",
                "this folder holds other things; name an empty or a new one",
                path.name,
            )
        return {**fixed, "tables": {}}
    if differing := [k for k in FIXED if known.get(k) != fixed[k]]:
        names = ", ".join(differing)
        raise Invalid(
            "export.mixed",
            f"这个文件夹里是另一种导出（{names} 不同），不能混在一起，请用另一个文件夹",
            f"this folder holds an export of another kind ({names} differ); use another folder",
            path.name,
        )
    return known


def read_receipt(path: Path) -> dict[str, Any] | None:
    """The receipt of a folder, None when there is none. Raises Invalid for a damaged one."""
    try:
        found = json.loads((path / RECEIPT).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("tables"), dict):
        raise Invalid(
            "export.receipt",
            "receipt.json 坏了；请导出到一个新的文件夹",
            "receipt.json is damaged; export to a new folder",
            path.name,
        )
    return found
