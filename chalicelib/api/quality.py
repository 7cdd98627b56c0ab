"""Routes for people looking at tags: what to look at next, the blind second look, how good the labels are."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.numbers import Weeks
from chalicelib.api.routing import ADMIN, AGENT, READERS, STAFF, Ask, Body, Step
from chalicelib.loop.listen import corrections, quality, review
from chalicelib.loop.measure.label_quality import label_quality
from chalicelib.loop.worker import advance
from chalicelib.model.analysis import ContactKind
from chalicelib.model.entity import Given
from chalicelib.model.errors import LoopError

USUAL_WEEKS = 13
WHY = ("teaches", "doubt", "disagreement", "new_words")
"""Why a contact is asked about: the sum of it, and its three parts."""
step = Step("listen")
route = step.route


class HowMany(Given):
    """How many contacts to hand out at once."""

    limit: int = Field(5, ge=1, le=50)


class Confirm(Body):
    """The version of the contact that the caller saw."""

    version: int | None = None


class Withdraw(Body):
    """The version of the contact with the answer that is taken back."""

    version: int


class Look(Body):
    """What a second person says a contact is about; all of it has to be said."""

    causes: tuple[str, ...] = Field(max_length=5)
    contact_kind: ContactKind
    severity: int = Field(ge=0, le=3)


@route(
    "GET", "/review", STAFF, "The contacts to look at next, what teaches most of each cause", query=HowMany
)
def review_queue(ask: Ask) -> Any:
    found = review.next_contacts(ask.loop, ask.caller, ask.query(HowMany).limit)
    rows = [{"contact": c, **{name: round(getattr(c, name), 3) for name in WHY}} for c in found.contacts]
    return {"contacts": rows, "answered": found.answered, "left": found.left, "until": found.until}


@route("POST", "/contacts/{id}/confirm", STAFF, "Say that the machine's causes are right", body=Confirm)
def confirm_contact(ask: Ask, id: str) -> Any:
    review.confirm(ask.loop, ask.caller, id, ask.body(Confirm).version)
    return _followed(ask, id)


@route("POST", "/contacts/{id}/withdraw", STAFF, "Take back one's own newest correction", body=Withdraw)
def withdraw_correction(ask: Ask, id: str) -> Any:
    corrections.withdraw(ask.loop, ask.caller, id, ask.body(Withdraw).version)
    return _followed(ask, id)


def _followed(ask: Ask, id: str) -> Any:
    """What became of a contact once what follows from the answer has followed."""
    if failed := advance(ask.loop, [id]):
        _, error = failed[0]
        if isinstance(error, LoopError):
            raise error
    return corrections.corrected(ask.loop, id)


@route("GET", "/blind", AGENT | ADMIN, "The contacts to give a blind second look", query=HowMany)
def blind_queue(ask: Ask) -> Any:
    return {"contacts": quality.next_blind(ask.loop, ask.caller, ask.query(HowMany).limit)}


@route(
    "POST", "/blind/{contact}", AGENT | ADMIN, "Give a contact its blind second look", body=Look, status=201
)
def look_blind(ask: Ask, contact: str) -> Any:
    b = ask.body(Look)
    said = quality.look(ask.loop, ask.caller, contact, b.causes, b.contact_kind, b.severity)
    return {"contact": said.contact, "by": said.by, "at": said.at}


@route(
    "GET", "/label-quality", READERS, "Precision, recall and kappa of the tags by second looks", query=Weeks
)
def read_label_quality(ask: Ask) -> Any:
    first, last = ask.query(Weeks).span(ask, USUAL_WEEKS)
    found = label_quality(ask.loop, ask.caller, first, last)
    return {"first": first, "last": last, **found.model_dump(mode="json")}
