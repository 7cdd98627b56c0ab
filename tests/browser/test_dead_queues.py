"""The admin's dead letters of queues in a browser: sent again, and discarded only after a word was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws
from playwright.sync_api import expect

from chalicelib.adapters.sqs_letters import SqsLetters
from chalicelib.loop.context import Loop
from tests.browser.conftest import SignIn
from tests.stores import aws_client

PHONE = "13800138000"


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield aws_client("sqs")


@pytest.fixture
def dead(sqs: Any) -> str:
    """The address of a queue with what was given up."""
    url: str = sqs.create_queue(QueueName="dead")["QueueUrl"]
    give_up(sqs, url)
    return url


def give_up(sqs: Any, url: str) -> None:
    for body in ({"text": "", "channel": "phone", "customer": PHONE}, {"text": "没送到", "channel": "phone"}):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


@pytest.fixture
def loop(loop: Loop, sqs: Any, dead: str) -> Loop:
    """With one queue."""
    back = sqs.create_queue(QueueName="back")["QueueUrl"]
    return replace(loop, letters=SqsLetters(sqs, {"intake": (dead, back)}))


def test_dead_letters_of_a_queue_are_sent_again_or_discarded(
    sign_in: SignIn, loop: Loop, sqs: Any, dead: str
) -> None:
    assert loop.letters
    page = sign_in("admin", "/admin/dead")
    expect(page.get_by_text("字段 text 不合规则")).to_be_visible()
    expect(page.get_by_text("现在会收下，可以再发")).to_be_visible()
    expect(page.get_by_text(PHONE)).to_have_count(0)
    throw = page.get_by_role("button", name="全部丢弃 别的系统的消息")
    dialog = page.get_by_role("dialog")
    throw.click()
    dialog.get_by_role("button", name="全部丢弃").click()
    assert loop.letters.counts() == {"intake": 2}, "nothing before the word"
    dialog.get_by_role("button", name="取消").click()
    page.get_by_role("button", name="全部再发 别的系统的消息").click()
    expect(page.get_by_text("已重新排队 2 条")).to_be_visible()
    give_up(sqs, dead)
    page.reload()
    throw.click()
    dialog.get_by_role("textbox").fill("丢弃")
    dialog.get_by_role("button", name="全部丢弃").click()
    expect(page.get_by_text("已丢弃 2 条，回执在下面")).to_be_visible()
    expect(page.get_by_text("别的系统的消息 2 条，最早的送来于")).to_be_visible()
    assert loop.letters.counts() == {"intake": 0}
