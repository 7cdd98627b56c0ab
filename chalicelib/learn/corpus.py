"""The authored training corpus: contacts with their causes marked in place (chalicelib/data/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from chalicelib.learn.examples import Example
from chalicelib.model.analysis import ContactKind
from chalicelib.model.errors import Invalid

FOLDER = Path(__file__).parent.parent / "data" / "corpus"
SAYINGS = FOLDER.parent / "sayings"
COLUMNS = ("kind", "severity", "industry", "style", "text")
KINDS = frozenset(get_args(ContactKind))
_MARK = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\|([^{}|]+)\}")


@dataclass(frozen=True)
class Contact:
    """One authored contact."""

    example: Example
    kind: ContactKind
    severity: int
    industry: str
    style: str


def read_corpus(folder: Path = FOLDER) -> list[Contact]:
    """All contacts of a folder's .tsv files, in the order of file names and lines. Raises Invalid."""
    return [contact for file in sorted(folder.glob("*.tsv")) for contact in _file(file)]


def unmarked(text: str) -> tuple[str, dict[str, tuple[tuple[int, int], ...]]]:
    """The plain text, and for each cause the spans (code points) that were marked `{cause|words}`."""
    plain, spans, at = "", dict[str, tuple[tuple[int, int], ...]](), 0
    for mark in _MARK.finditer(text):
        plain += text[at : mark.start()]
        spans[mark[1]] = (*spans.get(mark[1], ()), (len(plain), len(plain) + len(mark[2])))
        plain, at = plain + mark[2], mark.end()
    return plain + text[at:], spans


def _file(file: Path) -> Iterator[Contact]:
    lines = file.read_text("utf-8").splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise _refused(
            file, 1, f"首行应为 {' '.join(COLUMNS)}", f"the first line must be {' '.join(COLUMNS)}"
        )
    for number, line in enumerate(lines[1:], start=2):
        yield _contact(file, number, line.split("\t"))


def _contact(file: Path, number: int, fields: list[str]) -> Contact:
    if len(fields) != len(COLUMNS):
        raise _refused(file, number, f"应有 {len(COLUMNS)} 列", f"{len(COLUMNS)} fields are needed")
    kind, severity, industry, style, text = fields
    plain, spans = unmarked(text)
    if kind not in KINDS or severity not in "0123" or "{" in plain or "}" in plain:
        raise _refused(file, number, "类别、严重度或标记有误", "kind, severity or a mark is wrong")
    example = Example(f"{file.stem}:{number}", plain, frozenset(spans), spans)
    return Contact(example, kind, int(severity), industry, style)  # type: ignore[arg-type]


def _refused(file: Path, number: int, zh: str, en: str) -> Invalid:
    return Invalid(
        "corpus.line", f"语料这一行有误：{zh}", f"bad line of the corpus: {en}", f"{file.name}:{number}"
    )


def read_sayings(folder: Path = SAYINGS) -> list[Example]:
    """Single clauses as customers say them: `codes<TAB>saying`, codes joined by +, - for none. Raises Invalid."""
    found = []
    for file in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            codes, tab, saying = line.partition("\t")
            if not tab or not saying.strip() or not codes:
                raise _refused(
                    file, number, "应为 代码、制表符、说法", "codes, a tab and a saying are needed"
                )
            found.append(Example(f"{file.stem}:{number}", saying, frozenset(codes.split("+")) - {"-"}))
    return found
