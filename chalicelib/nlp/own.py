"""A company's own phrase: what is looked for, and what its author should know of it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from chalicelib.model.errors import Misformed
from chalicelib.nlp.clauses import LONGEST, STOPS, split
from chalicelib.nlp.phrases import BREAK, MOST_NEEDS, Notation, Phrase
from chalicelib.privacy.text import fold

MOST_PARTS, MOST_LOOSE = 4, 6
"""Parts, and signs ? and * together: with more, one contact could take for ever."""
MOST_WAYS = 10_000
"""Ways to read it, where it begins."""
_SHOWN = 30
_NOT_PLAIN = re.compile(r"[()|?*@\s]")
_STOPS = re.compile(rf"[{STOPS}\s]+")
_NEXT = "天凡关如以不要了0"
"""What may follow a word: an ordinary character, and those before which a conjunction is none (就是不) or a full stop
ends nothing."""


class Fault(NamedTuple):
    """What becomes of a phrase that is not taken as its author meant it, why, and what to do."""

    zh: str
    en: str


def own_phrase(text: str, notation: Notation) -> tuple[Phrase | None, Fault | None]:
    """What to look for (None: it could never be found), and what is to be told.

    It is read in the notation. Where that cannot be, or where contacts are cut within plain text, it is looked for as
    it stands, over the end of a clause too.
    """
    folded = fold(text.strip().rstrip("？！。…"))  # ？ at the end is no ?
    why: Misformed | None = None
    try:
        phrase = _read(folded, notation)
        lost = next((word for need in phrase.needs if "," not in need for word in _lost(need)), None)
        if lost is None:
            return phrase, None
        if _NOT_PLAIN.search(folded):
            return None, _cut(text, lost)
    except Misformed as error:
        why = error
    try:
        return _as_it_stands(folded), _taken(text, why) if why else None
    except Misformed as error:
        return None, _never(text, why, error)


def _read(text: str, notation: Notation) -> Phrase:
    if len(text.split()) > MOST_PARTS or text.count("?") + text.count("*") > MOST_LOOSE:
        raise Misformed(
            f"超过 {MOST_PARTS} 段，或超过 {MOST_LOOSE} 个 ? 和 *",
            f"more than {MOST_PARTS} parts, or {MOST_LOOSE} signs ? and *",
        )
    return notation.compile(text, MOST_WAYS)


def _lost(words: frozenset[str]) -> list[str]:
    """The words when none of them can stand within a clause: then what needs one of them is never found."""
    return [] if any(map(_stands, words)) else sorted(words)


def _stands(word: str) -> bool:
    """Whether a clause can hold it, that is, whether contacts are not cut within it, whatever follows."""
    if _STOPS.search(word):
        return False
    firsts = (split(word + after)[0] for after in _NEXT)
    return any(first.start == 0 and first.end >= len(word) for first in firsts)


def _as_it_stands(text: str) -> Phrase:
    """Literally this text, cut as contacts are. Raises Misformed for what no contact can hold, however it is cut."""
    clauses = split(text)
    pieces = [text[start:end] for start, end in clauses]
    if not pieces:
        raise Misformed("里面没有可找的字", "there is nothing in it to look for")
    if len(text) > LONGEST:
        raise Misformed(f"超过 {LONGEST} 个字", f"it is longer than {LONGEST} characters")
    if any(before.end < after.start for before, after in pairwise(clauses[1:])):
        # Phrases over the end of a clause go on to the next punctuation and no further.
        raise Misformed("断成了三句以上", "it runs over more than two clauses")
    words = sorted((word for piece in pieces for word in _STOPS.split(piece)), key=len, reverse=True)
    source = BREAK.join(f"({re.escape(piece)})" for piece in pieces)
    return Phrase(source, tuple(frozenset({word}) for word in words[:MOST_NEEDS]))


def _cut(text: str, word: str) -> Fault:
    return Fault(
        f"说法“{_short(text)}”永远找不到：联络会在“{_short(word)}”里断句，或没有这么长的分句；请在断开的地方写“ , ”（前后空格），或改短",
        f"the phrase “{_short(text)}” will never be found: contacts are cut within “{_short(word)}”, or no clause is as"
        " long; write “ , ” (with spaces) where it is cut, or shorten it",
    )


def _taken(text: str, why: Misformed) -> Fault:
    return Fault(
        f"说法“{_short(text)}”读不懂（{why.zh}），按原字去找；若另有所指，请改写",
        f"the phrase “{_short(text)}” cannot be read ({why.en}) and is looked for as it stands; if more was meant, write"
        " it anew",
    )


def _never(text: str, unread: Misformed | None, why: Misformed) -> Fault:
    zh, en = (
        (f"读不懂（{unread.zh}），按原字看，", f"it cannot be read ({unread.en}), and as it stands ")
        if unread
        else ("", "")
    )
    return Fault(
        f"说法“{_short(text)}”永远找不到：{zh}{why.zh}；请改写或改短，用不着就删去",
        f"the phrase “{_short(text)}” will never be found: {en}{why.en}; write it anew or shorter, or take it out",
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
