"""What an admin changes: settings, taxonomy, users, dead letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from chalicelib.model.reshape import SETTLED
from chalicelib.model.weeks import parse_time

LEAD = {"user": "lead.logistics"}
QUALITY = {"user": "lead.quality"}


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


def test_each_setting_tells_its_range_and_who_changed_it_last(api, clock):
    ranges = api("GET", "/settings/ranges").json["ranges"]
    assert ranges["max_tries"] == {"default": 8, "low": 1, "high": 50}
    assert ranges["missing_share"] == {"default": 0.02, "low": 0, "high": 1}
    assert ranges["originals"]["default"] == ["lead", "admin"]
    shown = set(api("GET", "/settings").json) - {"version", "pending", "wake", "demo", "changed"}
    assert set(ranges) == shown
    assert api("GET", "/settings").json["changed"] == {}
    said = api("PATCH", "/settings", {"settings": {"max_tries": 9, "review_daily": 20}}).json
    assert list(said["changed"]) == ["max_tries"], "what stayed as it was is nobody's change"
    assert said["changed"]["max_tries"]["by"] == "admin"
    first = said["changed"]["max_tries"]["at"]
    clock.forward(hours=1)
    said = api("PATCH", "/settings", {"settings": {"blind_daily": 0}}).json
    assert said["changed"]["max_tries"]["at"] == first < said["changed"]["blind_daily"]["at"]
    forged = {"changed": {"max_tries": {"by": "exec", "at": "2026-01-01T00:00:00Z"}}}
    assert api("PATCH", "/settings", {"settings": forged}).status == 422
    assert api("GET", "/settings/ranges", user="exec").status == 403
