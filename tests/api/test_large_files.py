"""Files too large for a request: signed for one person and one name, read by the function, followed by its sender."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.config import Config
from moto import mock_aws

from chalicelib.adapters.s3_drop import S3Uploads
from chalicelib.intake.dropped import take_file
from chalicelib.intake.large import MOST_BYTES, ticket
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller, Role
from tests.stores import aws_client

BUCKET, REGION = "drop-of-tests", "eu-west-1"
RECEIPT = {"rows": 1, "taken": 1, "known": 0, "refused": 0, "problem": None, "refused_files": []}
ASKED = {"name": "十一月 13800138000.CSV", "size": 50_000_000}


@pytest.fixture
def s3() -> Iterator[S3Uploads]:
    with mock_aws():
        config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        client = aws_client("s3", REGION, config=config)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield S3Uploads(client, BUCKET)


@pytest.fixture
def loop(loop: Loop, s3: S3Uploads) -> Loop:
    """With a bucket."""
    return replace(loop, uploads=s3)


def offered(api: Any, user: str = "agent") -> dict[str, Any]:
    answer = api("POST", "/imports/large", ASKED, user=user)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_form_lets_one_file_of_a_size_in_under_one_name_for_a_while(api):
    offer = offered(api)
    policy = json.loads(base64.b64decode(offer["fields"]["policy"]))
    assert {"key": f"in/web/{offer['ticket']}"} in policy["conditions"]
    assert ["content-length-range", 1, MOST_BYTES] in policy["conditions"]
    assert {"bucket": BUCKET} in policy["conditions"]
    assert policy["expiration"]
    assert offer["url"] == f"https://{BUCKET}.s3.{REGION}.amazonaws.com/", (
        "the host that pages may speak with"
    )
    assert "13800138000" not in json.dumps(offer)
    assert offer["ticket"] != offered(api)["ticket"]


def test_its_sender_sees_how_far_it_is_and_what_was_refused(api, loop, s3):
    mine = offered(api)["ticket"]
    assert api("GET", f"/imports/large/{mine}", user="agent").json["state"] == "waiting"
    s3.put(f"in/web/{mine}", "内容,渠道\n包裹没到,电话\n,电话\n".encode())
    assert take_file(loop, s3, f"in/web/{mine}", lambda: False)
    found = api("GET", f"/imports/large/{mine}", user="agent").json
    assert [found[name] for name in ("state", "rows", "taken", "refused")] == ["done", 2, 1, 1]
    (link,) = found["refused_rows"]
    assert f"/out/web/{mine}-refused.csv?" in link
    assert "response-content-disposition=attachment" in link
    assert [contact.channel for contact in loop.store.scan(Contact)] == ["phone"]


def test_one_that_cannot_be_read_says_why(api, loop, s3):
    mine = offered(api)["ticket"]
    s3.put(f"in/web/{mine}", b"denominator,period,value\norders,2026-W46,5\n")
    with pytest.raises(Exception, match="contacts"):
        take_file(loop, s3, f"in/web/{mine}", lambda: False)
    found = api("GET", f"/imports/large/{mine}", user="agent").json
    assert (found["state"], found["problem"]["code"]) == ("failed", "columns.unknown")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"null",
        b"{}",
        b"[1]",
        *(json.dumps(RECEIPT | odd).encode() for odd in ({"rows": "many"}, {"problem": "x"})),
        json.dumps(RECEIPT | {"refused_files": 5}).encode(),
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_receipt_that_is_broken_is_said_to_be(api, s3, content):
    mine = offered(api)["ticket"]
    s3.put(f"out/web/{mine}.json", content)
    found = api("GET", f"/imports/large/{mine}", user="agent")
    assert found.status == 200
    assert (found.json["state"], found.json["problem"]["code"]) == ("failed", "import.receipt")
    assert found.json["refused_rows"] == []


def test_a_receipt_gives_no_links_to_files_of_others(api, s3):
    mine = offered(api)["ticket"]
    files = ["in/crm/a.csv", "out/web/b-refused.csv", f"out/web/{mine}-refused.csv"]
    s3.put(f"out/web/{mine}.json", json.dumps(RECEIPT | {"refused_files": files}).encode())
    (link,) = api("GET", f"/imports/large/{mine}", user="agent").json["refused_rows"]
    assert f"{mine}-refused.csv" in link


def test_nobody_follows_the_file_of_another(api):
    mine = offered(api)["ticket"]
    assert api("GET", f"/imports/large/{mine}", user="lead.quality").status == 404
    assert api("GET", f"/imports/large/{mine}", user="exec").status == 403
    assert api("GET", "/imports/large/..%2F..%2Fcrm.csv", user="agent").status == 404


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"name": "a.exe"}, "import.ending"),
        ({"name": "来信.eml"}, "import.ending"),
        ({"size": MOST_BYTES + 1}, "import.large"),
    ],
)
def test_what_can_be_no_file_of_contacts_is_refused(api, asked, code):
    answer = api("POST", "/imports/large", {**ASKED, **asked}, user="agent")
    assert (answer.status, answer.json["error"]["code"]) == (422, code)


def test_without_a_bucket_it_says_what_to_do(loop):
    with pytest.raises(Invalid, match="voc import"):
        ticket(replace(loop, uploads=None), Caller("agent", Role.AGENT), "a.csv", 5_000_000)
