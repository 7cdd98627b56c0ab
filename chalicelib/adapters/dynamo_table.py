"""What the store asks of its DynamoDB table, with pages, repeats and conditions taken care of."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from chalicelib.adapters.items import Write, conflict, fill
from chalicelib.adapters.keys import Item

T = TypeVar("T")
BATCH_READ, BATCH_WRITE = 100, 25
"""Keys a BatchGetItem, items a BatchWriteItem takes."""
TRANSACTION = 100
"""Writes a transaction takes."""
ATTEMPTS = 4
"""Transactions that only met another one are repeated this often before it is called a conflict."""
PAUSE = 0.02
"""Seconds; doubles with every attempt."""


class Table:
    """One table and the low-level client, `boto3.client("dynamodb")`, with retries in mode standard or adaptive:
    throttling is its business and what it gives up on is passed on as it is. It names each transaction with
    a token, so a repeat after a lost answer is not taken for somebody else's change.
    """

    def __init__(self, client: Any, name: str) -> None:  # Any: boto3's clients have no static type
        self.client, self.name = client, name

    def get(self, key: Item) -> Item | None:
        """One item, strongly consistent."""
        item: Item | None = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get(
            "Item"
        )
        return item

    def get_all(self, keys: Sequence[Item]) -> Iterator[Item]:
        """The items that exist, strongly consistent, in no order."""
        for some in parts(keys, BATCH_READ):
            request: dict[str, Any] = {self.name: {"Keys": some, "ConsistentRead": True}}
            while request:
                answer = self.client.batch_get_item(RequestItems=request)
                yield from answer["Responses"].get(self.name, ())
                request = answer.get("UnprocessedKeys", {})
                if request:
                    time.sleep(PAUSE)

    def put_all(self, items: Iterable[Item]) -> None:
        """Have all these items, unconditionally, one by one: a crash may leave some of them."""
        for some in parts(items, BATCH_WRITE):
            request = {self.name: [{"PutRequest": {"Item": item}} for item in some]}
            while request:
                request = self.client.batch_write_item(RequestItems=request).get("UnprocessedItems", {})
                if request:
                    time.sleep(PAUSE)

    def pages(self, call: Callable[..., dict[str, Any]], **query: Any) -> Iterator[dict[str, Any]]:
        """The answers of a query or scan to its end."""
        while True:
            page = call(TableName=self.name, **query)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def under(self, pk: str) -> Iterator[Item]:
        """All items of one partition key, in order, strongly consistent."""
        where = "#pk = :pk"
        query = fill(where, {":pk": {"S": pk}})
        for page in self.pages(self.client.query, ConsistentRead=True, KeyConditionExpression=where, **query):
            yield from page["Items"]

    def between(self, pk: str, low: str, high: str, **query: Any) -> Iterator[Item]:
        """Those whose sort key lies in [low, high]."""
        if low > high:  # DynamoDB refuses what is only an empty range
            return
        where = "#pk = :pk and #sk between :low and :high"
        query |= fill(where, {":pk": {"S": pk}, ":low": {"S": low}, ":high": {"S": high}})
        for page in self.pages(self.client.query, ConsistentRead=True, KeyConditionExpression=where, **query):
            yield from page["Items"]

    def first(self, index: str, where: str, given: Item, limit: int) -> list[Item]:
        """The first items of a global index, which follows within about a second."""
        query = {"IndexName": index, "KeyConditionExpression": where, "Limit": limit, **fill(where, given)}
        rows: list[Item] = self.client.query(TableName=self.name, **query)["Items"]
        return rows

    def update(self, key: Item, how: str, condition: str, given: Item) -> bool:
        """Change one item where the condition holds; whether it did."""
        request = {"UpdateExpression": how, "ConditionExpression": condition}
        try:
            self.client.update_item(
                TableName=self.name, Key=key, **request, **fill(f"{how} {condition}", given)
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        except self.client.exceptions.TransactionConflictException:
            return False  # it is being saved at this moment: whatever was to be noted is about to be outdated
        return True

    def only_if(self, call: str, **request: Any) -> None:
        """Put or delete one item where the condition holds, and do nothing where it does not."""
        for attempt in range(ATTEMPTS):
            try:
                getattr(self.client, call)(TableName=self.name, **request)
                return
            except self.client.exceptions.ConditionalCheckFailedException:
                return
            except self.client.exceptions.TransactionConflictException:
                if attempt == ATTEMPTS - 1:
                    raise
                self._wait(attempt)

    def write(self, writes: Sequence[Write]) -> None:
        """All or nothing. Raises Conflict when a condition does not hold."""
        if len(writes) == 1 and "ConditionExpression" in writes[0].get("Put", {}):
            self._put(writes[0])
        else:
            self._transact(writes)

    def _put(self, write: Write) -> None:
        """One item needs no transaction, which costs double. It carries a token instead, so that a repeat after a
        lost answer finds its own."""
        token = {"S": secrets.token_hex(8)}
        put = {**write["Put"], "Item": write["Put"]["Item"] | {"token": token}}
        for attempt in range(ATTEMPTS):
            try:
                self.client.put_item(
                    TableName=self.name, ReturnValuesOnConditionCheckFailure="ALL_OLD", **put
                )
                return
            except self.client.exceptions.ConditionalCheckFailedException as error:
                if error.response.get("Item", {}).get("token") == token:
                    return
                raise conflict(write) from error
            except self.client.exceptions.TransactionConflictException:
                self._wait(attempt)
        raise conflict(write)

    def _transact(self, writes: Sequence[Write]) -> None:
        items = [{how: {"TableName": self.name, **what} for how, what in write.items()} for write in writes]
        for attempt in range(ATTEMPTS):
            try:
                self.client.transact_write_items(TransactItems=items)
                return
            except self.client.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]
                if "ConditionalCheckFailed" in codes:
                    raise conflict(writes[codes.index("ConditionalCheckFailed")]) from error
                if "TransactionConflict" not in codes:
                    raise
                met = writes[codes.index("TransactionConflict")]
            self._wait(attempt)
        raise conflict(met)

    def _wait(self, attempt: int) -> None:
        # No version differs, so the same write may go through a moment later.
        time.sleep(random.uniform(0, PAUSE * 2**attempt))


def parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """All of them, `size` at a time."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
