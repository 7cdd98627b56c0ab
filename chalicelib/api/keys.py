"""Routes for the keys of source systems."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from chalicelib.api.routing import ADMIN, Ask, Body, Step
from chalicelib.loop import intake_keys

step = Step("admin")
route = step.route


class NewKey(Body):
    """Which source it is for."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = Field(
        description="The source system: call centre, online shop ..."
    )


@route("GET", "/keys", ADMIN, "Keys of source systems, and the day each was last used")
def list_keys(ask: Ask) -> Any:
    return {"keys": intake_keys.listed(ask.loop)}


@route(
    "POST",
    "/keys",
    ADMIN,
    "Make a key that may only hand contacts in; shown this once",
    body=NewKey,
    status=201,
)
def make_key(ask: Ask) -> Any:
    made, token = intake_keys.make(ask.loop, ask.caller, ask.body(NewKey).name)
    return {"key": made, "token": token}


@route("POST", "/keys/{id}/revoke", ADMIN, "Revoke a key; it opens nothing from now on")
def revoke_key(ask: Ask, id: str) -> Any:
    return {"key": intake_keys.revoke(ask.loop, ask.caller, id)}
