"""Signing in with a name and a password, and telling who a verified token speaks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.errors import Unauthenticated
from chalicelib.model.people import Caller, User, bad_token

FREE_TRIES = 5
LOCK = timedelta(minutes=1)


def wrong() -> Unauthenticated:
    """One answer for an unknown name, a wrong password, a block and a lock: none tells which."""
    return Unauthenticated(
        "sign_in",
        "用户名或密码不对；连续错 5 次后要等 1 分钟",
        "wrong name or password; after 5 wrong tries in a row wait 1 minute",
        "password",
    )


def sign_in(loop: Loop, name: str, password: str, fits: Callable[[str, str], bool]) -> User:
    """The user with this name and password. Raises Unauthenticated; wrong tries are counted."""
    user = loop.unit().get(User, name)
    right = fits(user.password if user else "", password)

    def decide(unit: LoopUnit) -> User | None:
        now_user = unit.get(User, name)
        if now_user is None or now_user.disabled or _locked(now_user, unit.now):
            return None
        if right:
            return unit.put(now_user.model_copy(update={"failures": 0, "locked_until": None}))
        failures = now_user.failures + 1
        lock = unit.now + LOCK if failures >= FREE_TRIES else None
        unit.put(now_user.model_copy(update={"failures": failures, "locked_until": lock}))
        return None

    signed_in = loop.change(decide)
    if signed_in is None:
        raise wrong()
    return signed_in


def _locked(user: User, now: datetime) -> bool:
    return user.locked_until is not None and now < user.locked_until


def caller_of(loop: Loop, name: str, issued: datetime) -> Caller:
    """Who a token of our own speaks for, as the user is now: blocks and new roles count at once."""
    user = loop.unit().get(User, name)
    if user is None or user.disabled or (user.tokens_from and issued < user.tokens_from):
        raise bad_token()
    return user.caller
