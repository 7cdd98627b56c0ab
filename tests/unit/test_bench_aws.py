"""`voc bench aws`: units by DynamoDB's published rules, from hand-made requests; then what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.bench.aws_counting import Counting
from chalicelib.bench.aws_units import indexes, label, read_units, size, write_units
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
