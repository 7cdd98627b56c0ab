"""What requests to the table cost, held against the published rules and the emulator; the table in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.bench.aws_counting import Counting
from chalicelib.bench.aws_table import Table
from chalicelib.bench.aws_units import indexes, label, read_units, size, write_units
from chalicelib.bench.aws_wire import Wire
from chalicelib.bench.loop import BENCH, contacts
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take_one
from chalicelib.loop.worker import advance
from chalicelib.wiring import analyser_for
from tests.conftest import WEDNESDAY
from tests.stores import create_table, moto_client, table_properties


def text(name: str, length: int) -> dict[str, Any]:
    """An attribute of that many bytes, its name included."""
    return {name: {"S": "x" * (length - len(name))}}


def item(pk: str, length: int, **more: dict[str, Any]) -> dict[str, Any]:
    """An item of that many bytes in all."""
    bare = {"pk": {"S": pk}, "sk": {"S": "."}, **more}
    return bare | text("body", length - size(bare))


WORK = {"wpk": {"S": "todo#0"}, "ready": {"N": "0"}, "ver": {"N": "1"}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"S": "退款"}, 6),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "1234"}, 3),
        ({"N": "12000"}, 2),
        ({"N": "1763776985.250000"}, 7),
        ({"B": b"12345"}, 5),
        ({"B": "MTIzNDU="}, 5),
        ({"BOOL": True}, 1),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 1 + 2 + 1 + 2),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
        ({"SS": ["ab", "c"]}, 3),
    ],
    ids=lambda value: str(value),
)
def test_the_size_of_a_value(value: dict[str, Any], expected: int):
    assert size({"name": value}) == len("name") + expected


def test_writes_are_billed_by_the_larger_of_old_and_new_in_whole_kilobytes():
    small, large = item("a", 1_024), item("a", 1_025)
    assert (write_units(None, small), write_units(None, large)) == (1, 2)
    assert (write_units(large, small), write_units(large, None), write_units(None, None)) == (2, 2, 1)


def test_reads_are_billed_in_four_kilobytes_half_when_eventually_consistent():
    assert (read_units([4_096], strong=True), read_units([4_097], strong=True)) == (1, 2)
    assert (read_units([4_097], strong=False), read_units([100], strong=False)) == (1, 0.5)
    assert read_units([], strong=True) == 1
    assert read_units([3_000, 3_000], strong=True) == 2


def test_the_indexes_are_those_of_the_deployed_table():
    work, dead, wake = indexes(table_properties())
    held = {"pk", "sk", "wpk", "ready", "pending", "tries", "ver"}
    assert (work.name, dead.name, wake.name) == ("work", "dead", "wake")
    assert (work.key, work.held, wake.held) == (("wpk", "ready"), held, {"pk", "sk", "kpk", "wake"})


@pytest.fixture
def table() -> Iterator[tuple[Counting, str]]:
    """A counting client on an empty table with the deployed indexes, and its name."""
    with mock_aws():
        client = moto_client()
        yield Counting(client, table_properties()), create_table(client)


def test_a_transaction_writes_twice_and_its_indexes_once(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#contact#a", 1_500, **WORK))
    assert db.taken().writes == {"entity contact": 2, "index work": 1}
    db.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": name, "Item": item("e#contact#a", 900)}},
            {"Put": {"TableName": name, "Item": item("i#contact.week#2026-W47", 80)}},
        ]
    )
    counted = db.taken()
    assert counted.writes == {"entity contact": 4, "listing contact.week": 2, "index work": 1}
    assert (counted.written["entity contact"], counted.requests) == (1, {"TransactWriteItems": 1})


@pytest.mark.parametrize(
    ("more", "units"),
    [(WORK, 0), (WORK | {"ver": {"N": "2"}}, 1), (WORK | {"ready": {"N": "9"}}, 2), ({}, 1)],
    ids=["unchanged", "changed", "moved", "left"],
)
def test_an_index_follows_only_what_it_holds(table: tuple[Counting, str], more: dict[str, Any], units: int):
    db, name = table
    db.put_item(TableName=name, Item=item("e#contact#a", 300, **WORK))
    db.taken()
    db.put_item(TableName=name, Item=item("e#contact#a", 400, **more))
    assert db.taken().writes.get("index work", 0) == units


def test_an_addition_costs_the_whole_item(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("c#week", 1_020))
    db.taken()
    how = {"UpdateExpression": "add #n :n", "ExpressionAttributeNames": {"#n": "f#n"}}
    key = {"pk": {"S": "c#week"}, "sk": {"S": "."}}
    db.update_item(TableName=name, Key=key, ExpressionAttributeValues={":n": {"N": "1"}}, **how)
    assert db.taken().writes == {"numbers week": 2}


def test_a_refused_write_costs_the_item_that_is_there(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#case#a", 2_500))
    db.taken()
    with pytest.raises(db.exceptions.ConditionalCheckFailedException):
        db.put_item(TableName=name, Item=item("e#case#a", 90), ConditionExpression="attribute_not_exists(pk)")
    assert db.taken().writes == {"entity case": 3}
    db.delete_item(TableName=name, Key={"pk": {"S": "e#case#a"}, "sk": {"S": "."}})
    assert db.taken().writes == {"entity case": 3}


def test_a_batch_of_writes_is_billed_item_by_item(table: tuple[Counting, str]):
    db, name = table
    puts = [{"PutRequest": {"Item": item(f"i#contact.cause#{n}", 100 + 1_024 * n)}} for n in range(3)]
    db.batch_write_item(RequestItems={name: puts})
    assert db.taken().writes == {"listing contact.cause": 1 + 2 + 3}
    gone = {"DeleteRequest": {"Key": {"pk": {"S": "i#contact.cause#2"}, "sk": {"S": "."}}}}
    db.batch_write_item(RequestItems={name: [gone]})
    assert db.taken().writes == {"listing contact.cause": 3}


def test_a_batch_of_reads_is_billed_item_by_item_the_missing_too(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#contact#a", 5_000))
    keys = [{"pk": {"S": f"e#contact#{one}"}, "sk": {"S": "."}} for one in "abc"]
    db.batch_get_item(RequestItems={name: {"Keys": keys, "ConsistentRead": True}})
    db.batch_get_item(RequestItems={name: {"Keys": keys}})
    counted = db.taken()
    assert (counted.reads, counted.requests["BatchGetItem"]) == (
        {"entity contact": 2 + 1 + 1 + 1 + 0.5 + 0.5},
        2,
    )


def test_a_query_is_billed_by_all_it_reads_not_by_what_it_gives(table: tuple[Counting, str]):
    db, name = table
    for n in range(3):
        db.put_item(TableName=name, Item=item("i#contact.week#2026-W47", 3_000) | {"sk": {"S": f".{n}"}})
    asked = {
        "TableName": name,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":pk": {"S": "i#contact.week#2026-W47"}},
    }
    db.query(**asked, ConsistentRead=True)
    assert db.taken().reads == {"listing contact.week": 3}
    names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
    held = {"ExpressionAttributeNames": names | {"#body": "body"}}
    held |= {"ExpressionAttributeValues": values | {":t": {"S": "nowhere"}}}
    assert db.query(**asked | held, FilterExpression="contains(#body, :t)")["Items"] == []
    assert db.query(**asked, Select="COUNT")["Count"] == 3
    assert db.taken().reads == {"listing contact.week": 1.5 + 1.5}
    asked["ExpressionAttributeValues"] = {":pk": {"S": "c#week"}}
    db.query(**asked, ConsistentRead=True)
    assert db.taken().reads == {"numbers week": 1}


def test_an_index_is_read_at_half_price_and_by_what_it_holds(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#contact#a", 9_000, **WORK))
    db.query(
        TableName=name,
        IndexName="work",
        KeyConditionExpression="wpk = :wpk",
        ExpressionAttributeValues={":wpk": {"S": "todo#0"}},
    )
    assert db.taken().reads == {"index work": 0.5}


def test_what_it_does_not_know_is_refused(table: tuple[Counting, str]):
    with pytest.raises(AttributeError):
        table[0].execute_statement(Statement="select * from x")


@pytest.mark.parametrize(
    ("pk", "expected"),
    [
        ("e#contact#a#b", "entity contact"),
        ("i#contact.week#2026-W47", "listing contact.week"),
        ("c#charge.month", "numbers charge.month"),
        ("c", "families"),
        ("s#contact", "searched"),
        ("j#2026", "j"),
    ],
)
def test_what_an_item_is(pk: str, expected: str):
    assert label(pk) == expected


def company_on(client: Any, name: str) -> Loop:
    return Loop(DynamoStore(client, name), KeyVault(b"k" * 32), analyser_for, lambda: WEDNESDAY)


def through(loop: Loop, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        key = take_one(loop, BENCH, row).id
        assert advance(loop, [key]) == []


def shapes(items: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What there is and how large; and, of items whose keys do not tell when they were written, the keys, the numbers
    and how large the others are: what is sealed or drawn by chance is never twice the same but as long."""
    sizes = sorted((label(item["pk"]["S"]), size(item)) for item in items)
    lasting = [item for item in items if item["pk"]["S"][:2] in ("e#", "i#", "c#")]
    exact = ("pk", "sk", "wpk", "kpk", "pending")
    bare = [
        {name: one if name in exact or "N" in one else size({name: one}) for name, one in item.items()}
        for item in lasting
    ]
    return sizes, sorted(bare, key=lambda one: (one["pk"]["S"], one["sk"]["S"]))


def test_the_table_in_memory_is_like_the_emulator_and_costs_the_same():
    properties, rows = table_properties(), contacts(6, WEDNESDAY)
    memory = Table(properties)
    ours = Counting(memory, properties)
    through(company_on(Wire(ours).client(), "bench"), rows)
    with mock_aws():
        client = moto_client()
        name = create_table(client)
        theirs = Counting(client, properties)
        through(company_on(theirs, name), rows)
        items = client.scan(TableName=name)["Items"]
    for part in ("writes", "written", "reads", "requests"):
        assert getattr(ours.counted, part) == getattr(theirs.counted, part), part
    ours_sizes, ours_lasting = shapes(memory.items())
    their_sizes, their_lasting = shapes(items)
    assert ours_sizes == their_sizes
    assert ours_lasting == their_lasting
    assert ours.counted.writes["entity contact"] >= 2 * len(rows)


@pytest.mark.parametrize("fresh", ["moto", "memory"])
def test_both_refuse_alike(fresh: str):
    properties = table_properties()
    with mock_aws():
        moto = moto_client()
        name = create_table(moto)
        db = moto if fresh == "moto" else Wire(Table(properties)).client()
        key = {"pk": {"S": "e#case#a"}, "sk": {"S": "."}}
        new = {"ConditionExpression": "attribute_not_exists(pk)"}
        db.put_item(TableName=name, Item=key | {"n": {"N": "5"}}, **new)
        with pytest.raises(db.exceptions.ConditionalCheckFailedException):
            db.put_item(TableName=name, Item=key, **new)
        other = {"pk": {"S": "e#case#b"}, "sk": {"S": "."}}
        parts = [{"Put": {"TableName": name, "Item": one, **new}} for one in (other, key)]
        with pytest.raises(db.exceptions.TransactionCanceledException) as refused:
            db.transact_write_items(TransactItems=parts)
        reasons = refused.value.response["CancellationReasons"]
        assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
        assert "Item" not in db.get_item(TableName=name, Key=other)
        how = {"UpdateExpression": "set #a = if_not_exists(#a, :one), #b = #n + :one add #n :one remove #c"}
        how |= {"ExpressionAttributeNames": {f"#{one}": one for one in "abcn"}}
        db.update_item(TableName=name, Key=key, ExpressionAttributeValues={":one": {"N": "1"}}, **how)
        found = db.get_item(TableName=name, Key=key)["Item"]
        assert found == key | {"a": {"N": "1"}, "b": {"N": "6"}, "n": {"N": "6"}}


def test_pages_of_a_query_begin_behind_the_last_one():
    db = Wire(Table(table_properties())).client()
    pk = {"S": "i#x#y"}
    for n in range(5):
        db.put_item(TableName="bench", Item={"pk": pk, "sk": {"S": f"{n}"}})
    asked = {"TableName": "bench", "KeyConditionExpression": "pk = :pk and sk between :low and :high"}
    asked |= {"ExpressionAttributeValues": {":pk": pk, ":low": {"S": "1"}, ":high": {"S": "4"}}, "Limit": 3}
    for forward, expected in ((True, ["1", "2", "3", "4"]), (False, ["4", "3", "2", "1"])):
        first = db.query(**asked, ScanIndexForward=forward)
        rest = db.query(**asked, ScanIndexForward=forward, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [item["sk"]["S"] for item in first["Items"] + rest["Items"]] == expected
        assert "LastEvaluatedKey" not in rest
    seen = db.scan(TableName="bench", Limit=2)
    more = db.scan(TableName="bench", ExclusiveStartKey=seen["LastEvaluatedKey"])
    assert [item["sk"]["S"] for item in seen["Items"] + more["Items"]] == list("01234")
    assert "LastEvaluatedKey" not in more


def test_a_condition_check_costs_a_write_of_the_item_twice(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#books#books", 1_500))
    db.taken()
    key = {"pk": {"S": "e#books#books"}, "sk": {"S": "."}}
    check = {"TableName": name, "Key": key, "ConditionExpression": "attribute_exists(pk)"}
    db.transact_write_items(TransactItems=[{"ConditionCheck": check}])
    counted = db.taken()
    assert (counted.writes, counted.keys["met"]) == ({"entity books": 4}, {"e#books#books|.": 1})
