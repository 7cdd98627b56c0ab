"""Files of contacts that other systems leave in a bucket: each is imported, gets a receipt and goes.

`in/SOURCE/file` is the file, and a SOURCE named like a channel that channel for rows that name none; `out/SOURCE/file.json` its receipt, also while it is being read, and
`out/SOURCE/file-refused.csv` the rows that were refused. A file that takes longer than one turn goes on in the next
one where the receipt says; rows that were taken twice count once, as in every import.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from chalicelib.intake.load import Report, Request, load
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Channel
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role

IN, OUT = "in/", "out/"
LONGEST_NAME = 100
Stop = Callable[[], bool]


class Drop(Protocol):
    """Where the files lie, by name. Repeating any of it changes nothing."""

    def fetch(self, name: str, path: Path) -> bool:
        """Copy the file to disk; False when it is not there."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file's content; None when it is not there."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Have this content under this name."""
        ...

    def remove(self, name: str) -> None:
        """Have it no more."""
        ...


def take_file(loop: Loop, drop: Drop, name: str, stop: Stop) -> bool:
    """Import a file, or as much of it as there is time for; whether it is done. One that is gone is done.

    Raises Invalid, after the receipt was written, for a file that cannot be read at all.
    """
    receipt = _receipt(drop, name)
    with TemporaryDirectory(prefix="voc-") as folder:
        path = Path(folder) / (PurePosixPath(name).name[-LONGEST_NAME:] or "file")
        if not drop.fetch(name, path):
            return True
        source = name.removeprefix(IN).partition("/")[0]
        request = Request(
            path,
            "contacts",
            channel=source if source in set(Channel) else "",
            after=receipt["rows"],
            refused=Path(folder) / "refused",
        )
        try:
            report = load(loop, Caller(f"drop:{source}", Role.SOURCE), request, stop=stop)
        except Invalid as error:
            _save(drop, name, receipt | {"problem": error.as_dict()})
            raise
        _refused_rows(drop, name, report, receipt)
    receipt["done"] = not report.stopped
    _save(drop, name, receipt)
    if receipt["done"]:
        drop.remove(name)
    return bool(receipt["done"])


def _receipt(drop: Drop, name: str) -> dict[str, Any]:
    """What is known of the file so far. A receipt that is done belongs to an earlier file of that name."""
    kept = drop.read(_out(name, ".json"))
    before: dict[str, Any] = json.loads(kept) if kept else {}
    new = {"file": name, "rows": 0, "taken": 0, "known": 0, "refused": 0, "reasons": {}, "refused_files": []}
    return {**new, **({} if before.get("done") or before.get("problem") else before), "problem": None}


def _refused_rows(drop: Drop, name: str, report: Report, receipt: dict[str, Any]) -> None:
    """Put the refused rows beside the receipt and add the report to it."""
    if report.refused_file:
        part = f"-{len(receipt['refused_files']) + 1}" if receipt["refused_files"] else ""
        file = _out(name, f"-refused{part}.csv")
        drop.put(file, report.refused_file.read_bytes())
        receipt["refused_files"] = [*receipt["refused_files"], file]
    receipt["kind"], receipt["rows"] = report.kind, report.rows
    receipt["reasons"] = dict(Counter(receipt["reasons"]) + report.reasons)
    for count in ("taken", "known", "refused"):
        receipt[count] += getattr(report, count)


def _save(drop: Drop, name: str, receipt: dict[str, Any]) -> None:
    drop.put(_out(name, ".json"), json.dumps(receipt, ensure_ascii=False, indent=1).encode())


def _out(name: str, end: str) -> str:
    return OUT + name.removeprefix(IN) + end
