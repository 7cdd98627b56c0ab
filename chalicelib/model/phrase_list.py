"""The phrases of a cause in one cell of a file: the column `lexicon`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

_LISTS = re.compile(r"[;；\n]")
_DEEPER = {"(": 1, "（": 1, ")": -1, "）": -1}


def phrases_in(cell: str) -> tuple[str, ...]:
    """The words and phrases of a cell: apart by ; or line ends, without those also by | 、 and ,.

    A | in brackets is none of these: (很|太)慢 is one phrase.
    """
    if not _LISTS.search(cell):
        depths = accumulate(_DEEPER.get(sign, 0) for sign in cell)
        apart = (
            sign in "、,，" or (sign == "|" and depth <= 0) for sign, depth in zip(cell, depths, strict=True)
        )
        cell = "".join(";" if one else sign for sign, one in zip(cell, apart, strict=True))
    words = (word.strip() for word in _LISTS.split(cell))
    return tuple(dict.fromkeys(filter(None, words)))


def cell_of(phrases: Sequence[str]) -> str:
    """The cell in which `phrases_in` finds these; a ; within a phrase becomes a comma, which says the same."""
    words = "|".join(phrases)
    return (
        words
        if phrases_in(words) == tuple(phrases)
        else "".join(f"{_LISTS.sub('，', one)}；" for one in phrases)
    )
