"""What saves add to the stored numbers, kept apart until it is folded into them.

Adding at once would cost a doubled write for each (family, sort) of each save, and two saves of one week would
meet in the same items. So a save writes one compressed entry instead; readers add what the entries hold; a fold
takes all of them, adds the sums in transactions that also remove the entries, and counts itself: only one fold at a
time goes through, and who has read entries and numbers while the count stood still has read them as they were at
one moment.
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
        folds, entries = self._read()
        if len(entries) < max(1, least):
            return
        try:
            for i in range(0, len(entries), AT_ONCE):
                folds = self._fold(entries[i : i + AT_ONCE], folds)
        except Conflict:
            return

    def _fold(self, entries: Sequence[Item], folds: int) -> int:
        """As long as nobody else folds: `folds` is how often it was done when the entries were read, and is told
        again afterwards. An entry that another one put back has the same key and other numbers."""
        rows = list(rows_of(_sum(entries)).items())
        while entries:
            room = TRANSACTION - len(entries) - 1
            now, rows = rows[:room], rows[room:]
            first, *others = entries
            key = _key(first)
            rest = _entry(key, dict(rows))  # what finds no room waits as one entry
            last = {"Put": {"Item": rest}} if rows else {"Delete": {"Key": key}}
            gone: list[Write] = [{"Delete": {"Key": _key(entry)}} for entry in others]
            added = [row_write(row, fields) for row, fields in now]
            self._table.write([*added, _counted(folds), last, *gone])
            entries, folds = [rest] if rows else [], folds + 1
        return folds

    def _read(self) -> tuple[int, list[Item]]:
        """How often it was folded, and the entries."""
        items = list(self._table.under(at.JOURNAL))
        entries = [item for item in items if "rows" in item]
        return _folds(next((item for item in items if "rows" not in item), None)), entries


def _folds(item: Item | None) -> int:
    return int(item["n"]["N"]) if item else 0


def _counted(folds: int) -> Write:
    """One fold more, if it was the only one since."""
    same = "#n = :folds" if folds else "attribute_not_exists(#n)"
    given: Item = {":folds": {"N": str(folds)}} if folds else {}
    how = "add #n :one"
    values = fill(f"{how} {same}", {":one": {"N": "1"}, **given})
    return {"Update": {"Key": at.fold_key(), "UpdateExpression": how, "ConditionExpression": same, **values}}


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


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
