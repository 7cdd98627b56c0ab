"""Routes of promises to customers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import STAFF, Ask, Body, Step
from chalicelib.loop.listen import promises
from chalicelib.loop.listen.arriving import NewPromise
from chalicelib.model.entity import Given

step = Step("listen")
route = step.route


class Promised(NewPromise):
    """What was promised, until when, on which contact."""

    contact: str = Field(max_length=64)


class Settled(Body):
    """How it ended; `version` is the one the caller saw."""

    outcome: promises.Outcome = Field(description="kept (late is found out by the time) or broken")
    note: str = Field("", max_length=500)
    version: int | None = None


class Which(Given):
    """Which promises; of a customer or a contact, whoever gave them."""

    mine: bool = Field(True, description="false: everybody's that the caller may see")
    settled: bool = False
    customer: str = Field("", max_length=64, description="Id")
    contact: str = Field("", max_length=64, description="Id")
    limit: int = Field(100, ge=1, le=500)


@route("POST", "/promises", STAFF, "Promise a customer something until a time", body=Promised, status=201)
def give_promise(ask: Ask) -> Any:
    b = ask.body(Promised)
    return promises.promise(ask.loop, ask.caller, b.contact, NewPromise(what=b.what, due=b.due))


@route("GET", "/promises", STAFF, "Promises by their time, mine or of a customer", query=Which)
def list_promises(ask: Ask) -> Any:
    return {"promises": promises.promises(ask.loop, ask.caller, **ask.query(Which).model_dump())}


@route("POST", "/promises/{id}/settle", STAFF, "Say whether a promise was kept", body=Settled)
def settle_promise(ask: Ask, id: str) -> Any:
    b = ask.body(Settled)
    return promises.settle(ask.loop, ask.caller, id, b.outcome, b.note, b.version)
