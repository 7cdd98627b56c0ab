"""Text from outside: cleaned of what no customer meant to write, and folded for matching."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from chalicelib.model.errors import Invalid
from chalicelib.privacy.installed import file_of

LONGEST = 20_000
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd\ufffe\uffff]"
"""What binary data looks like once decoded: control characters, lone surrogates, U+FFFD. Private use is not
among it: old telephones wrote their emoji there. A pattern, compiled when first wanted: that takes long."""
_INVISIBLE = "[\u00ad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
"""Zero-width and direction marks. The joiner U+200D stays: family emoji need it."""
_MOST_BINARY = 0.1


def clean_text(raw: object, *, where: str = "text", limit: int = LONGEST) -> str:
    """What the customer wrote, in NFC with plain line ends. Raises Invalid for what is not text.

    NFC and not NFKC: full width, circled numbers and the like are kept as written.
    """
    if not isinstance(raw, str):
        raise Invalid("text.type", "内容应为文字", "the text must be text", where)
    if "\x00" in raw or _odd(raw) > max(1, _MOST_BINARY * len(raw)):
        raise Invalid(
            "text.binary",
            "内容像二进制数据，不是文字；请检查文件编码",
            "this looks like binary data, not text; check the file's encoding",
            where,
        )
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.isprintable() or "\ufffd" in text:
        text = re.sub(_INVISIBLE, "", re.sub(_CONTROL, "", text))
    text = text.strip()
    if not text.strip("\u200d\ufe0f\u3164"):
        raise Invalid("text.empty", "内容为空，请填写", "the text is empty; fill it in", where)
    if len(text) > limit:
        raise Invalid(
            "text.too_long",
            f"内容有 {len(text)} 个字符，最多 {limit} 个；请缩短或分成几条",
            f"the text has {len(text)} characters, at most {limit}; shorten or split it",
            where,
        )
    return text


def clean_line(raw: object, *, where: str) -> str:
    """The same on one line: a name or a title. Raises Invalid for what is not text."""
    return " ".join(clean_text(raw, where=where).split())


def _odd(text: str) -> int:
    plain = text.isprintable() and "\ufffd" not in text
    return 0 if plain else len(re.findall(_CONTROL, text))


@cache
def _table() -> dict[int, str]:
    """Full width to half width, capitals to small letters, traditional to simplified; one to one."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
    table |= {code: chr(code).lower() for code in range(0x41, 0x5B)}
    table |= {code: chr(code - 0xFEE0).lower() for code in range(0xFF21, 0xFF3B)}
    pairs = file_of("opencc", "dictionary", "TSCharacters.txt").read_text("utf-8").splitlines()
    for old, new in (line.split("\t") for line in pairs if "\t" in line):
        if len(old) == 1:
            table[ord(old)] = new[0]
    return table | dict.fromkeys(map(ord, "帐帳"), "账")  # written both ways for the same thing


def fold(text: str) -> str:
    """The form in which words are compared. It has the length of `text`, so offsets stay valid."""
    return text.translate(_table())
