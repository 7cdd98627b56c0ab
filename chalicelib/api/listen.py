"""Routes of step 1, listen."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.asked import MOST_WEEKS, Purpose, in_order, known_parts
from chalicelib.api.routing import ADMIN, ANYONE, SOURCE, STAFF, Ask, Body, Step, plain
from chalicelib.loop import customers
from chalicelib.loop.focus.drill import Wanted, contacts, counted
from chalicelib.loop.listen import corrections, originals, search, take, voices
from chalicelib.loop.listen.arriving import NewContact, Ref, Words
from chalicelib.loop.listen.suggesting import suggest
from chalicelib.loop.worker import advance
from chalicelib.model.analysis import ContactKind
from chalicelib.model.entity import Given
from chalicelib.model.errors import Invalid, LoopError
from chalicelib.model.voice import AndonState
from chalicelib.model.weeks import parse_week, week_of, weeks_between

step = Step("listen")
route = step.route


class Bulk(Body):
    """Up to 1,000 contacts; each is taken or refused on its own."""

    contacts: list[Any] = Field(min_length=1, max_length=1_000)


class Typed(Body):
    """What an agent has typed so far."""

    text: Words = Field(description="Masked before anything reads it; neither stored nor logged")


class Correct(Body):
    """What a person says a contact is about. The causes must be there: an empty list says that it has none. A kind
    or severity that is not named stays as it is."""

    causes: tuple[str, ...] = Field(
        max_length=5,
        description="Cause codes; [] says that nothing went wrong: without contact_kind what was a complaint then "
        "is none (other, severity 0); with contact_kind complaint it is one that no cause explains",
    )
    contact_kind: ContactKind | None = Field(None, description="Not named: as it is")
    severity: int | None = Field(None, ge=0, le=3, description="Not named: as it is")
    version: int | None = None


class Drill(Given):
    """Which contacts; without weeks the current one."""

    first: str = Field("", description="First ISO week, 2026-W40")
    last: str = ""
    cause: str = ""
    department: str = ""
    channel: str = ""
    segment: str = ""
    contact_kind: ContactKind | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)


class Terms(Body):
    """What to look for; it travels in the body, so that nobody's words stand in a log of addresses."""

    q: str = Field(
        min_length=1,
        max_length=search.LONGEST,
        description="One or more terms, separated by blanks; all must occur. Width, letter case, traditional or "
        "simplified make no difference. The answer's spans count code points of the masked text",
    )
    cursor: str = Field(
        "", max_length=400, description='From the page before; "" at the end. A page may be short'
    )
    limit: int = Field(50, ge=1, le=200)


@route("POST", "/contacts", STAFF | SOURCE, "Take one contact", body=NewContact, status=201)
def take_contact(ask: Ask) -> Any:
    outcome = take.take_one(ask.loop, ask.caller, ask.body(NewContact))
    return {"status": outcome.status, "id": outcome.id}


@route("POST", "/contacts/bulk", STAFF | SOURCE, "Take up to 1,000 contacts", body=Bulk)
def take_contacts(ask: Ask) -> Any:
    outcomes = take.take(ask.loop, ask.caller, ask.body(Bulk).contacts)
    rows = [{"status": o.status, "id": o.id, "error": o.error and o.error.as_dict()} for o in outcomes]
    return {s: sum(r["status"] == s for r in rows) for s in ("taken", "known", "refused")} | {"results": rows}


@route("POST", "/contacts/suggest", STAFF, "What a text would be tagged as; nothing is stored", body=Typed)
def suggest_causes(ask: Ask) -> Any:
    return suggest(ask.loop, ask.body(Typed).text)


@route("GET", "/contacts", ANYONE, "The contacts behind a number, newest first", query=Drill)
def list_contacts(ask: Ask) -> Any:
    q = ask.query(Drill)
    last = parse_week(q.last, where="last") if q.last else week_of(ask.loop.clock())
    first = parse_week(q.first, where="first") if q.first else last
    known_parts(ask, q.cause, q.department, q.channel)
    if len(weeks_between(first, last)) > MOST_WEEKS:
        raise Invalid("weeks.many", f"最多 {MOST_WEEKS} 周", f"at most {MOST_WEEKS} weeks", "first")
    wanted = Wanted(
        in_order(first, last), last, q.cause, q.department, q.channel, q.segment, q.contact_kind or ""
    )
    found, cursor = contacts(ask.loop, ask.caller, wanted, q.cursor, q.limit)
    number = {} if q.cursor else {"counted": counted(ask.loop, ask.caller, wanted)}
    return {"contacts": found, "cursor": cursor, "first": first, "last": last, **number}


@route("POST", "/contacts/search", ANYONE, "Find contacts by what was said, newest first", body=Terms)
def search_contacts(ask: Ask) -> Any:
    b = ask.body(Terms)
    hits, cursor = search.search(ask.loop, ask.caller, b.q, b.cursor, b.limit)
    return {"hits": hits, "cursor": cursor}


@route("GET", "/contacts/{id}", ANYONE, "One contact, masked")
def read_contact(ask: Ask, id: str) -> Any:
    unit = ask.loop.unit()
    contact = corrections.visible_contact(unit, ask.caller, id)
    original = ask.caller.role in STAFF and not contact.erased and originals.may_read(unit, ask.caller)
    return {**plain(contact), "may_read_original": original}


@route("POST", "/contacts/{id}/correction", STAFF, "Say what a contact is about", body=Correct)
def correct_contact(ask: Ask, id: str) -> Any:
    b = ask.body(Correct)
    corrections.correct(ask.loop, ask.caller, id, b.causes, b.contact_kind, b.severity, b.version)
    if failed := advance(ask.loop, [id]):
        _, error = failed[0]
        if isinstance(error, LoopError):
            raise error
    return corrections.corrected(ask.loop, id)


@route("POST", "/contacts/{id}/original", STAFF, "The unmasked words; the reading is logged", body=Purpose)
def read_original(ask: Ask, id: str) -> Any:
    return originals.original(ask.loop, ask.caller, id, ask.body(Purpose).purpose)


@route("GET", "/readings", ADMIN, "Who read whose words, and why")
def reading_log(ask: Ask) -> Any:
    return {"readings": originals.reading_log(ask.loop)}


class NewVoice(Body):
    """An agent's observation."""

    text: str = Field(min_length=2, max_length=2_000)
    cause: str = ""


class NewAndon(Body):
    """An agent's stop request."""

    subject: str = Field(min_length=1, max_length=100, description="Product or process")
    text: str = Field("", max_length=2_000)
    department: str
    evidence: list[str] = Field(min_length=2, max_length=50, description="Ids of at least two contacts")


class AndonAnswer(Body):
    """The owner's answer."""

    answer: voices.AndonAnswerWord
    text: str = Field("", max_length=2_000)


class ByState(Given):
    """Which andons."""

    state: AndonState = AndonState.RAISED


@route("POST", "/voices", STAFF, "Post an observation", body=NewVoice, status=201)
def post_voice(ask: Ask) -> Any:
    b = ask.body(NewVoice)
    return voices.post_voice(ask.loop, ask.caller, b.text, b.cause)


@route("GET", "/voices", ANYONE, "Observations, the most supported first")
def list_voices(ask: Ask) -> Any:
    return {"voices": voices.voices(ask.loop)}


@route("POST", "/voices/{id}/support", STAFF, "Support an observation")
def support_voice(ask: Ask, id: str) -> Any:
    return voices.support(ask.loop, ask.caller, id)


@route("POST", "/andons", STAFF, "Ask for a stop, with evidence", body=NewAndon, status=201)
def raise_andon(ask: Ask) -> Any:
    b = ask.body(NewAndon)
    return voices.raise_andon(ask.loop, ask.caller, b.subject, b.text, b.department, b.evidence)


@route("GET", "/andons", ANYONE, "Stop requests by state", query=ByState)
def list_andons(ask: Ask) -> Any:
    return {"andons": voices.andons(ask.loop, ask.caller, ask.query(ByState).state)}


@route("GET", "/andons/{id}", ANYONE, "One stop request: evidence in words, its clock explained")
def read_andon(ask: Ask, id: str) -> Any:
    return voices.andon_view(ask.loop, ask.caller, id)


@route("POST", "/andons/{id}/answer", STAFF, "Answer a stop request", body=AndonAnswer)
def answer_andon(ask: Ask, id: str) -> Any:
    b = ask.body(AndonAnswer)
    return voices.answer_andon(ask.loop, ask.caller, id, b.answer, b.text)


class LookUp(Body):
    """A reference travels in the body, so that it stands in no log of addresses."""

    ref: Ref = Field(min_length=1, description="Phone, member, user or order number")


@route("PUT", "/customers", STAFF, "Create or complete a customer record", body=customers.NewCustomer)
def save_customer(ask: Ask) -> Any:
    customer, changed = customers.save_customer(ask.loop, ask.caller, ask.body(customers.NewCustomer))
    return {"customer": customer, "changed": changed}


@route(
    "POST", "/customers/look-up", STAFF, "Customer by phone, member or user number; null if new", body=LookUp
)
def look_up_customer(ask: Ask) -> Any:
    return {"customer": customers.found_by(ask.loop, ask.body(LookUp).ref)}


@route("POST", "/orders/look-up", STAFF, "The contacts on an order and whose they are", body=LookUp)
def look_up_order(ask: Ask) -> Any:
    return customers.by_order(ask.loop, ask.caller, ask.body(LookUp).ref)


@route("GET", "/customers/{id}", STAFF, "A customer's record, masked")
def read_customer(ask: Ask, id: str) -> Any:
    return customers.by_id(ask.loop, id)


@route("GET", "/customers/{id}/contacts", STAFF, "A customer's contacts, newest first")
def customer_contacts(ask: Ask, id: str) -> Any:
    return {"contacts": customers.history(ask.loop, ask.caller, id)}


@route("POST", "/customers/{id}/reveal", STAFF, "Who the customer is, for calling back; logged", body=Purpose)
def reveal_customer(ask: Ask, id: str) -> Any:
    return customers.reveal(ask.loop, ask.caller, id, ask.body(Purpose).purpose)
