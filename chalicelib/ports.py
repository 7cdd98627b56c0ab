"""What the loop needs from the outside. Few and small; adapters fill them, `wiring` chooses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from chalicelib.model.analysis import Analysis, ContactKind, Span
from chalicelib.model.entity import Entity
from chalicelib.model.proposal import Evidence
from chalicelib.model.taxonomy import Cause, Taxonomy

E = TypeVar("E", bound=Entity)

Cells = dict[tuple[str, str, str], int]
"""Stored numbers: (family, sort, field) -> integer. Sums of what entities contribute, nothing else."""


class Page(NamedTuple):
    """Keys of one index partition in order, and where to go on ("" at the end)."""

    keys: list[str]
    next: str


class Change(NamedTuple):
    """One entity before and after. Before None: it must not exist yet. After None: it goes. Both the same: it
    stays, and must be what is stored."""

    before: Entity | None
    after: Entity | None

    @property
    def guards(self) -> bool:
        """Whether it only makes sure that an entity is unchanged."""
        return self.before is not None and self.before is self.after


class Work(NamedTuple):
    """One owed step: entity `kind`/`key` waits for `step`, tried `attempts` times so far."""

    kind: str
    key: str
    step: str
    attempts: int


class DeadLetter(NamedTuple):
    """Work that was given up; `error` names the error's type and place, never its data."""

    kind: str
    key: str
    step: str
    attempts: int
    error: str


class Store(Protocol):
    """Keeps entities, their index entries and the stored numbers; every `save` is all or nothing."""

    capacity: int
    """About how many changes one `save` can hold."""

    def get(self, kind: type[E], keys: Sequence[str]) -> dict[str, E]:
        """The entities that exist among `keys`, strongly consistent."""
        ...

    def find(
        self,
        kind: type[Entity],
        index: str,
        partition: str,
        *,
        low: str = "",
        high: str = "~",
        limit: int = 100,
        newest_first: bool = False,
        after: str = "",
    ) -> Page:
        """Keys whose sort lies in [low, high] in order; `after` is the `next` of the page before.

        Nothing that is listed is missing. While somebody saves, and for minutes after somebody was killed doing
        it, a key may be there that is not listed there: what is done with it goes by the entity itself."""
        ...

    def search(self, kind: type[Entity], terms: Sequence[str], *, limit: int = 100, after: str = "") -> Page:
        """Keys of the entities whose text (`Entity.searched`) holds every term, newest first.

        Letter case, full or half width, traditional or simplified make no difference; a term holds no blank.
        One call reads only so much: a page may be short, even empty, before the end, which is `next` "".
        """
        ...

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Apply all changes and add all cell deltas, or nothing. Raises errors.Conflict when any `before`
        is not what is stored (compared by version), errors.TooLarge when one save cannot hold it all."""
        ...

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """All stored numbers of a family whose sort lies in [low, high]. Zero is not listed."""
        ...

    def due(self, now: datetime, limit: int, lease: float = 5.0) -> list[Work]:
        """Claim owed work, oldest first, for `lease` seconds; nobody else gets it meanwhile."""
        ...

    def postpone(self, work: Work, error: str, until: datetime | None) -> None:
        """Count a failure; try again at `until`, or never (a dead letter) when None."""
        ...

    def dead(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters."""
        ...

    def revive(self, kind: str, key: str) -> bool:
        """Owe a dead letter's step again; False when there is none."""
        ...

    def waiting(self) -> int:
        """How many entities are owed a step, dead letters left out."""
        ...

    def waking(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(kind, key) of entities whose `wake` has come, earliest first."""
        ...

    def scan(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a kind. For rebuild, export and removal; never on a request path."""
        ...

    def settle(self, *, everything: bool) -> None:
        """Bring together what the adapter keeps apart so that saves are cheap: as far as that is worth it, after
        many saves; or `everything`, every minute, what dead saves left too."""
        ...

    def scrub(self) -> None:
        """Overwrite what the texts of removed and changed entities left behind; erasure calls this."""
        ...

    def frozen(self) -> AbstractContextManager[Store]:
        """This store as it is now, for reading only, whatever others write meanwhile. An adapter that cannot
        (DynamoDB) gives itself: there a recount is exact only while nothing is written."""
        ...

    def families(self) -> list[str]:
        """The families that have stored numbers. For rebuild."""
        ...


class Vault(Protocol):
    """Keeps what must not be readable: seals texts, and turns identifiers into digests."""

    def seal(self, text: str, about: str) -> str:
        """Encrypt; `about` is bound to the result and needed to open it."""
        ...

    def open(self, sealed: str, about: str) -> str:
        """Decrypt. Raises errors.Invalid when it was changed or belongs to something else."""
        ...

    def digest(self, value: str) -> str:
        """A keyed, irreversible, stable name of a value (26 characters, a-z2-7)."""
        ...


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


class Sent(NamedTuple):
    """What a group chat answered: "0" is success, whatever the HTTP status; `too_often` asks for patience."""

    code: str
    too_often: bool = False

    @property
    def fine(self) -> bool:
        """Whether the message is in the chat."""
        return self.code == "0"


class Messenger(Protocol):
    """Speaks to group chats, and to no other host than the address names."""

    def send(self, platform: str, address: str, secret: str, text: str, now: datetime) -> Sent:
        """Send a text. Never raises for what the other side does: that is a code."""
        ...


class Drop(Protocol):
    """Where other systems leave files, by name. Repeating any of it changes nothing."""

    def fetch(self, name: str, path: Path) -> str:
        """Copy the file to disk; a mark of this content, "" when it is not there."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file's content; None when it is not there."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Have this content under this name."""
        ...

    def remove(self, name: str, mark: str) -> None:
        """Have it no more, unless it is another one by now."""
        ...


class Clock(Protocol):
    """Tells the time; tests and the demo company hand in their own."""

    def __call__(self) -> datetime:
        """Now, aware."""
        ...
