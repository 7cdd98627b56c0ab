"""A DynamoDB client that counts what its requests would cost, whatever answers them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.bench.aws_expressions import partition_asked
from chalicelib.bench.aws_units import Item, index_units, indexes, label, read_units, size, write_units

Key = tuple[str, str]
Image = Item | None
MOST_KEYS = 100
WITHOUT_FILTER = ("FilterExpression", "ProjectionExpression", "Select")


def _hot() -> defaultdict[str, dict[str, float]]:
    return defaultdict(lambda: defaultdict(float))


@dataclass
class Counted:
    """Units and requests, by what they were for: `label`."""

    writes: Counter[str] = field(default_factory=Counter)
    """Write units."""
    written: Counter[str] = field(default_factory=Counter)
    """Items and index entries written."""
    reads: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Read units; halves are possible."""
    requests: Counter[str] = field(default_factory=Counter)
    """By operation."""
    keys: defaultdict[str, dict[str, float]] = field(default_factory=_hot)
    """What single keys bear: `writes` and `reads`, units by partition key; `met`, transactions by item."""


class Counting:
    """Passes every request on to `client`, a low-level client, and counts it in `counted`.

    `table` holds the properties of the one table all requests are for (`infra/table.json`). Sizes are those of
    the items as stored: put ones as they were sent, updated ones as read back from `client`, uncounted. It must be
    the only one that writes. An operation it does not know is refused, so that none goes uncounted.
    """

    def __init__(self, client: Any, table: Mapping[str, Any]) -> None:  # Any: boto3 has no static types
        self._client, self._indexes = client, indexes(table)
        self._key = tuple(part["AttributeName"] for part in table["KeySchema"])
        self._stored: dict[Key, Image] = {}
        self.counted = Counted()

    @property
    def exceptions(self) -> Any:
        """The client's."""
        return self._client.exceptions

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def taken(self) -> Counted:
        """What was counted since it was last taken."""
        counted, self.counted = self.counted, Counted()
        return counted

    # writes

    def put_item(self, **request: Any) -> Any:
        """PutItem."""
        return self._one("PutItem", self._client.put_item, request)

    def update_item(self, **request: Any) -> Any:
        """UpdateItem."""
        return self._one("UpdateItem", self._client.update_item, request)

    def delete_item(self, **request: Any) -> Any:
        """DeleteItem."""
        return self._one("DeleteItem", self._client.delete_item, request)

    def _one(self, name: str, send: Callable[..., Any], request: dict[str, Any]) -> Any:
        how = name.removesuffix("Item")
        return self._written(name, send, request, [(request["TableName"], how, request)], times=1)

    def transact_write_items(self, **request: Any) -> Any:
        """TransactWriteItems."""
        parts = [
            (what["TableName"], how, what) for part in request["TransactItems"] for how, what in part.items()
        ]
        return self._written("TransactWriteItems", self._client.transact_write_items, request, parts, times=2)

    def batch_write_item(self, **request: Any) -> Any:
        """BatchWriteItem; what comes back unprocessed has cost nothing."""
        answer = self._client.batch_write_item(**request)
        self.counted.requests["BatchWriteItem"] += 1
        left = answer.get("UnprocessedItems", {})
        for table, writes in request["RequestItems"].items():
            done = [write for write in writes if write not in left.get(table, ())]
            parts = [(table, how.removesuffix("Request"), what) for one in done for how, what in one.items()]
            before = self._before(parts)
            self._count(
                before, {key: what.get("Item") for key, (_, _, what) in zip(before, parts, strict=True)}, 1
            )
        return answer

    def _written(
        self, name: str, send: Callable[..., Any], request: dict[str, Any], parts: Sequence[Any], times: int
    ) -> Any:
        before = self._before(parts)
        self.counted.requests[name] += 1
        try:
            answer = send(**request)
        except Exception:
            self._count(before, before, times)
            raise
        self._count(before, self._after(before, parts), times)
        return answer

    def _before(self, parts: Sequence[Any]) -> dict[Key, Image]:
        keys = [self._key_of(what.get("Item") or what["Key"]) for _, _, what in parts]
        if unknown := [key for key in keys if key not in self._stored]:
            self._stored |= self._look(parts[0][0], unknown)
        return {key: self._stored[key] for key in keys}

    def _after(self, before: Mapping[Key, Image], parts: Sequence[Any]) -> dict[Key, Image]:
        after = dict(before)
        updated = [key for key, (_, how, _) in zip(before, parts, strict=True) if how == "Update"]
        for key, (_, how, what) in zip(before, parts, strict=True):
            if how in ("Put", "Delete"):
                after[key] = what.get("Item")
        return after | (self._look(parts[0][0], updated) if updated else {})

    def _count(self, before: Mapping[Key, Image], after: Mapping[Key, Image], times: int) -> None:
        for key, old in before.items():
            new, name = after[key], label(key[0])
            units = times * write_units(old, new)
            self.counted.writes[name] += units
            self.counted.written[name] += 1
            self.counted.keys["writes"][key[0]] += units
            if times > 1:
                self.counted.keys["met"]["|".join(key)] += 1
            for index in self._indexes:
                if more := index_units(index, old, new):
                    self.counted.writes[f"index {index.name}"] += more
                    self.counted.written[f"index {index.name}"] += 1
        self._stored |= after

    def _look(self, table: str, keys: Sequence[Key]) -> dict[Key, Image]:
        """The items as they are stored, None for what is not there; not counted."""
        found: dict[Key, Image] = dict.fromkeys(keys)
        for at in range(0, len(keys), MOST_KEYS):
            wanted = [
                dict(zip(self._key, ({"S": part} for part in key), strict=True))
                for key in keys[at : at + MOST_KEYS]
            ]
            while wanted:
                answer = self._client.batch_get_item(
                    RequestItems={table: {"Keys": wanted, "ConsistentRead": True}}
                )
                found |= {self._key_of(item): item for item in answer["Responses"].get(table, ())}
                wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        return found

    def _key_of(self, item: Item) -> Key:
        pk, sk = self._key
        return item[pk]["S"], item[sk]["S"]

    # reads

    def get_item(self, **request: Any) -> Any:
        """GetItem."""
        answer = self._client.get_item(**request)
        self._read("GetItem", request, [(self._key_of(request["Key"])[0], [answer.get("Item")])])
        return answer

    def batch_get_item(self, **request: Any) -> Any:
        """BatchGetItem: every item is rounded on its own; one that is not there costs a unit."""
        answer = self._client.batch_get_item(**request)
        for table, wanted in request["RequestItems"].items():
            found = {self._key_of(item): item for item in answer["Responses"].get(table, ())}
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
            keys = [self._key_of(key) for key in wanted["Keys"] if key not in left]
            self._read("BatchGetItem", wanted, [(key[0], [found.get(key)]) for key in keys])
        return answer

    def query(self, **request: Any) -> Any:
        """Query: the sum of what it reads, whatever a filter or a count makes of it."""
        return self._paged("Query", self._client.query, request)

    def scan(self, **request: Any) -> Any:
        """Scan."""
        return self._paged("Scan", self._client.scan, request)

    def _paged(self, name: str, call: Callable[..., Any], request: dict[str, Any]) -> Any:
        answer = call(**request)
        whole = any(part in request for part in WITHOUT_FILTER)
        items = call(**_unfiltered(request))["Items"] if whole else answer["Items"]
        self._read(name, request, [(_asked(request), items)])
        return answer

    def _read(self, name: str, how: Mapping[str, Any], pages: Iterable[tuple[str, Sequence[Image]]]) -> None:
        self.counted.requests[name] += 1
        for pk, items in pages:
            units = read_units([size(item) for item in items], strong=how.get("ConsistentRead", False))
            self.counted.reads[f"index {pk}" if "IndexName" in how else label(pk)] += units
            self.counted.keys["reads"][pk] += units


def _asked(request: Mapping[str, Any]) -> str:
    """What a query is for: an index by its name, a partition of the table by its key."""
    if index := request.get("IndexName"):
        return str(index)
    return partition_asked(request) if "KeyConditionExpression" in request else "scan"


def _unfiltered(request: Mapping[str, Any]) -> dict[str, Any]:
    """The same request for everything it reads."""
    bare = {name: value for name, value in request.items() if name not in WITHOUT_FILTER}
    where = bare.get("KeyConditionExpression", "")
    for part in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        kept = {name: one for name, one in bare.pop(part, {}).items() if re.search(rf"{name}\b", where)}
        bare |= {part: kept} if kept else {}
    return bare
