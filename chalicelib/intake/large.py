"""Files of contacts too large for a request: the browser puts them into the bucket of dropped files itself.

Of such a file nothing is kept but the ending of its name: it gets a ticket, which says whose it is, so that nobody
else looks after it.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from chalicelib.intake.dropped import COUNTS
from chalicelib.loop.context import Loop
from chalicelib.loop.uploads import IN, beside
from chalicelib.model.contact import Channel
from chalicelib.model.entity import Fact
from chalicelib.model.errors import Invalid, NotFound
from chalicelib.model.people import Caller
from chalicelib.ports import Uploads

MOST_BYTES = 200 << 20
"""What the function that reads it has room for on its disk."""
OPEN = 15 * 60
"""Seconds in which the sending must begin, and for which a link to refused rows works."""
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson")
SOURCE = Channel.WEB
_TICKET = re.compile(r"([a-z2-7]{12})-[0-9a-f]{16}\.[a-z]{3,6}")


class _Receipt(Fact):
    """What the function that reads a file writes beside it, as far as its sender sees it."""

    rows: int
    taken: int
    known: int
    refused: int
    problem: dict[str, str] | None
    done: bool = False
    refused_files: tuple[str, ...]


def ticket(loop: Loop, caller: Caller, name: str, size: int) -> dict[str, Any]:
    """Let the caller send one file: its ticket, and the form to send it with. Raises Invalid where there is no bucket,
    or for a file that cannot be one of contacts."""
    uploads = _uploads(loop)
    ending = next((one for one in ENDINGS if name.lower().endswith(one)), "")
    if not ending:
        raise Invalid(
            "import.ending",
            f"大文件只收 {'、'.join(ENDINGS)}",
            f"large files may be {', '.join(ENDINGS)}",
            "name",
        )
    if size > MOST_BYTES:
        raise Invalid(
            "import.large",
            f"文件超过 {MOST_BYTES >> 20} MB，请拆开",
            f"the file is larger than {MOST_BYTES >> 20} MB; split it",
            "size",
        )
    made = f"{_whose(loop, caller)}-{secrets.token_hex(8)}{ending}"
    url, fields = uploads.offer(f"{IN}{SOURCE}/{made}", MOST_BYTES, OPEN)
    return {"ticket": made, "url": url, "fields": fields}


def progress(loop: Loop, caller: Caller, ticket: str) -> dict[str, Any]:
    """How far the reading of the caller's own file is; `state` is waiting, reading, done or failed."""
    uploads, found = _uploads(loop), _TICKET.fullmatch(ticket)
    if not found or found[1] != _whose(loop, caller):
        raise NotFound("import.ticket", "没有这个文件", "there is no such file", "ticket")
    content = uploads.read(beside(f"{IN}{SOURCE}/{ticket}"))
    if content is None:
        return {
            "state": "waiting",
            **dict.fromkeys(("rows", *COUNTS), 0),
            "problem": None,
            "refused_rows": [],
        }
    try:
        said = _Receipt.model_validate_json(content)
    except ValueError:
        problem = _unreadable(ticket).as_dict()
        said = _Receipt(rows=0, taken=0, known=0, refused=0, problem=problem, refused_files=())
    state = "failed" if said.problem else "done" if said.done else "reading"
    counts = {name: getattr(said, name) for name in ("rows", *COUNTS)}
    mine = beside(f"{IN}{SOURCE}/{ticket}", "-")
    links = [uploads.link(name, OPEN) for name in said.refused_files if name.startswith(mine)]
    return {"state": state, **counts, "problem": said.problem, "refused_rows": links}


def _unreadable(ticket: str) -> Invalid:
    return Invalid(
        "import.receipt",
        "回执读不了，不知道读到了哪里；请把文件再发一次，重复的行只算一次",
        "its receipt is not readable, so how far it is cannot be told: send the file again, rows known count once",
        ticket,
    )


def _uploads(loop: Loop) -> Uploads:
    if loop.uploads is None:
        raise Invalid(
            "import.no_bucket",
            "文件太大：请拆开，或请管理员在服务器上用 ./voc import 导入",
            "the file is too large: split it, or ask the administrator to use ./voc import on the server",
            "size",
        )
    return loop.uploads


def _whose(loop: Loop, caller: Caller) -> str:
    return loop.vault.digest(f"upload\n{caller.name}")[:12]
