"""Messages to group chats: signed as the platforms document it, answers read, no step off the given address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.messaging import HttpMessenger, dingtalk, dingtalk_sign, feishu_sign
from chalicelib.adapters.timed_http import LARGEST_ANSWER
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
        ("wecom", 200, b'{"errcode": ' + b"[" * 3_000 + b"]" * 3_000 + b"}", "unreadable", False),
        ("wecom", 200, b'{"errcode": ' + b"9" * 5_000 + b"}", "unreadable", False),
        ("wecom", 200, b'{"errcode": ' + b"9" * 41 + b"}", "unreadable", False),
        ("wecom", 200, b'{"errcode": "<b>no</b>"}', "unreadable", False),
        ("wecom", 200, b'{"errcode": true}', "unreadable", False),
        ("feishu", 200, b'{"code": "Not_allowed-1.2"}', "Not_allowed-1.2", False),
        ("wecom", 200, b'{"errcode": 0, "x": "' + b"x" * LARGEST_ANSWER + b'"}', "unreadable", False),
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


@pytest.mark.parametrize(
    "address",
    [
        "https://chat.example.com/send",
        "https://chat.example.com/send?",
        "https://chat.example.com/send#part",
        "https://chat.example.com/send?key=a%2Bb#part",
        "https://chat.example.com/send?timestamp=1&sign=old",
    ],
)
def test_dingtalk_signs_in_the_query_whatever_the_address_has(address: str) -> None:
    parts = urlsplit(dingtalk(address, "s", "你好", NOW)[0])
    asked = parse_qs(parts.query)
    assert (parts.path, parts.fragment) == ("/send", "")
    assert asked["timestamp"] == ["1794967200000"]
    assert len(asked["sign"]) == 1
    assert asked.get("key", ["a+b"]) == ["a+b"]
    assert ("key" in asked) == ("key" in address)


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """A server that says this and then a byte now and then for ever; its address."""
    over = threading.Event()

    def serve() -> None:
        sock, _ = listening.accept()
        with sock:
            try:
                sock.sendall(head)
                while not over.wait(0.05):
                    sock.sendall(b" ")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/send"
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"],
    ids=["nothing", "headers", "body"],
)
def test_the_time_is_for_the_whole_message(head: bytes) -> None:
    with dripping(head) as address:
        began = monotonic()
        assert HttpMessenger(timeout=0.4).send("wecom", address, "", "你好", NOW).code == "unreached"
        assert 0.3 < monotonic() - began < 30  # it drips for ever
