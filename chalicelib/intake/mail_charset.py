"""The characters of a part of a message, whatever charset it names or was written in."""

from __future__ import annotations

import codecs
import re
from email.message import MIMEPart

from chalicelib.intake.mail_history import MOST_READ

MOST_BYTES = 4 * MOST_READ
"""Bytes of a text that are decoded: no charset of these takes more for a character."""
_CHARSETS = re.compile(
    r"ascii|utf-(?:8|8-sig|(?:16|32)(?:-[bl]e)?)|gb2312|gbk|gb18030|big5(?:hkscs)?|hz|iso8859-\d+|koi8-[rtu]"
    r"|cp(?:125\d|874|932|949|950)|shift_jis\w*|euc_\w+|iso2022_\w+|tis-620"
)
"""What Python calls the charsets people write in. It knows others that are none, or take very long (punycode)."""
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Senders name the smallest of the family and write all of it."""


def decoded(part: MIMEPart) -> str:
    """In the charset it names, if that exists; bytes it does not hold are replaced and never lost in silence."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        named = codecs.lookup(str(part.get_content_charset() or "")).name
        return _begun(raw, _WIDER.get(named, named)) if _CHARSETS.fullmatch(named) else _guessed(raw)
    except (LookupError, ValueError):
        return _guessed(raw)


def _guessed(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return _begun(raw, encoding)
        except UnicodeDecodeError:
            continue
    return _begun(raw, "utf-8", "replace")


def _begun(raw: bytes, encoding: str, errors: str = "strict") -> str:
    """As much as is looked through; a character that is cut there is left out."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    return decoder.decode(raw[:MOST_BYTES], final=len(raw) <= MOST_BYTES)
