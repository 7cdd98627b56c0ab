"""Routes of the 5-Why: why a project's cause exists, on what contacts that stands."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import ANYONE, Ask, Body, Step
from chalicelib.loop.track import whys
from chalicelib.model.why import LONGEST, MOST_CITED, WHOLE

track = Step("track")


class Reason(Body):
    """A because: it cites contacts or is marked an assumption."""

    text: str = Field(min_length=2, max_length=LONGEST)
    contacts: tuple[str, ...] = Field((), max_length=MOST_CITED)
    assumption: bool = False
    share: int | None = Field(
        None, ge=0, le=WHOLE, description="Percent of the effect of what it explains; together at most 100"
    )
    version: int | None = None


class NewReason(Reason):
    """A reason for the cause, or for another reason."""

    under: str = Field("", max_length=20, description="The reason it explains; empty for the cause itself")


class Withdrawal(Body):
    """Taking a reason back."""

    version: int | None = None


@track.route("GET", "/projects/{id}/why", ANYONE, "The 5-Why tree of a project, with its history")
def read_why(ask: Ask, id: str) -> Any:
    return whys.tree(ask.loop, ask.caller, id)


@track.route("POST", "/projects/{id}/why", ANYONE, "Say why, citing contacts or as an assumption", body=NewReason, status=201)  # fmt: skip
def say_why(ask: Ask, id: str) -> Any:
    return whys.say_why(ask.loop, ask.caller, id, **dict(ask.body(NewReason)))


@track.route("PUT", "/projects/{id}/why/{reason}", ANYONE, "Change a reason or its share", body=Reason)
def correct_why(ask: Ask, id: str, reason: str) -> Any:
    return whys.correct_why(ask.loop, ask.caller, id, reason, **dict(ask.body(Reason)))


@track.route("POST", "/projects/{id}/why/{reason}/withdraw", ANYONE, "Take a reason back with all beneath it", body=Withdrawal)  # fmt: skip
def withdraw_why(ask: Ask, id: str, reason: str) -> Any:
    return whys.withdraw_why(ask.loop, ask.caller, id, reason, ask.body(Withdrawal).version)
