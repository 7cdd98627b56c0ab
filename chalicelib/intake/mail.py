"""A message as mail servers keep it (RFC 5322 and MIME) to the row of one contact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from chalicelib.intake.html_text import plain_text
from chalicelib.intake.mail_charset import decoded
from chalicelib.intake.mail_history import MOST_READ, without_history
from chalicelib.intake.mail_refused import BROKEN, VIRUS, field, why_refused
from chalicelib.intake.rows import Row, checked
from chalicelib.loop.listen.arriving import LONGEST_REF, LONGEST_TEXT
from chalicelib.model.errors import Invalid

MAX_MESSAGE = 40 << 20
"""Bytes, attachments included: what mail services let through."""
SUFFIX = ".eml"
HEAD = 1 << 16
"""Bytes in which the usual fields stand: servers on the way put kilobytes above them."""
MOST_LISTED = 20
"""Attachments that are named; more are counted."""
LONGEST_ATTACHED = 80
_FIELD_LINE = re.compile(rb"[!-9;-~]+:")
_FROM = re.compile(rb"^from:", re.IGNORECASE | re.MULTILINE)
_SURELY = re.compile(rb"^(?:received|message-id|return-path|mime-version):", re.IGNORECASE | re.MULTILINE)
LONGEST_FIELD = 2_000
"""Characters of a header field that are read: the standard library takes very long for very long ones."""
MOST_PARTS, DEEPEST, MOST_LINES = 200, 20, 1_000_000
"""The standard library looks at each line once for every part that it may end; 40 MB of attachments are half as many
lines."""


class _Fields(policy.EmailPolicy):
    """Reads no more of a field than anybody needs."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_FIELD]


_POLICY = _Fields()


class _Part(EmailMessage):
    """Knows how deep it lies."""

    depth = 0

    def attach(self, payload: Any) -> None:
        """Raises ValueError for one that lies too deep."""
        payload.depth = self.depth + 1
        if payload.depth > DEEPEST:
            raise ValueError
        super().attach(payload)


def is_mail(head: bytes, named: str = "") -> bool:
    """Whether a file that begins so is a message: header fields from the first line on, among them the usual; of one
    that is `named` ".eml" the first is enough."""
    fields = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    usual = _FROM.search(fields) and _SURELY.search(fields)
    return bool(_FIELD_LINE.match(fields) and (usual or named.lower() == SUFFIX))


def mail_rows(path: Path) -> Iterator[Row]:
    """The one contact of a message, or why it is none. Raises Invalid when it is too large."""
    if path.stat().st_size > MAX_MESSAGE:
        raise Invalid(
            "mail.large",
            "邮件超过 40 MB，请去掉附件后再转",
            "The message is larger than 40 MB: forward it without attachments",
            path.name,
        )
    message = _parsed(path)
    cells: dict[str, object] = {
        "channel": "email",
        "external_id": _number(message),
        "customer": _sender(message),
        "text": _text(message),
    }
    if time := _time(message):
        cells["time"] = time.isoformat()
    if why := why_refused(message, path.name):
        kept = {**cells, "text": ""} if why.code == VIRUS else cells
        yield Row(1, None, why, kept, tuple(cells))
    else:
        yield checked(1, cells, path)


def _parsed(path: Path) -> EmailMessage:
    parts = 0

    def part(policy: Any) -> Any:
        """Ends the reading at one too many: to read them all could take minutes."""
        nonlocal parts
        parts += 1
        if parts > MOST_PARTS:
            raise ValueError
        return _Part(policy)

    raw = path.read_bytes()
    try:
        if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
            raise ValueError
        counted = cast("policy.Policy[EmailMessage]", _POLICY.clone(message_factory=part))
        return message_from_bytes(raw, policy=counted)
    except BROKEN:
        raise Invalid(
            "mail.parts",
            f"邮件的部分多于 {MOST_PARTS} 个，或层次太深、行数太多；请只转发正文",
            f"The message has more than {MOST_PARTS} parts, they lie too deep or have too many lines: forward its text only",
            path.name,
        ) from None


def _number(message: EmailMessage) -> str:
    """The Message-ID; a digest of one that is too long to keep."""
    number = field(message, "Message-ID").strip("<>")
    return number if len(number) <= LONGEST_REF else sha256(number.encode(errors="replace")).hexdigest()


def _sender(message: EmailMessage) -> str:
    """The address of the first author; "" where there is none."""
    try:
        senders = message["From"].addresses
        address = str(senders[0].addr_spec).casefold()
    except (*BROKEN, IndexError):
        return ""
    return address if "@" in address and len(address) <= LONGEST_REF else ""


def _time(message: EmailMessage) -> datetime | None:
    """When our own server received it, which no sender's wrong clock moves; else when it says it was written."""
    try:
        received = str(message.get("Received", "")).rpartition(";")[2]
        time = parsedate_to_datetime(received or field(message, "Date"))
    except BROKEN:
        return None
    return time if time.tzinfo else None


def _text(message: EmailMessage) -> str:
    """Subject, what was written this time, and the names of what is attached."""
    written = without_history(_body(message))
    parts = [field(message, "Subject"), written, _attached(message)]
    text = "\n".join(part for part in parts if part).replace("\x00", "")
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _body(message: EmailMessage) -> str:
    """The plain text; the text of the HTML where there is none."""
    for kind in ("plain", "html"):
        try:
            part = message.get_body((kind,))
        except BROKEN:
            continue
        text = decoded(part)[:MOST_READ] if part is not None else ""
        text = plain_text(text) if kind == "html" else text
        if text.strip():
            return text
    return ""


def _attached(message: EmailMessage) -> str:
    """ "[附件 attachments: 发票.pdf, 破损.jpg]"; pictures within the text are not listed."""
    try:
        parts = list(message.iter_attachments())
    except BROKEN:
        return ""
    more = f" +{len(parts) - MOST_LISTED}" if len(parts) > MOST_LISTED else ""
    return f"[附件 attachments: {', '.join(map(_called, parts[:MOST_LISTED]))}{more}]" if parts else ""


def _called(part: MIMEPart) -> str:
    try:
        name = part.get_filename() or part.get_content_type()
    except BROKEN:
        name = "?"
    return "".join(c if c.isprintable() else " " for c in name[:LONGEST_ATTACHED])
