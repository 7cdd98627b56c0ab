"""Rules out of data files and out of a company's own taxonomy (notation: chalicelib/data/README.md)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.model.errors import Invalid
from chalicelib.nlp.compiled import NAME, read_rules
from chalicelib.nlp.own import Fault, own_phrase
from chalicelib.nlp.phrases import Notation
from chalicelib.nlp.rule import Rule
from chalicelib.privacy.text import fold

DATA = Path(__file__).parent.parent / "data"
LEXICON, WORDS = DATA / "lexicon.csv", DATA / "lexicon_words.csv"
SOURCES = (LEXICON, WORDS)
OWN_WORD, OWN_LABEL = 0.8, 0.6
_SEPARATORS = re.compile(r"[；、，;,/\s|()（）。]+")


@dataclass(frozen=True)
class CauseWords:
    """A cause as the analyser needs it; `words` are phrases that customers use for it."""

    code: str
    label: str
    definition: str = ""
    words: tuple[str, ...] = ()


@cache
def word_classes() -> dict[str, tuple[str, ...]]:
    """Name -> words (in the notation of phrases) of lexicon_words.csv."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return {row["class"]: tuple(fold(row["words"]).split()) for row in csv.DictReader(file)}


@cache
def _notation() -> Notation:
    return Notation(word_classes())


def rules_for(causes: Iterable[CauseWords]) -> list[Rule]:
    """The house lexicon's rules for these codes, and rules from their own words or else labels."""
    causes = list(causes)
    wanted = {cause.code for cause in causes}
    house = [rule for rule in _house_rules() if rule.code in wanted]
    covered = {rule.code for rule in house}
    own = [rule for cause in causes for rule in _own_rules(cause, cause.code in covered)]
    return house + own


@cache
def _house_rules() -> tuple[Rule, ...]:
    return read_rules(DATA / "model" / NAME, SOURCES) or compile_house_rules()


def compile_house_rules(lexicon: Path = LEXICON) -> tuple[Rule, ...]:
    """The rules of lexicon.csv; raises Invalid, with file and line, for a row that is wrong."""
    with lexicon.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(_rule(row, f"{lexicon.name}:{rows.line_num}") for row in rows)


def _rule(row: dict[str, str], where: str) -> Rule:
    try:
        phrase = _notation().compile(fold(row["phrase"]))
        asks = row["kind"] == "ask"
        needs, bars = _classes(row["needs"]), _classes(row["not"])
        if needs and set(needs) <= set(bars):
            raise ValueError("it can never hold: it is barred by what it needs")
        return Rule(row["code"], phrase, float(row["weight"]), needs, bars, asks)
    except (AttributeError, KeyError, ValueError) as error:  # AttributeError: too few columns
        zh = getattr(error, "zh", error)
        raise Invalid("lexicon.row", f"词库这一行有误：{zh}", f"bad lexicon row: {error}", where) from error


def _classes(cell: str) -> tuple[str, ...]:
    names = tuple(cell.split())
    if strange := [name for name in names if name not in word_classes()]:
        raise ValueError(f"unknown class {' '.join(strange)}")
    return names


def _own_rules(cause: CauseWords, covered: bool) -> Iterator[Rule]:
    """Rules of the taxonomy itself: its words, or else the pieces of label and definition."""
    pieces = [(word, OWN_WORD) for word in cause.words]
    if not pieces and not covered:
        texts = _SEPARATORS.split(f"{cause.label}；{cause.definition}")
        pieces = [(text, OWN_LABEL) for text in texts if len(text) >= 2]
    for text, weight in dict(pieces).items():
        phrase, _ = own_phrase(text, _notation())
        if phrase:
            yield Rule(cause.code, phrase, weight, (), (), False)


def fault_of(phrase: str) -> Fault | None:
    """What becomes of a phrase of an own taxonomy that is not taken as it was meant; None for one that is."""
    return own_phrase(phrase, _notation())[1]
