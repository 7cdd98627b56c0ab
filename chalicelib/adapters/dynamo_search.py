"""Search in the DynamoDB table: the index entries that carry texts, read backwards in time with a filter."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.adapters import keys as at
from chalicelib.adapters.items import fill
from chalicelib.adapters.keys import Item
from chalicelib.adapters.marks import foreign_mark
from chalicelib.model.entity import Entity
from chalicelib.ports import Page
from chalicelib.privacy.text import fold

Place = tuple[str, str]
"""A kind, and a partition that holds texts of it (`keys.place`)."""
FIRST, GROWTH = 400, 4
"""Entries the first request reads, and how much more each further one may: a frequent term is found in the
first, a rare one needs many. A request ends at a megabyte, about 4,000 short texts, whatever it may read."""
MOST_READ, MOST_REQUESTS = 40_000, 25
"""Entries and requests one search spends at the most, about 1,500 read units and 3 seconds."""


class Texts:
    """Knows which partitions hold texts, and searches them. Follows a save within a second."""

    def __init__(self, client: Any, table_name: str) -> None:  # Any: boto3's clients have no static type
        self._db, self._table = client, table_name
        self._noted: set[Place] = set()

    def unnoted(self, entities: Iterable[Entity]) -> set[Place]:
        """The partitions of these entities' texts that have to be noted with them."""
        found = {(e.kind, at.place(s.entry)) for e in entities if (s := e.searched())}
        for kind in {kind for kind, _ in found - self._noted}:
            self._noted |= {(kind, place) for place in self._places(kind)}
        return found - self._noted

    def note(self, places: set[Place]) -> None:
        """These have been noted."""
        self._noted |= places

    def _places(self, kind: str) -> list[str]:
        """Newest first; more than fit in one answer (a megabyte) would be centuries."""
        where = "#pk = :pk"
        request = {"KeyConditionExpression": where, **fill(where, {":pk": {"S": at.searched(kind)}})}
        page = self._db.query(TableName=self._table, ScanIndexForward=False, **request)
        return [item["sk"]["S"] for item in page["Items"]]

    def search(self, kind: str, terms: Sequence[str], limit: int, after: str) -> Page:
        """Keys of a kind whose text holds every term, newest first, as far as one call reads."""
        places = self._places(kind)
        n, start = _open_mark(after, places)
        keys: list[str] = []
        read, size = 0, FIRST
        for _ in range(MOST_REQUESTS):
            if n == len(places):
                return Page(keys, "")
            page = self._query(places[n], start, size, terms)
            for sk in (item["sk"]["S"] for item in page["Items"]):
                if (ident := at.listed(sk))[0] == kind:
                    keys.append(ident[1])
                if len(keys) == limit:
                    return Page(keys, _mark(places[n], sk))
            read += page["ScannedCount"]
            size *= GROWTH
            start = page.get("LastEvaluatedKey", {}).get("sk", {}).get("S", "")
            n += not start
            if read >= MOST_READ:
                break
        return Page(keys, _mark(places[n], start) if n < len(places) else "")

    def _query(self, place: str, start: str, size: int, terms: Sequence[str]) -> dict[str, Any]:
        where, pk = "#pk = :pk", at.noted(place)
        holds = " and ".join(f"contains(#text, :t{i})" for i in range(len(terms)))
        given: Item = {":pk": {"S": pk}}
        given |= {f":t{i}": {"S": fold(term)} for i, term in enumerate(terms)}
        request = {"KeyConditionExpression": where, "FilterExpression": holds, "ScanIndexForward": False}
        if start:
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": start}}
        page: dict[str, Any] = self._db.query(
            TableName=self._table, Limit=size, **request, **fill(f"{where} {holds}", given)
        )
        return page


def _mark(place: str, start: str) -> str:
    return urlsafe_b64encode(json.dumps([place, start]).encode()).decode()


def _open_mark(after: str, places: Sequence[str]) -> tuple[int, str]:
    """The number of the partition to go on with, and behind which sk."""
    if not after:
        return 0, ""
    try:
        place, start = json.loads(urlsafe_b64decode(after.encode()))
        if not isinstance(start, str):
            raise ValueError
        return places.index(place), start
    except (ValueError, TypeError, RecursionError):
        raise foreign_mark() from None
