"""The house lexicon as it comes out of its compiler: reading it back takes a tenth of compiling it anew."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from chalicelib.nlp.phrases import Phrase
from chalicelib.nlp.rule import Rule

NAME = "lexicon.json.gz"


def write_rules(file: Path, rules: Sequence[Rule], sources: Sequence[Path]) -> None:
    """Keep what was compiled from these sources; the same bytes for the same rules."""
    words: dict[tuple[str, ...], int] = {}
    rows = []
    for rule in rules:
        needs = [words.setdefault(tuple(sorted(need)), len(words)) for need in rule.phrase.needs]
        rows.append([rule.code, rule.phrase.source, needs, rule.weight, rule.needs, rule.bars, rule.asks])
    kept = {"sources": _digest(sources), "words": list(words), "rules": rows}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_rules(file: Path, sources: Sequence[Path]) -> tuple[Rule, ...] | None:
    """The rules, or None when the file is missing, damaged, or was made from other sources."""
    try:
        kept = json.loads(gzip.decompress(file.read_bytes()))
        if kept["sources"] != _digest(sources):
            return None
        words = [frozenset(some) for some in kept["words"]]
        return tuple(
            Rule(
                code,
                Phrase(source, tuple(words[at] for at in needs)),
                weight,
                tuple(wanted),
                tuple(bars),
                asks,
            )
            for code, source, needs, weight, wanted, bars, asks in kept["rules"]
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError):
        return None


def _digest(sources: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for source in sources:
        whole.update(source.read_bytes() + b"\0")
    return whole.hexdigest()[:16]
