"""Messages that queues gave up: seen without a word of them, sent again, discarded with a receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.sqs_letters import SqsLetters
from chalicelib.events import queue_messages
from chalicelib.loop import redrive
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from chalicelib.model.people import Caller, Role
from tests.stores import aws_client

PHONE = "13800138000"
GOOD = {"text": "快递三天了还没送到", "channel": "phone", "customer": PHONE}
POINTER = {
    "requestContext": {"condition": "RetryAttemptsExhausted"},
    "DDBStreamBatchInfo": {"batchSize": 3, "shardId": "s-1"},
}
TOLD = {"Records": [{"s3": {"object": {"key": f"in/crm/{PHONE}+1.csv"}}}]}


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield aws_client("sqs")


@pytest.fixture
def urls(sqs: Any) -> dict[str, str]:
    names = ("intake", "intake-dead", "drop", "drop-dead", "stream-dead")
    return {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}


class Receipts:
    """A bucket with nothing in it but what became of one file."""

    def read(self, name: str) -> bytes | None:
        known = name == f"out/crm/{PHONE} 1.csv.json"
        return b'{"problem": {"code": "file.old_excel", "zh": "-", "en": "-"}}' if known else None

    def offer(self, name: str, most: int, seconds: int) -> tuple[str, dict[str, str]]:
        raise AssertionError(name)

    def link(self, name: str, seconds: int) -> str:
        raise AssertionError(name)


@pytest.fixture
def loop(loop: Loop, sqs: Any, urls: dict[str, str]) -> Loop:
    """With queues."""
    queues = {name: (urls[f"{name}-dead"], urls.get(name, "")) for name in ("intake", "drop", "stream")}
    return replace(loop, letters=SqsLetters(sqs, queues), uploads=Receipts())


def put(sqs: Any, url: str, *bodies: Any) -> None:
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))


def waiting(sqs: Any, url: str) -> list[dict[str, Any]]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [{"messageId": one["MessageId"], "body": one["Body"]} for one in found]


def queues(api: Any) -> dict[str, Any]:
    return {one["queue"]: one for one in api("GET", "/dead-queues").json["queues"]}


def test_each_is_shown_with_its_reason_and_without_a_word_of_it(api, sqs, urls):
    put(sqs, urls["intake-dead"], {**GOOD, "text": ""}, {**GOOD, "causes": ["no.such"]}, GOOD, "no json")
    put(sqs, urls["drop-dead"], TOLD)
    put(sqs, urls["stream-dead"], POINTER)
    answer = api("GET", "/dead-queues")
    assert PHONE not in answer.text
    assert "快递" not in answer.text
    shown = {one["queue"]: one for one in answer.json["queues"]}
    assert {name: one["count"] for name, one in shown.items()} == {"intake": 4, "drop": 1, "stream": 1}
    assert sorted(one["where"] for one in shown["intake"]["letters"]) == ["", "causes", "text", "text"]
    assert [one["error"] for one in shown["drop"]["letters"]] == ["file.old_excel"]
    assert [one["where"] for one in shown["drop"]["letters"]] == ["crm"]
    assert [one["error"] for one in shown["stream"]["letters"]] == ["RetryAttemptsExhausted"]
    assert all(one["sent"] and one["id"] for one in shown["intake"]["letters"])
    assert len(queues(api)["intake"]["letters"]) == 4, "looking hides nothing from whoever looks next"


def named(key: object) -> dict[str, Any]:
    return {"Records": [{"s3": {"object": {"key": key}}}]}


@pytest.mark.parametrize(
    "key", [None, 5, [], {}, "", "out/crm/a.csv", "in/crm/\x00", "in/crm/\ud800", "in/crm/" + "x" * 2_000]
)
def test_an_odd_message_hides_no_others(api, sqs, urls, key):
    put(sqs, urls["drop-dead"], named(key), TOLD, '{"Records":5}', "null")
    answer = api("GET", "/dead-queues")
    assert answer.status == 200
    shown = {one["queue"]: one["letters"] for one in answer.json["queues"]}["drop"]
    assert sorted(one["error"] for one in shown) == ["file.old_excel", "message", "message", "message"]


@pytest.mark.parametrize("said", [{PHONE: 1}, PHONE, f"wang{PHONE}", "王伟", [PHONE], int(PHONE), True])
def test_nothing_but_codes_is_shown_of_what_a_message_or_a_receipt_says(loop, sqs, urls, said):
    class Odd(Receipts):
        def read(self, name: str) -> bytes:
            return json.dumps({"problem": {"code": said}}).encode()

    put(sqs, urls["drop-dead"], named(f"in/{said if isinstance(said, str) else 'crm'}/a.csv"))
    put(
        sqs,
        urls["stream-dead"],
        {"requestContext": {"condition": said}, "DDBStreamBatchInfo": {"batchSize": said}},
    )
    shown = {one["queue"]: one["letters"] for one in redrive.listed(replace(loop, uploads=Odd()))}
    assert [one["error"] for one in shown["drop"]] == ["file"]
    assert [one["where"] for one in shown["drop"]] == ["" if isinstance(said, str) else "crm"]
    assert [(one["error"], one["where"]) for one in shown["stream"]] == [("", "")]


def test_what_was_put_right_is_sent_again_and_taken(api, loop, sqs, urls):
    put(sqs, urls["intake-dead"], *({**GOOD, "external_id": f"A-{n}"} for n in range(12)))
    assert api("POST", "/dead-queues/intake/again", {}).json == {"sent": 12, "more": False}
    assert queues(api)["intake"]["count"] == 0
    while found := waiting(sqs, urls["intake"]):
        assert queue_messages(loop, {"Records": found}) == {"batchItemFailures": []}
    assert sum(1 for _ in loop.store.scan(Contact)) == 12


def test_pointers_are_not_sent_anywhere(api, sqs, urls):
    put(sqs, urls["stream-dead"], POINTER)
    refused = api("POST", "/dead-queues/stream/again", {})
    assert (refused.status, refused.json["error"]["code"]) == (422, "dead_queue.pointers")
    assert queues(api)["stream"]["count"] == 1


def test_what_is_discarded_leaves_a_receipt_without_its_words(api, sqs, urls):
    put(sqs, urls["intake-dead"], {"text": "", "channel": "phone"}, {"customer": PHONE})
    ids = {one["id"] for one in queues(api)["intake"]["letters"]}
    assert api("POST", "/dead-queues/intake/discard", {"confirm": "drop"}).status == 422
    receipt = api("POST", "/dead-queues/intake/discard", {"confirm": "intake"}).json["receipt"]
    assert (set(receipt["letters"]), receipt["by"]) == (ids, "admin")
    answer = api("GET", "/dead-queues")
    assert [set(one["letters"]) for one in answer.json["receipts"]] == [ids]
    assert PHONE not in answer.text
    assert {one["queue"]: one["count"] for one in answer.json["queues"]}["intake"] == 0
    again = api("POST", "/dead-queues/intake/discard", {"confirm": "intake"})
    assert again.json == {"receipt": None}, "nothing left, so no receipt of nothing"


class Stubborn(SqsLetters):
    """Removes only the first of those it is told to."""

    def discard(self, queue, letters):
        return super().discard(queue, letters[:1])


def test_a_receipt_names_only_what_is_really_gone(loop, sqs, urls):
    put(sqs, urls["intake-dead"], GOOD, GOOD)
    stubborn = replace(loop, letters=Stubborn(sqs, {"intake": (urls["intake-dead"], urls["intake"])}))
    receipt = redrive.discard(stubborn, Caller("admin", Role.ADMIN), "intake")
    assert receipt
    assert len(receipt.letters) == 1
    assert [one.letters for one in redrive.receipts(loop)] == [receipt.letters]


@pytest.mark.parametrize("path", ["intake/again", "intake/discard"])
def test_only_an_admin_may_and_only_of_queues_there_are(api, path):
    assert api("POST", f"/dead-queues/{path}", {"confirm": "intake"}, user="exec").status == 403
    other = path.replace("intake", "elsewhere")
    assert api("POST", f"/dead-queues/{other}", {"confirm": "elsewhere"}).status == 404


def test_beside_the_embedded_store_there_are_none(loop):
    plain = replace(loop, letters=None)
    assert redrive.listed(plain) == []
    assert redrive.receipts(plain) == []
