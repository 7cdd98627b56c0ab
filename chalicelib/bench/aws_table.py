"""One DynamoDB table in memory, for benches: answers requests as the low-level client makes them.

An emulator answers in milliseconds and copies its whole table for every transaction; this one costs little and its
work is not counted as anybody's. It knows what this project asks for and refuses everything else. A test holds its
items and answers against an emulator's.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.bench.aws_expressions import Expression, Held, partition_asked, plain
from chalicelib.bench.aws_units import indexes, label, size

Key = tuple[str, str]
DECLARED = Path(__file__).parents[2] / "infra" / "table.json"
PAGE = 1 << 20
"""Bytes a query reads at the most before its filter."""


def properties() -> dict[str, Any]:
    """What is declared of the table that is deployed."""
    declared = json.loads(DECLARED.read_text("utf-8"))
    found: dict[str, Any] = declared["Resources"]["Table"]["Properties"]
    return found


class Refused(Exception):
    """An answer with status 400; `code` is its type, `reasons` those of a cancelled transaction."""

    def __init__(self, code: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.reasons = code, reasons


class Table:
    """The items of the table with these properties (`infra/table.json`)."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._indexes = {index.name: index for index in indexes(properties)}
        self._items: dict[Key, Held] = {}
        self._sorts: defaultdict[str, list[str]] = defaultdict(list)
        self._entries: dict[str, dict[Key, Held]] = {name: {} for name in self._indexes}

    def copy(self) -> Table:
        """The same items in a table of their own; items are never changed, only replaced."""
        other = object.__new__(Table)
        other._indexes, other._items = self._indexes, dict(self._items)
        other._sorts = defaultdict(list, {pk: list(sks) for pk, sks in self._sorts.items()})
        other._entries = {name: dict(entries) for name, entries in self._entries.items()}
        return other

    def items(self) -> list[Held]:
        """All items by their keys."""
        return [self._items[key] for key in sorted(self._items)]

    def weights(self) -> Iterator[tuple[str, int]]:
        """(what it is, bytes) of every item and index entry, without what storage adds."""
        for item in self._items.values():
            yield label(item["pk"]["S"]), size(item)
        for name, entries in self._entries.items():
            yield from ((f"index {name}", size(entry)) for entry in entries.values())

    # writes

    def put_item(self, **request: Any) -> dict[str, Any]:
        """PutItem."""
        return self._all_or_nothing([("Put", request)])

    def update_item(self, **request: Any) -> dict[str, Any]:
        """UpdateItem."""
        return self._all_or_nothing([("Update", request)])

    def delete_item(self, **request: Any) -> dict[str, Any]:
        """DeleteItem."""
        return self._all_or_nothing([("Delete", request)])

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        """TransactWriteItems."""
        parts = [(how, what) for part in request["TransactItems"] for how, what in part.items()]
        failed = [not _met(what, self._items.get(_key(what))) for _, what in parts]
        if any(failed):
            codes = ["ConditionalCheckFailed" if one else "None" for one in failed]
            raise Refused("TransactionCanceledException", codes)
        return self._all_or_nothing(parts)

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        """BatchWriteItem."""
        writes = [write for many in request["RequestItems"].values() for write in many]
        self._all_or_nothing(
            [(how.removesuffix("Request"), what) for one in writes for how, what in one.items()]
        )
        return {"UnprocessedItems": {}}

    def _all_or_nothing(self, parts: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        """Conditions of single writes are looked at here, those of transactions before."""
        for how, what in parts:
            key = _key(what)
            held = self._items.get(key)
            if not _met(what, held):
                raise Refused("ConditionalCheckFailedException")
            match how:
                case "Put":
                    self._store(key, dict(what["Item"]))
                case "Delete":
                    self._store(key, None)
                case "Update":
                    update = Expression(what["UpdateExpression"], *_given(what))
                    self._store(key, update.updated(held or dict(what["Key"])))
        return {}

    def _store(self, key: Key, item: Held | None) -> None:
        pk, sk = key
        known = key in self._items
        if item is None:
            if known:
                del self._items[key]
                self._sorts[pk].remove(sk)
        else:
            self._items[key] = item
            if not known:
                insort(self._sorts[pk], sk)
        for name, index in self._indexes.items():
            if entry := index.entry(item):
                self._entries[name][key] = entry
            else:
                self._entries[name].pop(key, None)

    # reads

    def get_item(self, **request: Any) -> dict[str, Any]:
        """GetItem."""
        item = self._items.get(_key(request))
        return {"Item": item} if item else {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """BatchGetItem."""
        found = {
            table: [item for key in wanted["Keys"] if (item := self._items.get(_pair(key)))]
            for table, wanted in request["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:
        """Query."""
        where = Expression(request["KeyConditionExpression"], *_given(request))
        rows = self._of_index(request) if "IndexName" in request else self._of_partition(request)
        return self._page(request, (row for row in rows if where.holds(row)))

    def scan(self, **request: Any) -> dict[str, Any]:
        """Scan."""
        start = request.get("ExclusiveStartKey")
        after = _pair(start) if start else ("", "")
        return self._page(request, (self._items[key] for key in sorted(self._items) if key > after))

    def _of_index(self, request: Mapping[str, Any]) -> Iterator[Held]:
        """All entries in the order of their sort; an index of owed work is short."""
        index = self._indexes[request["IndexName"]]
        entries = self._entries[index.name].values()
        back = not request.get("ScanIndexForward", True)
        yield from sorted(entries, key=lambda entry: plain(entry[index.key[1]]), reverse=back)

    def _of_partition(self, request: Mapping[str, Any]) -> Iterator[Held]:
        """The items behind the start key, in the order asked for."""
        pk = partition_asked(request)
        sorts, after = self._sorts.get(pk, []), request.get("ExclusiveStartKey", {}).get("sk", {}).get("S")
        if request.get("ScanIndexForward", True):
            rows = sorts[0 if after is None else bisect_left(sorts, after + "\0") :]
        else:
            rows = sorts[: None if after is None else bisect_left(sorts, after)][::-1]
        yield from (self._items[pk, sk] for sk in rows)

    def _page(self, request: Mapping[str, Any], rows: Iterator[Held]) -> dict[str, Any]:
        read: list[Held] = []
        left, room = request.get("Limit", PAGE), PAGE
        for row in rows:
            if len(read) == left or room < 0:
                more = {"LastEvaluatedKey": {name: read[-1][name] for name in ("pk", "sk")}}
                break
            read.append(row)
            room -= size(row)
        else:
            more = {}
        kept = read
        if "FilterExpression" in request:
            kept_by = Expression(request["FilterExpression"], *_given(request))
            kept = [row for row in read if kept_by.holds(row)]
        shown = {} if request.get("Select") == "COUNT" else {"Items": kept}
        return {**shown, "Count": len(kept), "ScannedCount": len(read), **more}


def _given(request: Mapping[str, Any]) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    return request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})


def _met(what: Mapping[str, Any], held: Held | None) -> bool:
    condition = what.get("ConditionExpression")
    return condition is None or Expression(condition, *_given(what)).holds(held or {})


def _key(what: Mapping[str, Any]) -> Key:
    return _pair(what.get("Item") or what["Key"])


def _pair(key: Mapping[str, Any]) -> Key:
    return key["pk"]["S"], key["sk"]["S"]
