"""The store on one on-demand DynamoDB table (`infra/table.json`); its keys stand in `keys.py`."""

from __future__ import annotations

import random
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from chalicelib.adapters import keys as at
from chalicelib.adapters.dynamo_search import Texts
from chalicelib.adapters.items import Write, body, cell_writes, conflict, entity_writes, fill, number
from chalicelib.adapters.keys import Item
from chalicelib.adapters.marks import foreign_mark
from chalicelib.model.entity import Entity
from chalicelib.model.errors import TooLarge
from chalicelib.ports import Cells, Change, DeadLetter, Page, Work

E = TypeVar("E", bound=Entity)

BATCH = 100
"""Keys a BatchGetItem takes."""
ATTEMPTS = 4
"""Transactions that only met another one are repeated this often before it is called a conflict."""
PAUSE = 0.02
"""Seconds; doubles with every attempt."""


class DynamoStore:
    """The `Store` port on one DynamoDB table.

    `client` is a low-level client, `boto3.client("dynamodb")`, with retries in mode standard or adaptive:
    throttling is its business and what it gives up on is passed on as it is. It names each transaction with
    a token, so a repeat after a lost answer is not taken for somebody else's change.

    `get`, `find`, `cells` and `families` are strongly consistent. Owed work, dead letters and wake-ups are
    read from global indexes that follow within about a second: one may be seen late, or once more after it
    changed. That is safe because claiming is conditional on the item itself.
    """

    capacity = 100
    """Items DynamoDB takes in one transaction: each entity, each index entry that comes or goes, each
    (family, sort) of cells and each new family is one."""

    def __init__(self, client: Any, table_name: str) -> None:  # Any: boto3's clients have no static type
        self._db, self._table = client, table_name
        self._families: set[str] | None = None
        self._texts = Texts(client, table_name)

    # entities

    def get(self, kind: type[E], keys: Sequence[str]) -> dict[str, E]:
        """The entities that exist among `keys`, strongly consistent."""
        wanted = [at.entity_key(kind.kind, key) for key in dict.fromkeys(keys)]
        found: dict[str, E] = {}
        for i in range(0, len(wanted), BATCH):
            for item in self._batch(wanted[i : i + BATCH]):
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
        sks = (item["sk"]["S"] for item in self._between(pk, first, last, **query))
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
        writes += cell_writes(cells)
        writes += [{"Put": {"Item": at.family_key(family)}} for family in sorted(families)]
        writes += [{"Put": {"Item": at.searched_key(*place)}} for place in sorted(places)]
        if len(writes) > self.capacity:
            raise TooLarge(
                "store.too_large",
                f"一次要存 {len(writes)} 项，最多 {self.capacity} 项，请分批",
                f"this save needs {len(writes)} items and one transaction holds {self.capacity}: save in parts",
            )
        if writes:
            self._transact(writes)
            self._families = (self._families or set()) | families
            self._texts.note(places)

    def scan(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a kind, in no order. Reads the whole table: never on a request path."""
        where = "begins_with(#pk, :prefix)"
        given = {":prefix": {"S": at.kind_prefix(kind.kind)}}
        for page in self._pages(
            self._db.scan, ConsistentRead=True, FilterExpression=where, **fill(where, given)
        ):
            for item in page["Items"]:
                yield kind.model_validate_json(body(item))

    def frozen(self) -> AbstractContextManager[DynamoStore]:
        """This store itself: a table of DynamoDB cannot be held still."""
        return nullcontext(self)

    # stored numbers

    def cells(self, family: str, low: str = "", high: str = "~") -> Cells:
        """All stored numbers of a family whose sort lies in [low, high]."""
        found: Cells = {}
        for item in self._between(at.cell_partition(family), f".{low}", f".{high}"):
            for name, value in item.items():
                if name.startswith("f#") and (n := int(value["N"])):
                    found[family, item["sk"]["S"][1:], name[2:]] = n
        return found

    def families(self) -> list[str]:
        """The families that have stored numbers."""
        where = "#pk = :pk"
        query = fill(where, {":pk": {"S": at.FAMILIES}})
        pages = self._pages(self._db.query, ConsistentRead=True, KeyConditionExpression=where, **query)
        return [item["sk"]["S"] for page in pages for item in page["Items"]]

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
        self._update(at.entity_key(work.kind, work.key), how, "#pending = :step", given)

    def dead(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters, by kind and key."""
        rows = self._first(at.DEAD, "#dpk = :dpk", {":dpk": {"S": at.DEAD}}, limit)
        return [
            DeadLetter(*at.entity_of(row), row["pending"]["S"], int(row["tries"]["N"]), row["error"]["S"])
            for row in rows
        ]

    def revive(self, kind: str, key: str) -> bool:
        """Owe a dead letter's step again."""
        how = "set #wpk = :wpk, #ready = :zero, #tries = :zero, #error = :none remove #dpk"
        given: Item = {":wpk": {"S": at.todo(key)}, ":zero": {"N": "0"}, ":none": {"S": ""}}
        return self._update(at.entity_key(kind, key), how, "attribute_exists(#dpk)", given)

    def waiting(self) -> int:
        """How many entities are owed a step, dead letters left out."""
        where, total = "#wpk = :wpk", 0
        for shard in at.shards("todo"):
            query = fill(where, {":wpk": {"S": shard}}) | {"IndexName": at.WORK, "Select": "COUNT"}
            for page in self._pages(self._db.query, KeyConditionExpression=where, **query):
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

    # requests

    def _batch(self, wanted: list[Item]) -> Iterator[Item]:
        request: dict[str, Any] = {self._table: {"Keys": wanted, "ConsistentRead": True}}
        while True:
            answer = self._db.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self._table, ())
            request = answer.get("UnprocessedKeys", {})
            if not request:
                return
            time.sleep(PAUSE)

    def _pages(self, call: Callable[..., dict[str, Any]], **query: Any) -> Iterator[dict[str, Any]]:
        while True:
            page = call(TableName=self._table, **query)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _between(self, pk: str, low: str, high: str, **query: Any) -> Iterator[Item]:
        if low > high:  # DynamoDB refuses what is only an empty range
            return
        where = "#pk = :pk and #sk between :low and :high"
        query |= fill(where, {":pk": {"S": pk}, ":low": {"S": low}, ":high": {"S": high}})
        for page in self._pages(self._db.query, ConsistentRead=True, KeyConditionExpression=where, **query):
            yield from page["Items"]

    def _until(self, index: str, pk: str, shard: str, sort: str, t: float, limit: int) -> list[Item]:
        where = f"#{pk} = :shard and #{sort} <= :now"
        given = {":shard": {"S": shard}, ":now": number(t)}
        return self._first(index, where, given, limit)

    def _first(self, index: str, where: str, given: Item, limit: int) -> list[Item]:
        query = {"IndexName": index, "KeyConditionExpression": where, "Limit": limit, **fill(where, given)}
        rows: list[Item] = self._db.query(TableName=self._table, **query)["Items"]
        return rows

    def _claim(self, row: Item, until: float) -> bool:
        given = {":until": number(until), ":ver": row["ver"], ":ready": row["ready"], ":tries": row["tries"]}
        unchanged = "#ver = :ver and #ready = :ready and #tries = :tries"
        return self._update({"pk": row["pk"], "sk": row["sk"]}, "set #ready = :until", unchanged, given)

    def _update(self, key: Item, how: str, condition: str, given: Item) -> bool:
        request = {"UpdateExpression": how, "ConditionExpression": condition}
        try:
            self._db.update_item(
                TableName=self._table, Key=key, **request, **fill(f"{how} {condition}", given)
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        except self._db.exceptions.TransactionConflictException:
            return False  # it is being saved at this moment: whatever was to be noted is about to be outdated
        return True

    def _transact(self, writes: Sequence[Write]) -> None:
        items = [{how: {"TableName": self._table, **what} for how, what in write.items()} for write in writes]
        for attempt in range(ATTEMPTS):
            try:
                self._db.transact_write_items(TransactItems=items)
                return
            except self._db.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]
                if "ConditionalCheckFailed" in codes:
                    raise conflict(items[codes.index("ConditionalCheckFailed")]) from error
                if "TransactionConflict" not in codes:
                    raise
                met = items[codes.index("TransactionConflict")]
            # No version differs, so the same transaction may go through a moment later.
            time.sleep(random.uniform(0, PAUSE * 2**attempt))
        raise conflict(met)


def _open_mark(after: str, first: str, last: str) -> str:
    try:
        sk = urlsafe_b64decode(after.encode()).decode()
    except ValueError:
        sk = ""
    if not first <= sk <= last:
        raise foreign_mark()
    return sk
