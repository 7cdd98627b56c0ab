"""What DynamoDB bills for reads and writes, from the items themselves: its published rules as pure functions.

| rule | page of the DynamoDB developer guide |
| --- | --- |
| sizes of names and values; 100 bytes more an item and index entry in storage | DynamoDB item sizes and formats |
| a write unit is 1 KB, of the larger of old and new item; a failed condition costs the item that is there; a read unit is 4 KB, half when eventually consistent; batches round item by item; queries round the sum of what they read, before any filter; what is not there costs one unit | DynamoDB read and write operations |
| an index costs a write when an entry comes, goes or changes, two when its key changes; nothing when no attribute of it changed | Using Global Secondary Indexes in DynamoDB |
| a transaction writes each item twice; indexes, streams and backups follow only after it, so they do not double | Amazon DynamoDB Transactions: How it works |

Approximate by the guide's own word: the size of numbers. Not in the guide: what a ConditionCheck costs; others
measured it on the real service ("What a conditional DynamoDB transaction actually costs", martinhicks.dev): a write
of the item as it is, doubled by the transaction; conditions of other writes cost nothing. Nothing is taken from an
emulator's answers: theirs leave out indexes and the old item.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

Item = Mapping[str, Mapping[str, Any]]
WRITE, READ = 1_024, 4_096
"""Bytes of a unit."""
STORED = 100
"""Bytes that storage costs an item or index entry besides its own."""


class Index(NamedTuple):
    """A global index: its key attributes and what else it holds (None: everything)."""

    name: str
    key: tuple[str, ...]
    held: frozenset[str] | None

    def entry(self, item: Item | None) -> dict[str, Mapping[str, Any]] | None:
        """The item as the index holds it; None when it is not in it."""
        if item is None or not all(name in item for name in self.key):
            return None
        return {name: value for name, value in item.items() if self.held is None or name in self.held}


def indexes(table: Mapping[str, Any]) -> list[Index]:
    """The global indexes of a table by its properties, as a template has them."""
    return [_index(table, one) for one in table.get("GlobalSecondaryIndexes", ())]


def _index(table: Mapping[str, Any], one: Mapping[str, Any]) -> Index:
    key = tuple(part["AttributeName"] for part in one["KeySchema"])
    held = one["Projection"]
    if held["ProjectionType"] == "ALL":
        return Index(one["IndexName"], key, None)
    own = {part["AttributeName"] for part in table["KeySchema"]}
    return Index(one["IndexName"], key, frozenset({*own, *key, *held.get("NonKeyAttributes", ())}))


def size(item: Item | None) -> int:
    """Bytes of an item: the names and the values. 0 without one."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items()) if item else 0


def _value(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return _number(held)
        case "B":
            return _binary(held)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_value({kind[0]: one}) for one in held)
        case "L":
            return 3 + sum(1 + _value(one) for one in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(one) for name, one in held.items())
    raise ValueError(f"DynamoDB has no type {kind}")


def _number(text: str) -> int:
    """A byte for two significant digits and one more; zeros before and after do not count."""
    digits = "".join(map(str, Decimal(text).as_tuple().digits)).strip("0")
    return ceil(len(digits) / 2) + 1


def _binary(held: Any) -> int:
    """Raw bytes; on the wire they are base64 text."""
    return len(b64decode(held)) if isinstance(held, str) else len(held)


def write_units(before: Item | None, after: Item | None) -> int:
    """Of one item that is put, updated or deleted (after None), outside a transaction."""
    return max(1, ceil(max(size(before), size(after)) / WRITE))


def index_units(index: Index, before: Item | None, after: Item | None) -> int:
    """Of one global index that follows the item."""
    old, new = index.entry(before), index.entry(after)
    if old == new:
        return 0
    if old is None or new is None:
        return write_units(old, new)
    if all(old[name] == new[name] for name in index.key):
        return write_units(old, new)
    return write_units(old, None) + write_units(None, new)


def read_units(sizes: Sequence[int], *, strong: bool) -> float:
    """Of items read together and rounded together: one item, or the page of a query."""
    return max(1, ceil(sum(sizes) / READ)) * (1 if strong else 0.5)


def label(pk: str) -> str:
    """What an item is by its partition key: an entity's kind, a listing, a family of numbers, or the first word
    of any other key."""
    first, _, rest = pk.partition("#")
    kind = rest.partition("#")[0]
    match first:
        case "e":
            return f"entity {kind}"
        case "i":
            return f"listing {kind}"
        case "c":
            return f"numbers {kind}" if kind else "families"
        case "s":
            return "searched"
    return first
