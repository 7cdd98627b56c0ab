"""What discovery reads and what it finds. Of the texts only what several contacts say is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Document:
    """A contact: masked and folded text, week (0 is the oldest), and where known causes have their evidence."""

    key: str
    text: str
    week: int
    explained: tuple[tuple[int, int], ...] = ()


class Known(NamedTuple):
    """A cause that has a name already; `words` are phrases customers use for it."""

    code: str
    label: str
    definition: str = ""
    words: tuple[str, ...] = ()


class Word(NamedTuple):
    """A word that sets a finding apart: contacts of the window and of the baseline that hold it, log-odds z."""

    word: str
    current: int
    baseline: int
    z: float


class Member(NamedTuple):
    """A contact of a finding; the higher the score, the surer."""

    key: str
    score: float


@dataclass(frozen=True)
class Finding:
    """A cause nobody has named yet, as it is put before a lead.

    `new` tells whether it has grown against the weeks before, or was always there without an explanation.
    `purity` of a new one is the share of members that the weeks before let us expect to be about it; of another,
    the share of contacts with its words in which no known cause explains them. `weekly` is how many to expect a
    week. `trend` is (week, unexplained contacts with its words) for all weeks. Counts of `words` are contacts.
    """

    name: str
    definition: str
    new: bool
    words: tuple[Word, ...]
    typical: tuple[str, ...]
    border: tuple[str, ...]
    members: tuple[Member, ...]
    purity: float
    weekly: float
    trend: tuple[tuple[int, int], ...]
    nearest: str | None
