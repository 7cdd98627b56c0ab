"""`find`: contacts by what was said, each term shown where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any

from rich.text import Text

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.output import OUT, say, table
from chalicelib.loop.listen.search import Hit, Span, search

BEFORE, SHOWN = 16, 72
"""Characters shown before the first find, and in all."""
STYLE = "bold reverse"
COLUMNS = [("id", "编号"), ("time", "时间"), ("channel", "渠道"), ("causes", "原因"), ("text", "内容 text")]


def find(run: Run) -> tuple[int, dict[str, Any]]:
    """Contacts that hold all terms, newest first."""
    a, query = run.args, " ".join(run.args.terms)
    hits, cursor = search(run.loop, run.caller, query, a.cursor, a.limit)
    while cursor and len(hits) < a.limit:  # a page may be short where much had to be read
        rest, cursor = search(run.loop, run.caller, query, cursor, a.limit - len(hits))
        hits += rest
    table(f"找到 found: {query}", [_row(hit) | {"text": in_context(hit)} for hit in hits], COLUMNS)
    if cursor:
        say(
            f"可能还有更多 there may be more: --limit（最多 500）或接着看 or go on with --cursor {quote(cursor)}"
        )
    rows = [_row(hit) | {"text": hit.contact.text, "spans": hit.spans} for hit in hits]
    return 0, {"contacts": rows, "cursor": cursor}


def _row(hit: Hit) -> dict[str, Any]:
    c = hit.contact
    return {"id": c.id, "time": words.minute(c.time), "channel": str(c.channel), "causes": c.causes}


def in_context(hit: Hit, styled: bool | None = None) -> Text:
    """The words around the first find, with every find in them reversed on a terminal, elsewhere «marked»."""
    text = hit.contact.text.replace("\n", " ")
    first = max(0, (hit.spans[0][0] if hit.spans else 0) - BEFORE)
    last = min(len(text), first + SHOWN)
    styled = OUT.is_terminal if styled is None else styled
    shown = Text("…" if first else "")
    for part, is_find in _parts(text, hit.spans, first, last):
        if is_find and not styled:
            part = f"«{part}»"
        shown.append(part, STYLE if is_find and styled else None)
    return shown.append("…" if last < len(text) else "")


def _parts(text: str, spans: Sequence[Span], first: int, last: int) -> Iterator[tuple[str, bool]]:
    """What stands from `first` to `last`, cut at the finds."""
    at = first
    for start, end in spans:
        if start < last:
            yield text[at:start], False
            yield text[start : min(end, last)], True
            at = min(end, last)
    yield text[at:last], False
