"""What an agent is shown beside the form: others with the same cause, the project on it, the order's contacts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import project_body

BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
LATE = "delivery.late"


def now(api: Any, cause: str = LATE, user: str = "agent") -> Any:
    return api("GET", f"/causes/{cause}/this-week", user=user)


@BOTH
def test_people_of_this_week_are_counted_once_and_call_backs_not(api, take, clock):
    for n, customer in enumerate(("13800138001", "13800138001", "13800138002", "", "")):
        take(f"快递没到 {n}", external_id=f"L-{n}", customer=customer, causes=[LATE])
    take("上周的", external_id="old", customer="13800138003", causes=[LATE], time="2026-11-15 23:00")
    said = now(api).json
    assert (said["contacts"], said["people"], said["week"], said["project"]) == (5, 4, "2026-W47", None)


def test_a_running_project_is_named_with_its_first_day(api, clock):
    lead = {"user": "lead.logistics"}
    project = api("POST", "/projects", project_body(clock.now), **lead).json["project"]
    assert now(api).json["project"] is None
    for order in ("accept", "start"):
        assert api("POST", f"/projects/{project['id']}/move", {"order": order}, **lead).status == 200
    said = now(api).json["project"]
    assert (said["id"], said["begun"]) == (project["id"], False)
    clock.forward(days=8)
    assert now(api).json["project"]["begun"] is True


@pytest.mark.parametrize(
    ("user", "cause", "status"),
    [
        ("lead.logistics", LATE, 200),
        ("lead.quality", LATE, 404),
        ("exec", LATE, 200),
        ("agent", "no.such", 404),
    ],
)
def test_a_lead_learns_only_of_its_own_causes(user, cause, status, api):
    assert now(api, cause, user).status == status


@BOTH
def test_an_order_brings_its_contacts_and_whose_it_is(api, take):
    first = {"customer": "13800138001", "time": "2026-11-17 10:00", "causes": [LATE]}
    one = take("快递没到", external_id="1", order="DD-7788", **first)
    two = take("还是没到", external_id="2", customer="13800138001", order="DD-7788", causes=[LATE])
    take("别的订单", external_id="3", customer="13800138001", order="DD-7789", causes=[LATE])
    said = api("POST", "/orders/look-up", {"ref": " ＤＤ-7788 "}, user="agent").json
    assert {c["id"] for c in said["contacts"]} == {one["id"], two["id"]}
    assert [c["shown"] for c in said["customers"]] == ["138****8001"]
    assert api("POST", "/orders/look-up", {"ref": "DD-7788"}, user="lead.quality").json["contacts"] == []
    again = take(
        "第三次了", external_id="4", customer="", order="DD-7788", causes=[LATE], customer_of=one["id"]
    )
    assert again["customer"] == one["customer"]
    assert again["repeats"]


def test_an_order_number_that_is_personal_is_found_by_its_digest(api, take):
    one = take("快递没到", customer="", order="13800138001", causes=[LATE])
    assert "13800138001" not in one["order"]
    said = api("POST", "/orders/look-up", {"ref": "13800138001"}, user="agent").json
    assert [c["id"] for c in said["contacts"]] == [one["id"]]


def test_the_customer_of_a_contact_that_is_not_there_is_refused(api):
    body = {"text": "没到", "channel": "phone", "customer_of": "nothing"}
    said = api("POST", "/contacts", body, user="agent")
    assert (said.status, said.json["error"]["where"]) == (422, "customer_of")
