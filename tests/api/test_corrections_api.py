"""What a correction does to a case; clocks that explain themselves."""

from __future__ import annotations

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from tests.api.cases import events, state

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


# --- Corrections ---


def correct(api, contact, user="agent", **said):
    body = {"causes": ["product.defect"], "contact_kind": "complaint", "severity": 1, **said}
    return api("POST", f"/contacts/{contact}/correction", body, user=user)


def test_a_correction_moves_the_contact_and_withdraws_the_empty_case(api, loop, take):
    contact = take()
    moved = correct(api, contact["id"]).json
    assert (moved["causes"], moved["department"]) == (["product.defect"], "quality")
    assert moved["case"] not in ("", contact["case"])
    assert state(api, contact["case"])["state"] == "withdrawn"
    assert state(api, contact["case"])["contacts"] == 0
    assert api("GET", "/cases", **LEAD).json["cases"] == []
    assert [c["id"] for c in api("GET", "/cases", **QUALITY).json["cases"]] == [moved["case"]]
    assert correct(api, contact["id"]).json == moved, "once more changes nothing"
    assert recount(loop).differences == 0


def test_a_correction_leaves_a_case_with_others_open(api, loop, take, clock):
    contact = take()
    clock.forward(hours=1)
    take("还是没到")
    correct(api, contact["id"])
    left = state(api, contact["case"])
    assert (left["state"], left["contacts"]) == ("to_accept", 1)
    assert recount(loop).differences == 0


def test_a_lead_who_corrects_its_contact_away_is_not_told_that_it_does_not_exist(api, take):
    contact = take()
    assert correct(api, contact["id"], user="lead.logistics").status == 200


def test_a_correction_to_danger_tightens_the_clock(api, take):
    contact = take()
    before = state(api, contact["case"])
    correct(api, contact["id"], causes=["delivery.late"], severity=3)
    after = state(api, contact["case"])
    assert after["severity"] == 3
    assert after["accept_due"] < before["accept_due"]


@pytest.mark.parametrize("customer", ["13800138000", None])
def test_a_correction_can_be_taken_back(customer, api, loop, take):
    contact = take(customer=customer)
    correct(api, contact["id"])
    back = correct(api, contact["id"], causes=["delivery.late"])
    assert back.status == 200, back.text
    assert state(api, back.json["case"])["state"] == "to_accept"
    assert recount(loop).differences == 0


def test_a_correction_to_praise_withdraws_the_case_and_its_call(api, loop, take, move):
    contact = take()
    move(contact["case"], "accept")
    move(contact["case"], "resolve", {"what": "已补发"})
    assert correct(api, contact["id"], causes=[], contact_kind="praise", severity=0).json["case"] == ""
    assert state(api, contact["case"])["state"] == "withdrawn"
    assert recount(loop).differences == 0
    assert api("GET", "/callbacks").json["callbacks"] == []


@pytest.mark.parametrize("rest", [{}, {"contact_kind": None, "severity": None}])
def test_a_correction_of_causes_alone_leaves_kind_and_severity(rest, api, take):
    contact = take(contact_kind="inquiry", severity=2)
    path = f"/contacts/{contact['id']}/correction"
    now = api("POST", path, {"causes": ["product.defect"], **rest}, user="agent").json
    assert (now["causes"], now["contact_kind"], now["severity"]) == (["product.defect"], "inquiry", 2)
    now = api("POST", path, {"causes": [], **rest}, user="agent").json
    assert (now["causes"], now["contact_kind"], now["severity"], now["case"]) == ([], "inquiry", 2, "")


@pytest.mark.parametrize(
    "said",
    [{"causes": ["nonsense"]}, {"causes": ["other"]}, {"severity": 7}, {"contact_kind": "x"}, {"version": 0}],
)
def test_bad_corrections(said, api, take):
    contact = take()
    assert correct(api, contact["id"], **said).status in (409, 422)
    assert api("GET", f"/contacts/{contact['id']}").json == contact


# --- Clocks ---


def test_every_due_time_is_explained(api, clock, take):
    first = take()
    clock.forward(days=2)
    take("里面有虫子，孩子吃坏了", severity=3)
    told = api("GET", f"/cases/{first['case']}/clocks", **LEAD).json["clocks"]["accept"]
    assert told["due"].startswith("2026-11-20"), "two working hours after the second contact"
    assert "2026-11-20" in told["lines"][-1]["zh"] or "11-20" in told["lines"][0]["zh"], told["lines"]


def test_a_new_limit_does_not_rewrite_what_was_promised(api, case):
    before = api("GET", f"/cases/{case}/clocks").json["clocks"]["accept"]
    clocks = api("GET", "/settings").json["clocks"]
    clocks["ordinary"] = {"accept": "1d", "resolve": "2d"}
    assert api("PATCH", "/settings", {"settings": {"clocks": clocks}}).status == 200
    after = api("GET", f"/cases/{case}/clocks").json["clocks"]["accept"]
    assert after == before


def test_an_unaccepted_case_escalates_once(api, loop, clock, case):
    clock.forward(days=20)
    tick(loop)
    tick(loop)
    assert events(api, case).count("ClockRanOut") == 2
    for user in ("lead.logistics", "lead.service"):
        told = {n["about"] for n in api("GET", "/notices", user=user).json["notices"]}
        assert {"accept_clock_ran_out", "resolve_clock_ran_out"} <= told
    about = {n["about"] for n in api("GET", "/notices", user="exec").json["notices"]}
    assert about == {"month_closed"}
    assert recount(loop).differences == 0
