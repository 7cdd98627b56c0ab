"""A small PDF writer: lines of Chinese and Latin text, rules and pages, and always the same bytes for the same input.

Chinese is set in STSong-Light, one of the fonts of Adobe's Chinese collection that viewers and printers know by
name (ISO 32000-1, 9.7.5.2: the predefined CMap UniGB-UTF16-H over Adobe-GB1); each puts its own Song in its place,
so no font file of megabytes goes into the program or the document. Latin is set in Helvetica, a standard font.
Streams are not compressed: the output must not depend on the version of a library.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

WIDTH, HEIGHT = 595, 842
"""A4 in points."""
LATIN, CHINESE = "F1", "F2"
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
HELVETICA = {chr(32 + i): int(width) for i, width in enumerate(_WIDTHS.split())}
"""Thousandths of the size, of the signs from the blank to the tilde, as Helvetica has them."""
HELVETICA |= {"¥": 556, "–": 556, "±": 584, "×": 584}
FULL = 1_000
"""The width of everything that is set in Chinese."""


class Line(NamedTuple):
    """One line of text: where its left end stands, in points from the lower left corner, its size and its grey."""

    x: float
    y: float
    size: float
    text: str
    grey: float = 0.0


class Rule(NamedTuple):
    """A thin line across the page."""

    x: float
    y: float
    to: float


Page = Sequence[Line | Rule]


def width(text: str, size: float) -> float:
    """How wide a line is, in points."""
    return sum(HELVETICA.get(sign, FULL) for sign in text) * size / 1_000


def fit(text: str, size: float, room: float) -> str:
    """The text on one line, cut with an ellipsis where there is not enough room."""
    return wrap(text, size, room, 1)[0]


def wrap(text: str, size: float, room: float, most: int) -> list[str]:
    """The text on at most so many lines, broken anywhere as Chinese is; the last one cut with an ellipsis."""
    plain, lines = _BLANKS.sub(" ", text).strip(), [""]
    while plain and len(lines) <= most:
        end = _reach(plain, size, room)
        lines[-1], plain = plain[:end].rstrip(), plain[end:].lstrip()
        lines.append("")
    if plain:
        lines[-2] = lines[-2][: _reach(lines[-2], size, room - width("…", size))].rstrip() + "…"
    return lines[:-1] or [""]


_BLANKS = re.compile(r"[ \t\r\n\f\v\x00-\x1f\x7f]+")


_NOT_FIRST = frozenset("，。、；：！？）」』】》”’%…,.;:!?)")
"""Signs that do not begin a line."""


def _reach(text: str, size: float, room: float) -> int:
    """How many of its signs fit on a line, at least one."""
    for end, sign in enumerate(text):
        room -= width(sign, size)
        if room < 0:
            return max(1, end - 1 if end > 1 and sign in _NOT_FIRST else end)
    return len(text)


def document(pages: Sequence[Page], title: str, created: str) -> bytes:
    """A PDF of these pages; `created` is a date as PDF writes it, YYYYMMDDHHMMSS."""
    streams = [_stream(page) for page in pages]
    first = 6  # 1 catalogue, 2 pages, 3 information, 4 and 5 the fonts; then each page and its stream
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(streams)))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/Lang(zh-CN)/ViewerPreferences<</DisplayDocTitle true>>>>",
        f"<</Type/Pages/Count {len(streams)}/Kids[{kids}]/MediaBox[0 0 {WIDTH} {HEIGHT}]"
        f"/Resources<</Font<</{LATIN} 4 0 R/{CHINESE} 5 0 R>>>>>>".encode(),
        f"<</Title<{_hex(chr(0xFEFF) + title)}>/CreationDate(D:{created}Z)>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        _CHINESE_FONT,
    ]
    for i, stream in enumerate(streams):
        bodies.append(f"<</Type/Page/Parent 2 0 R/Contents {first + 2 * i + 1} 0 R>>".encode())
        bodies.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    return _file(bodies)


_CHINESE_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light-UniGB-UTF16-H/Encoding/UniGB-UTF16-H/DescendantFonts["
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
    b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)


def _file(bodies: Sequence[bytes]) -> bytes:
    out, at = bytearray(b"%PDF-1.5\n%\xe5\x9b\x9e\xe5\xa3\xb0\n"), []
    for number, body in enumerate(bodies, start=1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    name = hashlib.sha256(out).hexdigest()[:32].encode()
    table = b"".join(b"%010d 00000 n \n" % offset for offset in at)
    size, start = len(bodies) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<</Size %d/Root 1 0 R/Info 3 0 R/ID[<%s><%s>]>>\n" % (size, name, name)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _stream(page: Page) -> bytes:
    return "\n".join(part for drawn in page for part in _drawn(drawn)).encode("cp1252")


def _drawn(drawn: Line | Rule) -> Iterator[str]:
    if isinstance(drawn, Rule):
        yield f"0.6 G 0.4 w {drawn.x:g} {drawn.y:g} m {drawn.to:g} {drawn.y:g} l S"
        return
    yield f"BT {drawn.grey:g} g 1 0 0 1 {drawn.x:.2f} {drawn.y:.2f} Tm"
    for latin, signs in groupby(drawn.text, HELVETICA.__contains__):
        run = "".join(signs)
        shown = f"({_escaped(run)})" if latin else f"<{_hex(run)}>"
        yield f"/{LATIN if latin else CHINESE} {drawn.size:g} Tf {shown} Tj"
    yield "ET"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _hex(text: str) -> str:
    return text.encode("utf-16-be", "replace").hex().upper()
