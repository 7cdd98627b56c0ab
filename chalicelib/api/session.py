"""Routes for signing in."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.adapters.tokens import hash_password, password_fits
from chalicelib.api.routing import ANYONE, DOOR, PUBLIC, Ask, Body, Step
from chalicelib.loop import signin
from chalicelib.model.entity import Fact
from chalicelib.model.errors import Forbidden

step = Step("sign-in")
route = step.route


class SignIn(Fact):
    """Name and password. Anything else is simply not right."""

    name: str = Field("", max_length=64)
    password: str = Field("", max_length=200)


class NewPassword(Body):
    """One's own new password, with the old one."""

    old: str = Field(max_length=200)
    new: str = Field(min_length=10, max_length=200)


@route("POST", "/session", PUBLIC, "Sign in with the built-in issuer", body=SignIn)
def sign_in(ask: Ask) -> Any:
    b = ask.body(SignIn)
    if DOOR.issue is None:
        raise Forbidden("sign_in.outside", "请用公司的统一登录", "sign in with the company's own issuer")
    user = signin.sign_in(ask.loop, b.name, b.password, password_fits)
    token, end = DOOR.issue(user.caller)
    return {
        "token": token,
        "expires": end,
        "name": user.name,
        "role": user.role,
        "departments": user.departments,
    }


@route("GET", "/session", ANYONE, "Who I am")
def who_am_i(ask: Ask) -> Any:
    return {"name": ask.caller.name, "role": ask.caller.role, "departments": ask.caller.departments}


@route("PUT", "/session/password", ANYONE, "Change my password; ends all my sessions", body=NewPassword)
def change_password(ask: Ask) -> Any:
    from chalicelib.loop import admin  # taxonomies and settings too: whoever signs in does not wait for them

    b = ask.body(NewPassword)
    signin.sign_in(ask.loop, ask.caller.name, b.old, password_fits)
    admin.save_user(ask.loop, ask.caller.name, password_hash=hash_password(b.new))
    return {"changed": True}
