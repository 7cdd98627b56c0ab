"""The notation of lexicon phrases, compiled to a regular expression and the words it cannot do without.

`送 慢|晚` is 送, then 慢 or 晚 at most GAP characters later in the same clause; `(很|太)?`
may be missing, `(很|太)*` may repeat; `@x` is any word of class x in lexicon_words.csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

GAP = 6
MOST_NEEDS = 3
Words = frozenset[str]
_ITEM = re.compile(r"[^()|?*]+(?![?*])|[()|?*]|[^()|?*]")
"""A sign of the notation, or as much plain text as no `?` or `*` belongs to."""


class Phrase(NamedTuple):
    """`source` has one group a part; each set of `needs` holds a word that every match contains."""

    source: str
    needs: tuple[Words, ...]

    def pattern(self) -> re.Pattern[str]:
        """The regular expression, compiled when it is first wanted: most never are, and it takes long."""
        return _compiled(self.source)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


class _Node(NamedTuple):
    """A piece of pattern and, most selective first, sets of words of each of which it must contain one."""

    source: str
    anchors: tuple[Words, ...]


def compile_phrase(text: str, classes: Mapping[str, Iterable[str]]) -> Phrase:
    """Compile one phrase; raises ValueError for unbalanced brackets or an unknown class."""
    parts = [_part(part, classes) for part in text.split()]
    if not parts:
        raise ValueError("empty phrase")
    source = f".{{0,{GAP}}}?".join(f"({part.source})" for part in parts)
    needs = tuple(sorted((words for part in parts for words in part.anchors), key=_selective))[:MOST_NEEDS]
    if not needs:
        raise ValueError(f"no fixed word in {text!r}")
    return Phrase(source, needs)


def _part(text: str, classes: Mapping[str, Iterable[str]]) -> _Node:
    return _parsed(re.sub(r"@([^|()\s]+)", lambda found: _class(found[1], classes), text))


@cache
def _parsed(text: str) -> _Node:
    """The node of a part whose classes are spelt out; many phrases share their parts."""
    items = _ITEM.findall(text)
    node, rest = _choice(items, 0)
    if rest != len(items):
        raise ValueError(f"unbalanced brackets in {text!r}")
    return node


def _class(name: str, classes: Mapping[str, Iterable[str]]) -> str:
    if name not in classes:
        raise ValueError(f"unknown class @{name}")
    # Longer words first, so that evidence spans are as long as they can be.
    return "(" + "|".join(sorted(classes[name], key=len, reverse=True)) + ")"


def _choice(items: list[str], at: int) -> tuple[_Node, int]:
    """Alternatives up to the closing bracket; every one of them must have an anchor to give one."""
    branches = []
    while True:
        branch, at = _sequence(items, at)
        branches.append(branch)
        if at >= len(items) or items[at] != "|":
            break
        at += 1
    source = "|".join(branch.source for branch in branches)
    if len(branches) == 1:
        return _Node(source, branches[0].anchors), at
    if not all(branch.anchors for branch in branches):
        return _Node(source, ()), at
    return _Node(source, (frozenset[str]().union(*(branch.anchors[0] for branch in branches)),)), at


def _sequence(items: list[str], at: int) -> tuple[_Node, int]:
    """Literals and groups in a row; neighbouring literals are one word."""
    source, anchors, literal = "", [], ""
    while at < len(items) and items[at] not in "|)":
        plain = items[at] != "("
        node, at = _item(items, at)
        source += node.source
        if plain and node.anchors:
            literal += next(iter(node.anchors[0]))
            continue
        anchors += [frozenset({literal}), *node.anchors]
        literal = ""
    anchors.append(frozenset({literal}))
    return _Node(source, tuple(sorted((words for words in anchors if "" not in words), key=_selective))), at


def _item(items: list[str], at: int) -> tuple[_Node, int]:
    """One character or one group, with its `?` or `*`; optional things have no anchors."""
    if items[at] == "(":
        inner, at = _choice(items, at + 1)
        if at >= len(items):
            raise ValueError("unbalanced brackets")
        node = _Node(f"(?:{inner.source})", inner.anchors)
    else:
        node = _Node(re.escape(items[at]), (frozenset({items[at]}),))
    at += 1
    if at < len(items) and items[at] in "?*":
        return _Node(node.source + items[at], ()), at + 1
    return node, at


def _selective(words: Words) -> tuple[int, int]:
    """Sort key: sets of long words first, then small sets."""
    return -min(map(len, words)), len(words)


def literals(words: Iterable[str]) -> Words:
    """All plain words that class words in this notation stand for (only `|`, `(…)` and `(…)?`)."""
    return frozenset(word for text in words for word in _expand(text) if word)


def _expand(text: str) -> set[str]:
    opening = re.search(r"\(([^()]*)\)(\??)", text)
    if not opening:
        return {text}
    choices = [*opening[1].split("|"), *([""] if opening[2] else [])]
    before, after = text[: opening.start()], text[opening.end() :]
    return {word for choice in choices for word in _expand(before + choice + after)}
