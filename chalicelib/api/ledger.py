"""Routes of the charge-back ledger: months, what they are made of, closing, disputes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.routing import ADMIN, EXECUTIVE, LEADS, READERS, Ask, Body, Step
from chalicelib.loop.measure.ledger import closing, disputed, disputes, lines
from chalicelib.loop.measure.ledger.shares import Share
from chalicelib.model.entity import Given
from chalicelib.model.ledger import DisputeState
from chalicelib.model.months import month_of, parse_month

step = Step("measure")
route = step.route


class Month(Given):
    """Which month; by default the current one."""

    month: str = Field("", description="2026-09")


class Line(Given):
    """Which account; with a cause, the contacts behind that line."""

    account: str = Field("", max_length=80, description="A department's code, @unallocated or @suspense:code")
    cause: str = Field("", max_length=64, description="A cause; - where there is none")
    cursor: str = Field("", max_length=400)
    limit: int = Field(50, ge=1, le=200)


class NewDispute(Body):
    """What is disputed: one cause in a month, or one contact's share of a cause."""

    cause: str = Field(max_length=64)
    month: str = Field("", max_length=10, description="The month whose line is disputed")
    contact: str = Field("", max_length=64, description="Instead of a month: the contact")
    department: str = Field("", max_length=64, description="Who disputes; default the caller's own")
    to: str = Field("", max_length=64, description="Which department should bear it")
    reason: str = Field(min_length=2, max_length=1_000)


class Ruling(Body):
    """A decision on a dispute."""

    decision: disputes.Word
    to: str = Field("", max_length=64, description="Upheld: who bears it; default the department named")
    reason: str = Field(min_length=2, max_length=1_000)
    version: int | None = None


class ByState(Given):
    """Which disputes; by default all."""

    state: DisputeState | None = None
    limit: int = Field(100, ge=1, le=200)


@route("GET", "/ledger", READERS, "A month's charges by department, with its check", query=Month)
def read_ledger(ask: Ask) -> Any:
    asked = ask.query(Month).month
    month = parse_month(asked) if asked else month_of(ask.loop.clock())
    return lines.month_view(ask.loop, ask.caller, month)


@route("GET", "/ledger/{month}/lines", READERS, "An account by cause; the contacts of a line", query=Line)
def ledger_lines(ask: Ask, month: str) -> Any:
    q, month = ask.query(Line), parse_month(month)
    if not q.cause:
        return lines.causes_view(ask.loop, ask.caller, month, q.account)
    return lines.contacts_view(ask.loop, ask.caller, month, q.account, q.cause, q.cursor, q.limit)


@route("POST", "/ledger/{month}/close", EXECUTIVE | ADMIN, "Close a month and those before it")
def close_month(ask: Ask, month: str) -> Any:
    return closing.close(ask.loop, ask.caller, parse_month(month))


@route("POST", "/disputes", LEADS, "Dispute a share; it goes to suspense", body=NewDispute, status=201)
def open_dispute(ask: Ask) -> Any:
    b = ask.body(NewDispute)
    share = Share(b.cause, parse_month(b.month) if b.month else "", b.contact)
    made = disputes.dispute(ask.loop, ask.caller, share, b.reason, b.department, b.to)
    return disputed.view(ask.loop, made)


@route("POST", "/disputes/{id}/decide", READERS, "Uphold or refuse a dispute", body=Ruling)
def decide_dispute(ask: Ask, id: str) -> Any:
    b = ask.body(Ruling)
    made = disputes.decide(ask.loop, ask.caller, id, b.decision, b.reason, b.to, b.version)
    return disputed.view(ask.loop, made)


@route("GET", "/disputes", READERS, "Disputes with their clocks, newest first", query=ByState)
def list_disputes(ask: Ask) -> Any:
    q = ask.query(ByState)
    return {"disputes": disputed.listed(ask.loop, ask.caller, q.state, q.limit)}
