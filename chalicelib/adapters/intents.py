"""Index entries that are written ahead of the save they belong to, because inside its transaction they cost double.

An intent says which. The transaction takes it away; if it is not there any more, nothing is saved. What a killed
or refused save leaves behind is an intent with entries that lead to nothing: once it is old it is made void, so
that its save can never go through, and its entries are put right by what the entities are. A save that is under way with
one of its entities is waited for, since both may have written the same entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from chalicelib.adapters import keys as at
from chalicelib.adapters.dynamo_table import Table
from chalicelib.adapters.items import Write, body, coming, fill, packed, unpacked
from chalicelib.adapters.keys import Item
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict

Seconds = Callable[[], float]
Place = tuple[str, str]
"""(pk, sk) of an index entry."""
OLD = 16 * 60.0
"""Seconds after which a save is taken for dead: longer than any function lives. One that sleeps longer and wakes up
is refused then, and puts right itself what it wrote."""


class Intents:
    """Those of one table; `seconds` is the time now, since 1970."""

    def __init__(self, table: Table, seconds: Seconds) -> None:
        self._table, self._seconds = table, seconds

    @contextmanager
    def announced(self, entries: Sequence[Item]) -> Iterator[Write]:
        """Write index entries ahead; hands out the write that takes the intent away, for the transaction."""
        intent = at.timed_key(at.INTENTS, self._seconds())
        places = sorted((entry["pk"]["S"], entry["sk"]["S"]) for entry in entries)
        told = intent | {"places": packed(places)}
        self._table.put_all([told])
        self._table.put_all(entry | {"by": intent["sk"]} for entry in entries)
        valid = "attribute_exists(#pk) and attribute_not_exists(#void)"
        try:
            yield {"Delete": {"Key": intent, "ConditionExpression": valid, **fill(valid, {})}}
        except Conflict:  # nothing was saved; after other errors one cannot know
            with suppress(Exception):  # if this fails too, a later sweep does it
                # Also where a sweep took it for dead and is through: entries may have come after that.
                self._table.put_all([told | {"void": {"BOOL": True}}])
                self.clear()
            raise

    def clear(self) -> None:
        """Put right what dead and refused saves left. Their entries have all been written by now."""
        old = self._seconds() - OLD
        for intent in self._table.under(at.INTENTS):
            if at.made(intent) < old and "void" not in intent:
                self._void(intent)
        # Read again: who announces itself from here on writes its entries after those of the dead.
        intents = list(self._table.under(at.INTENTS))
        alive = {ident for i in intents if "void" not in i for ident in map(_ident, _places(i))}
        for intent in intents:
            places = _places(intent)
            if "void" in intent and alive.isdisjoint(map(_ident, places)):
                self._mend(places, intent["sk"])
                self._table.only_if("delete_item", Key=_key(intent))

    def _void(self, intent: Item) -> None:
        there = "attribute_exists(#pk)"
        self._table.update(_key(intent), "set #void = :yes", there, {":yes": {"BOOL": True}})

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
