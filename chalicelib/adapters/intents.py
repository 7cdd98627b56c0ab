"""Index entries that are written ahead of the save they belong to, because inside its transaction they cost double.

An intent says which. The transaction takes it away; if it is not there any more, nothing is saved. What a killed
or refused save leaves behind is an intent with entries that lead to nothing: once it is old it is made void, so
that its save can never go through, and its entries are put right by what the entities are. A save that is under way with
one of its entities is waited for, since both may have written the same entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from chalicelib.adapters import keys as at
from chalicelib.adapters.dynamo_table import Table
from chalicelib.adapters.items import Write, body, coming, fill, packed, unpacked
from chalicelib.adapters.keys import Item
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict

Seconds = Callable[[], float]
Place = tuple[str, str]
"""(pk, sk) of an index entry."""
OLD = 90.0
"""Seconds after which a save is taken for dead. One that is only slow is refused then and repeated."""


class Intents:
    """Those of one table; `seconds` is the time now, since 1970."""

    def __init__(self, table: Table, seconds: Seconds) -> None:
        self._table, self._seconds = table, seconds

    @contextmanager
    def announced(self, entries: Sequence[Item]) -> Iterator[Write]:
        """Write index entries ahead; hands out the write that takes the intent away, for the transaction."""
        intent = at.timed_key(at.INTENTS, self._seconds())
        places = sorted((entry["pk"]["S"], entry["sk"]["S"]) for entry in entries)
        self._table.put_all([intent | {"places": packed(places)}])
        self._table.put_all(entry | {"by": intent["sk"]} for entry in entries)
        valid = "attribute_exists(#pk) and attribute_not_exists(#void)"
        try:
            yield {"Delete": {"Key": intent, "ConditionExpression": valid, **fill(valid, {})}}
        except Conflict:  # nothing was saved; after other errors one cannot know
            self._void(intent)
            self.clear()
            raise

    def clear(self) -> None:
        """Remove what dead saves left."""
        old = self._seconds() - OLD
        intents = list(self._table.under(at.INTENTS))
        dead = [i for i in intents if "void" in i or (at.made(i) < old and self._void(i))]
        alive = {ident for i in intents if i not in dead for ident in map(_ident, _places(i))}
        for intent in dead:
            places = _places(intent)
            if alive.isdisjoint(map(_ident, places)):
                self._mend(places, intent["sk"])
                self._table.only_if("delete_item", Key=_key(intent))

    def _void(self, intent: Item) -> bool:
        there = "attribute_exists(#pk)"
        return self._table.update(_key(intent), "set #void = :yes", there, {":yes": {"BOOL": True}})

    def _mend(self, places: Sequence[Place], mark: dict[str, str]) -> None:
        """Leave of the entries it wrote those that an entity has, with that one's text."""
        right = self._right({_ident(place) for place in places})
        mine = "#by = :by"
        guard = {"ConditionExpression": mine, **fill(mine, {":by": mark})}
        for place in places:
            if place in right:
                self._table.only_if("put_item", Item=right[place], **guard)
            else:
                self._table.only_if(
                    "delete_item", Key={"pk": {"S": place[0]}, "sk": {"S": place[1]}}, **guard
                )

    def _right(self, idents: Iterable[tuple[str, str]]) -> dict[Place, Item]:
        """The entries that these entities have."""
        found = self._table.get_all([at.entity_key(*ident) for ident in sorted(idents)])
        entries = (entry for item in found for entry in coming(None, _entity(item)))
        return {(entry["pk"]["S"], entry["sk"]["S"]): entry for entry in entries}


def _entity(item: Item) -> Entity:
    from chalicelib.model.kinds import KINDS  # every kind: not for a cold start

    kind, _ = at.entity_of(item)
    return KINDS[kind].model_validate_json(body(item))


def _places(intent: Item) -> list[Place]:
    return [(pk, sk) for pk, sk in unpacked(intent["places"])]


def _ident(place: Place) -> tuple[str, str]:
    return at.listed(place[1])


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}
