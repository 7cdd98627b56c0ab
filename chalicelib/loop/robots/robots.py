"""Robots as an admin keeps them. The address goes in and never comes out again."""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.robots.wording import tested, trouble
from chalicelib.model.errors import Busy, Conflict, Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.robot import Platform, Robot
from chalicelib.ports import Sent

MOST = 50
HERE = ("127.0.0.1", "localhost", "::1")
HIDDEN = {"sealed", "told", "sent", "busy_until", "pending", "wake", "demo"}
"""What of a robot is nobody's business."""


def shown(robot: Robot) -> dict[str, Any]:
    """A robot as every interface shows it."""
    return robot.model_dump(mode="json", exclude=HIDDEN)


def listed(loop: Loop) -> list[Robot]:
    """All robots, oldest first."""
    return loop.unit().find(Robot, "robot.all", "all", limit=MOST)


def make(
    loop: Loop,
    caller: Caller,
    name: str,
    platform: Platform,
    receivers: Sequence[str],
    address: str,
    secret: str = "",
) -> Robot:
    """A robot that tells what happens from now on."""
    caller.must_be(Role.ADMIN)
    number = "B-" + secrets.token_hex(4).upper()

    def decide(unit: LoopUnit) -> Robot:
        if len(unit.find(Robot, "robot.all", "all", limit=MOST)) >= MOST:
            raise Conflict("robot.many", f"最多 {MOST} 个机器人", f"at most {MOST} robots", "name")
        return unit.put(
            Robot(
                id=number,
                name=name,
                platform=platform,
                receivers=_known(unit, receivers),
                sealed=_sealed(loop, number, address, secret),
                by=caller.name,
                at=unit.now,
                begins=unit.now,
                since=unit.now,
            )
        )

    return loop.change(decide)


def change(
    loop: Loop,
    caller: Caller,
    number: str,
    *,
    name: str | None = None,
    receivers: Sequence[str] | None = None,
    active: bool | None = None,
    address: str = "",
    secret: str = "",
    version: int | None = None,
) -> Robot:
    """Change what is given; a new address takes a new secret along."""
    caller.must_be(Role.ADMIN)

    def decide(unit: LoopUnit) -> Robot:
        before = _robot(unit, number)
        same_version(before, version)
        update: dict[str, Any] = {"name": name or before.name}
        if receivers is not None:
            update["receivers"] = _known(unit, receivers)
        if address:
            update["sealed"] = _sealed(loop, number, address, secret)
        if active is not None:
            update["active"] = active
            if active and not before.active:  # what happened while it was off is old news
                update |= {"begins": unit.now, "since": unit.now}
        if address or active:
            update |= {"failures": 0, "next_try": None, "trouble": None}
        after = before.model_copy(update=update)
        return before if after == before else unit.put(after)

    return loop.change(decide)


def remove(loop: Loop, caller: Caller, number: str) -> Robot:
    """Take it away with its address."""
    caller.must_be(Role.ADMIN)

    def decide(unit: LoopUnit) -> Robot:
        known = _robot(unit, number)
        unit.delete(known)
        return known

    return loop.change(decide)


def test(loop: Loop, caller: Caller, number: str) -> Robot:
    """Send the test message now, out of the same budget as everything else; what came of it is in the robot."""
    caller.must_be(Role.ADMIN)

    def spend(unit: LoopUnit) -> Robot:
        known = _robot(unit, number)
        if known.room(unit.now) <= 0:
            raise Busy(
                "robot.budget",
                "这一分钟的消息已满，请稍后再试",
                "this minute's messages are used up; try again later",
                "robot",
            )
        return unit.put(known.model_copy(update={"sent": (*known.within(unit.now), unit.now)}))

    robot = loop.change(spend)
    sent = send(loop, robot, tested(robot.name))

    def note(unit: LoopUnit) -> Robot:
        known = _robot(unit, number)
        good = {"trouble": None, "last": unit.now, "failures": 0, "next_try": None}
        return unit.put(known.model_copy(update=good if sent.fine else {"trouble": trouble(sent.code)}))

    return loop.change(note)


def send(loop: Loop, robot: Robot, text: str) -> Sent:
    """Open the address and post."""
    if loop.messenger is None:
        raise Invalid("robot.unavailable", "这里不发群消息", "nothing is sent to group chats here", "robot")
    opened = json.loads(loop.vault.open(robot.sealed, f"robot {robot.id}"))
    return loop.messenger.send(robot.platform, opened["address"], opened["secret"], text, loop.clock())


def _robot(unit: LoopUnit, number: str) -> Robot:
    known = unit.get(Robot, number)
    if known is None:
        raise not_found("robot")
    return known


def _sealed(loop: Loop, number: str, address: str, secret: str) -> str:
    plain = json.dumps({"address": _checked(address.strip()), "secret": secret.strip()})
    return loop.vault.seal(plain, f"robot {number}")


def _checked(address: str) -> str:
    """Raises Invalid for what is no https address; plain http only leads to this machine itself."""
    try:
        parts = urlsplit(address)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_one = urlsplit(""), False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    printable = address.isascii() and address.isprintable() and " " not in address
    if not (safe and port_is_one and parts.hostname and printable and "@" not in parts.netloc) or _link_local(
        parts.hostname
    ):
        raise Invalid(
            "robot.address",
            "请从群里复制机器人的 Webhook 地址，以 https:// 开头",
            "copy the robot's webhook address from the group; it begins with https://",
            "address",
        )
    return address


def _link_local(host: str) -> bool:
    """Whether it is a number from 169.254.0.0/16 or fe80::/10, however written: cloud machines keep secrets there."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        try:  # 2852039166, 0xa9.0xfe.1: what a resolver also takes for an address
            number = ipaddress.ip_address(socket.inet_aton(host.rstrip(".")))
        except OSError:
            return False
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return (mapped or number).is_link_local


def _known(unit: LoopUnit, receivers: Sequence[str]) -> tuple[str, ...]:
    known = {f"department:{d.code}" for d in unit.taxonomy.departments}
    known |= {f"role:{role}" for role in Role if role is not Role.SOURCE}
    if not receivers or set(receivers) - known:
        raise Invalid(
            "robot.receivers",
            "请选择至少一个部门或角色",
            "choose at least one department or role",
            "receivers",
        )
    return tuple(dict.fromkeys(receivers))
