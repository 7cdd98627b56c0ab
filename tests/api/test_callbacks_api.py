"""Call-backs, and whether a case stays solved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from tests.api.cases import events, state

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


# --- Call-backs ---


def answer(api, case, user="agent", **said):
    return api("POST", f"/callbacks/{case}/answer", said, user=user)


def test_not_reached_three_times_is_its_own_state(api, loop, clock, resolved):
    for attempt in range(1, 4):
        clock.forward(hours=2)
        said = answer(api, resolved, reached=False).json
        assert (said["changed"], said["callback"]["attempts"]) == (True, attempt)
        again = answer(api, resolved, reached=False).json
        assert again["changed"] is False, "the same call told twice"
    assert said["callback"]["state"] == "not_reached"
    assert api("GET", "/callbacks").json["callbacks"] == []
    rates = api("GET", "/metrics?department=logistics").json["metrics"]
    assert rates["resolution_rate"]["state"] == "not_yet_known"
    assert rates["resolution_rate"]["worst"] == 0
    assert rates["resolution_rate"]["best"] == 1
    assert recount(loop).differences == 0


def test_an_answer_told_twice_counts_once(api, loop, clock, resolved):
    said = {"reached": True, "resolved": True, "satisfaction": "满意", "text": "好了"}
    assert answer(api, resolved, **said).json["changed"] is True
    clock.forward(minutes=5)
    assert answer(api, resolved, **said).json["changed"] is False
    drain(loop)
    assert api("GET", "/metrics").json["metrics"]["satisfaction_rate"]["n"] == 1
    assert events(api, resolved).count("CustomerCalled") == 1
    answers = [
        c for c in api("GET", f"/cases/{resolved}/contacts").json["contacts"] if c["channel"] == "callback"
    ]
    assert len(answers) == 1
    assert recount(loop).differences == 0


@pytest.mark.parametrize(
    "later",
    [
        {"reached": True, "resolved": False},
        {"reached": False},
        {
            "reached": True,
            "resolved": True,
            "satisfaction": "不满意",
        },
    ],
)
def test_another_answer_to_the_same_call_is_a_conflict(later, api, resolved):
    answer(api, resolved, reached=True, resolved=True, satisfaction="满意")
    assert answer(api, resolved, **later).status == 409


@pytest.mark.parametrize("said", [{"resolved": True}, {"satisfaction": "满意"}, {"text": "好了"}])
def test_not_reached_and_yet_an_answer_is_contradictory(said, api, resolved):
    refused = answer(api, resolved, reached=False, **said)
    assert (refused.status, refused.json["error"]["code"]) == (422, "callback.contradiction")


def test_not_solved_reopens_the_case_and_keeps_its_first_clock(api, loop, clock, resolved, take):
    before = state(api, resolved)
    clock.forward(days=1)
    assert answer(api, resolved, reached=True, resolved=False, text="还是没收到").json["changed"]
    drain(loop)
    after = state(api, resolved)
    assert (after["state"], after["reopened"], after["opened"]) == ("came_back", 1, before["opened"])
    told = [n["about"] for n in api("GET", "/notices", **LEAD).json["notices"]]
    assert "case_came_back" in told
    assert recount(loop).differences == 0


def test_a_call_for_an_earlier_round_is_not_asked_for_any_more(api, clock, resolved, take, move):
    clock.forward(days=1)
    take("还是没到")
    assert state(api, resolved)["state"] == "came_back"
    assert api("GET", "/callbacks").json["callbacks"] == [], "nobody asks whether it is solved: it is not"
    move(resolved, "accept")
    move(resolved, "resolve", {"what": "当面送达"})
    assert len(api("GET", "/callbacks").json["callbacks"]) == 1
    answer(api, resolved, reached=True, resolved=True)
    assert api("GET", "/callbacks").json["callbacks"] == []


def test_a_call_for_a_case_that_is_not_resolved(api, case):
    assert answer(api, case, reached=True, resolved=True).status == 404
    assert answer(api, "K-NONE", reached=False).status == 404


# --- Verification ---


def test_a_case_is_verified_only_after_its_window(api, loop, clock, resolved):
    clock.forward(days=6, hours=23)
    tick(loop)
    assert state(api, resolved)["state"] == "unverified"
    clock.forward(hours=2)
    tick(loop)
    tick(loop)
    assert state(api, resolved)["state"] == "verified"
    assert events(api, resolved).count("CaseVerified") == 1
    assert recount(loop).differences == 0


def test_a_contact_from_inside_the_window_that_comes_late_reopens(api, loop, clock, resolved, take):
    inside = clock.now + timedelta(days=3)
    clock.forward(days=8)
    tick(loop)
    assert state(api, resolved)["state"] == "verified"
    late = take("还是没到", time=inside.isoformat())
    assert late["case"] == resolved
    assert state(api, resolved)["state"] == "came_back"
    assert recount(loop).differences == 0


def test_a_contact_after_the_window_is_a_new_case(api, loop, clock, resolved, take):
    clock.forward(days=8)
    fresh = take("又一个没到")
    assert fresh["case"] != resolved
    tick(loop)
    assert state(api, resolved)["state"] == "verified"


def test_an_unread_contact_holds_the_verification_up(api, loop, clock, resolved):
    clock.forward(days=6)
    note = {"text": "还是没送到，太慢了", "channel": "app", "customer": "13800138000"}
    api("POST", "/contacts", note)
    clock.forward(days=2)
    tick(loop)
    assert state(api, resolved)["state"] == "unverified"
    drain(loop)
    assert state(api, resolved)["state"] == "came_back"
