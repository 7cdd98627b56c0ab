"""One contact goes once round all seven steps. Read this first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.weeks import week_of


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
def test_one_contact_goes_once_round_the_loop(api, loop, clock):
    # 1 listen: an agent takes a note; the phone number is masked before anything else reads it.
    note = {
        "text": "快递三天了还没送到，太慢了，我的电话13800138000",
        "channel": "phone",
        "customer": "13800138000",
        "order": "DD20261118001",
        "seconds": 240,
    }
    taken = api("POST", "/contacts", note, user="agent")
    assert taken.status == 201
    contact_id = taken.json["id"]
    assert api("POST", "/contacts", note, user="agent").json == {"status": "known", "id": contact_id}
    drain(loop)
    contact = api("GET", f"/contacts/{contact_id}", user="agent").json
    assert "13800138000" not in str(contact)
    assert contact["causes"][0] == "delivery.late"

    # 2 own: one accountable department, a clock with its arithmetic.
    case_id = contact["case"]
    mine = api("GET", "/cases", user="lead.logistics").json["cases"]
    assert [c["id"] for c in mine] == [case_id]
    assert api("GET", f"/cases/{case_id}", user="lead.quality").status == 404
    clocks = api("GET", f"/cases/{case_id}/clocks", user="lead.logistics").json["clocks"]
    assert clocks["accept"]["lines"]

    # 3 focus and 4 measure: the cause is ranked, and counted per 1,000 parcels.
    week = week_of(clock.now)
    api("PUT", "/denominators", {"denominator": "parcels", "period": week, "value": 2000})
    ranked = api("GET", "/focus", user="exec").json["causes"]
    assert ranked[0]["cause"] == "delivery.late"
    cpx = api("GET", f"/metrics?cause=delivery.late&first={week}&last={week}", user="exec").json["metrics"][
        "cpx"
    ]
    assert (cpx["state"], cpx["value"], cpx["n"]) == ("known", 0.5, 2000)
    behind = api("GET", f"/contacts?cause=delivery.late&first={week}&last={week}", user="exec").json
    assert [c["id"] for c in behind["contacts"]] == [contact_id]

    # 5 coordinate: logistics accepts, quality works on it at the same time; nobody hands over.
    clock.forward(hours=1)
    assert api("POST", f"/cases/{case_id}/accept", {}, user="lead.logistics").status == 200
    asked = api(
        "POST",
        f"/cases/{case_id}/tasks",
        {"department": "quality", "what": "查包装批次"},
        user="lead.logistics",
    ).json
    assert {w["department"] for w in asked["waited_for"]} == {"quality"}
    early = api("POST", f"/cases/{case_id}/resolve", {"what": "已补发"}, user="lead.logistics")
    assert (early.status, early.json["error"]["code"]) == (409, "case.waiting")
    task = asked["case"]["tasks"][0]["id"]
    assert api("POST", f"/cases/{case_id}/tasks/{task}/done", {}, user="lead.quality").status == 200
    assert api("POST", f"/cases/{case_id}/resolve", {"what": "已补发"}, user="lead.logistics").status == 200

    # 6 track: the week's series shows it; a project to remove the cause names a metric of the registry.
    weeks = api("GET", "/series?by=cause&part=delivery.late", user="exec").json["weeks"]
    assert (weeks[-1]["week"], weeks[-1]["contacts"]) == (week, 1)
    plan = {"metric": "cpx", "cause": "delivery.late", "starts": (clock.now + timedelta(days=7)).isoformat()}
    project = {
        "title": "换承运商",
        "hypothesis": "换一家准时率更高的",
        "department": "logistics",
        "plan": plan,
    }
    proposed = api("POST", "/projects", project, user="lead.logistics")
    assert (proposed.status, proposed.json["verdict"]["state"]) == (201, "not_started")

    # 7 repeat: the customer says it is solved, but comes back inside the window: the case reopens by itself.
    answer = {"reached": True, "resolved": True, "satisfaction": "satisfied", "text": "收到了"}
    assert api("POST", f"/callbacks/{case_id}/answer", answer, user="agent").json["changed"]
    clock.forward(days=2)
    again = {**note, "text": "补发的快递又好几天没送到，太慢了"}
    api("POST", "/contacts", again, user="agent")
    drain(loop)
    case = api("GET", f"/cases/{case_id}", user="lead.logistics").json["case"]
    assert (case["state"], case["contacts"]) == ("came_back", 2)
    assert case["opened"] == contact["time"], "the first clock is kept"

    # ... until it is solved and the window passes in silence; then the cycle closes and the next one opens.
    api("POST", f"/cases/{case_id}/accept", {}, user="lead.logistics")
    api("POST", f"/cases/{case_id}/resolve", {"what": "当面送达"}, user="lead.logistics")
    clock.forward(days=8)
    tick(loop)
    assert api("GET", f"/cases/{case_id}", user="lead.logistics").json["case"]["state"] == "verified"
    decision = {"what": "start_project", "about": "delivery.late", "reason": "本期第一"}
    assert api("POST", "/cycles/current/decisions", decision, user="exec").status == 201
    open_week = api("GET", "/cycles/current", user="exec").json["week"]
    closed = api("POST", f"/cycles/{open_week}/close", user="exec").json
    assert closed["decisions"][0]["reason"] == "本期第一"
    following = api("GET", "/cycles/current", user="exec").json
    assert following["week"] > open_week
    assert following["carried"][0]["about"] == "delivery.late"

    # And every stored number is what a recount gives.
    assert recount(loop).differences == 0
