"""Files that other systems drop into a bucket: every row taken, known or given back; the file gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.s3_drop import S3Drop
from chalicelib.events import dropped
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact

BUCKET = "dropped"
ROWS = "工单号,内容,客户号\nA-1,快递三天了还没送到,u1\nA-2,,u2\nA-3,包裹被压坏了,u3\n"


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket=BUCKET)
        yield client


def put(s3, loop, key, content):
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return tell(s3, loop, key)


def tell(s3, loop, key):
    detail = {"bucket": {"name": BUCKET}, "object": {"key": key}}
    return dropped(loop, lambda name: S3Drop(s3, name), {"detail": detail})


def files(s3):
    return {f["Key"] for f in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def read(s3, key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_every_row_is_taken_or_given_back_and_the_file_is_gone(s3, loop, encoding):
    assert put(s3, loop, "in/phone/今天.csv", ROWS.encode(encoding)) == {"taken": 2, "known": 0, "refused": 1}
    assert {c.channel for c in loop.store.scan(Contact)} == {"phone"}
    assert files(s3) == {"refused/今天-refused.csv"}
    given_back = read(s3, "refused/今天-refused.csv").decode("utf-8-sig")
    assert "A-2" in given_back
    assert "A-1" not in given_back
    drain(loop)
    assert recount(loop).differences == 0


def test_a_file_told_twice_or_dropped_twice_adds_nothing(s3, loop):
    put(s3, loop, "in/phone/a.csv", ROWS.encode())
    assert tell(s3, loop, "in/phone/a.csv") == {"taken": 0, "known": 0, "refused": 0}
    assert put(s3, loop, "in/phone/a.csv", ROWS.encode())["known"] == 2


def test_what_is_given_back_and_mended_is_taken(s3, loop):
    put(s3, loop, "in/phone/a.csv", ROWS.encode())
    mended = read(s3, "refused/a-refused.csv").decode("utf-8-sig").replace("A-2,,", "A-2,退款没到账,")
    assert put(s3, loop, "in/phone/a-refused.csv", mended.encode())["taken"] == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02" * 100, "期间,数值,分母\n2026-W47,1,订单\n".encode()]
)
def test_a_file_that_is_none_of_contacts_comes_back_whole_with_the_reason(s3, loop, content):
    assert put(s3, loop, "in/x.csv", content) == {"taken": 0, "known": 0, "refused": 0}
    assert files(s3) == {"refused/x.csv", "refused/x.csv.reason.txt"}
    assert read(s3, "refused/x.csv") == content
    assert len(read(s3, "refused/x.csv.reason.txt").decode().splitlines()) >= 2
    assert list(loop.store.scan(Contact)) == []


def test_a_folder_is_no_file(s3, loop):
    assert put(s3, loop, "in/phone/", b"") == {"taken": 0, "known": 0, "refused": 0}


def test_a_crash_before_the_end_leaves_the_file_for_the_next_try(s3, loop):
    class Full(S3Drop):
        def refuse(self, name, content):
            raise OSError

    s3.put_object(Bucket=BUCKET, Key="in/phone/a.csv", Body=ROWS.encode())
    detail = {"bucket": {"name": BUCKET}, "object": {"key": "in/phone/a.csv"}}
    with pytest.raises(OSError):  # noqa: PT011
        dropped(loop, lambda name: Full(s3, name), {"detail": detail})
    assert "in/phone/a.csv" in files(s3)
    assert tell(s3, loop, "in/phone/a.csv") == {"taken": 0, "known": 2, "refused": 1}
