"""What reads contacts, learns to, and finds what nobody has named yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.model.analysis import Analysis, ContactKind, Span
from chalicelib.model.proposal import Evidence
from chalicelib.model.taxonomy import Cause, Taxonomy


class Analyser(Protocol):
    """Reads masked contacts and says what they are about."""

    version: str

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text, in order."""
        ...

    def suggest(self, texts: Sequence[str]) -> list[Analysis]:
        """The same for the one text that somebody is typing: quick to begin, without spaCy."""
        ...


class Label(NamedTuple):
    """What a person said of one masked contact, and when; None leaves kind or severity open."""

    contact: str
    text: str
    causes: frozenset[str]
    kind: ContactKind | None
    severity: int | None
    at: datetime


class Candidate(NamedTuple):
    """A freshly trained tagger: the files it consists of, their digest, and itself, ready to read contacts."""

    digest: str
    files: Mapping[str, bytes]
    analyser: Analyser


class Trainer(Protocol):
    """Makes taggers from the authored data and what people said."""

    def train(self, labels: Sequence[Label], taxonomy: Taxonomy) -> Candidate:
        """A tagger for the taxonomy's active causes; the same labels in any order give the same digest."""
        ...


class ModelFiles(Protocol):
    """Keeps the files of trained taggers. A digest has its files whole or not at all."""

    def put(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep the files, named plainly, under the model's hexadecimal digest; doing it again changes nothing."""
        ...

    def get(self, digest: str) -> Mapping[str, bytes] | None:
        """The files; None when there are none. Raises errors.Invalid when they cannot be read."""
        ...

    def remove(self, digest: str) -> None:
        """Have none of them any more; doing it again changes nothing. Raises errors.Invalid when it cannot."""
        ...


class Document(NamedTuple):
    """A contact as discovery reads it: masked text, week (0 is the oldest), what known causes explain of it."""

    contact: str
    text: str
    week: int
    explained: tuple[Span, ...] = ()


class Found(NamedTuple):
    """A cause nobody has named yet: contacts, the surest first, and what is to be told of them."""

    name: str
    definition: str
    new: bool
    words: tuple[Evidence, ...]
    typical: tuple[str, ...]
    border: tuple[str, ...]
    members: tuple[str, ...]
    weekly: float
    trend: tuple[tuple[int, int], ...]
    nearest: str


class Finder(Protocol):
    """Finds what no cause explains. Pure: the same contacts in any order give the same."""

    def discover(
        self, documents: Sequence[Document], current_weeks: int, causes: Sequence[Cause]
    ) -> list[Found]:
        """Groups of contacts of the last `current_weeks` weeks, the clearest first."""
        ...

    def sudden(
        self, current: Mapping[str, Sequence[str]], baseline: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Evidence, ...]]:
        """By cause, from its texts now and before, the words that are said more often; only causes with some."""
        ...
