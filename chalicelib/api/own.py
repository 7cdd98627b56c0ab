"""Routes of steps 2 and 5, own and coordinate."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from chalicelib.api.asked import known_parts
from chalicelib.api.routing import ANYONE, LEADS, STAFF, Ask, Body, Step
from chalicelib.loop import matters, notices
from chalicelib.loop.coordinate import together
from chalicelib.loop.listen import promises
from chalicelib.loop.own import cases, queue, similar
from chalicelib.loop.own.queue import Asked, Order
from chalicelib.model.case import Case, CaseState
from chalicelib.model.entity import Given
from chalicelib.model.people import Notice

step = Step("own")
route = step.route
coordinate = Step("coordinate")


class Version(Body):
    """The version the caller saw; given, an older one is refused."""

    version: int | None = None


class Cases(Given):
    """Which cases; a lead without `department` sees those of all its departments."""

    department: str = ""
    state: CaseState | None = Field(None, description="By default all in which somebody has something to do")
    order: Order = Field("clock", description="By `clock`, or by `cost` x irritation so far")
    cursor: str = Field("", max_length=100, description="From the page before")
    limit: int = Field(100, ge=1, le=500)

    def asked(self, ask: Ask) -> Asked:
        """What the loop is asked for."""
        known_parts(ask, department=self.department)
        return Asked(self.department, self.state, self.order, self.limit, self.cursor)


class Queue(Cases):
    """Which rows of the queue."""

    limit: int = Field(100, ge=1, le=1_000)


class Resolution(Version):
    """What was done."""

    what: str = Field(min_length=1, max_length=2_000)


class NewTask(Version):
    """What is asked of a department; `limit` like 4h or 2d of business time."""

    department: str
    what: str = Field(min_length=1, max_length=500)
    limit: str = Field("", max_length=8)


class Note(Version):
    """How a task was done."""

    note: str = Field("", max_length=2_000)


class Comment(Body):
    """Words for everybody on the case; @name tells that person."""

    text: str = Field(min_length=1, max_length=2_000)


class OwnerAsked(Version):
    """Which department should be accountable, and why."""

    department: str
    reason: str = Field(min_length=2, max_length=500)


def view(ask: Ask, case: Case) -> dict[str, Any]:
    """A case with who is waited for and its call-backs."""
    unit = ask.loop.unit()
    return {
        "case": case,
        "label": unit.taxonomy.label(case.cause),
        "waited_for": together.waited_for(case, unit.now, unit.settings.worktime),
        "callbacks": cases.callbacks_of(unit, case),
        "day_minutes": unit.settings.worktime.minutes,
    }


@route("GET", "/cases", ANYONE, "Cases by clock, or by cost and irritation", query=Cases)
def list_cases(ask: Ask) -> Any:
    found = queue.queue(ask.loop, ask.caller, ask.query(Cases).asked(ask))
    return {"cases": found.cases, "cursor": found.cursor}


@route("GET", "/queue", ANYONE, "Rows of the queue: words, cost, who is waited for", query=Queue)
def list_queue(ask: Ask) -> Any:
    return queue.listing(ask.loop, ask.caller, ask.query(Queue).asked(ask))


@route("GET", "/cases/{id}", ANYONE, "One case: history, tasks, call-backs, who is waited for")
def read_case(ask: Ask, id: str) -> Any:
    return view(ask, cases.visible_case(ask.loop.unit(), ask.caller, id))


@route("GET", "/cases/{id}/clocks", ANYONE, "The working-time arithmetic of its due times")
def explain_clocks(ask: Ask, id: str) -> Any:
    return cases.explain_clocks(ask.loop, ask.caller, id)


@route("GET", "/cases/{id}/contacts", ANYONE, "The contacts of a case, and what was promised on them")
def case_contacts(ask: Ask, id: str) -> Any:
    contacts = cases.contacts_of(ask.loop, ask.caller, id)
    return {"contacts": contacts, "promises": promises.of_contacts(ask.loop.unit(), contacts)}


@route(
    "GET",
    "/cases/{id}/similar",
    ANYONE,
    "Newest contacts of other customers on the same cause, most alike first",
)
def similar_contacts(ask: Ask, id: str) -> Any:
    return {"contacts": similar.similar(ask.loop, ask.caller, id)}


@route("POST", "/cases/{id}/accept", LEADS, "Accept a case", body=Version)
def accept_case(ask: Ask, id: str) -> Any:
    return view(ask, cases.accept(ask.loop, ask.caller, id, ask.body(Version).version))


@route("POST", "/cases/{id}/resolve", LEADS, "Say it is solved; the customer is called back", body=Resolution)
def resolve_case(ask: Ask, id: str) -> Any:
    b = ask.body(Resolution)
    return view(ask, cases.resolve(ask.loop, ask.caller, id, b.what, b.version))


@coordinate.route("POST", "/cases/{id}/tasks", STAFF, "Ask a department to work on it too", body=NewTask)
def ask_department(ask: Ask, id: str) -> Any:
    b = ask.body(NewTask)
    return view(ask, together.ask(ask.loop, ask.caller, id, b.department, b.what, b.limit, b.version))


@coordinate.route("POST", "/cases/{id}/tasks/{task}/done", LEADS, "A task is done", body=Note)
def finish_task(ask: Ask, id: str, task: str) -> Any:
    b = ask.body(Note)
    return view(ask, together.finish(ask.loop, ask.caller, id, task, b.note, b.version))


@coordinate.route("POST", "/cases/{id}/comments", ANYONE, "Comment; @name tells that person", body=Comment)
def comment_case(ask: Ask, id: str) -> Any:
    return view(ask, together.comment(ask.loop, ask.caller, id, ask.body(Comment).text))


@coordinate.route(
    "POST", "/cases/{id}/owner", LEADS, "Ask another department to be accountable", body=OwnerAsked
)
def ask_owner(ask: Ask, id: str) -> Any:
    b = ask.body(OwnerAsked)
    return view(ask, together.ask_owner(ask.loop, ask.caller, id, b.department, b.reason, b.version))


@coordinate.route(
    "GET", "/colleagues", ANYONE, "Who works here: how they are shown, who can be told with @name"
)
def list_colleagues(ask: Ask) -> Any:
    return {"colleagues": notices.colleagues(ask.loop)}


class Seen(Body):
    """Which notifications: one `key`, or all of `keys`."""

    key: str = Field("", max_length=300)
    keys: tuple[Annotated[str, Field(max_length=300)], ...] = Field((), max_length=100)


@coordinate.route("GET", "/notices", ANYONE, "What I have been told")
def list_notices(ask: Ask) -> Any:
    return {"notices": [_notice(ask, *row) for row in matters.told(ask.loop, ask.caller)]}


SHOWN = {"to", "about", "subject", "subjects", "count", "at"}


def _notice(ask: Ask, notice: Notice, about: list[matters.Matter]) -> dict[str, Any]:
    read = ask.caller.name in notice.read_by
    return {
        **notice.model_dump(mode="json", include=SHOWN),
        "key": notice.key,
        "read": read,
        "matters": about,
    }


@coordinate.route("POST", "/notices/read", ANYONE, "I have seen it", body=Seen)
def read_notice(ask: Ask) -> Any:
    b = ask.body(Seen)
    notices.mark_read(ask.loop, ask.caller, [*b.keys, *([b.key] if b.key or not b.keys else [])])
    return {"read": True}
