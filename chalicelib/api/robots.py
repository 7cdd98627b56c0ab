"""Routes for group robots. Addresses go in and never come out."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import ADMIN, Ask, Body, Step
from chalicelib.loop.robots import robots
from chalicelib.model.robot import Platform

step = Step("admin")
route = step.route


class NewRobot(Body):
    """A robot of a group chat, and whose notices it tells."""

    name: str = Field(min_length=1, max_length=60)
    platform: Platform
    receivers: tuple[str, ...] = Field(max_length=200, description="department:CODE, role:ROLE")
    address: str = Field(min_length=1, max_length=1_000, description="The webhook; never shown again")
    secret: str = Field("", max_length=200, description="For signing (DingTalk, Feishu); never shown again")


class ChangedRobot(Body):
    """What to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=60)
    receivers: tuple[str, ...] | None = Field(None, max_length=200)
    active: bool | None = None
    address: str = Field("", max_length=1_000, description="A new webhook, with its secret")
    secret: str = Field("", max_length=200)
    version: int | None = None


@route("GET", "/robots", ADMIN, "Group robots, and what became of their last message")
def list_robots(ask: Ask) -> Any:
    return {"robots": [robots.shown(one) for one in robots.listed(ask.loop)]}


@route("POST", "/robots", ADMIN, "Add a group robot", body=NewRobot, status=201)
def make_robot(ask: Ask) -> Any:
    b = ask.body(NewRobot)
    made = robots.make(ask.loop, ask.caller, b.name, b.platform, b.receivers, b.address, b.secret)
    return {"robot": robots.shown(made)}


@route("PATCH", "/robots/{id}", ADMIN, "Change a group robot, or switch it on and off", body=ChangedRobot)
def change_robot(ask: Ask, id: str) -> Any:
    b = ask.body(ChangedRobot)
    given = {name: getattr(b, name) for name in type(b).model_fields}
    return {"robot": robots.shown(robots.change(ask.loop, ask.caller, id, **given))}


@route("POST", "/robots/{id}/test", ADMIN, "Send a test message to the group now")
def test_robot(ask: Ask, id: str) -> Any:
    return {"robot": robots.shown(robots.test(ask.loop, ask.caller, id))}


@route("POST", "/robots/{id}/remove", ADMIN, "Take a group robot away with its address")
def remove_robot(ask: Ask, id: str) -> Any:
    return {"removed": robots.shown(robots.remove(ask.loop, ask.caller, id))}
