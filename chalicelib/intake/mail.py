"""A message as mail servers keep it (RFC 5322 and MIME) to the row of one contact."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from chalicelib.intake.html_text import plain_text
from chalicelib.intake.rows import Row, checked
from chalicelib.loop.listen.arriving import LONGEST_REF, LONGEST_TEXT
from chalicelib.model.errors import Invalid

MAX_MESSAGE = 40 << 20
"""Bytes, attachments included: what mail services let through."""
MOST_LISTED = 20
"""Attachments that are named; more are counted."""
_FIELD_LINE = re.compile(rb"[!-9;-~]+:")
_FROM = re.compile(rb"^from:", re.IGNORECASE | re.MULTILINE)
_SURELY = re.compile(rb"^(?:received|message-id|return-path|mime-version):", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(
    r"^(?:>\s?)*(?:"
    r"[-_ ]{4,}\s*(?:原始邮件|原邮件|回复的原邮件|转发邮件|转发的邮件|original message|forwarded message).*"
    r"|.{0,80}\d{4}.{4,120}(?:写道|寫道)\s*[:：]"
    r"|on .{6,160} wrote:"
    r"|(?:\*|【)?(?:发件人|寄件者|from)\*?\s*[:：].*\n(?:.*\n){0,2}?(?:\*|【)?(?:发送时间|日期|收件人|sent|date|to)\*?\s*[:：].*"
    r")\s*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the earlier message begins that this one answers, as the usual programs write it."""
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Senders name the smallest of the family and write all of it."""
_BROKEN = (ValueError, LookupError, AttributeError, TypeError)
"""What the standard library raises for header fields that no program should have sent."""


def is_mail(head: bytes) -> bool:
    """Whether a file that begins so is a message: header fields from the first line on, among them the usual."""
    fields = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return bool(_FIELD_LINE.match(fields) and _FROM.search(fields) and _SURELY.search(fields))


def mail_rows(path: Path) -> Iterator[Row]:
    """The one contact of a message, or why it is none. Raises Invalid when it is too large."""
    if path.stat().st_size > MAX_MESSAGE:
        raise Invalid(
            "mail.large",
            "邮件超过 40 MB，请去掉附件后再转",
            "The message is larger than 40 MB: forward it without attachments",
            path.name,
        )
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
    cells: dict[str, object] = {
        "channel": "email",
        "external_id": _number(message),
        "customer": _sender(message),
        "text": _text(message),
    }
    if time := _time(message):
        cells["time"] = time.isoformat()
    yield Row(1, None, _automatic(path), cells) if automatic(message) else checked(1, cells, path)


def automatic(message: EmailMessage) -> bool:
    """Whether a machine wrote it (RFC 3834): an out-of-office answer, a bounce, a mailing list."""
    return (
        _field(message, "Auto-Submitted").casefold() not in ("", "no")
        or message.get_content_type() == "multipart/report"
        or _field(message, "Precedence").casefold() in ("bulk", "junk", "list", "auto_reply")
        or _field(message, "Return-Path") == "<>"
    )


def _automatic(path: Path) -> Invalid:
    return Invalid(
        "mail.automatic",
        "程序自动发出的邮件（自动回复、退信、群发），不算客户联络；不是的话请转发给自己再导入",
        "A machine wrote this message (automatic answer, bounce, mailing list): not a customer's contact; "
        "if it is one, forward it and import that",
        path.name,
    )


def _field(message: EmailMessage, name: str) -> str:
    """A header field as text; "" where it is missing or beyond reading."""
    try:
        return str(message.get(name, "")).strip()
    except _BROKEN:
        return ""


def _number(message: EmailMessage) -> str:
    """The Message-ID; a digest of one that is too long to keep."""
    number = _field(message, "Message-ID").strip("<>")
    return number if len(number) <= LONGEST_REF else sha256(number.encode(errors="replace")).hexdigest()


def _sender(message: EmailMessage) -> str:
    """The address of the first author; "" where there is none."""
    try:
        senders = message["From"].addresses
        address = str(senders[0].addr_spec).casefold()
    except (*_BROKEN, IndexError):
        return ""
    return address if "@" in address and len(address) <= LONGEST_REF else ""


def _time(message: EmailMessage) -> datetime | None:
    """When our own server received it, which no sender's wrong clock moves; else when it says it was written."""
    try:
        received = str(message.get("Received", "")).rpartition(";")[2]
        time = parsedate_to_datetime(received or _field(message, "Date"))
    except _BROKEN:
        return None
    return time if time.tzinfo else None


def _text(message: EmailMessage) -> str:
    """Subject, what was written this time, and the names of what is attached."""
    written = _without_history(_body(message))
    parts = [_field(message, "Subject"), written, _attached(message)]
    text = "\n".join(part for part in parts if part)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _body(message: EmailMessage) -> str:
    """The plain text; the text of the HTML where there is none."""
    try:
        part = message.get_body(("plain", "html"))
    except _BROKEN:
        part = None
    if part is None:
        return ""
    text = _decoded(part)
    return plain_text(text) if part.get_content_type() == "text/html" else text


def _decoded(part: MIMEPart) -> str:
    """In the charset it names, if that exists; bytes it does not hold are replaced and never lost in silence."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    named = str(part.get_content_charset() or "").casefold()
    try:
        return raw.decode(_WIDER.get(codecs.lookup(named).name, named))
    except (LookupError, UnicodeDecodeError):
        return _guessed(raw)


def _guessed(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _without_history(text: str) -> str:
    """What stands before the quoted earlier message; all of it where nothing else would be left (a forward)."""
    found = _QUOTED.search(text)
    own = text[: found.start()] if found else text
    lines = [line for line in own.splitlines() if not line.lstrip().startswith(">")]
    return "\n".join(lines).strip() or text.strip()


def _attached(message: EmailMessage) -> str:
    """ "[附件 attachments: 发票.pdf, 破损.jpg]"; pictures within the text are not listed."""
    try:
        names = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    except _BROKEN:
        return ""
    more = f" +{len(names) - MOST_LISTED}" if len(names) > MOST_LISTED else ""
    return f"[附件 attachments: {', '.join(names[:MOST_LISTED])}{more}]" if names else ""
