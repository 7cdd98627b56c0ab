"""What every use case is handed: the ports, and the way to change things safely."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from chalicelib.loop.unit import Unit
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict, TooLarge
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import Taxonomy, default_taxonomy
from chalicelib.ports import (
    Analyser,
    Cells,
    Clock,
    DeadQueues,
    Finder,
    Messenger,
    ModelFiles,
    Store,
    Trainer,
    Uploads,
    Vault,
)

R = TypeVar("R")
T = TypeVar("T")
ATTEMPTS = 8
PAUSE = 0.02
"""Seconds: those who want the same thing at once must not meet again in step."""
MOST_AT_ONCE = 500


class LoopUnit(Unit):
    """A unit of work that knows the time, the rules in force, and the vault."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop.store, _tally)
        self.loop, self.now, self.vault = loop, loop.clock(), loop.vault
        self._taxonomy: Taxonomy | None = None
        self._settings: Settings | None = None

    @property
    def taxonomy(self) -> Taxonomy:
        """The newest taxonomy."""
        if self._taxonomy is None:
            newest = self.find(Taxonomy, "taxonomy.all", "all", limit=1, newest_first=True)
            self._taxonomy = newest[0] if newest else default_taxonomy()
        return self._taxonomy

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        if self._settings is None:
            self._settings = self.get(Settings, "settings") or Settings()
        return self._settings


def _tally(entity: Entity) -> Cells:
    from chalicelib.loop.measure.tally import tally  # knows all that is counted: not for those who only read

    return tally(entity)


@dataclass(frozen=True)
class Workshop:
    """What taggers are made and kept with. `tagger` gives the one for a taxonomy whose model has that digest
    ("": the shipped one) and raises Invalid when its files are missing or damaged."""

    files: ModelFiles
    tagger: Callable[[Taxonomy, str], Analyser]
    trainer: Trainer | None
    """None where nothing can be trained, as on Lambda."""


@dataclass(frozen=True)
class Loop:
    """The ports. `analyser` gives the live one for a taxonomy (built once a version)."""

    store: Store
    vault: Vault
    analyser: Callable[[Taxonomy], Analyser]
    clock: Clock
    workshop: Workshop | None = field(default=None, kw_only=True)
    phrase_warnings: Callable[[Taxonomy], list[dict[str, str]]] | None = field(default=None, kw_only=True)
    """What an admin should know of a taxonomy's own phrases, in both languages."""
    finder: Finder | None = field(default=None, kw_only=True)
    messenger: Messenger | None = field(default=None, kw_only=True)
    """None where nothing leaves for group chats, as in tests and the demo's telling."""
    letters: DeadQueues | None = field(default=None, kw_only=True)
    """None where there are no queues: beside the embedded store."""
    uploads: Uploads | None = field(default=None, kw_only=True)
    """None where there is no bucket for files too large for a request."""

    def unit(self) -> LoopUnit:
        """A fresh unit of work."""
        return LoopUnit(self)

    def change(self, decide: Callable[[LoopUnit], R]) -> R:
        """Run `decide` in a unit and commit; when somebody else was faster, again from the start."""
        for attempt in range(1, ATTEMPTS + 1):
            unit = self.unit()
            try:
                result = decide(unit)
                unit.commit()
                return unit.stored(result)
            except Conflict as conflict:
                if conflict.code != "store.conflict" or attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, PAUSE * attempt) if attempt > 1 else 0)
        raise AssertionError("unreachable")

    def in_parts(
        self, items: Sequence[T], each: int, decide: Callable[[LoopUnit, Sequence[T]], R]
    ) -> list[R]:
        """`decide` on as many items a unit as one save of this store holds, at about `each` changes an item;
        a part that turns out too large is halved."""
        size = max(1, min(MOST_AT_ONCE, self.store.capacity // each))
        return [r for i in range(0, len(items), size) for r in self._part(items[i : i + size], decide)]

    def _part(self, part: Sequence[T], decide: Callable[[LoopUnit, Sequence[T]], R]) -> list[R]:
        try:
            return [self.change(lambda unit: decide(unit, part))]
        except TooLarge:
            if len(part) == 1:
                raise
            half = len(part) // 2
            return self._part(part[:half], decide) + self._part(part[half:], decide)

    def at(self, now: datetime) -> Loop:
        """The same loop at another time."""
        return replace(self, clock=lambda: now)
