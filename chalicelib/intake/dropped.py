"""Files of contacts that other systems leave in a bucket: each is imported, gets a receipt and goes.

`in/SOURCE/file` is the file; a SOURCE named like a channel is that channel for rows that name none. `out/SOURCE/file.json`
is its receipt, also while it is being read, and `out/SOURCE/file-refused.csv` the rows that were refused. A file that
takes longer than one turn goes on in the next one where the receipt says, if it is still the same file; rows that were
taken twice count once, as in every import.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.intake.encoding import safe_name
from chalicelib.intake.load import Report, Request, load
from chalicelib.intake.mail import SUFFIX
from chalicelib.loop.context import Loop
from chalicelib.loop.uploads import IN, beside
from chalicelib.model.contact import Channel
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.ports import Drop

MAIL = "mail"
TRIAL = "/AMAZON_SES_SETUP_NOTIFICATION"
"""What SES writes to see whether it may; it goes with the bucket's old files."""
Stop = Callable[[], bool]
COUNTS = ("taken", "known", "refused")


def take_file(loop: Loop, drop: Drop, name: str, stop: Stop) -> bool:
    """Import a file, or as much of it as there is time for; whether it is done. One that is gone is done.

    So is what lies beside the files. Raises Invalid, after the receipt was written, for a file that cannot be read.
    """
    if not name.startswith(IN) or name.endswith(("/", TRIAL)):
        return True
    with TemporaryDirectory(prefix="voc-") as folder:
        path = Path(folder) / _called(name)
        mark = drop.fetch(name, path)
        if not mark:
            return True
        receipt = _receipt(drop, name, mark)
        try:
            report = load(loop, _caller(name), _request(path, name, receipt["rows"]), stop=stop)
        except Exception as error:
            why = error if isinstance(error, Invalid) else _unread()
            _save(drop, name, receipt | {"problem": why.as_dict()})
            raise
        _refused_rows(drop, name, report, receipt)
    receipt["done"] = not report.stopped
    _save(drop, name, receipt)
    if receipt["done"]:
        drop.remove(name, mark)
    return bool(receipt["done"])


def _called(name: str) -> str:
    """What lies under `in/mail/` is a message whatever it is called: SES names it by number."""
    own = safe_name(name)
    return own + SUFFIX if _source(name) == MAIL and not Path(own).suffix else own


def _source(name: str) -> str:
    return name.removeprefix(IN).partition("/")[0]


def _caller(name: str) -> Caller:
    return Caller(f"drop:{_source(name)}", Role.SOURCE)


def _request(path: Path, name: str, after: int) -> Request:
    channel = _source(name) if _source(name) in set(Channel) else ""
    return Request(path, "contacts", channel=channel, after=after, refused=path.parent / "refused")


def _unread() -> Invalid:
    return Invalid(
        "file.unreadable",
        "文件读取失败，原因在函数的日志里；请检查文件后再投一次",
        "The file could not be read, the function's log says why: check it and drop it again",
        "file",
    )


def _receipt(drop: Drop, name: str, mark: str) -> dict[str, Any]:
    """What is known of this file so far; that of an earlier file of the name is no longer needed."""
    new = {
        "file": name,
        "mark": mark,
        "rows": 0,
        "reasons": {},
        "refused_files": [],
        **dict.fromkeys(COUNTS, 0),
    }
    before = _kept(drop.read(beside(name)))
    same = before.get("mark") == mark and not before.get("done") and not before.get("problem")
    return {**new, **(before if same else {}), "problem": None}


def _kept(content: bytes | None) -> dict[str, Any]:
    """A receipt as it was written; nothing of one that somebody else has changed."""
    try:
        kept = json.loads(content or b"{}")
        numbers = {name: int(kept[name]) for name in ("rows", *COUNTS)}
        reasons = {str(code): int(n) for code, n in kept["reasons"].items()}
        files = [str(file) for file in kept["refused_files"]]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return {}
    return (
        {} if min(numbers.values()) < 0 else {**kept, **numbers, "reasons": reasons, "refused_files": files}
    )


def _refused_rows(drop: Drop, name: str, report: Report, receipt: dict[str, Any]) -> None:
    """Put the refused rows beside the receipt and add the report to it."""
    if report.refused_file:
        part = f"-{len(receipt['refused_files']) + 1}" if receipt["refused_files"] else ""
        file = beside(name, f"-refused{part}.csv")
        drop.put(file, report.refused_file.read_bytes())
        receipt["refused_files"] = [*receipt["refused_files"], file]
    receipt["kind"], receipt["rows"] = report.kind, report.rows
    receipt["reasons"] = dict(Counter(receipt["reasons"]) + report.reasons)
    for count in COUNTS:
        receipt[count] += getattr(report, count)


def _save(drop: Drop, name: str, receipt: dict[str, Any]) -> None:
    drop.put(beside(name), json.dumps(receipt, ensure_ascii=False, indent=1).encode())
