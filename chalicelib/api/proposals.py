"""Routes for causes nobody has named yet: look for them, see what was found, decide."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import ADMIN, ANYONE, LEADS, Ask, Body, Step
from chalicelib.loop.focus import discovering, looking
from chalicelib.loop.repeat import proposals
from chalicelib.loop.repeat.proposals import NewCause, Words
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Given
from chalicelib.model.proposal import Proposal, ProposalState
from chalicelib.model.weeks import parse_week

focus = Step("focus")
repeat = Step("repeat")


class ByState(Given):
    """Which proposals."""

    state: ProposalState = ProposalState.OPEN
    limit: int = Field(100, ge=1, le=500)


class UpTo(Given):
    """Which look."""

    week: str = Field("", description="The newest up to this ISO week; default the current one")


class Merge(Body):
    """Which cause it belongs to."""

    into: str = Field(max_length=64, description="Code of an active cause")
    words: Words | None = Field(None, description="How customers say it; default the evidence words")
    reason: str = Field("", max_length=1_000)
    version: int | None = None


class Refuse(Body):
    """Why it is no cause."""

    reason: str = Field(min_length=2, max_length=1_000)
    version: int | None = None


def shown(ask: Ask, proposal: Proposal) -> dict[str, Any]:
    """A proposal without its members, with who would own the cause."""
    owner = discovering.likely_owner(proposal, ask.loop.unit().taxonomy)
    return {**proposal.model_dump(mode="json", exclude={"members", "pending", "wake"}), "department": owner}


def _example(contact: Contact) -> dict[str, Any]:
    return contact.model_dump(mode="json", include={"id", "time", "channel", "text", "causes"})


@focus.route("POST", "/discoveries", ADMIN, "Look for new causes; the schedule does it next", status=202)
def start_discovery(ask: Ask) -> Any:
    order = looking.ask(ask.loop, ask.caller)
    return {"week": order.owed, "asked_by": order.asked_by}


@focus.route("GET", "/sudden-words", ANYONE, "Known causes whose wording shifts", query=UpTo)
def sudden_words(ask: Ask) -> Any:
    asked = ask.query(UpTo).week
    look = discovering.latest(ask.loop, parse_week(asked) if asked else "")
    taxonomy = ask.loop.unit().taxonomy
    causes = [
        {"cause": one.cause, "label": taxonomy.label(one.cause), "words": one.words}
        for one in (look.sudden if look else ())
        if ask.caller.sees([taxonomy.department_of(one.cause)])
    ]
    return {"week": look.week if look else None, "at": look.at if look else None, "causes": causes}


@repeat.route("GET", "/proposals", ANYONE, "Proposed causes by state, newest first", query=ByState)
def list_proposals(ask: Ask) -> Any:
    q = ask.query(ByState)
    return {"proposals": [shown(ask, p) for p in proposals.listed(ask.loop, q.state, q.limit)]}


@repeat.route("GET", "/proposals/{id}", ANYONE, "One proposed cause with the examples the caller may see")
def read_proposal(ask: Ask, id: str) -> Any:
    unit = ask.loop.unit()
    proposal = proposals.by_id(unit, id)
    found = proposals.examples(unit, ask.caller, proposal)
    told = {name: [_example(contact) for contact in contacts] for name, contacts in found.items()}
    return {"proposal": shown(ask, proposal), "examples": told, "suggested": proposals.lexicon_of(proposal)}


@repeat.route("POST", "/proposals/{id}/accept", LEADS, "Make it a cause; reads the past again", body=NewCause)
def accept_proposal(ask: Ask, id: str) -> Any:
    return shown(ask, proposals.accept(ask.loop, ask.caller, id, ask.body(NewCause)))


@repeat.route("POST", "/proposals/{id}/merge", LEADS, "Add its words to a known cause", body=Merge)
def merge_proposal(ask: Ask, id: str) -> Any:
    b = ask.body(Merge)
    return shown(ask, proposals.merge(ask.loop, ask.caller, id, b.into, b.words, b.reason, b.version))


@repeat.route("POST", "/proposals/{id}/refuse", LEADS, "It is no cause, with the reason", body=Refuse)
def refuse_proposal(ask: Ask, id: str) -> Any:
    b = ask.body(Refuse)
    return shown(ask, proposals.refuse(ask.loop, ask.caller, id, b.reason, b.version))
