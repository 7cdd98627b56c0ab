"""What only search in the DynamoDB table can get wrong: what it costs, answers in pieces, where it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.adapters import dynamo_search
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.items import coming
from chalicelib.adapters.keys import noted
from tests.contract.test_search import Note, change, found, put


class Counting:
    """A client that keeps the requests, and may give less an answer than it is asked for."""

    def __init__(self, client: Any, most: int = 1_000_000) -> None:
        self._client, self.exceptions, self._most = client, client.exceptions, most
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.requests.append((name, request))
            if "Limit" in request:
                request["Limit"] = min(request["Limit"], self._most)
            return getattr(self._client, name)(**request)

        return call

    def of(self, name: str) -> list[dict[str, Any]]:
        """The requests of one operation."""
        return [request for each, request in self.requests if each == name]


def test_a_text_costs_no_item_of_its_own(client: Any, table: str) -> None:
    counting = Counting(client)
    store = DynamoStore(counting, table)
    put(store, Note(id="a", text="第一条"))
    put(store, Note(id="b", text="第二条"), Note(id="c"))
    change(store, "a", pending="tag")
    sizes = [len(request["TransactItems"]) for request in counting.of("transact_write_items")]
    assert sizes == [3, 4], "the first one notes the week"
    assert len(counting.of("put_item")) == 1, "a change of something else leaves the text alone"
    (item,) = (entry for entry in coming(None, Note(id="a", text="退" * 300)) if "text" in entry)
    size = sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
    assert size <= 1024, "one write unit"


def test_a_week_is_noted_once_whoever_asks(client: Any, table: str) -> None:
    put(DynamoStore(client, table), Note(id="a", text="退款", at=1))
    counting = Counting(client)
    store = DynamoStore(counting, table)
    put(store, Note(id="b", text="退款", at=2))
    put(store, Note(id="c", text="退款", at=200))
    assert [len(r["TransactItems"]) for r in counting.of("transact_write_items")] == [2, 3]
    assert len(counting.of("query")) == 2
    assert found(store, "退款") == ["c", "b", "a"]


def test_no_search_scans(client: Any, table: str) -> None:
    counting = Counting(client)
    store = DynamoStore(counting, table)
    put(store, Note(id="a", text="退款", at=1), Note(id="b", text="退款", at=150))
    counting.requests.clear()
    assert found(store, "退款") == ["b", "a"]
    assert {name for name, _ in counting.requests} == {"query"}
    assert len(counting.requests) == 3


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("limit", [1, 2, 9])
def test_answers_in_pieces_are_put_together(client: Any, table: str, most: int, limit: int) -> None:
    store = DynamoStore(Counting(client, most), table)
    put(store, *(Note(id=f"k{n}", text="退款" if n % 3 else "发货", at=n * 40) for n in range(9)))
    assert found(store, "退款", limit=limit) == ["k8", "k7", "k5", "k4", "k2", "k1"]


def test_a_rare_term_ends_a_request_before_it_has_read_everything(client: Any, table: str) -> None:
    weeks = dynamo_search.MOST_REQUESTS + 5
    store = DynamoStore(client, table)
    for i in range(0, weeks, 15):
        put(store, *(Note(id=f"k{n:02d}", text="退款", at=n * 100) for n in range(i, min(i + 15, weeks))))
    change(store, "k00", text="发货")
    page = store.search(Note, ["发货"])
    assert page.keys == []
    assert store.search(Note, ["发货"], after=page.next) == (["k00"], "")


def test_a_removed_text_is_in_no_item(client: Any, table: str) -> None:
    store = DynamoStore(client, table)
    put(store, Note(id="a", text="龘靐"))
    change(store, "a", text=None)
    assert "龘" not in str(client.scan(TableName=table)["Items"])
    where = {"pk": {"S": noted("note.week#000")}, "sk": {"S": f"{0:015d}#contract_note#a"}}
    assert client.get_item(TableName=table, Key=where)["Item"] == where, "it is still listed"
