"""A rule: one phrase of the lexicon, what it means, and where it counts."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.nlp.phrases import Phrase


class Rule(NamedTuple):
    """One phrase for one cause; the contact must hold a word of a class in `needs`, and none of `bars`."""

    code: str
    phrase: Phrase
    weight: float
    needs: tuple[str, ...]
    bars: tuple[str, ...]
    asks: bool
