"""The store on one on-demand DynamoDB table (`infra/table.json`); its keys stand in `keys.py`."""

from __future__ import annotations

import random
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from chalicelib.adapters import keys as at
from chalicelib.adapters.dynamo_search import Texts
from chalicelib.adapters.dynamo_table import TRANSACTION, Table
from chalicelib.adapters.intents import Intents, Seconds
from chalicelib.adapters.items import body, coming, entity_writes, fill, number
from chalicelib.adapters.journal import Journal
from chalicelib.adapters.keys import Item
from chalicelib.adapters.marks import foreign_mark
from chalicelib.model.entity import Entity
from chalicelib.model.errors import TooLarge
from chalicelib.ports import Cells, Change, DeadLetter, Page, Work

E = TypeVar("E", bound=Entity)

AHEAD = 4
"""From so many new index entries on they are written ahead: two more requests, and half the write units."""

LONG = 32
"""Entries of the journal that are worth a fold: many saves add to the same numbers, a fold does so once."""


class DynamoStore:
    """The `Store` port on one DynamoDB table.

    `get`, `find`, `cells` and `families` are strongly consistent. Owed work, dead letters and wake-ups are
    read from global indexes that follow within about a second: one may be seen late, or once more after it
    changed. That is safe because claiming is conditional on the item itself.

    Many new index entries come a moment before the save they belong to (`intents.py`), and what a save adds to
    stored numbers waits in a journal (`journal.py`), which `cells` reads too.
    """

    capacity = TRANSACTION - 2
    """Writes of one save: each entity, each index entry that goes. New entries and numbers are one each."""

    def __init__(
        self, client: Any, table_name: str, seconds: Seconds = time.time
    ) -> None:  # Any: as in `Table`
        self._table = Table(client, table_name)
        self._journal, self._intents = Journal(self._table, seconds), Intents(self._table, seconds)
        self._families: set[str] | None = None
        self._texts = Texts(client, table_name)

    # entities

    def get(self, kind: type[E], keys: Sequence[str]) -> dict[str, E]:
        """The entities that exist among `keys`, strongly consistent."""
        wanted = [at.entity_key(kind.kind, key) for key in dict.fromkeys(keys)]
        found: dict[str, E] = {}
        for item in self._table.get_all(wanted):
            found[at.entity_of(item)[1]] = kind.model_validate_json(body(item))
        return found

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
        """Keys of one index partition, in order of sort and key. Raises Invalid for a foreign `after`."""
        pk, (first, last) = at.partition(index, partition), at.entry_range(low, high)
        query: dict[str, Any] = {"ScanIndexForward": not newest_first, "Limit": limit + 1}
        if after:
            query["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": _open_mark(after, first, last)}}
        sks = (item["sk"]["S"] for item in self._table.between(pk, first, last, **query))
        rows = list(islice((sk for sk in sks if at.listed(sk)[0] == kind.kind), limit + 1))
        more = urlsafe_b64encode(rows[limit - 1].encode()).decode() if len(rows) > limit else ""
        return Page([at.listed(sk)[1] for sk in rows[:limit]], more)

    def search(self, kind: type[Entity], terms: Sequence[str], *, limit: int = 100, after: str = "") -> Page:
        """Keys of the entities whose text holds every term, newest first; follows a save within a second."""
        return self._texts.search(kind.kind, terms, limit, after)

    def scrub(self) -> None:
        """What is removed is gone; point-in-time recovery forgets it after its days."""

    def save(self, changes: Sequence[Change], cells: Mapping[tuple[str, str, str], int]) -> None:
        """Apply all or nothing; Conflict when a `before` is not what is stored.

        Raises TooLarge when it is more than one transaction holds (`capacity`): callers make it smaller.
        """
        families = {family for (family, _, _), n in cells.items() if n} - self._known(cells)
        places = self._texts.unnoted(after for _, after in changes if after)
        writes = [write for change in changes for write in entity_writes(*change)]
        writes += [{"Put": {"Item": at.family_key(family)}} for family in sorted(families)]
        writes += [{"Put": {"Item": at.searched_key(*place)}} for place in sorted(places)]
        entries = [entry for change in changes for entry in coming(*change)]
        ahead = len(entries) >= AHEAD
        if not ahead:
            writes += [{"Put": {"Item": entry}} for entry in entries]
        if len(writes) > self.capacity:
            raise TooLarge(
                "store.too_large",
                f"一次要存 {len(writes)} 项，最多 {self.capacity} 项，请分批",
                f"this save needs {len(writes)} items and one transaction holds {self.capacity}: save in parts",
            )
        if any(cells.values()):
            writes.append(self._journal.entry(cells))
        if ahead:
            with self._intents.announced(entries) as taken_away:
                self._table.write([*writes, taken_away])
        elif writes:
            self._table.write(writes)
        if writes:
            self._families = (self._families or set()) | families
            self._texts.note(places)

    def settle(self, *, everything: bool) -> None:
        """Add the journal to the stored numbers when it is long; or `everything`, with what dead saves left."""
        self._journal.fold(1 if everything else LONG)
        if everything:
            self._intents.clear()

    def scan(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a kind, in no order. Reads the whole table: never on a request path."""
        where = "begins_with(#pk, :prefix)"
        given = {":prefix": {"S": at.kind_prefix(kind.kind)}}
        for page in self._table.pages(
            self._table.client.scan, ConsistentRead=True, FilterExpression=where, **fill(where, given)
        ):
            for item in page["Items"]:
                yield kind.model_validate_json(body(item))

    def frozen(self) -> AbstractContextManager[DynamoStore]:
        """This store itself: a table of DynamoDB cannot be held still."""
        return nullcontext(self)

    # stored numbers

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """All stored numbers of a family whose sort lies in [low, high]."""
        return self._journal.numbers(family, low, high)

    def families(self) -> list[str]:
        """The families that have stored numbers."""
        return [item["sk"]["S"] for item in self._table.under(at.FAMILIES)]

    def _known(self, cells: Mapping[tuple[str, str, str], int]) -> set[str]:
        if self._families is None and cells:
            self._families = set(self.families())
        return self._families or set()

    # owed work

    def due(self, now: datetime, limit: int, lease: float = 5.0) -> list[Work]:
        """Claim owed work, oldest first, for `lease` seconds."""
        t = now.timestamp()
        rows = [
            row
            for shard in at.shards("todo")
            for row in self._until(at.WORK, "wpk", shard, "ready", t, limit)
        ]
        # Equally old work in random order: no shard waits for another, and two workers seldom want the same.
        rows.sort(key=lambda row: (float(row["ready"]["N"]), random.random()))
        claimed: list[Work] = []
        for row in rows:
            if len(claimed) == limit:
                break
            if self._claim(row, t + lease):
                claimed.append(Work(*at.entity_of(row), row["pending"]["S"], int(row["tries"]["N"])))
        return claimed

    def postpone(self, work: Work, error: str, until: datetime | None) -> None:
        """Count a failure; never again (a dead letter) when `until` is None."""
        given: Item = {":step": {"S": work.step}, ":error": {"S": error}, ":one": {"N": "1"}}
        if until is None:
            how = "set #error = :error, #dpk = :dead add #tries :one remove #wpk, #ready"
            given[":dead"] = {"S": at.DEAD}
        else:
            how = "set #error = :error, #wpk = :wpk, #ready = :ready add #tries :one remove #dpk"
            given |= {":wpk": {"S": at.todo(work.key)}, ":ready": number(until.timestamp())}
        self._table.update(at.entity_key(work.kind, work.key), how, "#pending = :step", given)

    def dead(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters, by kind and key."""
        rows = self._table.first(at.DEAD, "#dpk = :dpk", {":dpk": {"S": at.DEAD}}, limit)
        return [
            DeadLetter(*at.entity_of(row), row["pending"]["S"], int(row["tries"]["N"]), row["error"]["S"])
            for row in rows
        ]

    def revive(self, kind: str, key: str) -> bool:
        """Owe a dead letter's step again."""
        how = "set #wpk = :wpk, #ready = :zero, #tries = :zero, #error = :none remove #dpk"
        given: Item = {":wpk": {"S": at.todo(key)}, ":zero": {"N": "0"}, ":none": {"S": ""}}
        return self._table.update(at.entity_key(kind, key), how, "attribute_exists(#dpk)", given)

    def waiting(self) -> int:
        """How many entities are owed a step, dead letters left out."""
        where, total = "#wpk = :wpk", 0
        for shard in at.shards("todo"):
            query = fill(where, {":wpk": {"S": shard}}) | {"IndexName": at.WORK, "Select": "COUNT"}
            for page in self._table.pages(self._table.client.query, KeyConditionExpression=where, **query):
                total += page["Count"]
        return total

    def waking(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(kind, key) of entities whose `wake` has come, earliest first."""
        t = now.timestamp()
        rows = [
            row for shard in at.shards("wake") for row in self._until(at.WAKE, "kpk", shard, "wake", t, limit)
        ]
        rows.sort(key=lambda row: float(row["wake"]["N"]))
        return [at.entity_of(row) for row in rows[:limit]]

    def _until(self, index: str, pk: str, shard: str, sort: str, t: float, limit: int) -> list[Item]:
        given = {":shard": {"S": shard}, ":now": number(t)}
        return self._table.first(index, f"#{pk} = :shard and #{sort} <= :now", given, limit)

    def _claim(self, row: Item, until: float) -> bool:
        given = {":until": number(until), ":ver": row["ver"], ":ready": row["ready"], ":tries": row["tries"]}
        unchanged = "#ver = :ver and #ready = :ready and #tries = :tries"
        return self._table.update({"pk": row["pk"], "sk": row["sk"]}, "set #ready = :until", unchanged, given)


def _open_mark(after: str, first: str, last: str) -> str:
    try:
        sk = urlsafe_b64decode(after.encode()).decode()
    except ValueError:
        sk = ""
    if not first <= sk <= last:
        raise foreign_mark()
    return sk
