"""Routes of step 7, repeat: call-backs and the cycle."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.api.listen import Body
from chalicelib.api.routing import ADMIN, ANYONE, EXECUTIVE, READERS, STAFF, Ask, Step
from chalicelib.loop.repeat import callbacks, cycles
from chalicelib.model.cycle import Cycle

step = Step("repeat")
route = step.route


class Limit(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=500)


class NewDecision(Body):
    """What is decided in the open cycle."""

    what: cycles.What
    about: str = Field(min_length=1, max_length=100, description="A cause, project or proposal")
    reason: str = Field(min_length=2, max_length=1_000)


@route("GET", "/callbacks", STAFF, "Who is to be called back next", query=Limit)
def list_callbacks(ask: Ask) -> Any:
    return {"callbacks": callbacks.to_call(ask.loop, ask.caller, ask.query(Limit).limit)}


@route("POST", "/callbacks/{case}/answer", STAFF, "What came of a call-back", body=callbacks.Answer)
def answer_callback(ask: Ask, case: str) -> Any:
    said = ask.body(callbacks.Answer)
    said = said if said.time else said.model_copy(update={"time": ask.loop.clock()})
    callback, changed = callbacks.answer(ask.loop, ask.caller, case, said)
    return {"callback": callback, "changed": changed}


def _shown(ask: Ask, cycle: Cycle) -> Cycle:
    """A cycle with the part of its focus list that is the caller's business."""
    seen = tuple(row for row in cycle.focus if ask.caller.sees([row["department"]]))
    return cycle.model_copy(update={"focus": seen})


@route("GET", "/cycles", ANYONE, "Review cycles, newest first")
def list_cycles(ask: Ask) -> Any:
    return {"cycles": [_shown(ask, c) for c in cycles.history(ask.loop)]}


@route("GET", "/cycles/current", ANYONE, "The open cycle")
def current_cycle(ask: Ask) -> Any:
    return _shown(ask, cycles.current(ask.loop))


@route("GET", "/cycles/{week}", ANYONE, "One cycle with its decisions")
def read_cycle(ask: Ask, week: str) -> Any:
    return _shown(ask, cycles.by_week(ask.loop, week))


@route("POST", "/cycles/current/decisions", READERS, "Record a decision", body=NewDecision, status=201)
def record_decision(ask: Ask) -> Any:
    b = ask.body(NewDecision)
    return _shown(ask, cycles.decide(ask.loop, ask.caller, b.what, b.about, b.reason))


@route("POST", "/cycles/{week}/close", EXECUTIVE | ADMIN, "Close a cycle and open the next")
def close_cycle(ask: Ask, week: str) -> Any:
    return cycles.close(ask.loop, ask.caller, week)
