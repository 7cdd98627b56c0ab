"""Messages to group chats: signed as the platforms document it, answers read, no step off the given address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.messaging import HttpMessenger, dingtalk_sign, feishu_sign
from tests.group_chat import Chat, group_chat

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def chat() -> Iterator[Chat]:
    with group_chat() as chat:
        yield chat


def test_signatures_are_those_of_the_platforms() -> None:
    assert (
        dingtalk_sign("this is secret", "1700000000000") == "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D"
    )
    assert feishu_sign("demo", "1599360473") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_wecom_takes_a_text(chat: Chat) -> None:
    assert HttpMessenger().send("wecom", chat.address, "", "你好", NOW).fine
    assert chat.posts == [("/send?key=very-secret-key", {"msgtype": "text", "text": {"content": "你好"}})]


def test_dingtalk_is_signed_in_the_address_in_milliseconds(chat: Chat) -> None:
    assert HttpMessenger().send("dingtalk", chat.address, "s", "你好", NOW).fine
    asked = parse_qs(urlsplit(chat.posts[0][0]).query)
    assert asked["timestamp"] == ["1794967200000"]
    assert asked["sign"] == [
        dingtalk_sign("s", "1794967200000").replace("%3D", "=").replace("%2B", "+").replace("%2F", "/")
    ]
    assert asked["key"] == ["very-secret-key"]


def test_feishu_is_signed_in_the_body_in_seconds(chat: Chat) -> None:
    assert HttpMessenger().send("feishu", chat.address, "s", "你好", NOW).fine
    body = chat.posts[0][1]
    assert (body["timestamp"], body["sign"]) == ("1794967200", feishu_sign("s", "1794967200"))
    assert body["content"] == {"text": "你好"}


@pytest.mark.parametrize(
    ("platform", "status", "answer", "code", "too_often"),
    [
        ("wecom", 200, b'{"errcode": 45009}', "45009", True),
        ("wecom", 200, b'{"errcode": 93000}', "93000", False),
        ("dingtalk", 200, b'{"errcode": 310000}', "310000", False),
        ("dingtalk", 200, b'{"errcode": 130101}', "130101", True),
        ("feishu", 200, b'{"code": 19021}', "19021", False),
        ("feishu", 200, b'{"StatusCode": 0}', "0", False),
        ("wecom", 200, b"<html>sign in</html>", "unreadable", False),
        ("wecom", 200, b"[]", "unreadable", False),
        ("wecom", 429, b"", "http.429", True),
        ("wecom", 500, b'{"errcode": 0}', "http.500", False),
    ],
)
def test_http_200_is_not_success(
    chat: Chat, platform: str, status: int, answer: bytes, code: str, too_often: bool
) -> None:
    chat.status, chat.answer = status, answer
    sent = HttpMessenger().send(platform, chat.address, "", "你好", NOW)
    assert (sent.code, sent.too_often, sent.fine) == (code, too_often, code == "0")


def test_a_redirect_is_not_followed(chat: Chat) -> None:
    with group_chat() as elsewhere:
        chat.status, chat.location = 302, elsewhere.address
        assert HttpMessenger().send("wecom", chat.address, "", "你好", NOW).code == "http.302"
        assert elsewhere.posts == []


def test_nobody_there_is_a_code() -> None:
    with group_chat() as gone:
        address = gone.address
    assert HttpMessenger().send("wecom", address, "", "你好", NOW).code == "unreached"
