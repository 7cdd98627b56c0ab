"""`voc bench aws`: units by DynamoDB's published rules, from hand-made requests; then what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.api.routing import DOOR
from chalicelib.bench.aws import goals, measure
from chalicelib.bench.aws_bill import Prices, bill, comprehend, milliseconds
from chalicelib.bench.aws_company import Spent
from chalicelib.bench.aws_counting import Counting
from chalicelib.bench.aws_paper import BEGIN, END, main
from chalicelib.bench.aws_scale import limits, loads
from chalicelib.bench.aws_table import Table
from chalicelib.bench.aws_units import indexes, label, read_units, size, write_units
from chalicelib.bench.aws_ways import WAYS
from chalicelib.bench.aws_wire import Wire
from chalicelib.bench.loop import BENCH, contacts
from chalicelib.cli.bench_aws import PAID, WANTED, front, show, with_starts
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


# the bill


ONE = {
    "write_units": 10,
    "read_units": 4,
    "functions": {"Stream": {"gb_seconds": 0.1, "calls": 0.5}},
    "bytes_stored": 1 << 20,
    "http_calls": 1,
    "bytes_out": (1 << 20) - 700,
    "queue_calls": 3,
    "file_reads": 0,
    "file_writes": 0.001,
    "log_lines": 0,
}


def test_a_million_contacts_by_the_price_file():
    money = bill(Prices.read(), ONE)
    assert {part: round(usd, 4) for part, usd in money.items()} == {
        "table_write": 6.25,
        "table_read": 0.5,
        "lambda_seconds": 1.6667,
        "lambda_calls": 0.1,
        "http_calls": 3.5,
        "bytes_out": 87.8906,
        "queue_calls": 1.2,
        "file_reads": 0.0,
        "file_writes": 0.005,
        "log_bytes": 0.0,
        "table_stored": round(12 * 0.25 * 1e6 / 1024, 4),
        "table_recovery": round(12 * 0.20 * 1e6 / 1024, 4),
    }


def test_a_text_is_three_units_at_least_for_each_of_two_calls():
    assert comprehend(Prices.read(), ["退款"]) == pytest.approx(600)
    assert comprehend(Prices.read(), ["字" * 301]) == pytest.approx(800)
    assert comprehend(Prices.read(), ["退款", "字" * 301]) == pytest.approx(700)


def test_a_function_computes_on_its_share_of_a_core_and_waits():
    spent = Spent(calls=2, cpu_seconds=0.1, requests=5, transactions=2)
    assert milliseconds(Prices.read(), "Stream", spent) == pytest.approx(
        {"cpu_ms": 100, "computing_ms": 100, "waiting_ms": 40, "gb_seconds": 0.14 * 1_769 / 1_024}
    )
    assert milliseconds(Prices.read(), "Intake", spent)["computing_ms"] == pytest.approx(100 * 1_769 / 512)


def test_every_price_says_where_it_is_from_and_of_when():
    held = Prices.read().held
    assert date.fromisoformat(held["as_of"]) <= date(2100, 1, 1)
    for price in held["prices"].values():
        assert price["price"] > 0
        assert price["per"] > 0
        assert price["source"]
        assert price["seen"]
    assert set(held["prices"]) | {"total"} == set(PAID) | {"comprehend", "key_calls"}


def way(writes: float, usd: float) -> dict[str, Any]:
    return {"write_units": writes, "read_units": 5.0, "usd": {"total": usd}}


def test_a_goal_is_met_only_when_the_dearest_way_meets_it():
    found = goals({"http": way(11, 30), "drop": way(13, 20)}, 600)
    assert [(goal["what"], goal["found"], goal["way"], goal["met"]) for goal in found] == [
        ("write_units", 13, "drop", False),
        ("read_units", 5.0, "http", True),
        ("usd", 30, "http", True),
    ]


def cold(function: str, name: str, seconds: float) -> dict[str, Any]:
    return {"function": function, "name": name, "seconds": seconds}


def test_the_slowest_first_answer_of_a_function_meets_its_goal_or_does_not():
    starts = [cold("APIHandler", "health", 0.3), cold("APIHandler", "queue", 0.5), cold("Stream", "one", 1.2)]
    report = with_starts({"goals": [{"what": "usd", "met": True}]}, starts)
    found = [(goal["what"], goal.get("found"), goal["met"]) for goal in report["goals"]]
    assert found == [("usd", None, True), ("APIHandler", 0.5, False), ("Stream", 1.2, True)]
    assert {goal["what"] for goal in report["goals"]} <= set(WANTED)
    assert with_starts({"goals": []}, []) == {"goals": [], "cold_starts": []}


@pytest.fixture
def door() -> Iterator[None]:
    """The app's way to its loop is free again afterwards."""
    yield
    for name in ("loop", "verify", "issue"):
        delattr(DOOR, name)


@pytest.mark.usefixtures("door")
def test_twenty_contacts_in_every_way(capsys: pytest.CaptureFixture[str]):
    report = measure(20, front, lambda label: None, WEDNESDAY)
    assert report["differences"] == 0
    assert report["mix"]["with_case"] > 5
    ways = report["ways"]
    assert list(ways) == ["http", "queue 1", "queue 10", "queue 100", "drop"]
    for one in ways.values():
        assert one["writes"]["entity contact"] >= 4
        assert sum(one["writes"].values()) == pytest.approx(one["write_units"])
        assert one["functions"]["Stream"]["cpu_ms"] > 0
        assert one["usd"]["total"] == pytest.approx(sum(one["usd"].values()) / 2)
    assert ways["drop"]["write_units"] < ways["queue 1"]["write_units"] <= ways["http"]["write_units"]
    assert ways["http"]["http_calls"] == 1
    assert ways["queue 10"]["functions"]["Stream"]["calls"] == 0.1
    assert report["comprehend_usd"] == pytest.approx(600)
    show(with_starts(report, []))
    said = capsys.readouterr().out
    assert "listing contact.week" in said
    assert "没有 not met" in said or "达到 met" in said


def took(milliseconds: float) -> dict[str, float]:
    return {"computing_ms": milliseconds / 4, "waiting_ms": 3 * milliseconds / 4}


HTTP = {
    "zh": "接口",
    "writes": {"entity contact": 6.0, "numbers week": 4.0, "index work": 2.0},
    "reads": {"entity contact": 3.0, "index work": 0.5},
    "requests": {"Query": 5.0},
    "write_units": 12.0,
    "read_units": 3.5,
    "hottest": {"writes": ("c#week", 4.0), "reads": ("e#settings#settings", 1.0), "met": ("c#week|.", 0.5)},
    "functions": {"APIHandler": took(50), "Stream": took(80), "Intake": took(100)},
    "bytes_stored": 1 << 10,
    "usd": {"table_write": 7.5, "table_stored": 12.0, "table_recovery": 6.0, "total": 25.5},
}
REPORT = {
    "contacts": 30,
    "region": "us-east-1",
    "as_of": "2026-11-22",
    "comprehend_usd": 600.0,
    "ways": {"http": HTTP, "queue 1": HTTP},
    "standing_usd_a_month": {"total": 10.0},
}


def test_what_is_full_first_is_the_least_of_limit_by_use():
    rows = limits(REPORT)
    assert [(row["what"], row["full_at"]) for row in rows] == [
        ("Intake", 100),
        ("Stream", 100),
        ("item", 200),
        ("key_writes", 250),
        ("table_new", 400),
        ("gateway", 500),
        ("APIHandler", 1_000),
        ("key_reads", 3_000),
        ("table_new_reads", 4_000),
        ("table_quota", 4_000),
    ]


def test_the_burst_is_ten_times_the_busiest_hour_and_a_year_is_as_large():
    daily, yearly = loads(REPORT)
    assert daily["mean"] == pytest.approx(70_000 / 86_400)
    assert daily["burst"] == pytest.approx(10 * daily["busy"])
    assert daily["busy"] == pytest.approx(70_000 * 11 / 119 * 1.22 / 3_600)
    assert daily["write_units_at_burst"] == pytest.approx(12 * daily["burst"])
    assert yearly["a_day"] == pytest.approx(68_493, abs=1)
    assert yearly["gb_a_year"] == pytest.approx(25e6 / 1024**2)
    month, stored = 25e6 / 365 * 30.4 / 1e6, 18 / 12
    assert yearly["usd_first_month"] == pytest.approx(10 + month * (7.5 + stored))
    assert yearly["usd_month_after_a_year"] == pytest.approx(10 + month * 7.5 + 25 * stored)


def test_a_report_is_written_between_the_marks(tmp_path: Path):
    file = tmp_path / "README.md"
    file.write_text(f"# x\n{BEGIN}\nold\n{END}\ny\n", "utf-8")
    report = REPORT | {"limits": limits(REPORT), "loads": loads(REPORT)}
    main(file, f"said\n{json.dumps(report)}\n")
    text = file.read_text("utf-8")
    assert text.startswith(f"# x\n{BEGIN}\n")
    assert text.endswith(f"{END}\ny\n")
    assert "old" not in text
    assert "| http（接口） | 12.0 | 3.5 | 5.0 | 230 | 1,024 | 25.5 | 4.2% |" in text
    assert "| 70,000 | 0.81 |" in text
    assert "（`c#week`） | 1,000 | 4 | 250 |" in text
    file.write_text("no marks", "utf-8")
    with pytest.raises(SystemExit, match="begin"):
        main(file, json.dumps(report))


def test_readme_holds_the_figures_of_a_run():
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    held = text.partition(BEGIN)[2].partition(END)[0]
    assert "由 `./voc bench aws` 算出" in held
    assert all(f"{name}（" in held for name in (way.name for way in WAYS))


def test_a_condition_check_costs_a_write_of_the_item_twice(table: tuple[Counting, str]):
    db, name = table
    db.put_item(TableName=name, Item=item("e#books#books", 1_500))
    db.taken()
    key = {"pk": {"S": "e#books#books"}, "sk": {"S": "."}}
    check = {"TableName": name, "Key": key, "ConditionExpression": "attribute_exists(pk)"}
    db.transact_write_items(TransactItems=[{"ConditionCheck": check}])
    counted = db.taken()
    assert (counted.writes, counted.keys["met"]) == ({"entity books": 4}, {"e#books#books|.": 1})
