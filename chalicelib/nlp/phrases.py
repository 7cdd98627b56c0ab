"""The notation of lexicon phrases, compiled to a regular expression and the words it cannot do without.

`送 慢|晚` is 送, then 慢 or 晚 at most GAP characters later in the same clause; `(很|太)?`
may be missing, `(很|太)*` may repeat up to six times; `@x` is any word of class x in lexicon_words.csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from math import inf, prod
from typing import NamedTuple

from chalicelib.model.errors import Misformed

GAP = 6
MOST_NEEDS = 3
Words = frozenset[str]
_EVERYWHERE: Words = frozenset("的了一不")
"""The commonest characters: that one of them is there says little."""
_ITEM = re.compile(r"@[^|()\s]+|[^()|?*@]+(?![?*])|[()|?*]|[^()|?*]")
"""A class, a sign of the notation, or as much plain text as no `?` or `*` belongs to."""
MOST_REPEATS = 6
REPEAT = f"{{0,{MOST_REPEATS}}}"
"""What `*` is compiled to: nobody says 很 more often in earnest."""
DEEPEST = 20
"""Brackets within brackets; nobody means more of them."""
BREAK = "(,)"
"""What a part `,` is compiled to; the rule book makes of it what may stand between two clauses."""
_OPENS = {"(": 1, ")": -1}
_FOREIGN = re.compile(r"[+{}\\^]")
"""Signs of regular expressions that the notation does not have; taken as they stand they would match nothing."""


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
    """A piece of pattern; most selective first, sets of words of each of which it must contain one; how many
    characters it can be at most; and in how many ways it can be read, at most, where it begins."""

    source: str
    anchors: tuple[Words, ...]
    most: int
    ways: int


def compile_phrase(text: str, classes: Mapping[str, Iterable[str]]) -> Phrase:
    """Compile one phrase; raises Misformed, as `Notation.compile` does."""
    return Notation(classes).compile(text)


class Notation:
    """Compiles phrases that share word classes: each class, and each part, is worked out once."""

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        self._classes = classes
        self._known: dict[str, _Node] = {}

    def compile(self, text: str, most_ways: float = inf) -> Phrase:
        """One phrase; raises Misformed for unbalanced brackets, an unknown class, what could never hold, and what
        can be read in so many ways that a contact could take for ever."""
        if odd := _FOREIGN.search(text):
            raise Misformed(f"记号里没有 {odd[0]}", f"{odd[0]} means nothing in a phrase")
        if max(accumulate(_OPENS.get(sign, 0) for sign in text), default=0) > DEEPEST:
            raise Misformed(f"括号套了 {DEEPEST} 层以上", f"brackets more than {DEEPEST} deep")
        words = text.split()
        if not words:
            raise Misformed("是空的", "empty phrase")
        if "," in (words[0], words[-1]):
            raise Misformed("单独的 , 要写在两段之间", "a part , stands between two others")
        parts = [self._part(word) for word in words]
        if prod(part.ways for part in parts) * (GAP + 1) ** (len(parts) - 1) > most_ways:
            raise Misformed(
                "读法太多，请少用 ? * 和括号", "too many ways to read it: use fewer ? * and brackets"
            )
        source = f".{{0,{GAP}}}?".join(f"({part.source})" for part in parts)
        needs = tuple(sorted((words for part in parts for words in part.anchors), key=_selective))[
            :MOST_NEEDS
        ]
        if not needs:
            raise Misformed("没有一个必有的词", f"no fixed word in {text!r}")
        return Phrase(source, needs)

    def _part(self, text: str) -> _Node:
        if text not in self._known:
            items = _ITEM.findall(text)
            node, rest = self._choice(items, 0)
            if rest != len(items):
                raise Misformed("括号不成对", f"unbalanced brackets in {text!r}")
            self._known[text] = node
        return self._known[text]

    def _class(self, name: str) -> _Node:
        if name not in self._classes:
            raise Misformed(f"没有 @{name} 这类词", f"unknown class @{name}")
        # Longer words first, so that evidence spans are as long as they can be.
        node = self._part("|".join(sorted(self._classes[name], key=len, reverse=True)))
        return node._replace(source=f"(?:{node.source})")

    def _choice(self, items: list[str], at: int) -> tuple[_Node, int]:
        """Alternatives up to the closing bracket; every one of them must have an anchor to give one."""
        choices = []
        while True:
            if _alone(items, at):  # most are: a list of words
                choices.append(_word(items[at]))
                at += 1
            else:
                node, at = self._sequence(items, at)
                choices.append(node)
            if at >= len(items) or items[at] != "|":
                break
            at += 1
        if not all(node.source for node in choices):
            raise Misformed("| 的一边是空的", "an alternative is empty")
        choices.sort(key=lambda node: -node.most)  # 没|没(有)?: the longer one, where both stand
        anchors = choices[0].anchors if len(choices) == 1 else _any([node.anchors for node in choices])
        source = "|".join(node.source for node in choices)
        return _Node(source, anchors, choices[0].most, _ways(choices)), at

    def _sequence(self, items: list[str], at: int) -> tuple[_Node, int]:
        """Literals and groups in a row; neighbouring literals are one word."""
        source, anchors, literal, most, ways = "", [], "", 0, 1
        while at < len(items) and items[at] not in "|)":
            plain = items[at] != "(" and not _is_class(items[at])
            node, at = self._item(items, at)
            source += node.source
            most += node.most
            ways *= node.ways
            if plain and node.anchors:
                literal += next(iter(node.anchors[0]))
                continue
            if literal:
                anchors.append(frozenset({literal}))
                literal = ""
            anchors += node.anchors
        if literal:
            anchors.append(frozenset({literal}))
        ordered = sorted(anchors, key=_selective) if len(anchors) > 1 else anchors
        return _Node(source, tuple(ordered), most, ways), at

    def _item(self, items: list[str], at: int) -> tuple[_Node, int]:
        """Plain text, a class or a group, with its `?` or `*`; optional things have no anchors."""
        if items[at] == "(":
            inner, at = self._choice(items, at + 1)
            if at >= len(items):
                raise Misformed("括号不成对", "unbalanced brackets")
            node = inner._replace(source=f"(?:{inner.source})")
        elif _is_class(items[at]):
            node = self._class(items[at][1:])
        else:
            node = _word(items[at])
        at += 1
        if at < len(items) and items[at] in "?*":
            if items[at] == "*":
                ways = sum(node.ways**times for times in range(MOST_REPEATS + 1))
                return _Node(_repeated(node.source), (), node.most * MOST_REPEATS, ways), at + 1
            return _Node(f"{node.source}?", (), node.most, node.ways + 1), at + 1
        return node, at


def _repeated(source: str) -> str:
    """At most as often as REPEAT says. In (就|又|就又)* the last is said by the others: with it there would be so many ways
    to read a run of them that a hostile contact could take for ever."""
    if REPEAT in source or re.fullmatch(source, ""):
        raise Misformed(
            "重复的里面又有重复的，或可以没有的",
            "a repeat of what repeats, or may be missing, could take for ever",
        )
    words = source.removeprefix("(?:").removesuffix(")").split("|")
    if all(map(str.isalnum, words)):
        needed = [word for word in words if not _made_of(word, frozenset(words) - {word})]
        source = f"(?:{'|'.join(dict.fromkeys(needed))})"
    return source + REPEAT


def _made_of(word: str, others: Words) -> bool:
    """Whether it is two or more of the others, one after another."""
    ends = {0}
    for at in range(len(word)):
        if at in ends:
            ends |= {at + len(other) for other in others if word.startswith(other, at)}
    return len(word) in ends


def _any(choices: Sequence[tuple[Words, ...]]) -> tuple[Words, ...]:
    """Sets of which one word each stands in every match, whichever choice it is: of the first anchors, the second ..."""
    if not all(choices):
        return ()
    first = min(len(word) for one in choices for word in one[0])
    longest = 1 if first > 1 else min(MOST_NEEDS, max(map(len, choices)))
    sets = (frozenset().union(*(one[min(at, len(one) - 1)] for one in choices)) for at in range(longest))
    return tuple(dict.fromkeys(sets))


def _alone(items: list[str], at: int) -> bool:
    """True when plain text is a whole alternative."""
    if at >= len(items) or items[at] in "()|?*" or _is_class(items[at]):
        return False
    return at + 1 == len(items) or items[at + 1] in "|)"


def _is_class(item: str) -> bool:
    return item[0] == "@" and len(item) > 1


def _word(text: str) -> _Node:
    return _Node(_literal(text), (frozenset({text}),), len(text), 1)


def _ways(choices: Sequence[_Node]) -> int:
    """Of plain words those hold at one place that begin one another (很, 很是); of the rest all may."""
    plain = {node.source for node in choices if node.source.isalnum()}
    chain = max((sum(word[:end] in plain for end in range(1, len(word) + 1)) for word in plain), default=0)
    return chain + sum(node.ways for node in choices if node.source not in plain)


def _literal(text: str) -> str:
    return text if text.isalnum() else re.escape(text)


def _selective(words: Words) -> tuple[bool, int, int]:
    """Sort key: sets of long words first, then small sets; last those of which a word is in nearly every contact."""
    return not _EVERYWHERE.isdisjoint(words), -min(map(len, words)), len(words)


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
