"""Cases as their users open and move them, speak about them and ask each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from tests.api.cases import events, state

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


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
