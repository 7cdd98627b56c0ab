"""Group robots over HTTP: their addresses are taken and never given back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.messaging import HttpMessenger
from chalicelib.api.routing import DOOR
from chalicelib.model.robot import Robot
from tests.group_chat import Chat, group_chat


@pytest.fixture
def chat(api: Any, loop: Any) -> Iterator[Chat]:
    with group_chat() as chat:
        DOOR.loop = lambda: replace(loop, messenger=HttpMessenger())
        yield chat


@pytest.fixture
def made(api: Any, chat: Chat) -> dict[str, Any]:
    """A robot of the group on this machine."""
    body = {
        "name": "物流群",
        "platform": "dingtalk",
        "receivers": ["department:logistics"],
        "address": chat.address,
        "secret": "SECxyz",
    }
    answer = api("POST", "/robots", body)
    assert answer.status == 201, answer.text
    robot: dict[str, Any] = answer.json["robot"]
    return robot


def test_address_and_secret_are_in_no_answer_and_not_in_the_store(api, loop, chat, made):
    api("PATCH", f"/robots/{made['id']}", {"address": chat.address, "secret": "SECabc"})
    api("POST", f"/robots/{made['id']}/test")
    said = [api("GET", "/robots").text, str(made), *(one.model_dump_json() for one in loop.store.scan(Robot))]
    for text in said:
        assert not [word for word in ("very-secret-key", "SECxyz", "SECabc", "127.0.0.1") if word in text]
    assert "sealed" not in api("GET", "/robots").json["robots"][0]


def test_a_test_message_says_whether_it_arrived(api, chat, made):
    assert api("POST", f"/robots/{made['id']}/test").json["robot"]["trouble"] is None
    assert "测试消息" in chat.texts[0]
    chat.answer = b'{"errcode": 310000, "errmsg": "sign not match"}'
    trouble = api("POST", f"/robots/{made['id']}/test").json["robot"]["trouble"]
    assert trouble["code"] == "310000"
    assert "密钥不对" in trouble["zh"]


def test_a_robot_is_switched_off_and_removed(api, made):
    off = api("PATCH", f"/robots/{made['id']}", {"active": False, "version": made["version"]}).json["robot"]
    assert not off["active"]
    late = api("PATCH", f"/robots/{made['id']}", {"name": "乙", "version": made["version"]})
    assert (late.status, late.json["error"]["code"]) == (409, "version")
    assert api("POST", f"/robots/{made['id']}/remove").json["removed"]["id"] == made["id"]
    assert api("GET", "/robots").json["robots"] == []


@pytest.mark.parametrize("user", ["agent", "lead.logistics", "exec"])
def test_only_an_admin_keeps_robots(api, made, user):
    assert api("GET", "/robots", user=user).status == 403
    assert api("POST", f"/robots/{made['id']}/test", user=user).status == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("https://voc.example.com/", 200),
        ("http://10.0.0.3:8000", 200),
        ("", 200),
        ("voc.example.com", 422),
        ("javascript:alert(1)", 422),
        ("https://a b", 422),
    ],
)
def test_the_address_of_the_pages_is_one(api, address, status):
    said = api("PATCH", "/settings", {"settings": {"address": address}})
    assert said.status == status
    if status == 200:
        assert said.json["address"] == address.rstrip("/")


def test_an_answer_nested_too_deep_is_a_trouble_of_the_robot(api, chat, made):
    chat.answer = b'{"errcode": ' + b"[" * 3_000 + b"]" * 3_000 + b"}"
    said = api("POST", f"/robots/{made['id']}/test")
    assert (said.status, said.json["robot"]["trouble"]["code"]) == (200, "unreadable")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("169.254.169.254", 422),
        ("2852039166", 422),
        ("0xa9.0xfe.1", 422),
        ("[fe80::1]", 422),
        ("[fe80::1%25eth0]", 422),
        ("[::ffff:169.254.169.254]", 422),
        ("169.253.0.1", 200),
        ("[2001:db8::1]", 200),
    ],
)
def test_a_number_of_the_link_itself_is_no_address(api, made, host, status):
    said = api("PATCH", f"/robots/{made['id']}", {"address": f"https://{host}/send"})
    assert said.status == status
    assert status == 200 or said.json["error"]["code"] == "robot.address"
