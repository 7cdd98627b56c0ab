"""Cases, call-backs, voices, andons, projects and cycles as their users move them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.reshape import SETTLED
from chalicelib.model.weeks import parse_time

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


@pytest.fixture
def case(take):
    """The id of a fresh case of logistics."""
    return take()["case"]


@pytest.fixture
def move(api):
    """POST to a case; gives the answer."""

    def move(case, what, body=None, user="lead.logistics"):
        return api("POST", f"/cases/{case}/{what}", body or {}, user=user)

    return move


@pytest.fixture
def resolved(case, move):
    """The id of a case that logistics says is solved."""
    assert move(case, "accept").status == 200
    assert move(case, "resolve", {"what": "已补发"}).status == 200
    return case


def state(api, case):
    return api("GET", f"/cases/{case}").json["case"]


def events(api, case):
    return [e["name"] for e in state(api, case)["history"]]


# --- What opens a case ---


def test_a_complaint_whose_kind_is_known_is_still_read_for_its_cause(api, loop, take):
    contact = take("快递三天了还没送到，太慢了", causes=None, contact_kind="complaint", severity=None)
    assert contact["causes"][:1] == ["delivery.late"]


def test_a_severity_given_at_intake_is_kept(take):
    contact = take("快递三天了还没送到，太慢了", causes=None, contact_kind=None, severity=3)
    assert contact["severity"] == 3


@pytest.mark.parametrize("text", ["服务真好，给你们点赞！", "谢谢客服小姐姐，非常满意"])
def test_praise_opens_no_case(text, api, take):
    contact = take(text, causes=None, contact_kind=None, severity=None)
    assert contact["contact_kind"] == "praise"
    assert contact["case"] == ""
    assert api("GET", "/cases").json["cases"] == []


def test_a_complaint_nothing_explains_goes_to_customer_service(api, take):
    contact = take("我要投诉！！！太让人生气了", causes=[], contact_kind="complaint")
    assert (contact["causes"], contact["department"]) == (["other"], "service")
    assert [c["id"] for c in api("GET", "/cases", user="lead.service").json["cases"]] == [contact["case"]]


def test_two_contacts_on_one_cause_are_one_case(api, take, clock, case, loop):
    clock.forward(days=1)
    again = take("还是没到")
    assert again["case"] == case
    assert state(api, case)["contacts"] == 2
    other = take("还是没到", customer="C-2")
    assert other["case"] != case
    assert recount(loop).differences == 0


def test_other_causes_of_a_contact_are_tasks_for_their_owners(api, take):
    contact = take("又慢又坏", causes=["delivery.late", "product.defect"])
    view = api("GET", f"/cases/{contact['case']}", **QUALITY).json
    assert [t["department"] for t in view["case"]["tasks"]] == ["quality"]
    assert {w["department"] for w in view["waited_for"]} == {"quality", "logistics"}


# --- Moves ---


def test_posting_twice_is_safe(api, loop, case, move):
    for _ in range(2):
        assert move(case, "accept").json["case"]["state"] == "working"
    asked = {"department": "quality", "what": "看包装"}
    for _ in range(2):
        task = move(case, "tasks", asked).json["case"]["tasks"]
    for _ in range(2):
        assert move(case, f"tasks/{task[0]['id']}/done", {}, user="lead.quality").status == 200
        assert move(case, "comments", {"text": "好了"}).status == 200
    for _ in range(2):
        assert move(case, "resolve", {"what": "已补发"}).status == 200
    names = events(api, case)
    assert [
        names.count(n) for n in ("CaseAccepted", "TaskAsked", "TaskDone", "Commented", "CaseResolved")
    ] == [1] * 5
    assert len(api("GET", "/callbacks").json["callbacks"]) == 1
    assert recount(loop).differences == 0


def test_who_is_to_be_called_comes_with_how_the_customer_put_it(api, resolved):
    (one,) = api("GET", "/callbacks", user="agent").json["callbacks"]
    (contact,) = api("GET", f"/cases/{resolved}/contacts").json["contacts"]
    assert (one["case"], one["quote"]) == (resolved, contact["text"])


def test_a_case_tells_what_was_promised_on_its_contacts_and_what_became_of_it(api, take, clock):
    def promise(contact, what, hours):
        due = (clock.now + timedelta(hours=hours)).isoformat()
        return api("POST", "/promises", {"contact": contact, "what": what, "due": due}, user="agent").json[
            "id"
        ]

    mine, other = take(), take("坐垫坏了", external_id="OTHER", causes=["product.defect"])
    nobody = take("没留电话，也没到", external_id="NOBODY", customer="")
    promise(mine["id"], "回电", 5)
    kept = promise(mine["id"], "补发", 3)
    promise(other["id"], "换坐垫", 4)
    promise(nobody["id"], "登门", 2)
    api("POST", f"/promises/{kept}/settle", {"outcome": "kept"}, user="agent")
    told = api("GET", f"/cases/{mine['case']}/contacts", **LEAD).json["promises"]
    assert [(one["what"], one["state"]) for one in told] == [("补发", "kept"), ("回电", "open")]
    (alone,) = api("GET", f"/cases/{nobody['case']}/contacts", **LEAD).json["promises"]
    assert alone["what"] == "登门"


def test_resolving_again_is_safe_after_somebody_spoke(api, resolved, move):
    move(resolved, "comments", {"text": "辛苦了"}, user="agent")
    assert move(resolved, "resolve", {"what": "已补发"}).status == 200


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("accept", {}),
        ("resolve", {"what": "好了"}),
        ("tasks", {"department": "quality", "what": "看包装"}),
        ("owner", {"department": "quality", "reason": "像质量问题"}),
    ],
)
def test_an_older_version_is_refused(what, body, api, case, move):
    seen = state(api, case)["version"]
    move(case, "comments", {"text": "别人动过了"}, user="agent")
    before = state(api, case)
    said = move(case, what, {**body, "version": seen})
    assert (said.status, said.json["error"]["code"]) == (409, "version")
    assert state(api, case) == before
    if what != "resolve":
        assert move(case, what, {**body, "version": before["version"]}).status == 200


@pytest.mark.parametrize(
    ("moves", "what", "body"),
    [
        ([], "resolve", {"what": "好了"}),
        (["accept", "resolve"], "accept", {}),
        (["accept", "resolve"], "tasks", {"department": "quality", "what": "看"}),
        (["accept", "resolve"], "tasks", {"department": "quality", "what": "看看"}),
        (["accept", "resolve"], "owner", {"department": "quality", "reason": "给他们"}),
        (["accept", "resolve", "verify"], "accept", {}),
        (["accept", "resolve", "verify"], "resolve", {"what": "好了"}),
    ],
)
def test_illegal_moves(moves, what, body, api, loop, clock, case, move):
    for one in moves:
        if one == "verify":
            clock.forward(days=8)
            tick(loop)
        else:
            move(case, one, {"what": "已补发"} if one == "resolve" else {})
    before = state(api, case)
    said = move(case, what, body, user="admin")
    assert said.status in (409, 422), said.text
    assert state(api, case) == before


def test_a_case_waits_for_its_tasks(api, case, move, clock):
    move(case, "accept")
    move(case, "tasks", {"department": "quality", "what": "看包装", "limit": "4h"})
    clock.forward(hours=3)
    (waited,) = api("GET", f"/cases/{case}").json["waited_for"]
    assert (waited["department"], waited["late"]) == ("quality", False)
    assert waited["minutes"] == 180


def test_bad_tasks(case, move):
    for body in (
        {"department": "nowhere", "what": "看看"},
        {"department": "quality", "what": "看看", "limit": "soon"},
        {"department": "quality", "what": "看看", "limit": "0h"},
        {"department": "quality", "what": ""},
    ):
        assert move(case, "tasks", body).status == 422, body
    assert move(case, "tasks/T-NONE/done", {}).status == 404


# --- Comments and notices ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@agent 请看", ["agent"]),
        ("请@agent看一下，@lead.quality 也看", ["agent", "lead.quality"]),
        ("@agent @agent", ["agent"]),
        ("@nobody 请看", []),
        ("mail me at someone@agent", ["agent"]),
        ("ask @agent, please", ["agent"]),
        ("ask @agent.", ["agent"]),
        ("请找@lead.quality。", ["lead.quality"]),
    ],
)
def test_mentions(text, told, api, case, move):
    move(case, "comments", {"text": text})
    assert state(api, case)["history"][-1]["data"]["mentions"] == told
    for name in ("agent", "lead.quality"):
        inbox = api("GET", "/notices", user=name).json["notices"]
        assert [n["subject"] for n in inbox if n["about"] == "mentioned"] == (
            [f"case:{case}"] if name in told else []
        )


def test_comments_are_masked(api, case, move):
    move(case, "comments", {"text": "新电话13912345678"})
    assert "13912345678" not in str(state(api, case))


def test_a_notice_is_read_once_and_only_by_its_receiver(api, case, move):
    move(case, "comments", {"text": "@agent 请看"})
    (notice,) = api("GET", "/notices", user="agent").json["notices"]
    assert notice["read"] is False
    assert api("POST", "/notices/read", {"key": notice["key"]}, user="exec").status == 404
    for _ in range(2):
        assert api("POST", "/notices/read", {"key": notice["key"]}, user="agent").status == 200
    assert api("GET", "/notices", user="agent").json["notices"][0]["read"] is True


def test_many_cases_are_one_notice_that_counts_them(api, loop, clock):
    rows = [
        {"text": f"第{i}个包裹太慢", "channel": "web", "customer": f"C-{i}", "causes": ["delivery.late"]}
        for i in range(30)
    ]
    api("POST", "/contacts/bulk", {"contacts": rows})
    drain(loop)
    (opened,) = api("GET", "/notices", **LEAD).json["notices"]
    assert (opened["about"], opened["count"], len(opened["subjects"])) == ("case_opened", 30, 20)
    clock.forward(days=30)
    tick(loop)
    tick(loop)
    told = {n["about"]: n["count"] for n in api("GET", "/notices", **LEAD).json["notices"]}
    assert told["accept_clock_ran_out"] == told["resolve_clock_ran_out"] == 30


# --- Asking another owner ---


def test_the_old_owner_stays_responsible_until_the_new_one_accepts(api, loop, take, case, move):
    take("还是没到", channel="app")
    move(case, "accept")
    assert move(case, "owner", {"department": "quality", "reason": "包装太差"}).status == 200
    assert state(api, case)["department"] == "logistics"
    assert [c["id"] for c in api("GET", "/cases?department=logistics").json["cases"]] == [case]
    assert move(case, "resolve", {"what": "x y"}, user="lead.quality").status == 403
    assert recount(loop).differences == 0
    assert move(case, "accept", {}, user="lead.quality").status == 200
    after = state(api, case)
    assert (after["department"], after["asked_department"]) == ("quality", "")
    contacts = api("GET", f"/cases/{case}/contacts", **QUALITY).json["contacts"]
    assert [(c["department"], c["departments"][0]) for c in contacts] == [("quality", "quality")] * 2
    assert recount(loop).differences == 0
    assert move(case, "resolve", {"what": "x y"}).status in (403, 404), "no longer theirs"
    assert api("GET", "/metrics?department=quality", **QUALITY).json["metrics"]["cost"]["n"] == 2


def test_an_owner_is_asked_by_the_owner(api, case, move):
    assert move(case, "owner", {"department": "quality", "reason": "给"}, user="agent").status == 403
    assert move(case, "owner", {"department": "logistics", "reason": "自己"}).status == 422
    assert move(case, "owner", {"department": "nowhere", "reason": "自己"}).status == 422
    for _ in range(2):
        move(case, "owner", {"department": "quality", "reason": "包装太差"})
    assert events(api, case).count("OwnerAsked") == 1


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


@pytest.fixture
def plan(clock):
    return {"metric": "cpx", "cause": "delivery.late", "starts": (clock.now + timedelta(days=7)).isoformat()}


@pytest.fixture
def propose(api, plan):
    def propose(user="lead.logistics", plan_=None, **other):
        body = {
            "title": "换承运商",
            "hypothesis": "更准时",
            "department": "logistics",
            "plan": plan_ or plan,
            **other,
        }
        return api("POST", "/projects", body, user=user)

    return propose


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


# --- Settings, taxonomy, users ---


@pytest.mark.parametrize(
    "given",
    [
        {"hours": "25:00-26:00"},
        {"hours": "18:00-09:00"},
        {"task": "soon"},
        {"andon": "0h"},
        {"callback": 3},
        {"callback_attempts": 0},
        {"max_tries": 0},
        {"clocks": {"danger": {"accept": "2h", "resolve": "1d"}}},
        {"rates": {"pigeon": {"per_hour": 1}}},
        {"rates": {"phone": {"per_hour": -1}}},
        {"company": "x" * 101},
        {"nonsense": 1},
        {"holidays": ["yesterday"]},
        {"holidays": ["2026-12-01"], "workdays": ["2026-12-01"]},
        {"pending": "tag"},
        {"wake": "2026-01-01T00:00:00Z"},
        {"demo": True},
        {"version": 99},
        {"originals": ["nobody"]},
        {"rates": {"phone": {"per_houre": 1}}},
    ],
)
def test_bad_settings(given, api, loop, take):
    before = api("GET", "/settings").json
    assert api("PATCH", "/settings", {"settings": given}).status == 422
    assert api("GET", "/settings").json == before
    take()
    tick(loop)


def test_the_version_in_an_answer_is_the_stored_one(api, propose, take):
    project = propose().json["project"]
    stored = api("GET", f"/projects/{project['id']}").json["project"]
    assert project["version"] == stored["version"]
    moved = api("POST", f"/projects/{project['id']}/move", {"order": "accept", "version": project["version"]})
    assert moved.status == 200
    user = api("PUT", "/users/new", {"role": "agent"}).json
    assert user in api("GET", "/users").json["users"]
    voice = api("POST", "/voices", {"text": "系统太慢"}, user="agent").json
    assert voice in api("GET", "/voices").json["voices"]


def test_settings_change_one_by_one_and_in_order(api):
    one = api("PATCH", "/settings", {"settings": {"company": "回声"}}).json
    two = api("PATCH", "/settings", {"settings": {"task": "4h"}, "version": one["version"]}).json
    assert (two["company"], two["task"]) == ("回声", "4h")
    assert api("PATCH", "/settings", {"settings": {"task": "5h"}, "version": one["version"]}).status == 409


SERVICE = {"code": "service", "name_zh": "客服部"}
CAUSE = {"code": "new.cause", "label_zh": "新的原因", "department": "service"}


@pytest.mark.parametrize(
    ("departments", "causes"),
    [
        ([], [CAUSE]),
        ([SERVICE], []),
        ([SERVICE], [{**CAUSE, "department": "nowhere"}]),
        ([SERVICE], [CAUSE, CAUSE]),
        ([SERVICE, SERVICE], [CAUSE]),
        ([SERVICE], [{**CAUSE, "code": "other"}]),
        ([SERVICE], [{**CAUSE, "code": "Not A Code"}]),
        ([SERVICE], [{**CAUSE, "code": "a/b"}]),
        ([SERVICE], [{**CAUSE, "label_zh": ""}]),
        ([SERVICE], [{**CAUSE, "window_days": 0}]),
        ([SERVICE], [{**CAUSE, "words": "慢"}]),
        ([SERVICE], [{**CAUSE, "words": [1]}]),
        ([SERVICE], [{**CAUSE, "words": ["x" * 5_000]}]),
        ([SERVICE], [{**CAUSE, "words": [""]}]),
    ],
)
def test_bad_taxonomies(departments, causes, api):
    assert api("PUT", "/taxonomy", {"departments": departments, "causes": causes}).status == 422
    assert api("GET", "/taxonomy").json["taxonomy"]["number"] == 1


def test_a_new_taxonomy_keeps_history_and_warns_above_fifty(api, take):
    old = take()
    many = [{**CAUSE, "code": f"new.cause_{i}", "label_zh": f"新的原因{i}"} for i in range(51)]
    said = api("PUT", "/taxonomy", {"departments": [SERVICE], "causes": many, "number": 1}).json
    assert said["taxonomy"]["number"] == 2
    assert len(said["warnings"]) == 1
    late = next(c for c in said["taxonomy"]["causes"] if c["code"] == "delivery.late")
    assert (late["active"], late["department"]) == (False, "logistics")
    assert api("GET", f"/cases/{old['case']}", **LEAD).json["label"] == "东西送得太慢"
    again = {"departments": [SERVICE], "causes": many, "number": 1}
    assert api("PUT", "/taxonomy", again).status == 409
    retired = {"text": "太慢", "channel": "web", "causes": ["delivery.late"]}
    assert api("POST", "/contacts", retired).status == 422


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("new", {"role": "agent"}, 200),
        ("new", {}, 404),
        ("new", {"role": "emperor"}, 422),
        ("new", {"role": "lead"}, 422),
        ("new", {"role": "lead", "departments": ["nowhere"]}, 422),
        ("new", {"role": "lead", "departments": ["it", "it"]}, 200),
        ("new", {"role": "agent", "password": "short"}, 422),
        ("lead.quality", {"departments": []}, 422),
        ("agent", {"role": "lead"}, 422),
        ("agent", {"display": "x" * 61}, 422),
    ],
)
def test_users(name, body, status, api):
    said = api("PUT", f"/users/{name}", body)
    assert said.status == status, said.text
    assert "argon2" not in said.text
    assert "argon2" not in api("GET", "/users").text


def test_the_last_admin_cannot_lock_everybody_out(api):
    for body in ({"disabled": True}, {"role": "agent"}):
        assert api("PUT", "/users/admin", body).status in (409, 422)
        assert api("GET", "/users").status == 200


def test_denominators(api, clock):
    body = {"denominator": "parcels", "period": "2026-W47", "value": 2_000}
    assert api("PUT", "/denominators", body, user="lead.logistics").json["changed"] is True
    assert api("PUT", "/denominators", body, user="exec").json["changed"] is False
    assert api("PUT", "/denominators", body, user="agent").status == 403, "verdicts stand on them"
    assert api("PUT", "/denominators", {**body, "period": "2026-11-17"}).status == 409, "would count twice"
    for bad in (
        {"value": -1},
        {"value": "many"},
        {"value": "2,000"},
        {"value": True},
        {"period": "W"},
        {"denominator": "Not A Code"},
        {"segment": ""},
    ):
        assert api("PUT", "/denominators", {**body, **bad}).status == 422, bad
    assert api("PUT", "/denominators", {**body, "denominator": "parcel"}).status == 422


# --- Dead letters ---


def test_a_dead_letter_is_sent_again(api, loop, clock):
    class Broken:
        version = "broken"

        def __call__(self, texts):
            raise ValueError("cannot read")

    sick = replace(loop, analyser=lambda taxonomy: Broken())
    contact = api("POST", "/contacts", {"text": "快递太慢了", "channel": "web", "customer": "C-1"}).json["id"]
    for _ in range(10):
        drain(sick)
        clock.forward(hours=2)
    (letter,) = api("GET", "/dead-letters").json["dead_letters"]
    assert (letter["kind"], letter["key"], letter["step"]) == ("contact", contact, "tag")
    assert letter["error"].startswith("ValueError")
    assert api("GET", "/status").json["dead_letters"] == 1
    assert recount(loop).differences == 0
    send = {"kind": "contact", "key": contact}
    assert api("POST", "/dead-letters/again", send, user="lead.service").status == 403
    assert api("POST", "/dead-letters/again", send).status == 200
    assert api("POST", "/dead-letters/again", send).status == 404
    drain(loop)
    assert api("GET", "/dead-letters").json["dead_letters"] == []
    assert api("GET", f"/contacts/{contact}").json["causes"] == ["delivery.late"]
    assert recount(loop).differences == 0


def test_a_changed_window_is_counted_at_once(api, loop, clock, take):
    take()
    clock.forward(days=10)
    take("还是没到")
    taxonomy = api("GET", "/taxonomy").json["taxonomy"]
    for cause in taxonomy["causes"]:
        cause["window_days"] = 14
    body = {"departments": taxonomy["departments"], "causes": taxonomy["causes"]}
    assert api("PUT", "/taxonomy", body).status == 200
    drain(loop)
    assert recount(loop).differences == 0


def test_causes_are_merged_and_split_over_http(api, take):
    take()
    body = {"cause": "delivery.late", "into": "delivery.lost", "reason": "分不清", "number": 1}
    assert api("POST", "/taxonomy/merge", body, user="exec").status == 403
    made = api("POST", "/taxonomy/merge", body).json["change"]
    assert (made["what"], made["into"], made["taxonomy"]) == ("merge", ["delivery.lost"], 2)
    assert api("POST", "/taxonomy/merge", body).json["change"]["taxonomy"] == 2
    assert api("POST", "/taxonomy/merge", {**body, "cause": "other", "number": 2}).status == 422
    parts = [{"code": f"delivery.lost_{n}", "label_zh": f"丢在第 {n} 段"} for n in (1, 2)]
    split = {"cause": "delivery.lost", "into": parts}
    assert api("POST", "/taxonomy/split", {**split, "into": parts[:1]}).status == 422
    assert api("POST", "/taxonomy/split", {**split, "number": 1}).status == 409
    assert api("POST", "/taxonomy/split", split).json["change"]["taxonomy"] == 3
    changes = api("GET", "/taxonomy/changes", user="agent").json["changes"]
    assert [c["what"] for c in changes] == ["split", "merge"]
    assert [parse_time(c["settles"], where="") - parse_time(c["at"], where="") for c in changes] == [
        SETTLED
    ] * 2
    for path in ("/trend?metric=cpx&cause=delivery.late", "/series?by=cause&part=delivery.late"):
        found = api("GET", path, user="exec").json["replaced"]
        assert (found["what"], found["into"]) == ("merge", ["delivery.lost"])
        assert "delivery.lost" in found["zh"]
    chart = api("GET", "/chart?metric=cpx&cause=delivery.lost", user="exec").json
    assert chart["replaced"]["into"] == ["delivery.lost_1", "delivery.lost_2"]
    assert api("GET", "/trend?metric=cpx&cause=billing.unclear", user="exec").json["replaced"] is None
    seams = api("GET", "/series?by=all", user="exec").json["seams"]
    assert [(s["what"], s["cause"]) for s in seams] == [
        ("merge", "delivery.lost"),
        ("split", "delivery.lost_1"),
    ]
