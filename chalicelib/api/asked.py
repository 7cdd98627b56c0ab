"""What routes of several steps ask for, and how they refuse it."""

from __future__ import annotations

from pydantic import Field

from chalicelib.api.routing import Ask, Body
from chalicelib.model.contact import Channel
from chalicelib.model.errors import Invalid
from chalicelib.model.people import not_found
from chalicelib.model.taxonomy import OTHER

MOST_WEEKS = 260


class Purpose(Body):
    """Why something personal is read."""

    purpose: str = Field(min_length=2, max_length=200)


def in_order(first: str, last: str) -> str:
    """The first week, if it is not after the last."""
    if first > last:
        raise Invalid(
            "weeks.order",
            "起始周在结束周之后，请对调",
            "the first week is after the last; swap them",
            "first",
        )
    return first


def known_parts(ask: Ask, cause: str = "", department: str = "", channel: str = "") -> None:
    """Raises NotFound for a cause, department or channel that does not exist: it has no numbers, not zero."""
    taxonomy = ask.loop.unit().taxonomy
    known = {
        "cause": cause in ("", OTHER, *taxonomy.by_code),
        "department": department in ("", *(d.code for d in taxonomy.departments)),
        "channel": channel in ("", *Channel),
    }
    for what, fine in known.items():
        if not fine:
            raise not_found(what)
