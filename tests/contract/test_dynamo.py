"""What only the DynamoDB adapter can get wrong: pages, limits, the table's own answers."""

from __future__ import annotations

import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import pytest

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.keys import entry_key, entry_range
from chalicelib.model.entity import Entity, Entry
from chalicelib.model.errors import Conflict, Invalid, TooLarge
from chalicelib.ports import Change

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Thing(Entity):
    """Something that is listed by its sort."""

    kind = "contract_stored"

    id: str
    text: str = ""
    sort: str = ""

    @property
    def key(self) -> str:
        """Its id."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """One list."""
        return [Entry("thing.week", "w1", self.sort)] if self.sort else []


def new(thing: Thing) -> Change:
    """It comes."""
    return Change(None, thing.model_copy(update={"version": 1}))


class Stingy:
    """A client that gives two items an answer, as a table does at a megabyte."""

    def __init__(self, client: Any) -> None:
        self._client, self.exceptions, self.answers = client, client.exceptions, 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.answers += 1
            if name in ("query", "scan"):
                request["Limit"] = min(request.get("Limit", 2), 2)
            if name != "batch_get_item":
                return getattr(self._client, name)(**request)
            ((table, wanted),) = request["RequestItems"].items()
            now, later = wanted["Keys"][:2], wanted["Keys"][2:]
            answer = self._client.batch_get_item(RequestItems={table: {**wanted, "Keys": now}})
            return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": later}} if later else {}}

        return call


class Refusing:
    """A client whose transactions are cancelled for the given reasons, one after another."""

    def __init__(self, client: Any, *reasons: str) -> None:
        self._client, self.exceptions, self.reasons = client, client.exceptions, list(reasons)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(self._client, name)  # type: ignore[no-any-return]

    def transact_write_items(self, **request: Any) -> Any:
        """Refuse while there are reasons left."""
        if not self.reasons:
            return self._client.transact_write_items(**request)
        reasons = [{"Code": "None"} for _ in request["TransactItems"]]
        reasons[-1] = {"Code": self.reasons.pop(0)}
        raise self.exceptions.TransactionCanceledException(
            {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons},
            "TransactWriteItems",
        )


def test_the_table_keeps_history_and_lets_things_expire(properties: dict[str, Any]) -> None:
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_importing_the_adapter_does_not_load_the_aws_library() -> None:
    code = "import sys, chalicelib.adapters.dynamo; sys.exit(bool({'boto3', 'botocore'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("newest_first", [False, True])
def test_answers_in_pieces_are_put_together(client: Any, table: str, newest_first: bool) -> None:
    stingy = Stingy(client)
    store = DynamoStore(stingy, table)
    keys = [f"k{n}" for n in range(7)]
    store.save([new(Thing(id=key, sort=key, pending="tag")) for key in keys], {})
    store.save(
        [], {(f"f{n}", str(n), "n"): 1 for n in range(5)} | {("all", str(n), "n"): 1 for n in range(5)}
    )
    before = stingy.answers
    assert sorted(store.get(Thing, keys)) == keys
    assert stingy.answers == before + 4
    page = store.find(Thing, "thing.week", "w1", limit=5, newest_first=newest_first)
    ordered = keys[::-1] if newest_first else keys
    assert page.keys == ordered[:5]
    rest = store.find(Thing, "thing.week", "w1", newest_first=newest_first, after=page.next)
    assert rest == (ordered[5:], "")
    assert sorted(thing.key for thing in store.scan(Thing)) == keys
    assert len(store.cells("all")) == 5
    assert store.families() == ["all", "f0", "f1", "f2", "f3", "f4"]
    assert store.waiting() == 7


@pytest.mark.parametrize(
    "mark", ["?", "甲", "====", urlsafe_b64encode(b"\xff").decode(), urlsafe_b64encode(b"9#x").decode()]
)
def test_a_foreign_page_mark_is_refused(client: Any, table: str, mark: str) -> None:
    with pytest.raises(Invalid) as caught:
        DynamoStore(client, table).find(Thing, "thing.week", "w1", high="5", after=mark)
    assert caught.value.code == "store.page"


def test_more_than_a_transaction_holds_is_refused_before_anything_is_sent(client: Any, table: str) -> None:
    store = DynamoStore(client, table)
    things = [Thing(id=f"k{n}", sort=str(n)) for n in range(98)]
    with pytest.raises(TooLarge, match=r"needs 99 items .* holds 98: save in parts"):
        store.save([new(thing) for thing in things], {("cpx", "w1", "n"): 1})
    assert list(client.scan(TableName=table)["Items"]) == []


@pytest.mark.parametrize("sort", [" ", "a b", "a#b", '"', "a\n"])
def test_a_sort_that_would_break_the_order_is_refused(sort: str) -> None:
    with pytest.raises(ValueError, match="at or below '#'"):
        entry_key(Entry("thing.week", "w1", sort), "thing", "a")


def test_the_bounds_of_a_list_are_those_of_its_sorts() -> None:
    sorts = ["", "$", "a", "a$", "a-", "a~", "aa", "ab", "b", "~", "甲"]
    keys = {sort: entry_key(Entry("i", "p", sort), "k", "~")["sk"]["S"] for sort in sorts}
    assert sorted(sorts, key=lambda sort: keys[sort]) == sorted(sorts)
    for low in sorts:
        for high in sorts:
            first, last = entry_range(low, high)
            assert [s for s in sorts if first <= keys[s] <= last] == [s for s in sorts if low <= s <= high]


def test_long_bodies_are_stored_compressed_and_short_ones_readable(client: Any, table: str) -> None:
    things = [Thing(id="a", text="短"), Thing(id="b", text="长" * 20_000)]
    DynamoStore(client, table).save([new(thing) for thing in things], {})
    short, long = (
        client.get_item(TableName=table, Key={"pk": {"S": f"e#contract_stored#{key}"}, "sk": {"S": "."}})[
            "Item"
        ]
        for key in "ab"
    )
    assert "短" in short["body"]["S"]
    assert "body" not in long
    assert len(long["zbody"]["B"]) < 1024


def test_a_transaction_that_only_met_another_is_repeated(client: Any, table: str) -> None:
    store = DynamoStore(Refusing(client, *repeat("TransactionConflict", 3)), table)
    store.save([new(Thing(id="a"))], {("cpx", "w1", "n"): 1})
    assert store.cells("cpx") == {("cpx", "w1", "n"): 1}


def test_a_transaction_that_keeps_meeting_others_is_a_conflict(client: Any, table: str) -> None:
    store = DynamoStore(Refusing(client, *repeat("TransactionConflict", 9)), table)
    with pytest.raises(Conflict) as caught:
        store.save([new(Thing(id="a"))], {("cpx", "w1", "n"): 1})
    assert caught.value.where == "j"
    assert store.families() == []


def test_what_is_no_conflict_is_passed_on(client: Any, table: str) -> None:
    refusing = Refusing(client, "ThrottlingError")
    with pytest.raises(client.exceptions.TransactionCanceledException):
        DynamoStore(refusing, table).save([new(Thing(id="a")), new(Thing(id="b"))], {})


def test_a_conflict_names_the_kind_and_nothing_else(client: Any, table: str) -> None:
    store = DynamoStore(client, table)
    store.save([new(Thing(id="a", text="secret"))], {})
    with pytest.raises(Conflict) as caught:
        store.save([new(Thing(id="b")), new(Thing(id="a", text="secret"))], {})
    assert caught.value.where == "contract_stored"
    assert "secret" not in str(caught.value)


def test_work_being_saved_at_this_moment_is_not_claimed(client: Any, table: str) -> None:
    class Busy(Stingy):
        def update_item(self, **request: Any) -> Any:
            raise self.exceptions.TransactionConflictException(
                {"Error": {"Code": "TransactionConflictException"}}, "UpdateItem"
            )

    DynamoStore(client, table).save([new(Thing(id="a", pending="tag"))], {})
    store = DynamoStore(Busy(client), table)
    assert store.due(NOW, 10) == []
    assert len(DynamoStore(client, table).due(NOW, 10)) == 1


def test_another_process_adds_to_families_it_did_not_create(client: Any, table: str) -> None:
    DynamoStore(client, table).save([], {("cpx", "w1", "n"): 1})
    second = DynamoStore(client, table)
    second.save([], {("cpx", "w1", "n"): 1, ("cost", "w1", "fen"): 5})
    second.save([], {("cost", "w1", "fen"): 5})
    assert second.families() == ["cost", "cpx"]
    assert second.cells("cost") == {("cost", "w1", "fen"): 10}


def test_a_family_is_noted_once_and_then_takes_no_room(client: Any, table: str) -> None:
    DynamoStore(client, table).save([], {("cpx", "w1", "n"): 1})
    full = [new(Thing(id=f"k{n}")) for n in range(DynamoStore.capacity)]
    with pytest.raises(TooLarge, match="needs 99 items"):
        DynamoStore(client, table).save(full, {("cost", "w1", "n"): 1})
    DynamoStore(client, table).save(full, {("cpx", "w1", "n"): 1})
