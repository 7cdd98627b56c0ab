"""Proposed causes over HTTP: what is shown to whom, who decides, and that nothing else may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.api.routing import DOOR
from chalicelib.loop.admin import save_user
from chalicelib.loop.focus.discovering import discover
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.worker import drain
from chalicelib.model.proposal import Proposal
from tests.loop.finding import WordFinder

WORD = "资格码"


@pytest.fixture
def finding(api, loop):
    """The loop with a finder that knows one word, behind the app."""
    loop = replace(loop, finder=WordFinder(WORD, sudden={"delivery.late": "无人机"}))
    DOOR.loop = lambda: loop
    save_user(loop, "lead.quality", departments=["marketing"])
    return loop


@pytest.fixture
def proposal(api, finding, clock) -> str:
    """The id of an open proposal of twenty complaints that no cause explains and four enquiries."""
    for n in range(24):
        kind = "complaint" if n < 20 else "inquiry"
        body = {"text": f"补贴要的{WORD}领不到，第{n}位", "channel": "chat", "customer": f"C{n}"}
        api("POST", "/contacts", {**body, "causes": [], "contact_kind": kind, "severity": 1}, user="agent")
    late = {"text": "无人机配送晚了", "channel": "chat", "customer": "D1"}
    api("POST", "/contacts", {**late, "causes": ["delivery.late"]}, user="agent")
    drain(finding)
    (found,) = discover(finding, "admin").fresh
    return found.id


ACCEPT = {
    "code": "promo.subsidy_code",
    "label": "补贴码领不到",
    "label_en": "No code for the subsidy",
    "department": "marketing",
}


def test_proposals_are_listed_without_their_members(api, proposal):
    (shown,) = api("GET", "/proposals", user="agent").json["proposals"]
    assert (shown["id"], shown["state"], shown["words"][0]["word"]) == (proposal, "open", WORD)
    assert shown["department"] == "service"
    assert not {"members", "pending", "wake"} & set(shown)
    assert api("GET", "/proposals?state=refused").json["proposals"] == []
    assert api("GET", "/proposals?state=lost").status == 422


@pytest.mark.parametrize(
    ("user", "seen"),
    [("agent", True), ("exec", True), ("admin", True), ("lead.service", True), ("lead.logistics", False)],
)
def test_examples_are_shown_to_those_who_may_see_the_contacts(user, seen, api, finding, proposal):
    stored = finding.store.get(Proposal, [proposal])[proposal]
    examples = api("GET", f"/proposals/{proposal}", user=user).json["examples"]
    may = {
        key
        for key in (*stored.typical, *stored.border)
        if api("GET", f"/contacts/{key}", user=user).status == 200
    }
    shown = [*examples["typical"], *examples["border"]]
    assert {contact["id"] for contact in shown} == may
    assert all(contact.keys() == {"id", "time", "channel", "text", "causes"} for contact in shown)
    assert bool(may) is seen


def test_a_lead_accepts_for_its_department_and_the_past_follows(api, finding, proposal):
    path = f"/proposals/{proposal}/accept"
    assert api("POST", path, ACCEPT, user="lead.logistics").json["error"]["code"] == "role.department"
    accepted = api("POST", path, ACCEPT, user="lead.quality")
    assert (accepted.status, accepted.json["state"], accepted.json["cause"]) == (
        200,
        "accepted",
        ACCEPT["code"],
    )
    assert api("POST", path, ACCEPT, user="lead.quality").json == accepted.json
    assert api("POST", f"/proposals/{proposal}/refuse", {"reason": "算了"}).status == 409
    made = [c for c in api("GET", "/taxonomy").json["taxonomy"]["causes"] if c["code"] == ACCEPT["code"]]
    assert [(c["label_zh"], c["label_en"]) for c in made] == [(ACCEPT["label"], ACCEPT["label_en"])]
    tick(finding)
    drain(finding)
    series = api("GET", f"/series?by=cause&part={ACCEPT['code']}", user="exec").json
    assert (series["weeks"][-1]["contacts"], [s["cause"] for s in series["seams"]]) == (24, [ACCEPT["code"]])
    assert api("GET", "/series?by=all", user="exec").json["seams"] == series["seams"]
    assert (
        api("GET", f"/trend?metric=cpx&cause={ACCEPT['code']}", user="exec").json["seams"] == series["seams"]
    )


def test_a_lead_may_not_change_the_taxonomy_by_another_door(api, proposal):
    taxonomy = api("GET", "/taxonomy").json["taxonomy"]
    body = {name: taxonomy[name] for name in ("departments", "causes", "number")}
    assert api("PUT", "/taxonomy", body, user="lead.quality").status == 403


def test_merging_and_refusing(api, proposal):
    merge, refuse = f"/proposals/{proposal}/merge", f"/proposals/{proposal}/refuse"
    assert api("POST", merge, {"into": "promo.not_honoured"}, user="lead.logistics").status == 403
    assert api("POST", merge, {"into": "no.such"}).status == 422
    assert api("POST", refuse, {"reason": ""}).status == 422
    assert api("POST", refuse, {"reason": "不归我们"}, user="lead.logistics").status == 403
    assert api("POST", refuse, {"reason": "是来问规则的"}, user="lead.service").json["state"] == "refused"
    merged = api("POST", merge, {"into": "promo.not_honoured"}, user="lead.quality").json
    assert (merged["state"], merged["cause"]) == ("merged", "promo.not_honoured"), (
        "a refusal can be thought over"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "大写"},
        {"department": "nowhere"},
        {"words": ["(x"]},
        {"words": [""]},
        {"strange": 1},
        {"version": 9},
    ],
)
def test_what_cannot_be_taken_is_refused_with_where(wrong, api, proposal):
    said = api("POST", f"/proposals/{proposal}/accept", {**ACCEPT, **wrong})
    assert said.status in (409, 422)
    assert said.json["error"]["zh"]
    assert api("GET", "/taxonomy").json["taxonomy"]["number"] == 1


@pytest.mark.parametrize("action", ["accept", "merge"])
def test_a_phrase_in_the_notation_is_refused_in_words(action, api, proposal):
    rest = ACCEPT if action == "accept" else {"into": "promo.not_honoured"}
    said = api("POST", f"/proposals/{proposal}/{action}", {**rest, "words": ["资格码", "领 不到|没有"]})
    error = said.json["error"]
    assert (said.status, error["where"]) == (422, "words.1")
    assert "不能有 ( ) | ? * @ 这些记号" in error["zh"]
    assert "without the signs ( ) | ? * @" in error["en"]
    assert "[^" not in error["zh"] + error["en"]


@pytest.mark.parametrize("action", ["", "/accept", "/merge", "/refuse"])
def test_an_unknown_proposal(action, api, finding):
    body = {"/merge": {"into": "delivery.late"}, "/refuse": {"reason": "不是"}}.get(action, {})
    said = api("POST" if action else "GET", f"/proposals/N-NOWHERE{action}", body)
    assert (said.status, said.json["error"]["code"]) == (404, "proposal.not_found")


def test_sudden_words_are_shown_to_those_whose_cause_it_is(api, proposal):
    shown = api("GET", "/sudden-words", user="lead.logistics").json
    assert shown["week"] == "2026-W47"
    assert [(c["cause"], c["words"][0]["word"]) for c in shown["causes"]] == [("delivery.late", "无人机")]
    assert api("GET", "/sudden-words", user="lead.service").json["causes"] == []
    assert api("GET", "/sudden-words?week=2026-W40").json["week"] is None
    assert api("GET", "/sudden-words?week=soon").status == 422


def test_an_admin_has_the_schedule_look(api, finding):
    assert api("POST", "/discoveries", user="lead.logistics").status == 403
    asked = api("POST", "/discoveries")
    assert (asked.status, asked.json) == (202, {"week": "2026-W47", "asked_by": "admin"})
    assert api("GET", "/sudden-words").json["week"] is None
    study(finding)
    assert api("GET", "/sudden-words").json["week"] == "2026-W47"


def test_where_nothing_can_be_found_with_that_is_said(api, loop):
    said = api("POST", "/discoveries")
    assert (said.status, said.json["error"]["code"]) == (422, "discover.unavailable")
