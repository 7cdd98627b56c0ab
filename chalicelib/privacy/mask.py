"""Personal data in Chinese contacts, found by form and check digit, and replaced by fixed placeholders.

Nothing here looks names or addresses up: only numbers whose form (and, where there is one, check digit)
says what they are. In doubt a number that passes its check is masked: the words stay, sealed, elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

PLACEHOLDERS = {
    "mobile": "【手机号】",
    "landline": "【座机号】",
    "id_card": "【身份证号】",
    "bank_card": "【银行卡号】",
    "email": "【邮箱】",
    "plate": "【车牌号】",
    "passport": "【护照号】",
}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of personal data: its kind and code-point offsets into the input, end-exclusive."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders, and what was found in the text before, in its order."""

    text: str
    found: tuple[Found, ...] = ()


def mask(text: str) -> Masked:
    """`text` with personal data replaced; masking the result again changes nothing.

    A placeholder can bring a context word nearer to a number, or end a run of digits. So the result is
    read again until nothing more is found; as a rule the second reading is only the quick pre-check.
    """
    masked, found = text, list[Found]()
    while fresh := _scan(masked):
        masked = _replaced(masked, fresh)
        found = sorted([*found, *_moved_back(found, fresh)], key=lambda f: f.start)
    return Masked(masked, tuple(found))


def mask_ref(value: str, digest: Callable[[str], str]) -> str:
    """A reference number (order, bill) fit to store: unchanged, or masked and told apart by a digest."""
    masked = mask(value)
    return f"{masked.text}~{digest(value)[:10]}" if masked.found else value


def show_ref(value: str) -> str:
    """A reference number for screens: recognisable to who knows it, mostly hidden from who does not."""
    value = value.strip()
    folded = value.translate(_FOLD)
    if _MOBILE.fullmatch(folded):
        digits = "".join(filter(str.isdigit, folded))[-11:]
        return f"{digits[:3]}****{digits[-4:]}"
    if len(value) <= 2:
        return "****" if value else ""
    return f"{value[0]}****{value[-1]}"


def _scan(text: str) -> list[Found]:
    """All of one reading, in order. What a more specific kind has taken, the next ones do not see."""
    if not _SIGN.search(text) and not _SAID_RUN.search(text):
        return []
    rest, found = text.translate(_FOLD), list[Found]()
    seen = {"@": "@" in rest, "said": _SAID_RUN.search(rest), "long": _LONG_RUN.search(rest), "short": True}
    for kind, needs, finder in _FINDERS:
        if seen[needs] and (spans := list(finder(rest))):
            found += [Found(kind, *span) for span in spans]
            rest = _blanked(rest, spans)
    return sorted(found, key=lambda f: f.start)


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """Of the same length, with the spans made unreadable."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = _TAKEN * (end - start)
    return "".join(chars)


def _replaced(text: str, found: Iterable[Found]) -> str:
    parts, at = list[str](), 0
    for one in found:
        parts += text[at : one.start], PLACEHOLDERS[one.kind]
        at = one.end
    return "".join(parts) + text[at:]


def _moved_back(found: list[Found], fresh: list[Found]) -> Iterator[Found]:
    """`fresh`, found in the text with `found` replaced, in offsets of the text before."""
    growth = [0, *accumulate(len(PLACEHOLDERS[f.kind]) - (f.end - f.start) for f in found)]
    starts = [f.start + grown for f, grown in zip(found, growth, strict=False)]
    for one in fresh:
        start, end = (at - growth[bisect_left(starts, at)] for at in (one.start, one.end))
        yield Found(one.kind, start, end)


# --- Folding and the pre-check ---

_FOLD = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD |= {code: chr(code - 0xFEE0 - 0x20) for code in range(0xFF41, 0xFF5B)}
_FOLD |= {code: chr(code - 0x20) for code in range(0x61, 0x7B)}
_FOLD |= dict.fromkeys(map(ord, "‐‑‒–—―−"), "-") | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
_FOLD |= dict.fromkeys(map(ord, "•・‧∙"), "·")
"""Full to half width, small letters to capitals, dashes, spaces and dots to one each; one to one."""
_SAID = "零〇○一幺壹二贰三叁四肆五伍六陆七柒八捌九玖"
_SIGN = re.compile("[0-9０-９@＠]")
_SAID_RUN = re.compile(f"[{_SAID}]" * 3)
_LONG_RUN = re.compile(r"[0-9](?:[ .\-]{0,3}[0-9]){6}")
"""Seven digits: no number but a plate's has fewer."""
_TAKEN = "】"

# --- The forms. Every repetition is bounded or over one class with a fixed follower: no backtracking. ---
# Where a look-around rejects a neighbour, masking that neighbour must not free this number, or else a long
# chain of numbers would take one reading each. So they look at digits only, and never before + ( or a letter.

_EMAIL = re.compile(
    r"(?<![A-Z0-9._%+\-])[A-Z0-9._%+\-]++@(?:[A-Z0-9\-]+\.)*[A-Z0-9\-]+(?:\.[A-Z]{2,24}|。(?:COM|CN|NET))"
)
_MOBILE = re.compile(
    r"(?=[+(018])(?:(?<![0-9])(?<![^0-9]0\.)(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ .\-]{0,2})?0?"
    r"1[3-9][0-9][ .\-]{0,3}[0-9]{4}[ .\-]{0,3}[0-9]{4}(?![0-9])(?!\.[0-9]{1,2} ?[元块])"
    r"|(?:\+|(?<![0-9])00)(?:85[23]\)?[ .\-]{0,2}[2-9][0-9]{3}[ .\-]?[0-9]{4}"
    r"|886\)?[ .\-]{0,2}0?(?:9[0-9]{2}[ .\-]?[0-9]{3}[ .\-]?[0-9]{3}|[2-8][ .\-]?[0-9]{3,4}[ .\-]?[0-9]{4}))"
    r"(?![0-9]))"
)
_SAID_MOBILE = re.compile(
    f"(?<![0-9{_SAID}])[1一幺壹][3-9{_SAID[_SAID.index('三') :]}][0-9{_SAID}][ .\\-]?"
    f"[0-9{_SAID}]{{4}}[ .\\-]?[0-9{_SAID}]{{4}}(?![0-9{_SAID}])"
)
_ID_18 = re.compile(
    r"[1-8](?<![0-9].)(?: ?[0-9]){5} ?(?:19|20) ?[0-9] ?[0-9] ?[01](?: ?[0-9]){6} ?(?:X|[0-9](?![0-9]))"
)
_ID_15 = re.compile(r"[1-8](?<![0-9].)[0-9]{14}(?![0-9])")
_CARD = re.compile(
    r"[34569](?<![0-9].)(?:[0-9]{12,18}(?![0-9X])|[0-9]{3}([ \-])[0-9]{4}\1[0-9]{4}\1"
    r"(?:[0-9]{1,3}(?![0-9])|[0-9]{4}(?![0-9])(?P<fifth>\1[0-9]{1,3}(?![0-9]))?))"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][ ·.\-]{0,2}"
    r"(?:([A-HJ-NP-Z0-9]{5,6})(?![A-Z0-9])|([A-HJ-NP-Z0-9]{4,5})[警学挂港澳领使])"
)
_PASSPORT = re.compile(r"(?:[EGDSPH] ?[0-9]{8}|E[A-HJ-NP-Z] ?[0-9]{7})(?![0-9])")
_EXTENSION = r"(?: ?(?:转|分机|EXT\.?|#|-) ?(?:分机)?[: ]{0,2}[0-9]{1,6}(?![0-9]))?"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
_LOCAL = r"[1-9][0-9]{2,3}[ \-]?[0-9]{4}(?![0-9])"
_LANDLINE = re.compile(
    rf"(?<![0-9])(?:\(0{_AREA}\)[ \-]{{0,2}}|0{_AREA}[)\- ][ \-]{{0,2}}"
    rf"|(?:\((?:\+|00)86\)|(?:\+|00)86)[ \-]{{0,2}}(?:\(0\))?0?{_AREA}[ \-]{{0,2}}){_LOCAL}{_EXTENSION}"
)
_CALLED = re.compile(
    r"(?:电话|座机|固话|致电|来电|回电|拨打|传真|電話|座機|TEL|PHONE)(?:号码|号)?[是为]?[:.\- ]{0,2}"
    # Not a hotline (400, 800, 95, 96, 1010), not a date, not an amount.
    r"(?![48]00[ \-]?(?:[0-9]{3}[ \-]?[0-9]{4}|[0-9]{4}[ \-]?[0-9]{3})(?![0-9]))(?!9[56]|1010)"
    r"(?!(?:19|20)[0-9]{2}[ \-]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9]))"
    rf"((?:0{_AREA})?{_LOCAL}(?! ?[元块次]){_EXTENSION})"
)
_PAPERS = ("护照", "護照", "PASSPORT", "通行证", "通行證")
_PAPERS_REACH = 12
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_ID_SAID = re.compile("(?:身份[证證]|证件)(?!号】)[^0-9【】]{0,8}$")
"""Not our own placeholder: in a list of numbers each would take one more reading."""
_BORN = range(1900, 2050)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_TWICE = str.maketrans("0123456789", "0246813579")


def _each(pattern: re.Pattern[str], check: Callable[[re.Match[str]], Span | None]) -> _Finder:
    """Finds what `check` accepts; after a refusal goes on one character later, so that nothing is hidden."""

    def find(text: str) -> Iterator[Span]:
        at = 0
        while match := pattern.search(text, at):
            if span := check(match):
                yield span
            at = span[1] if span else match.start() + 1

    return find


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year in _BORN
    except ValueError:
        return False


def _id_18(match: re.Match[str]) -> Span | None:
    """GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits; mistyped ones where it is called an identity number."""
    number = match[0].replace(" ", "")
    if number[:2] not in _PROVINCES or int(number[6:10]) not in _BORN:
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    right = "10X98765432"[total % 11] == number[17] or _ID_SAID.search(match.string[: match.start()][-16:])
    return match.span() if right and _is_date(*_cut(number, 6, 10, 12, 14)) else None


def _id_15(match: re.Match[str]) -> Span | None:
    """The form before 1999: no check digit, a birth year of two digits."""
    year, month, day = _cut(match[0], 6, 8, 10, 12)
    plausible = match[0][:2] in _PROVINCES and _is_date(1900 + year, month, day)
    return match.span() if plausible else None


def _cut(number: str, *at: int) -> tuple[int, int, int]:
    return int(number[at[0] : at[1]]), int(number[at[1] : at[2]]), int(number[at[2] : at[3]])


def _card(match: re.Match[str]) -> Span | None:
    """A card of 13-19 digits; or of 16, where the fifth group was only something that followed."""
    if _luhn(match[0]):
        return match.span()
    cut = match.start("fifth")
    return (match.start(), cut) if cut > 0 and _luhn(match.string[match.start() : cut]) else None


def _luhn(number: str) -> bool:
    digits = number.replace(" ", "").replace("-", "")
    return sum(map(int, digits[::-2] + digits[-2::-2].translate(_TWICE))) % 10 == 0


def _plate(match: re.Match[str]) -> Span | None:
    """GA 36 allows two letters in the serial; with fewer than three digits it is a model's name."""
    return match.span() if sum(map(str.isdigit, match[1] or match[2])) >= 3 else None


def _passports(text: str) -> Iterator[Span]:
    """Near a word for the paper, or in a list after one: there the placeholder will be the word."""
    last = -len(text) - _PAPERS_REACH
    for match in _PASSPORT.finditer(text):
        start, end = match.span()
        listed = start - last <= _PAPERS_REACH - 2
        if listed or any(text.find(w, max(0, start - _PAPERS_REACH - len(w)), start) >= 0 for w in _PAPERS):
            last = end
            yield start, end


_Finder = Callable[[str], Iterable[Span]]
_FINDERS: tuple[tuple[str, str, _Finder], ...] = (
    ("email", "@", _each(_EMAIL, re.Match.span)),
    ("id_card", "long", _each(_ID_18, _id_18)),
    ("id_card", "long", _each(_ID_15, _id_15)),
    ("mobile", "long", _each(_MOBILE, re.Match.span)),
    ("mobile", "said", _each(_SAID_MOBILE, lambda match: None if match[0].isascii() else match.span())),
    ("bank_card", "long", _each(_CARD, _card)),
    ("plate", "short", _each(_PLATE, _plate)),
    ("passport", "long", _passports),
    ("landline", "long", _each(_LANDLINE, re.Match.span)),
    ("landline", "long", _each(_CALLED, lambda match: match.span(1))),
)
"""Kind, what a text must have to be worth its search, the search. The most specific comes first."""
