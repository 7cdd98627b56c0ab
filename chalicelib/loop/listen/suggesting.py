"""What a contact would be tagged as, while an agent is still typing it: read as at intake, kept nowhere."""

from __future__ import annotations

from dataclasses import asdict

from chalicelib.loop.context import Loop
from chalicelib.model.analysis import ContactKind, Span, Tag
from chalicelib.model.entity import Fact
from chalicelib.privacy.mask import mask


class SuggestedCause(Fact):
    """A cause with its name; the evidence is (start, end) code points of the masked text, end-exclusive."""

    code: str
    label: str
    confidence: float
    evidence: tuple[Span, ...]


class Suggestion(Fact):
    """The machine's verdict on a text, and the text as everybody but its writer would see it."""

    text: str
    masked: tuple[str, ...]
    """Kinds of personal data that were found."""
    causes: tuple[SuggestedCause, ...]
    """Most important first."""
    kind: ContactKind
    severity: int
    triggers: tuple[Tag, ...]
    unsure: bool
    version: str


def suggest(loop: Loop, text: str) -> Suggestion:
    """Mask and read one text with the live tagger; nothing is stored."""
    taxonomy, masked = loop.unit().taxonomy, mask(text)
    (read,) = loop.analyser(taxonomy).suggest([masked.text])
    return Suggestion(
        text=masked.text,
        masked=tuple(dict.fromkeys(found.kind for found in masked.found)),
        causes=tuple(SuggestedCause(label=taxonomy.label(tag.code), **asdict(tag)) for tag in read.causes),
        kind=read.kind,
        severity=read.severity,
        triggers=read.triggers,
        unsure=read.unsure,
        version=read.version,
    )
