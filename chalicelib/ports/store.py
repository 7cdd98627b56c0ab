"""Where everything is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from chalicelib.model.entity import Entity

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
