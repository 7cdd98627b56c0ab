"""The words of an HTML message, for reading and not for showing: no tag, script or style is left.

Not the standard library's parser: its time grows with the square of what is never closed, and anybody may send that.
"""

from __future__ import annotations

import re
from html import unescape

_UNSEEN = frozenset({"script", "style", "title"})
_BREAKS = frozenset(
    {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "hr", "table", "blockquote", "body"}
)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*+)")


def plain_text(html: str) -> str:
    """Its text, a line a block, in one pass. What is never closed is text, so that no word is lost."""
    lines = (" ".join(line.split()) for line in "".join(_words(html)).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words(html: str) -> list[str]:
    words: list[str] = []
    lower, at = html.lower(), 0
    never: set[str] = set()

    def find(end: str, start: int) -> int:
        """Where it is from there on, or -1; what is once nowhere is not looked for again."""
        found = -1 if end in never else lower.find(end, start)
        if found < 0:
            never.add(end)
        return found

    while (tag := find("<", at)) >= 0:
        words.append(_plain(html[at:tag]))
        name = _TAG.match(html, tag)
        called = name[1].lower() if name else ""
        end = find("-->", tag) + 2 if lower.startswith("<!--", tag) else find(">", tag)
        if end < tag or not (name or html.startswith(("<!", "<?"), tag)):
            words.append("<")
            at = tag + 1
            continue
        words.append("\n" if called in _BREAKS else "")
        closed = find(f"</{called}", end) if called in _UNSEEN and html[tag + 1] != "/" else -1
        at = closed if closed >= 0 else end + 1
    return [*words, _plain(html[at:])]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(text))
