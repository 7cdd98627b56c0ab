"""The house lexicon as it comes out of its compiler: reading it back takes a tenth of compiling it anew."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

from chalicelib.nlp.phrases import Phrase
from chalicelib.nlp.rule import Rule

NAME = "lexicon.json.gz"


def write_rules(file: Path, rules: Sequence[Rule], sources: Sequence[Path]) -> None:
    """Keep what was compiled from these sources; the same bytes for the same rules."""
    words: dict[str, int] = {}
    sets: dict[tuple[int, ...], int] = {}
    rows = []
    for rule in rules:
        numbered = (
            tuple(words.setdefault(word, len(words)) for word in sorted(need)) for need in rule.phrase.needs
        )
        needs = [sets.setdefault(need, len(sets)) for need in numbered]
        rows.append([rule.code, rule.phrase.source, needs, rule.weight, rule.needs, rule.bars, rule.asks])
    kept = {"sources": _digest(sources), "words": list(words), "sets": list(sets), "rules": rows}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_rules(file: Path, sources: Sequence[Path]) -> tuple[Rule, ...] | None:
    """The rules, or None when the file is missing, damaged, or was made from other sources."""
    try:
        kept = json.loads(gzip.decompress(file.read_bytes()))
        if kept["sources"] != _digest(sources):
            return None
        word = kept["words"].__getitem__
        sets = [frozenset(map(word, some)) for some in kept["sets"]]
        return tuple(
            Rule(
                code,
                Phrase(source, tuple(sets[at] for at in needs)),
                weight,
                tuple(wanted),
                tuple(bars),
                asks,
            )
            for code, source, needs, weight, wanted, bars, asks in kept["rules"]
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def _digest(sources: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for source in sources:
        whole.update(source.read_bytes() + b"\0")
    return whole.hexdigest()[:16]
