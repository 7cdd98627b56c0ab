"""Voices, andons, projects, matrix and cycles as their users move them."""

from __future__ import annotations

import pytest

from chalicelib.loop.schedule import tick

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


# --- Voices and andons ---


def test_a_voice_is_posted_and_supported_once_a_person(api):
    one = api("POST", "/voices", {"text": "系统太慢", "cause": "digital.bug"}, user="agent").json
    assert (
        api("POST", "/voices", {"text": "系统太慢", "cause": "digital.bug"}, user="agent").json["id"]
        == one["id"]
    )
    for user in ("agent", "lead.service", "lead.service", "admin", "admin"):
        voice = api("POST", f"/voices/{one['id']}/support", user=user).json
    assert voice["supporters"] == ["lead.service", "admin"], "not one's own"
    api("POST", "/voices", {"text": "别的事"}, user="agent")
    assert api("GET", "/voices", user="exec").json["voices"][0]["id"] == one["id"]
    assert api("POST", "/voices/V-NONE/support", user="agent").status == 404
    assert api("POST", "/voices", {"text": "系统太慢", "cause": "nonsense"}, user="agent").status == 422


def test_a_voice_becomes_a_project(api, propose):
    voice = api("POST", "/voices", {"text": "中转站总是漏扫"}, user="agent").json["id"]
    project = propose(user="agent", from_voice=voice).json["project"]
    (shown,) = api("GET", "/voices").json["voices"]
    assert shown["project"] == project["id"]
    assert project["from_voice"] == voice
    assert propose(user="agent", from_voice="V-NONE", title="另一个").status == 404


def evidence(take):
    return [
        take(f"第{i}个包裹坏了", external_id=f"E-{i}", causes=["delivery.damaged"])["id"] for i in range(2)
    ]


def test_an_andon_needs_two_contacts_that_exist(api, take):
    one, two = evidence(take)
    body = {"subject": "A线", "department": "logistics"}
    for bad in ([], [one], [one, one], [one, "nothing"]):
        assert api("POST", "/andons", {**body, "evidence": bad}, user="agent").status == 422, bad
    assert (
        api("POST", "/andons", {**body, "department": "nowhere", "evidence": [one, two]}, user="agent").status
        == 422
    )
    ids = {
        api("POST", "/andons", {**body, "evidence": [one, two]}, user="agent").json["id"] for _ in range(2)
    }
    assert len(ids) == 1


def test_nobody_reads_other_departments_contacts_by_raising_an_andon(api, take):
    theirs = evidence(take)
    own = take("杯子有裂纹", external_id="Q-1", causes=["product.defect"])["id"]
    body = {"subject": "A线", "department": "quality"}
    absent = api("POST", "/andons", {**body, "evidence": ["X-1", "X-2"]}, user="lead.quality")
    assert absent.status == 422
    for mixed in (theirs, [own, theirs[0]]):
        foreign = api("POST", "/andons", {**body, "evidence": mixed}, user="lead.quality")
        assert (foreign.status, foreign.text) == (absent.status, absent.text)
    assert api("GET", "/andons").json["andons"] == []
    raised = api("POST", "/andons", {**body, "evidence": theirs}, user="lead.logistics")
    assert raised.status == 201
    said = api("GET", f"/andons/{raised.json['id']}", user="lead.quality").json["evidence"]
    assert len(said) == 2, "who answers reads all of it"


def test_contacts_whose_words_are_gone_are_no_evidence(api, take):
    one, two = (take(external_id=f"E-{n}", customer=f"C-{n}") for n in (1, 2))
    body = {"subject": "A线", "department": "logistics", "evidence": [one["id"], two["id"]]}
    api("POST", f"/customers/{one['customer']}/erase", {"purpose": "本人要求"})
    refused = api("POST", "/andons", body, user="agent")
    assert (refused.status, refused.json["error"]["code"]) == (422, "andon.evidence")


def test_an_andon_that_is_not_answered_in_two_working_hours_escalates(api, loop, clock, take):
    body = {"subject": "A线", "department": "logistics", "evidence": evidence(take)}
    andon = api("POST", "/andons", body, user="agent").json
    clock.forward(hours=1, minutes=59)
    tick(loop)
    assert api("GET", "/andons", user="exec").json["andons"][0]["escalated"] is False
    clock.forward(minutes=2)
    tick(loop)
    assert api("GET", "/andons", user="exec").json["andons"][0]["escalated"] is True
    for user in ("exec", "lead.logistics"):
        told = [
            n
            for n in api("GET", "/notices", user=user).json["notices"]
            if n["about"] == "andon_clock_ran_out"
        ]
        assert [n["count"] for n in told] == [1]
    assert api("POST", f"/andons/{andon['id']}/answer", {"answer": "stopped"}, user="agent").status == 403
    for _ in range(2):
        said = api("POST", f"/andons/{andon['id']}/answer", {"answer": "stopped", "text": "已停"}, **LEAD)
        assert said.json["state"] == "answered"
    assert api("POST", f"/andons/{andon['id']}/answer", {"answer": "refused"}, **LEAD).status == 409
    assert [n["about"] for n in api("GET", "/notices", user="agent").json["notices"]] == ["andon_answered"]


def test_an_answered_andon_does_not_escalate(api, loop, clock, take):
    body = {"subject": "A线", "department": "logistics", "evidence": evidence(take)}
    andon = api("POST", "/andons", body, user="agent").json
    api("POST", f"/andons/{andon['id']}/answer", {"answer": "contained"}, **LEAD)
    clock.forward(days=3)
    tick(loop)
    assert api("GET", "/andons?state=answered").json["andons"][0]["escalated"] is False


def test_an_andon_is_shown_with_its_evidence_in_words_and_its_clock(api, take):
    contacts = evidence(take)
    body = {"subject": "漏电的取暖器", "department": "quality", "evidence": contacts}
    andon = api("POST", "/andons", body, user="lead.logistics").json
    for user in ("lead.quality", "lead.logistics", "agent", "exec"):
        shown = api("GET", f"/andons/{andon['id']}", user=user).json
        assert shown["andon"]["author"] == "lead.logistics"
        assert {one["text"] for one in shown["evidence"]} == {"第0个包裹坏了", "第1个包裹坏了"}
        assert shown["clock"]["limit"] == "2h"
        assert shown["clock"]["due"] == andon["due"]
        assert shown["clock"]["lines"], "the arithmetic"
    assert api("GET", f"/andons/{andon['id']}", user="lead.service").status == 404
    assert api("GET", "/andons/A-NONE").status == 404


def test_answered_andons_are_listed_newest_first(api, clock, take):
    contacts = evidence(take)
    for subject in ("A线", "B线"):
        body = {"subject": subject, "department": "logistics", "evidence": contacts}
        andon = api("POST", "/andons", body, user="agent").json["id"]
        api("POST", f"/andons/{andon}/answer", {"answer": "contained", "text": "已换人"}, **LEAD)
        clock.forward(hours=3)
    for user in ("exec", "lead.logistics"):
        found = api("GET", "/andons?state=answered", user=user).json["andons"]
        assert [one["subject"] for one in found] == ["B线", "A线"]


# --- Projects ---


def test_a_projects_plan_is_sealed_when_it_starts(api, clock, propose, plan):
    project = propose().json["project"]
    assert propose().json["project"]["id"] == project["id"], "proposed twice is one"
    path = f"/projects/{project['id']}"
    assert api("POST", f"{path}/move", {"order": "start"}, **LEAD).status == 409, "not accepted yet"
    better = {**plan, "minimum_effect": 0.2}
    assert (
        api("PUT", f"{path}/plan", {"plan": better}, **LEAD).json["project"]["plan"]["minimum_effect"] == 0.2
    )
    for order in ("accept", "accept", "start", "start"):
        moved = api("POST", f"{path}/move", {"order": order}, **LEAD)
        assert moved.status == 200, order
    seal = moved.json["project"]["seal"]
    assert len(seal) == 64
    refused = api("PUT", f"{path}/plan", {"plan": plan}, **LEAD)
    assert (refused.status, refused.json["error"]["code"]) == (409, "project.sealed")
    assert api("PUT", f"{path}/plan", {"plan": better}, **LEAD).status == 200, "the same plan changes nothing"
    assert api("POST", f"{path}/move", {"order": "accept"}, **LEAD).status == 409
    assert api("POST", f"{path}/move", {"order": "end", "version": 1}, **LEAD).status == 409
    assert api("GET", path).json["project"]["seal"] == seal
    clock.forward(days=10)
    assert api("GET", path).json["verdict"]["state"] == "washing_in"
    clock.forward(days=100)
    assert api("GET", path).json["verdict"]["state"] == "due"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"metric": "nps"}, (404, 422)),
        ({"metric": "resolution_rate"}, (422,)),
        ({"cause": "nonsense"}, (422,)),
        ({"control_causes": ["delivery.late"]}, (422,)),
        ({"control_causes": ["nonsense"]}, (422,)),
        ({"minimum_effect": 0}, (422,)),
        ({"weeks_before": 3}, (422,)),
        ({"weeks_after": 3}, (422,)),
        ({"direction": "sideways"}, (422,)),
        ({"starts": "soon"}, (422,)),
        ({"starts": None}, (422,)),
    ],
)
def test_bad_plans(change, status, api, propose, plan):
    assert propose(plan_={**plan, **change}).status in status
    assert api("GET", "/projects").json["projects"] == []


# --- Matrix and cycles ---


def score(api, user, department, value, cause="delivery.late"):
    body = {"cause": cause, "department": department, "customer_value": value, "company_value": value}
    return api("PUT", "/matrix", body, user=user)


def test_the_matrix_is_blind_until_one_has_scored(api, clock):
    assert score(api, "lead.logistics", "logistics", 1).status == 200
    assert score(api, "lead.logistics", "quality", 1).status == 403
    assert score(api, "lead.logistics", "logistics", 6).status == 422
    assert api("GET", "/matrix", **QUALITY).json["causes"] == []
    assert score(api, "lead.quality", "quality", 2).status == 200
    (row,) = api("GET", "/matrix", **QUALITY).json["causes"]
    assert (row["customer_value"], row["quadrant"]) == (1.5, "eliminate")
    score(api, "lead.logistics", "logistics", 5)
    assert api("GET", "/matrix", user="exec").json["causes"][0]["quadrant"] == "leverage"
    clock.forward(days=7)
    assert api("GET", "/matrix?last=2026-W47", user="lead.service").json["causes"], (
        "a past cycle is open to all"
    )


def test_scores_show_how_far_apart_they_are_and_who_changed_theirs_after_seeing_others(api):
    score(api, "lead.logistics", "logistics", 1)
    score(api, "lead.logistics", "logistics", 2)
    score(api, "lead.quality", "quality", 5)
    (row,) = api("GET", "/matrix", **QUALITY).json["causes"]
    assert row["spread"] == {"customer": [2, 5], "company": [2, 5]}
    assert [(s["department"], s["revised"]) for s in row["scores"]] == [
        ("logistics", False),
        ("quality", False),
    ]
    score(api, "lead.quality", "quality", 3)
    (row,) = api("GET", "/matrix", **QUALITY).json["causes"]
    assert [s["revised"] for s in row["scores"]] == [False, True]


def test_a_ballot_tells_ones_own_scores_and_how_far_each_department_is(api):
    score(api, "lead.logistics", "logistics", 1)
    seen = api("GET", "/matrix", **QUALITY).json
    assert (seen["causes"], seen["own"], seen["scored"]) == ([], [], {"logistics": 1})
    assert seen["to_score"] == sum(c["active"] for c in api("GET", "/taxonomy").json["taxonomy"]["causes"])
    (own,) = api("GET", "/matrix", user="lead.logistics").json["own"]
    assert (own["cause"], own["customer_value"], own["company_value"]) == ("delivery.late", 1, 1)


def test_who_leads_two_departments_sees_others_when_both_have_scored(api):
    score(api, "lead.logistics", "logistics", 1)
    for department, seen in (("service", 0), ("aftersales", 1)):
        score(api, "lead.service", department, 3)
        assert len(api("GET", "/matrix", user="lead.service").json["causes"]) == seen


def test_closing_a_cycle_twice_closes_it_once(api, clock, take):
    take()
    week = api("GET", "/cycles/current", user="exec").json["week"]
    decision = {"what": "start_project", "about": "delivery.late", "reason": "第一"}
    for _ in range(2):
        assert api("POST", "/cycles/current/decisions", decision, user="exec").status == 201
    first = api("POST", f"/cycles/{week}/close", user="exec").json
    clock.forward(hours=1)
    assert api("POST", f"/cycles/{week}/close", user="exec").json == first
    assert len(first["decisions"]) == 1
    assert [f["cause"] for f in first["focus"]] == ["delivery.late"]
    following = api("GET", "/cycles/current", user="exec").json
    assert (following["state"], following["week"]) == ("open", "2026-W48")
    assert [d["about"] for d in following["carried"]] == ["delivery.late"]
    assert api("POST", "/cycles/2026-W48/close", user="exec").status == 409
    assert len(api("GET", "/cycles").json["cycles"]) == 2
    assert api("POST", f"/cycles/{week}/close", **LEAD).status == 403
