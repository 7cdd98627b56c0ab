"""What tests of learning share: a trainer that does as told, files in memory, contacts that people corrected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.loop.context import Loop, Workshop
from chalicelib.loop.listen.labels import held_out
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.contact import Channel, Contact, Correction
from chalicelib.model.errors import Invalid
from chalicelib.model.tagger import LiveTagger
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.ports import Analyser, Candidate, Label

Words = Mapping[str, str]
"""Word -> cause."""


@dataclass
class Knows:
    """An analyser of a few words."""

    words: Words
    version: str

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """The causes whose words the text holds."""
        return [
            Analysis(
                causes=tuple(
                    Tag(code=code, confidence=0.9) for word, code in self.words.items() if word in text
                ),
                kind="complaint",
                severity=1,
                version=self.version,
            )
            for text in texts
        ]

    suggest = __call__


@dataclass
class Shelf:
    """`ModelFiles` in memory."""

    kept: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def put(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep."""
        self.kept[digest] = dict(files)

    def get(self, digest: str) -> Mapping[str, bytes] | None:
        """Give back."""
        return self.kept.get(digest)

    def remove(self, digest: str) -> None:
        """Forget."""
        self.kept.pop(digest, None)


@dataclass
class School:
    """A `Trainer` whose taggers know these words, and remember what they were taught."""

    words: Words
    lessons: list[list[str]] = field(default_factory=list)
    """Of each training the contacts."""

    def train(self, labels: Sequence[Label], taxonomy: Taxonomy) -> Candidate:
        """A tagger; what it was taught is part of its digest."""
        in_order = sorted((one.contact, one.text, sorted(one.causes)) for one in labels)
        self.lessons.append([contact for contact, _, _ in in_order])
        content = json.dumps([taxonomy.number, dict(self.words), in_order], ensure_ascii=False).encode()
        digest = hashlib.sha256(content).hexdigest()
        files = {"words.json": json.dumps(dict(self.words)).encode()}
        return Candidate(digest, files, Knows(self.words, digest[:8]))


SHIPPED_WORDS = {"三天": "delivery.late"}


def tagger_of(shelf: Shelf, taxonomy: Taxonomy, digest: str) -> Analyser:
    """The tagger that a model of `School` makes; the shipped one knows one word."""
    if not digest:
        return Knows(SHIPPED_WORDS, "shipped")
    files = shelf.get(digest)
    if files is None:
        raise Invalid("model.absent", "没有", "gone", digest[:8])
    return Knows(json.loads(files["words.json"]), digest[:8])


def with_school(loop: Loop, words: Words, shelf: Shelf | None = None) -> Loop:
    """The loop with a workshop, and with the live tagger of its store for an analyser."""
    shelf = shelf or Shelf()

    def live(taxonomy: Taxonomy) -> Analyser:
        known = loop.store.get(LiveTagger, ["live"]).get("live")
        return tagger_of(shelf, taxonomy, known.digest if known else "")

    shop = Workshop(shelf, lambda taxonomy, digest: tagger_of(shelf, taxonomy, digest), School(words))
    return replace(loop, analyser=live, workshop=shop)


def corrected(number: int, at: datetime, text: str = "快递三天没到", **said: Any) -> Contact:
    """A contact that a person said something of."""
    correction = {"by": "agent", "at": at, "causes": ("delivery.late",), "contact_kind": "complaint"}
    return Contact(
        id=f"k{number:05d}",
        channel=Channel.PHONE,
        fingerprint=f"f{number}",
        text=text,
        time=at,
        received=at,
        taken_by="agent",
        correction=Correction(**{**correction, "severity": 1, **said}),
    )


def teach(loop: Loop, contacts: Iterable[Contact]) -> None:
    """Store them."""
    loop.change(lambda unit: [unit.put(contact) for contact in contacts])


def numbers(held: bool, many: int, start: int = 0) -> list[int]:
    """So many contact numbers of those that are held out, or that are not."""
    found, number = [], start
    while len(found) < many:
        if held_out(f"k{number:05d}") is held:
            found.append(number)
        number += 1
    return found


def company(at: datetime, taught: int = 60, held: int = 24) -> list[Contact]:
    """Enough to learn from: late parcels, half of them in words that the shipped tagger does not know."""
    chosen = numbers(False, taught) + numbers(True, held)
    return [corrected(n, at, "快递三天没到" if i % 2 else "快递慢吞吞") for i, n in enumerate(chosen)]


BETTER = {"三天": "delivery.late", "慢吞吞": "delivery.late"}
WORSE = {"三天": "billing.unclear"}
