"""jieba's segmentation: its frequent words only, and no guessing at unknown ones.

jieba's whole dictionary is slow to load and its model of unknown words slow to run; here the cuts only tell
whether a single character is a word of its own (差, but not 差不多). The most probable path is worked out in
one loop over the text; a test compares the cuts with jieba's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from math import log

from chalicelib.privacy.installed import file_of

_FREQUENT = re.compile(rb"\n([^ ]++ \d{3,}) ")
"""Words that jieba's dictionary has seen a hundred times; looked for in bytes, as most of it is not wanted."""
_BEGINNING = float("-inf")
"""The log probability of what is only the beginning of words."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
"""Characters that stay together when no word of the dictionary has them."""
_LONGEST = 8
"""Characters of the longest words that count."""
_JOINING = _PLAIN | frozenset("+#&._%-")
"""Besides Chinese characters, what a word may hold."""
OwnWord = Callable[[int], bool]
"""Whether the character at a position of a text is a word of its own."""


class Segmenter:
    """Cuts text into words of jieba's dictionary."""

    def __init__(self) -> None:
        found = b" ".join(_FREQUENT.findall(b"\n" + _dictionary())).decode().split(" ")
        words = {
            word: int(n) for word, n in zip(found[::2], found[1::2], strict=True) if len(word) <= _LONGEST
        }
        self._floor = -log(sum(words.values()))
        self._logs = dict.fromkeys((word[:end] for word in words for end in range(2, len(word))), _BEGINNING)
        self._logs |= {word: log(count) + self._floor for word, count in words.items()}

    def cut(self, text: str) -> list[str]:
        """The words of a text, one after the other; put together they are the text."""
        edges = [0, *self.ends(text)]
        return [text[start:end] for start, end in pairwise(edges)]

    def ends(self, text: str) -> list[int]:
        """Where each word ends."""
        last, ends, at = self._route(text), list[int](), 0
        plain = False
        while at < len(text):
            end = last[at]
            joins = end == at + 1 and text[at] in _PLAIN
            if joins and plain:
                ends[-1] = end
            else:
                ends.append(end)
            at, plain = end, joins
        return ends

    def apart(self, text: str, at: int) -> bool:
        """True when no word of the dictionary could reach over a character: then it stands alone in every cut."""
        if text[at] in _PLAIN:
            return False
        for start in range(max(0, at + 1 - _LONGEST), at + 1):
            end = start + 2
            while end <= len(text) and (here := self._logs.get(text[start:end])) is not None:
                if end > at and here > _BEGINNING:
                    return False
                end += 1
        return True

    def _route(self, text: str) -> list[int]:
        """Where the word that begins at each character ends, on the most probable path to the end of the text."""
        length, known, floor = len(text), self._logs.get, self._floor
        best, route = [0.0] * (length + 1), [0] * length
        for start in range(length - 1, -1, -1):
            first = text[start]
            if not ("\u4e00" <= first <= "\u9fd5" or first in _JOINING):
                route[start] = start + 1
                continue  # each stretch is summed by itself, as jieba does: so ties fall alike
            most, last = known(first, floor) + best[start + 1], start + 1
            at = start + 2
            while at <= length and (here := known(text[start:at])) is not None:
                if (score := here + best[at]) >= most:
                    most, last = score, at
                at += 1
            best[start], route[start] = most, last
        return route


@cache
def segmenter() -> Segmenter:
    """The one of this process."""
    return Segmenter()


def own_words(text: str) -> OwnWord:
    """Of a text that nobody has cut yet; it is only cut where that is in doubt."""
    edges = frozenset[int]()

    def own(at: int) -> bool:
        nonlocal edges
        if segmenter().apart(text, at):
            return True
        edges = edges or frozenset((0, *segmenter().ends(text)))
        return at in edges and at + 1 in edges

    return own


def _dictionary() -> bytes:
    return file_of("jieba", "dict.txt").read_bytes()
