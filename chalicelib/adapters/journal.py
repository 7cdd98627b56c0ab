"""What saves add to the stored numbers, kept apart until it is folded into them.

Adding at once would cost a doubled write for each (family, sort) of each save, and two saves of one week would
meet in the same items. So a save writes one compressed entry instead; readers add what the entries hold; a fold
takes all of them, adds the sums in transactions that also remove the entries, and counts itself: who has read
entries and numbers while the count stood still has read them as they were at one moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from chalicelib.adapters import keys as at
from chalicelib.adapters.dynamo_table import TRANSACTION, Table
from chalicelib.adapters.items import Cell, Rows, Write, fill, packed, row_write, rows_of, unpacked
from chalicelib.adapters.keys import Item
from chalicelib.model.errors import Conflict
from chalicelib.ports import Cells

AT_ONCE = 40
"""Entries one fold takes."""


class Journal:
    """The entries of one table."""

    def __init__(self, table: Table, seconds: Callable[[], float]) -> None:
        self._table, self._seconds = table, seconds

    def entry(self, cells: Mapping[Cell, int]) -> Write:
        """The write that keeps what a save adds."""
        return {"Put": {"Item": _entry(at.timed_key(at.JOURNAL, self._seconds()), rows_of(cells))}}

    def numbers(self, family: str, low: str, high: str) -> Cells:
        """The numbers of a family whose sort lies in [low, high], as they were at one moment."""
        while True:
            folds, entries = self._read()
            found: Counter[Cell] = Counter()
            for item in self._table.between(at.cell_partition(family), f".{low}", f".{high}"):
                for name, value in item.items():
                    if name.startswith("f#"):
                        found[family, item["sk"]["S"][1:], name[2:]] = int(value["N"])
            if _folds(self._table.get(at.fold_key())) == folds:
                break
        for (group, sort, field), n in _sum(entries).items():
            if group == family and low <= sort <= high:
                found[family, sort, field] += n
        return {cell: n for cell, n in found.items() if n}

    def fold(self, least: int) -> None:
        """Add to the stored numbers what the entries hold, once there are `least`; what another one folds at
        this moment is left to it."""
        _, entries = self._read()
        if len(entries) < max(1, least):
            return
        try:
            for i in range(0, len(entries), AT_ONCE):
                self._fold(entries[i : i + AT_ONCE])
        except Conflict:
            return

    def _fold(self, entries: Sequence[Item]) -> None:
        rows = list(rows_of(_sum(entries)).items())
        while entries:
            room = TRANSACTION - len(entries) - 1
            now, rows = rows[:room], rows[room:]
            writes = [row_write(row, fields) for row, fields in now]
            count = {"UpdateExpression": "add #n :one", **fill("#n", {":one": {"N": "1"}})}
            writes.append({"Update": {"Key": at.fold_key(), **count}})
            there = "attribute_exists(#pk)"
            guard = {"ConditionExpression": there, **fill(there, {})}
            first, *others = entries
            key = {"pk": first["pk"], "sk": first["sk"]}
            rest = _entry(key, dict(rows))  # what finds no room waits as one entry
            writes.append({"Put": {"Item": rest, **guard}} if rows else {"Delete": {"Key": key, **guard}})
            writes += [{"Delete": {"Key": {"pk": e["pk"], "sk": e["sk"]}, **guard}} for e in others]
            self._table.write(writes)
            entries = [rest] if rows else []

    def _read(self) -> tuple[int, list[Item]]:
        """How often it was folded, and the entries."""
        items = list(self._table.under(at.JOURNAL))
        entries = [item for item in items if "rows" in item]
        return _folds(next((item for item in items if "rows" not in item), None)), entries


def _folds(item: Item | None) -> int:
    return int(item["n"]["N"]) if item else 0


def _entry(key: Item, rows: Rows) -> Item:
    nested: dict[str, dict[str, dict[str, int]]] = {}
    for (family, sort), fields in rows.items():
        nested.setdefault(family, {})[sort] = fields
    return key | {"rows": packed(nested)}


def _sum(entries: Iterable[Item]) -> Counter[Cell]:
    total: Counter[Cell] = Counter()
    for item in entries:
        for family, sorts in unpacked(item["rows"]).items():
            for sort, fields in sorts.items():
                for field, n in fields.items():
                    total[family, sort, field] += n
    return total
