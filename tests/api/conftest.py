"""A company with work of one department in it, and a valid body for every route that takes one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.routing import Route
from chalicelib.loop.worker import drain

PHONE = "13800138000"
TEXT = "快递三天了还没送到，我要投诉，电话13800138000"
LATE = {"causes": ["delivery.late"], "contact_kind": "complaint", "severity": 1}
FILE = base64.b64encode("内容,渠道\n东西坏了,电话\n".encode()).decode()
MAPPED = {"kind": "contacts", "fields": {"text": "内容", "channel": "渠道"}, "constants": {}}
ROW = {"line": 2, "cells": '{"内容": "东西坏了", "渠道": "电话"}', "ordinal": 1}
BROKEN = {"causes": ["product.defect"], "contact_kind": "complaint", "severity": 1}


@pytest.fixture
def take(api: Any, loop: Any) -> Callable[..., dict[str, Any]]:
    """Post a contact, let the worker finish with it, and read it again; delivery.late unless told otherwise."""

    def take(text: str = TEXT, user: str = "agent", **fields: Any) -> dict[str, Any]:
        body = {"text": text, "channel": "phone", "customer": PHONE, **LATE, **fields}
        posted = api("POST", "/contacts", {k: v for k, v in body.items() if v is not None}, user=user)
        assert posted.status == 201, posted.text
        drain(loop)
        contact: dict[str, Any] = api("GET", f"/contacts/{posted.json['id']}").json
        return contact

    return take


@dataclass
class Company:
    """The ids of what logistics has to do with, and words no stranger may see."""

    ids: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


@pytest.fixture
def company(api: Any, loop: Any, clock: Any, take: Callable[..., dict[str, Any]]) -> Company:
    """One customer, two contacts, an open case with a task, a resolved one to call back about, an andon,
    a project, a voice: all of logistics."""
    one = take(TEXT, external_id="LOG-1", order="DD-7788")
    two = take("包裹被压坏了，里面全碎了", external_id="LOG-2", **{**LATE, "causes": ["delivery.damaged"]})
    lead = {"user": "lead.logistics"}
    api("POST", f"/cases/{two['case']}/accept", {}, **lead)
    api("POST", f"/cases/{two['case']}/resolve", {"what": "补发新包裹"}, **lead)
    task = {"department": "logistics", "what": "查中转站监控"}
    asked = api("POST", f"/cases/{one['case']}/tasks", task, **lead).json
    andon = {"subject": "A线停发", "department": "logistics", "evidence": [one["id"], two["id"]]}
    raised = api("POST", "/andons", andon, user="agent").json
    project = api("POST", "/projects", project_body(clock.now), **lead).json["project"]
    voice = api("POST", "/voices", {"text": "中转站总是漏扫"}, user="agent").json
    given = {"contact": one["id"], "what": "回电说清楚", "due": "2026-11-19T18:00"}
    promise = api("POST", "/promises", given, user="agent").json
    share = {"cause": "delivery.late", "month": "2026-11", "reason": "不是物流的事", "to": "service"}
    disputed = api("POST", "/disputes", share, **lead).json
    ids = {
        "dispute": disputed["id"],
        "contact": one["id"],
        "resolved_contact": two["id"],
        "case": one["case"],
        "resolved_case": two["case"],
        "task": asked["case"]["tasks"][0]["id"],
        "andon": raised["id"],
        "project": project["id"],
        "voice": voice["id"],
        "promise": promise["id"],
        "customer": one["customer"],
    }
    private = {
        PHONE,
        "三天了还没送到",
        "压坏了",
        "补发新包裹",
        "查中转站监控",
        "A线停发",
        "换承运商",
        "回电说清楚",
        "DD-7788",
    }
    return Company(ids, private | {v for k, v in ids.items() if k not in ("voice", "project")})


def project_body(now: Any, **plan: Any) -> dict[str, Any]:
    """A project of logistics that starts in a week."""
    promise = {"metric": "cpx", "cause": "delivery.late", "starts": (now + timedelta(days=7)).isoformat()}
    words = {"title": "换承运商", "hypothesis": "换一家准时率更高的"}
    return {**words, "department": "logistics", "plan": {**promise, **plan}}


@pytest.fixture
def samples(clock: Any, company: Company) -> dict[str, dict[str, Any]]:
    """Route name -> a body that it takes."""
    department = {"code": "service", "name_zh": "客服部"}
    cause = {"code": "new.cause", "label_zh": "新的原因", "department": "service"}
    parts = [{**cause, "code": f"new.part_{n}"} for n in (1, 2)]
    evidence = [company.ids["contact"], company.ids["resolved_contact"]]
    new = project_body(clock.now, starts="2027-01-04T00:00:00+08:00")
    return {
        "take_contact": {"text": "东西坏了", "channel": "app", "customer": "C1", "time": "2026-11-17 09:00"},
        "take_contacts": {"contacts": [{"text": "东西坏了", "channel": "app"}]},
        "search_contacts": {"q": "东西坏了", "cursor": ""},
        "suggest_causes": {"text": "东西坏了"},
        "correct_contact": {"causes": ["delivery.lost"], "contact_kind": "complaint", "severity": 2},
        "look_at_file": {"name": "a.csv", "content": FILE, "sheet": None, "kind": "contacts"},
        "read_file_rows": {"name": "a.csv", "content": FILE, "mapping": MAPPED, "after": 0},
        "take_file_rows": {"mapping": MAPPED, "own": None, "rows": [ROW]},
        "confirm_contact": {"version": None},
        "withdraw_correction": {"version": 1},
        "look_blind": {"causes": ["delivery.lost"], "contact_kind": "complaint", "severity": 2},
        "read_original": {"purpose": "核对地址"},
        "post_voice": {"text": "系统总是卡", "cause": "digital.bug"},
        "raise_andon": {"subject": "B线", "text": "停", "department": "quality", "evidence": evidence},
        "answer_andon": {"answer": "stopped", "text": "已停"},
        "give_promise": {"contact": evidence[0], "what": "回电", "due": "2026-11-19T18:00"},
        "settle_promise": {"outcome": "kept", "note": "已回电", "version": None},
        "look_up_order": {"ref": "DD-7788"},
        "save_customer": {"customer": "M-1", "name": "某人", "tier": "gold", "consent": True},
        "look_up_customer": {"ref": PHONE},
        "reveal_customer": {"purpose": "回访"},
        "accept_case": {"version": None},
        "resolve_case": {"what": "已处理"},
        "ask_department": {"department": "quality", "what": "查一下", "limit": "4h"},
        "finish_task": {"note": "好了"},
        "comment_case": {"text": "在看了"},
        "ask_owner": {"department": "quality", "reason": "像是质量问题"},
        "read_notice": {"key": "user:admin/x/y/2026-11-18"},
        "answer_callback": {"reached": True, "resolved": True, "satisfaction": "满意", "text": "好了"},
        "accept_proposal": {
            "code": "new.cause",
            "label": "新的原因",
            "words": ["新说法"],
            "reason": "常有人说",
        },
        "merge_proposal": {"into": "delivery.late", "words": ["新说法"], "reason": "是一回事"},
        "refuse_proposal": {"reason": "不是问题"},
        "open_dispute": {
            "cause": "delivery.damaged",
            "month": "2026-11",
            "to": "quality",
            "reason": "包装不好",
        },
        "decide_dispute": {"decision": "upheld", "to": "quality", "reason": "是包装问题"},
        "record_decision": {"what": "other", "about": "delivery.late", "reason": "先看看"},
        "score_cause": {
            "cause": "delivery.late",
            "department": "logistics",
            "customer_value": 2,
            "company_value": 2,
        },
        "save_source_count": {"channel": "phone", "day": "2026-11-17", "count": 12},
        "change_baseline": {
            "metric": "cpx",
            "cause": "delivery.late",
            "department": "",
            "segment": "",
            "week": "2026-W46",
            "what": "rebase",
            "reason": "换了承运商",
        },
        "snooze_alarms": {"cause": "delivery.late", "until": "2026-W49", "reason": "已知原因"},
        "save_denominator": {"denominator": "parcels", "period": "2026-W47", "value": 10, "segment": "all"},
        "propose_project": {**new, "title": "另一个", "owner": "agent", "reach": 0.5},
        "preview_project": {"department": "logistics", "plan": new["plan"]},
        "move_project": {"order": "accept"},
        "replan_project": {"plan": new["plan"]},
        "say_why": {"text": "箱子太薄", "contacts": evidence, "share": 40},
        "correct_why": {"text": "箱子太薄", "assumption": True},
        "withdraw_why": {"version": None},
        "sign_in": {"name": "agent", "password": "not the password"},
        "change_password": {"old": "not the password", "new": "another password"},
        "save_user": {"role": "agent", "display": "小李", "departments": [], "disabled": False},
        "save_taxonomy": {"departments": [department], "causes": [cause], "number": 1},
        "preview_taxonomy": {"departments": [department], "causes": [cause], "number": 1},
        "try_calendar": {"hours": "09:00-18:00", "holidays": ["2026-12-25"], "workdays": [], "limit": "8h"},
        "make_robot": {
            "name": "物流群",
            "platform": "wecom",
            "receivers": ["department:logistics"],
            "address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
        },
        "change_robot": {"active": False},
        "make_key": {"name": "呼叫中心"},
        "remove_demo": {"confirm": "demo"},
        "offer_upload": {"name": "a.csv", "size": 5_000_000},
        "discard_queue": {"confirm": "intake"},
        "merge_causes": {
            "cause": "price.dropped",
            "into": "delivery.lost",
            "reason": "是一回事",
            "number": 1,
        },
        "split_cause": {"cause": "delivery.late", "into": parts, "reason": "两种办法", "number": 1},
        "save_settings": {"settings": {"company": "回声"}, "version": None},
        "send_again": {"kind": "contact", "key": "x"},
        "export_customer": {"purpose": "本人要求"},
        "erase_customer": {"purpose": "本人要求"},
    }


@pytest.fixture
def where(company: Company) -> Callable[[Route], str]:
    """The address of a route with the ids of real things in it."""
    ids = company.ids
    by_folder = {
        "contacts": {"id": ids["contact"]},
        "blind": {"contact": ids["contact"]},
        "cases": {"id": ids["case"], "task": ids["task"]},
        "customers": {"id": ids["customer"]},
        "projects": {"id": ids["project"], "reason": "Y-NONE"},
        "andons": {"id": ids["andon"]},
        "voices": {"id": ids["voice"]},
        "promises": {"id": ids["promise"]},
        "causes": {"code": "delivery.late"},
        "callbacks": {"case": ids["resolved_case"]},
        "cycles": {"week": "2026-W47"},
        "users": {"name": "new.user"},
        "keys": {"id": "0123456789"},
        "robots": {"id": "B-00000000"},
        "taggers": {"number": "0"},
        "proposals": {"id": "N-ABCDEFGHIJ"},
        "ledger": {"month": "2026-10"},
        "disputes": {"id": ids["dispute"]},
        "imports": {"ticket": "none.csv"},
        "dead-queues": {"queue": "intake"},
    }

    def where(route: Route) -> str:
        return route.path.format(**by_folder.get(route.path.split("/")[1], {}))

    return where


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
