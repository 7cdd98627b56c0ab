"""Files in a bucket: imported whole or in turns, with a receipt, and once however often they are told of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.s3_drop import S3Drop
from chalicelib.events import dropped_files
from chalicelib.intake.dropped import take_file
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from chalicelib.ports import Drop
from tests.stores import aws_client

BUCKET = "drop-of-tests"


class Folder:
    """A drop on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, name: str, path: Path) -> str:
        content = self.read(name)
        if content is None:
            return ""
        path.write_bytes(content)
        return sha256(content).hexdigest()

    def read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.exists() else None

    def put(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, name: str, mark: str) -> None:
        content = self.read(name)
        if content is not None and sha256(content).hexdigest() == mark:
            (self._folder / name).unlink()


@pytest.fixture
def drop(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def s3() -> Iterator[S3Drop]:
    with mock_aws():
        client = aws_client("s3")
        place = {"LocationConstraint": "cn-north-1"}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield S3Drop(client, BUCKET)


def told(*keys: str) -> dict[str, Any]:
    """What the queue brings of a bucket's events."""
    return {
        "Records": [
            {"messageId": key, "body": json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})}
            for key in keys
        ]
    }


def failed(
    loop: Loop, drop: Drop, event: dict[str, Any], stop: Callable[[], bool] = lambda: False
) -> list[str]:
    failures = dropped_files(loop, drop, event, lambda: 0.0 if stop() else 900.0)["batchItemFailures"]
    return [one["itemIdentifier"] for one in failures]


def receipt(drop: Drop, name: str) -> dict[str, Any]:
    content = drop.read(f"out/{name}.json")
    assert content is not None
    found: dict[str, Any] = json.loads(content)
    return found


def table(rows: int) -> bytes:
    return ("内容,渠道\n" + "".join(f"第 {n} 个包裹没有送到,电话\n" for n in range(rows))).encode()


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_file_is_imported_gets_a_receipt_and_goes(
    request: pytest.FixtureRequest, loop: Loop, kind: str
) -> None:
    drop: Drop = request.getfixturevalue("drop" if kind == "folder" else "s3")
    drop.put("in/crm/工单 1.csv", table(3) + b",\xe7\x94\xb5\xe8\xaf\x9d\n")
    event = told("in/crm/%E5%B7%A5%E5%8D%95+1.csv")
    assert failed(loop, drop, event) == []
    found = receipt(drop, "crm/工单 1.csv")
    assert (found["done"], found["rows"], found["taken"], found["refused"]) == (True, 4, 3, 1)
    refused = drop.read(found["refused_files"][0])
    assert refused is not None
    assert "\r\n5,客户说了什么" in refused.decode(), "the line it stood on"
    assert drop.read("in/crm/工单 1.csv") is None
    assert {contact.taken_by for contact in loop.store.scan(Contact)} == {"drop:crm"}
    assert failed(loop, drop, event) == [], "the same message again: the file is gone"
    assert receipt(drop, "crm/工单 1.csv") == found


def test_a_long_file_goes_on_where_the_turn_before_stopped(loop: Loop, drop: Folder) -> None:
    name = "in/crm/long.csv"
    drop.put(name, table(1_200) + "内容相同,电话\n内容相同,电话\n".encode())
    turns = count()
    while failed(loop, drop, told(name), lambda: True):
        assert next(turns) < 10
    found = receipt(drop, "crm/long.csv")
    assert (next(turns), found["rows"], found["taken"], found["known"]) == (2, 1_202, 1_202, 0)
    assert sum(1 for _ in loop.store.scan(Contact)) == 1_202


def test_a_turn_that_was_killed_counts_nothing_twice(loop: Loop, drop: Folder) -> None:
    class Killed(BaseException):
        pass

    def killed() -> bool:
        raise Killed

    drop.put("in/crm/long.csv", table(600))
    with pytest.raises(Killed):
        take_file(loop, drop, "in/crm/long.csv", killed)
    assert failed(loop, drop, told("in/crm/long.csv")) == []
    found = receipt(drop, "crm/long.csv")
    assert (found["taken"], found["known"]) == (100, 500)


def test_what_cannot_be_read_says_why_and_stays_and_the_others_are_taken(loop: Loop, drop: Folder) -> None:
    drop.put("in/crm/old.xls", bytes.fromhex("d0cf11e0a1b11ae1") * 100)
    drop.put("in/crm/good.csv", table(2))
    event = told("in/crm/old.xls", "in/crm/good.csv")
    assert failed(loop, drop, event) == ["in/crm/old.xls"]
    assert failed(loop, drop, event) == ["in/crm/old.xls"]
    assert receipt(drop, "crm/old.xls")["problem"]["code"] == "file.old_excel"
    assert drop.read("in/crm/old.xls")
    drop.put("in/crm/old.xls", table(3)[:-1])
    assert failed(loop, drop, event) == [], "put right under the same name"
    found = receipt(drop, "crm/old.xls")
    assert (found["problem"], found["taken"], found["known"]) == (None, 1, 2)


def test_a_message_by_mail_is_a_file_like_any_other(loop: Loop, drop: Folder) -> None:
    drop.put("in/mail/0a1b2c", b"From: a@b.cn\nMessage-ID: <1@b>\n\n" + "退款十天了还没到账".encode())
    assert failed(loop, drop, told("in/mail/0a1b2c")) == []
    (contact,) = loop.store.scan(Contact)
    assert (contact.channel, contact.taken_by) == ("email", "drop:mail")


@pytest.mark.parametrize(
    "body",
    ["", "no json", "[]", '{"Event": "s3:TestEvent"}', '{"Records": [{}]}', json.dumps({"Records": []})],
)
def test_messages_about_nothing_are_done(loop: Loop, drop: Folder, body: str) -> None:
    assert failed(loop, drop, {"Records": [{"messageId": "1", "body": body}]}) == []


def test_only_contacts_are_taken_and_the_source_may_be_their_channel(loop: Loop, drop: Folder) -> None:
    drop.put("in/crm/x.csv", b"denominator,period,value\norders,2026-W46,5\n")
    assert failed(loop, drop, told("in/crm/x.csv")) == ["in/crm/x.csv"]
    drop.put("in/phone/a.csv", "内容\n还没送到\n".encode())
    assert failed(loop, drop, told("in/phone/a.csv")) == []
    assert [contact.channel for contact in loop.store.scan(Contact)] == ["phone"]


@pytest.mark.parametrize("key", ["out/crm/a.csv.json", "in/crm/", "elsewhere/a.csv"])
def test_what_lies_beside_is_left_alone(loop: Loop, drop: Folder, key: str) -> None:
    assert failed(loop, drop, told(key)) == []


def test_another_file_of_the_same_name_begins_at_its_beginning(loop: Loop, drop: Folder) -> None:
    for rows in (2, 5):
        drop.put("in/crm/daily.csv", table(rows))
        assert failed(loop, drop, told("in/crm/daily.csv")) == []
    found = receipt(drop, "crm/daily.csv")
    assert (found["rows"], found["taken"], found["known"]) == (5, 3, 2)


def test_a_file_that_is_replaced_between_two_turns_is_read_from_its_beginning(
    loop: Loop, drop: Folder
) -> None:
    name = "in/crm/daily.csv"
    drop.put(name, table(1_000))
    assert failed(loop, drop, told(name), lambda: True) == [name]
    drop.put(name, table(1_000).replace("第".encode(), "另".encode()))
    while failed(loop, drop, told(name), lambda: True):
        pass
    assert receipt(drop, "crm/daily.csv")["taken"] == 1_000


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_file_that_is_replaced_while_it_is_read_is_read_too(
    request: pytest.FixtureRequest, loop: Loop, kind: str
) -> None:
    drop: Drop = request.getfixturevalue("drop" if kind == "folder" else "s3")
    name = "in/crm/daily.csv"
    drop.put(name, table(501))

    def replaced() -> bool:
        drop.put(name, table(600))
        return False

    assert failed(loop, drop, told(name), replaced) == []
    assert failed(loop, drop, told(name)) == []
    assert (receipt(drop, "crm/daily.csv")["taken"], drop.read(name)) == (99, None)


@pytest.mark.parametrize(
    "kept",
    [
        "no json",
        "[1]",
        "null",
        "5",
        '{"rows": -5}',
        '{"rows": 1e999}',
        '{"reasons": {"a": "b"}}',
        "[" * 99_999,
    ],
)
def test_a_receipt_that_somebody_changed_counts_as_none(loop: Loop, drop: Folder, kept: str) -> None:
    drop.put("out/crm/a.csv.json", kept.encode())
    drop.put("in/crm/a.csv", table(2))
    assert failed(loop, drop, told("in/crm/a.csv")) == []
    assert receipt(drop, "crm/a.csv")["taken"] == 2


@pytest.mark.parametrize(
    "name", ["in/crm/" + "很长的名字" * 16 + ".csv", "in/crm/..", "in/../a.csv", "in/a\x01.csv"]
)
def test_any_name_can_be_read(loop: Loop, drop: Folder, s3: S3Drop, name: str) -> None:
    s3.put(name, table(2))
    assert failed(loop, s3, told(name)) == []
    assert receipt(s3, name.removeprefix("in/"))["taken"] == 2


def test_what_breaks_the_reading_takes_no_other_file_with_it(loop: Loop, drop: Folder) -> None:
    class Broken(Folder):
        def fetch(self, name: str, path: Path) -> str:
            if "bad" in name:
                raise RuntimeError
            return super().fetch(name, path)

    broken = Broken(drop._folder)
    broken.put("in/crm/good.csv", table(2))
    assert failed(loop, broken, told("in/crm/bad.csv", "in/crm/good.csv")) == ["in/crm/bad.csv"]
    assert receipt(broken, "crm/good.csv")["done"]


@pytest.mark.parametrize(
    "body", ['{"Records": null}', '{"Records": "x"}', '{"Records": [{"s3": null}]}', '{"Records": [5]}']
)
def test_messages_of_another_shape_are_none_of_a_bucket(loop: Loop, drop: Folder, body: str) -> None:
    assert failed(loop, drop, {"Records": [{"messageId": "1", "body": body}]}) == []


def as_ses_writes_it(*verdicts: str, **fields: str) -> bytes:
    """What SES puts above a message: so much that `From` comes thousands of bytes later."""
    lines = ["Return-Path: <li.na@example.com>", *verdicts]
    lines += [f"Received: from mx{n}.example by in.example; {'a' * 400}" for n in range(20)]
    lines += ["From: <li.na@example.com>", "Message-ID: <1@example.com>"]
    return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in fields.items()), "", "退款十天了还没到账"]).encode()


MAIL = "in/mail/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
"""A name that SES gives."""


def test_mail_that_ses_stored_is_one_contact(loop: Loop, drop: Folder) -> None:
    drop.put(MAIL, as_ses_writes_it("X-SES-Spam-Verdict: PASS", "X-SES-Virus-Verdict: PASS"))
    assert failed(loop, drop, told(MAIL)) == []
    (contact,) = loop.store.scan(Contact)
    assert (contact.channel, contact.taken_by) == ("email", "drop:mail")
    assert "退款十天" in contact.text


@pytest.mark.parametrize(
    ("verdicts", "fields", "code", "kept"),
    [
        (["X-SES-Spam-Verdict: FAIL", "X-SES-Virus-Verdict: PASS"], {}, "mail.spam", True),
        (["X-SES-Spam-Verdict: FAIL", "X-SES-Virus-Verdict: FAIL"], {}, "mail.virus", False),
        ([], {"Auto-Submitted": "auto-replied"}, "mail.automatic", True),
        (["X-SES-Spam-Verdict: FAIL"], {"X-SES-Spam-Verdict": "PASS"}, "mail.spam", True),
    ],
)
def test_mail_that_is_no_contact_is_done_with_and_listed(
    loop: Loop, drop: Folder, verdicts: list[str], fields: dict[str, str], code: str, kept: bool
) -> None:
    drop.put(MAIL, as_ses_writes_it(*verdicts, **fields))
    assert failed(loop, drop, told(MAIL)) == [], "no dead letter: nothing can be mended"
    found = receipt(drop, MAIL.removeprefix("in/"))
    assert (found["done"], found["refused"], found["reasons"]) == (True, 1, {code: 1})
    listed = (drop.read(found["refused_files"][0]) or b"").decode()
    assert "li.na@example.com" in listed
    assert ("退款十天" in listed) == kept
    assert drop.read(MAIL) is None
    assert list(loop.store.scan(Contact)) == []


def test_spam_that_somebody_looked_at_and_a_customer_wrote_is_taken_with_its_list(
    loop: Loop, drop: Folder
) -> None:
    drop.put(MAIL, as_ses_writes_it("X-SES-Spam-Verdict: FAIL"))
    assert failed(loop, drop, told(MAIL)) == []
    listed = drop.read(receipt(drop, MAIL.removeprefix("in/"))["refused_files"][0])
    drop.put("in/email/looked-at.csv", listed or b"")
    assert failed(loop, drop, told("in/email/looked-at.csv")) == []
    assert [contact.channel for contact in loop.store.scan(Contact)] == ["email"]


def test_what_ses_writes_to_try_the_bucket_is_no_message(loop: Loop, drop: Folder) -> None:
    name = "in/mail/AMAZON_SES_SETUP_NOTIFICATION"
    drop.put(name, as_ses_writes_it())
    assert failed(loop, drop, told(name)) == []
    assert list(loop.store.scan(Contact)) == []


def record(number: int, **more: Any) -> dict[str, Any]:
    return {
        "ContactId": f"c-{number}",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-11-17T01:30:00Z",
        "Attributes": {"notes": "退款十天了还没到账"},
        **more,
    }


@pytest.mark.parametrize("between", ["\n", "", " "])
def test_records_of_calls_one_after_another_with_or_without_lines(
    loop: Loop, drop: Folder, between: str
) -> None:
    name = "in/connect/2026/11/17/01/records-1-2026-11-17-01-30-00-0a1b"
    drop.put(name, between.join(json.dumps(record(n)) for n in range(3)).encode())
    assert failed(loop, drop, told(name)) == []
    assert receipt(drop, name.removeprefix("in/"))["taken"] == 3


def test_a_file_of_nothing_but_later_legs_is_done_with(loop: Loop, drop: Folder) -> None:
    name = "in/connect/records-2"
    drop.put(name, json.dumps(record(1, InitiationMethod="TRANSFER", PreviousContactId="c-0")).encode())
    assert failed(loop, drop, told(name)) == []
    assert receipt(drop, "connect/records-2")["reasons"] == {"connect.leg": 1}
