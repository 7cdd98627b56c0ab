"""Routes of step 7, repeat: call-backs and the cycle."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.files import CSV, PDF, download
from chalicelib.api.routing import ADMIN, ANYONE, EXECUTIVE, READERS, STAFF, Ask, Body, Step, plain
from chalicelib.loop.own import queue
from chalicelib.loop.repeat import callbacks, cycles, minutes
from chalicelib.loop.repeat.deciding import Wish, decide
from chalicelib.loop.repeat.proposals import NewCause
from chalicelib.model.cycle import Cycle, What
from chalicelib.model.entity import Given
from chalicelib.paper.minutes_csv import csv_of
from chalicelib.paper.minutes_pdf import pdf_of

LONG = {"agenda", "outcomes", "pending", "wake"}
"""Of a cycle, what a list leaves out."""
step = Step("repeat")
route = step.route


class Limit(Given):
    """How many."""

    limit: int = Field(100, ge=1, le=500)


class NewDecision(Body):
    """What is decided in the open cycle."""

    what: What
    about: str = Field(
        min_length=1, max_length=100, description="A cause, project, proposal or row of the agenda"
    )
    reason: str = Field(min_length=2, max_length=1_000)
    until: str = Field("", max_length=12, description="Snooze: the week in which it returns; default in four")
    cause: NewCause | None = Field(None, description="Of a proposed cause (N-…): what it becomes")
    version: int | None = Field(
        None, description="Of the project that is named or on the cause: refused when it is another by now"
    )
    week: str = Field("", max_length=12, description="The cycle that was seen: refused when it is closed")
    seen: int | None = Field(
        None, ge=0, description="Decisions about it that were seen: refused when there are more"
    )


@route("GET", "/callbacks", STAFF, "Who is to be called back next", query=Limit)
def list_callbacks(ask: Ask) -> Any:
    found = callbacks.to_call(ask.loop, ask.caller, ask.query(Limit).limit)
    quotes = queue.quotes(ask.loop.unit(), [one.case for one in found])
    return {"callbacks": [{**plain(one), "quote": quotes.get(one.case, "")} for one in found]}


class CallAnswer(callbacks.Answer):
    """What came of one call, by somebody who saw how often the customer had been called."""

    tries: int | None = Field(
        None, ge=0, description="Calls known before this one: `not reached` sent again counts once"
    )


@route("POST", "/callbacks/{case}/answer", STAFF, "What came of a call-back", body=CallAnswer)
def answer_callback(ask: Ask, case: str) -> Any:
    b = ask.body(CallAnswer)
    said = callbacks.Answer.model_validate(b.model_dump(exclude={"tries"}))
    said = said if said.time else said.model_copy(update={"time": ask.loop.clock()})
    callback, changed = callbacks.answer(ask.loop, ask.caller, case, said, b.tries)
    return {"callback": callback, "changed": changed}


def _shown(ask: Ask, cycle: Cycle) -> Cycle:
    """A cycle with what is the caller's business of it, decisions with what became of them as of now."""
    return minutes.of(ask.loop, ask.caller, cycle)


@route("GET", "/cycles", ANYONE, "Review cycles, newest first")
def list_cycles(ask: Ask) -> Any:
    found = (_shown(ask, cycle) for cycle in cycles.history(ask.loop))
    return {"cycles": [c.model_dump(mode="json", exclude=LONG) for c in found]}


@route("GET", "/cycles/current", ANYONE, "The open cycle: agenda, decisions, what became of the last ones")
def current_cycle(ask: Ask) -> Any:
    return _shown(ask, cycles.current(ask.loop))


@route("GET", "/cycles/{week}", ANYONE, "One cycle with its decisions")
def read_cycle(ask: Ask, week: str) -> Any:
    return _shown(ask, cycles.by_week(ask.loop, week))


@route("GET", "/cycles/{week}/minutes.pdf", READERS, "Minutes of a cycle on two pages", media=PDF)
def minutes_pdf(ask: Ask, week: str) -> Any:
    cycle = _shown(ask, cycles.by_week(ask.loop, week))
    return download(pdf_of(cycle), PDF, f"minutes-{week}.pdf")


@route("GET", "/cycles/{week}/minutes.csv", READERS, "Minutes of a cycle as a table", media=CSV)
def minutes_csv(ask: Ask, week: str) -> Any:
    cycle = _shown(ask, cycles.by_week(ask.loop, week))
    return download(csv_of(cycle), CSV, f"minutes-{week}.csv")


@route("POST", "/cycles/current/decisions", READERS, "Decide, and do it", body=NewDecision, status=201)
def record_decision(ask: Ask) -> Any:
    b = ask.body(NewDecision)
    return _shown(ask, decide(ask.loop, ask.caller, Wish(**dict(b))))


@route("POST", "/cycles/{week}/close", EXECUTIVE | ADMIN, "Close a cycle and open the next")
def close_cycle(ask: Ask, week: str) -> Any:
    return cycles.close(ask.loop, ask.caller, week)
