"""What an agent promises a customer: given with the contact, kept in view, told when late, gone with the person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.loop.listen.promises import PAGE
from chalicelib.loop.schedule import tick
from chalicelib.model.people import Notice
from chalicelib.model.promise import Promise

BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
TOMORROW = "2026-11-19T18:00"
"""Without a zone: Shanghai."""
CALL = {"what": "回电 13800138000 说明进度", "due": TOMORROW}
LOGGED = {
    "text": "快递三天没到",
    "channel": "phone",
    "external_id": "D-1",
    "customer": "13800138000",
    "causes": ["delivery.late"],
}


def give(api: Any, user: str = "agent", **more: Any) -> dict[str, Any]:
    """Log a contact with a promise; its row in the list of who promised."""
    assert api("POST", "/contacts", {**LOGGED, "promise": CALL, **more}, user=user).status == 201
    return api("GET", "/promises", user=user).json["promises"][0]


def settle(api: Any, row: dict[str, Any], user: str = "agent", **body: Any) -> Any:
    """Say how a promise ended."""
    return api("POST", f"/promises/{row['promise']['id']}/settle", body, user=user)


@BOTH
def test_a_promise_goes_with_its_contact_once(api, loop):
    row = give(api)
    assert give(api) == row
    (stored,) = loop.store.scan(Promise)
    assert stored.by == "agent"
    assert stored.due.isoformat() == "2026-11-19T10:00:00+00:00"
    assert "13800138000" not in stored.what
    assert row["shown"] == "138****8000"
    assert row["contact"]["text"] == LOGGED["text"]
    assert "wake" not in row["promise"]
    assert (
        give(api, external_id="D-2", promise={"what": "补发", "due": "2026-11-18T17:00"})["promise"]["what"]
        == "补发"
    )
    assert [p["promise"]["due"][:10] for p in api("GET", "/promises", user="agent").json["promises"]] == [
        "2026-11-18",
        "2026-11-19",
    ]


@BOTH
def test_it_is_kept_late_or_broken_and_said_once(api, clock):
    kept, late, broken = (
        give(api, external_id=n, promise={**CALL, "what": n}) for n in ("甲一", "乙二", "丙三")
    )
    rows = {r["promise"]["what"]: r for r in api("GET", "/promises", user="agent").json["promises"]}
    kept, late, broken = (rows[n] for n in ("甲一", "乙二", "丙三"))
    assert settle(api, kept, outcome="kept", version=kept["promise"]["version"]).json["state"] == "kept"
    clock.forward(days=2)
    assert settle(api, late, outcome="kept").json["state"] == "late"
    assert settle(api, late, outcome="kept").json["state"] == "late"
    said = settle(api, broken, outcome="broken", note="客户 13900139000 打不通")
    assert said.json["state"] == "broken"
    assert "13900139000" not in said.json["note"]
    refused = settle(api, broken, outcome="kept")
    assert (refused.status, refused.json["error"]["code"]) == (409, "promise.settled")
    assert api("GET", "/promises", user="agent").json["promises"] == []
    done = api("GET", "/promises?settled=true", user="agent").json["promises"]
    assert {r["promise"]["state"] for r in done} == {"kept", "late", "broken"}
    assert done[-1]["promise"]["state"] == "kept"


def test_an_older_version_is_refused(api):
    row = give(api)
    assert settle(api, row, outcome="kept", version=9).json["error"]["code"] == "version"


@BOTH
def test_who_promised_is_told_once_when_the_time_has_come(api, loop, clock):
    row = give(api)
    clock.forward(hours=31)
    tick(loop)
    assert not list(loop.store.scan(Notice))
    clock.forward(hours=2)
    tick(loop)
    tick(loop)
    (told,) = loop.store.scan(Notice)
    assert (told.to, told.about) == ("user:agent", "promise_overdue")
    assert told.subjects == (f"promise:{row['promise']['id']}",)


def test_what_was_settled_in_time_tells_nobody(api, loop, clock):
    settle(api, give(api), outcome="kept")
    clock.forward(days=3)
    tick(loop)
    assert not list(loop.store.scan(Notice))


@pytest.mark.parametrize("due", ["2026-11-18T09:59", "2028-01-01T00:00", "soon", ""])
def test_a_time_that_cannot_be_is_refused_and_nothing_is_stored(due, api, loop):
    said = api("POST", "/contacts", {**LOGGED, "promise": {**CALL, "due": due}}, user="agent")
    assert said.status == 422
    assert said.json["error"]["where"].startswith("promise")
    assert api("GET", "/contacts", user="agent").json["contacts"] == []
    found = api("POST", "/customers/look-up", {"ref": LOGGED["customer"]}, user="agent")
    assert (found.status, found.json) == (200, {"customer": None})
    assert not list(loop.store.scan(Promise))


def test_saving_again_after_the_promised_time_is_still_the_same_contact(api, clock):
    row = give(api)
    clock.forward(days=2)
    assert api("POST", "/contacts", {**LOGGED, "promise": CALL}, user="agent").json["status"] == "known"
    assert [r["promise"]["id"] for r in api("GET", "/promises", user="agent").json["promises"]] == [
        row["promise"]["id"]
    ]


def test_one_is_given_later_and_seen_by_those_whose_business_it_is(api, take):
    contact = take("快递三天没到", customer="13800138000")
    body = {"contact": contact["id"], **CALL}
    row = api("POST", "/promises", body, user="lead.logistics")
    assert row.status == 201
    assert api("POST", "/promises", body, user="lead.logistics").json["id"] == row.json["id"]
    assert api("POST", "/promises", body, user="lead.quality").status == 404
    for user, n in {"lead.logistics": 1, "lead.quality": 0, "agent": 1, "admin": 1}.items():
        for query in ("mine=false", f"customer={contact['customer']}", f"contact={contact['id']}"):
            assert len(api("GET", f"/promises?{query}", user=user).json["promises"]) == n, (user, query)
    assert settle(api, {"promise": row.json}, "lead.quality", outcome="kept").status == 404
    assert api("GET", "/promises", user="agent").json["promises"] == []


@BOTH
def test_a_person_who_is_erased_takes_the_promise_along(api, loop, clock):
    row = give(api)
    customer = row["promise"]["customer"]
    assert api("GET", f"/customers/{customer}/held").json["promises"] == 1
    held = api("POST", f"/customers/{customer}/export", {"purpose": "本人要求"}).json
    assert [p["what"] for p in held["promises"]] == [row["promise"]["what"]]
    receipt = api("POST", f"/customers/{customer}/erase", {"purpose": "本人要求"}).json
    assert receipt["promises"] == 1
    (left,) = loop.store.scan(Promise)
    assert left.state == "void"
    assert "回电" not in left.model_dump_json()
    assert customer not in left.model_dump_json()
    clock.forward(days=3)
    tick(loop)
    assert not [n for n in loop.store.scan(Notice) if n.about == "promise_overdue"]


@BOTH
def test_what_others_may_not_see_takes_no_room_in_the_list(api, take):
    foreign = take("快递三天没到", external_id="F-1")
    for n in range(3):
        body = {"contact": foreign["id"], "what": f"物流 {n}", "due": f"2026-11-18T1{5 + n}:00"}
        assert api("POST", "/promises", body, user="agent").status == 201
    own = take("东西坏了", external_id="O-1", causes=["product.defect"])
    given = api("POST", "/promises", {"contact": own["id"], **CALL}, user="agent")
    for query in ("mine=false", f"customer={own['customer']}"):
        rows = api("GET", f"/promises?{query}&limit=1", user="lead.quality").json["promises"]
        assert [row["promise"]["id"] for row in rows] == [given.json["id"]], query
    assert len(api("GET", "/promises?mine=false&limit=2").json["promises"]) == 2


@BOTH
def test_of_a_customer_or_contact_settled_ones_take_no_room(api):
    first = give(api, promise={**CALL, "what": "先", "due": "2026-11-18T17:00"})
    settle(api, first, outcome="kept")
    contact, customer = first["contact"]["id"], first["promise"]["customer"]
    api("POST", "/promises", {"contact": contact, **CALL}, user="agent")
    for query in (f"customer={customer}", f"contact={contact}"):
        for settled, state in (("false", "open"), ("true", "kept")):
            path = f"/promises?{query}&settled={settled}&limit=1"
            rows = api("GET", path, user="agent").json["promises"]
            assert [row["promise"]["state"] for row in rows] == [state], path


def test_a_list_goes_on_behind_the_first_page(api, loop, take):
    foreign = take("快递三天没到", external_id="F-1")["id"]
    own = take("东西坏了", external_id="O-1", causes=["product.defect"])["id"]

    def many(unit: Any) -> None:
        due = unit.now + timedelta(hours=1)
        for n in range(PAGE + 5):
            contact = foreign if n < PAGE + 2 else own
            at = due + timedelta(minutes=n)
            unit.put(Promise(id=f"W-{n}", contact=contact, by="agent", what="回电", due=at, created=unit.now))

    loop.change(many)
    rows = api("GET", "/promises?mine=false", user="lead.quality").json["promises"]
    assert [row["promise"]["id"] for row in rows] == [f"W-{PAGE + n}" for n in (2, 3, 4)]
