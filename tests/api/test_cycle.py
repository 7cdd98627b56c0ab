"""The cycle over HTTP: decisions, minutes to download, and who sees what."""

from __future__ import annotations

import base64
import csv
import io
import json

import pytest
from pypdf import PdfReader

import app as chalice_app
from chalicelib.loop.schedule import tick


def decide(api, what, about, user="exec", **more):
    body = {"what": what, "about": about, "reason": "一直在涨", **more}
    return api("POST", "/cycles/current/decisions", body, user=user)


def text_of(raw: bytes) -> str:
    pages = PdfReader(io.BytesIO(raw), strict=True).pages
    assert len(pages) == 2
    return "\n".join(page.extract_text() for page in pages)


@pytest.fixture
def two_weeks(api, loop, clock, take):
    """A cycle with contacts of two departments behind it, and a decision for each."""
    take()
    take("杯子有裂纹", external_id="Q-1", customer="C-2", causes=["product.defect"])
    tick(loop)
    clock.forward(days=7)
    tick(loop)
    for cause in ("delivery.late", "product.defect"):
        assert decide(api, "start_project", cause).status == 201
    return "2026-W48"


def test_a_decision_says_what_came_of_it(api, two_weeks):
    cycle = api("GET", "/cycles/current", user="exec").json
    assert [(d["result"], d["made"]) for d in cycle["decisions"]] == [
        ("project_proposed", "P-1"), ("project_proposed", "P-2")
    ]  # fmt: skip
    assert {i["code"] for i in cycle["agenda"] if i["part"] == "focus"} == {"delivery.late", "product.defect"}
    assert api("GET", "/projects/P-1", user="lead.logistics").json["project"]["state"] == "proposed"
    assert decide(api, "accept_proposal", "P-1").json["decisions"][-1]["result"] == "project_accepted"
    told = decide(api, "start_project", "P-1", user="lead.logistics")
    assert (told.status, told.json["error"]["code"]) == (409, "cycle.decided"), "this very moment"
    assert decide(api, "start_project", "P-1", user="lead.logistics", seen=2).status == 201
    assert api("GET", "/projects/P-1", user="exec").json["project"]["state"] == "live"


def test_the_next_cycle_shows_what_became_of_it(api, clock, two_weeks):
    api("POST", f"/cycles/{two_weeks}/close", user="exec")
    following = api("GET", "/cycles/current", user="exec").json
    assert [o["state"] for o in following["outcomes"]] == ["project_proposed"] * 2
    api("POST", "/projects/P-1/move", {"order": "end"}, user="lead.logistics")
    following = api("GET", "/cycles/current", user="exec").json
    assert [o["state"] for o in following["outcomes"]] == ["project_ended", "project_proposed"]


@pytest.mark.parametrize(
    ("what", "about", "more", "status", "where"),
    [
        ("snooze", "nothing", {}, 422, "about"),
        ("snooze", "delivery.late", {"until": "2026-W47"}, 422, "until"),
        ("snooze", "delivery.late", {"until": "sometime"}, 422, "until"),
        ("accept_proposal", "delivery.late", {}, 409, "about"),
        ("accept_proposal", "N-ABC", {}, 404, "proposal"),
        ("start_project", "P-77", {}, 404, "project"),
        ("start_project", "nonsense", {}, 404, "cause"),
        ("dance", "delivery.late", {}, 422, "what"),
        ("other", "delivery.late", {"reason": ""}, 422, "reason"),
        ("other", "delivery.late", {"until": "x" * 13}, 422, "until"),
    ],
)
def test_what_cannot_be_done_is_refused(what, about, more, status, where, api):
    said = decide(api, what, about, **more)
    assert (said.status, said.json["error"]["where"]) == (status, where)
    assert api("GET", "/cycles/current", user="exec").json["decisions"] == []


def test_who_may_decide(api):
    assert decide(api, "other", "delivery.late", user="agent").status == 403
    assert decide(api, "start_project", "delivery.late", user="lead.quality").status == 403
    assert decide(api, "other", "delivery.late", user="lead.quality").status == 403, "not its matter"
    said = decide(api, "other", "delivery.late", user="lead.logistics")
    assert (said.status, [d["about"] for d in said.json["decisions"]]) == (201, ["delivery.late"])
    assert api("GET", "/cycles/current", user="lead.service").json["decisions"] == []


@pytest.mark.parametrize(
    "about", ["delivery.late", "focus/delivery.late", "P-1", "projects/P-1", "{case}", "cases/{case}",
              "{andon}", "cases/logistics"]
)  # fmt: skip
def test_a_lead_notes_nothing_on_other_departments_matters_however_they_are_named(about, api, company):
    absent = decide(api, "other", "P-77", user="lead.quality")
    assert (absent.status, "P-…" in absent.json["error"]["zh"]) == (403, True), "it says what to do"
    foreign = decide(api, "other", about.format(**company.ids), user="lead.quality")
    assert (foreign.status, foreign.text) == (absent.status, absent.text)
    own = decide(api, "other", about.format(**company.ids), user="lead.logistics", reason="查过了")
    assert [d["department"] for d in own.json["decisions"]] == ["logistics"]
    assert decide(api, "other", about.format(**company.ids), seen=1).status == 201
    assert api("GET", "/cycles/current", user="lead.quality").json["decisions"] == []


def test_who_decides_second_is_told_and_may_then_decide(api, two_weeks):
    first = decide(api, "other", "focus/product.defect", seen=1, reason="先看看")
    assert first.status == 201
    assert decide(api, "other", "focus/product.defect", seen=1, reason="先看看").json == first.json, (
        "a repeat"
    )
    second = decide(api, "snooze", "product.defect", seen=1, user="admin")
    assert (second.status, second.json["error"]["code"]) == (409, "cycle.decided")
    assert decide(api, "snooze", "product.defect", seen=2, user="admin").status == 201
    assert decide(api, "other", "delivery.late", seen=1, user="lead.logistics").status == 201, (
        "another matter"
    )


def test_nobody_decides_in_a_cycle_that_was_closed_meanwhile(api, two_weeks):
    api("POST", f"/cycles/{two_weeks}/close", user="exec")
    said = decide(api, "other", "delivery.late", week=two_weeks)
    assert (said.status, said.json["error"]["code"]) == (409, "cycle.closed")
    current = api("GET", "/cycles/current", user="exec").json
    assert (current["week"], current["decisions"]) == ("2026-W49", [])
    assert decide(api, "other", "delivery.late", week="2026-W49").status == 201


def test_minutes_are_downloaded_as_a_pdf_of_two_pages(api, two_weeks):
    api("POST", f"/cycles/{two_weeks}/close", user="exec")
    said = api("GET", f"/cycles/{two_weeks}/minutes.pdf", user="exec")
    assert (said.status, said.headers["Content-Type"]) == (200, "application/pdf")
    assert said.headers["Content-Disposition"] == 'attachment; filename="minutes-2026-W48.pdf"'
    assert said.headers["Cache-Control"] == "no-store"
    assert "已提出项目，待部门接受" in text_of(said.raw)
    assert api("GET", f"/cycles/{two_weeks}/minutes.pdf", user="exec").raw == said.raw


def test_minutes_are_downloaded_as_a_table(api, two_weeks):
    said = api("GET", f"/cycles/{two_weeks}/minutes.csv", user="exec")
    assert (said.status, said.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert said.raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(said.raw.decode("utf-8-sig"))))
    assert [r["关于 about"] for r in rows if r["行 row"] == "本期决定 decision"] == [
        "东西送得太慢", "东西坏了不能正常用"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "accept", ["application/pdf", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", None]
)
def test_a_browser_a_tool_and_who_says_nothing_get_the_file(accept, api, two_weeks):
    headers = {"Accept": accept} if accept else {}
    said = api("GET", f"/cycles/{two_weeks}/minutes.pdf", user="exec", headers=headers)
    assert (said.status, said.raw[:5]) == (200, b"%PDF-")


def test_lambda_answers_with_the_file_in_base64(api, two_weeks):
    path = "/cycles/{week}/minutes.pdf"
    event = {
        "httpMethod": "GET", "resource": path, "path": path.format(week=two_weeks), "body": None,
        "headers": {"Authorization": f"Bearer {api.token('exec')}", "Accept": "application/pdf"},
        "multiValueHeaders": {}, "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "pathParameters": {"week": two_weeks}, "stageVariables": None, "isBase64Encoded": False,
        "requestContext": {"httpMethod": "GET", "resourcePath": path},
    }  # fmt: skip
    answer = chalice_app.app(json.loads(json.dumps(event)), None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    text_of(base64.b64decode(answer["body"]))


def test_a_lead_sees_their_own_departments_in_every_shape(api, two_weeks):
    api("POST", f"/cycles/{two_weeks}/close", user="exec")
    shapes = [f"/cycles/{two_weeks}", f"/cycles/{two_weeks}/minutes.csv", f"/cycles/{two_weeks}/minutes.pdf",
              "/cycles", "/cycles/current"]  # fmt: skip
    for path in shapes:
        for user, own, foreign in (
            ("lead.logistics", "东西送得太慢", ("product.defect", "东西坏了", "quality", "P-2")),
            ("lead.quality", "东西坏了不能正常用", ("delivery.late", "送得太慢", "logistics", "P-1")),
        ):
            said = api("GET", path, user=user)
            shown = text_of(said.raw) if path.endswith("pdf") else said.text
            assert own in shown, (path, user)
            assert [word for word in foreign if word in shown] == [], (path, user)


def test_minutes_hold_nothing_of_a_customer(api, company, loop, clock):
    clock.forward(days=14)
    tick(loop)
    decide(api, "other", "delivery.late", reason="客户13800138000催了三次")
    api("POST", "/cycles/2026-W49/close", user="exec")
    raw = api("GET", "/cycles/2026-W49/minutes.pdf", user="exec").raw
    texts = [text_of(raw), api("GET", "/cycles/2026-W49/minutes.csv", user="exec").text]
    harmless = {"换承运商", company.ids["andon"]}  # a project's title; the number of a stop request
    for text in texts:
        assert [s for s in company.secrets - harmless if s in text] == []
        assert "物流部" in text or "logistics" in text


@pytest.mark.parametrize("name", ["minutes.pdf", "minutes.csv"])
def test_no_minutes_of_a_week_that_has_no_cycle(name, api, loop):
    tick(loop)
    refused = api("GET", f"/cycles/2026-W02/{name}")
    assert refused.status == 404
    assert "choose a week from 2026-W47 to 2026-W47" in refused.text
    assert api("GET", f"/cycles/2026-W47/{name}", user="agent").status == 403


def test_an_executive_starts_the_project_that_was_seen(api, two_weeks):
    assert decide(api, "accept_proposal", "P-1", version=1).status == 201
    project = api("GET", "/projects/P-1", user="exec").json["project"]
    api("PUT", "/projects/P-1/plan", {"plan": {**project["plan"], "weeks_after": 9}}, user="lead.logistics")
    late = decide(api, "start_project", "P-1", version=project["version"])
    assert (late.status, late.json["error"]["code"]) == (409, "version")
    assert api("GET", "/projects/P-1", user="exec").json["project"]["state"] == "accepted"
    assert decide(api, "start_project", "P-1", version=project["version"] + 1).status == 201


@pytest.mark.parametrize("about", ["P-1", "delivery.late"])
def test_of_two_who_start_a_project_that_they_saw_the_second_is_told(about, api, two_weeks):
    assert decide(api, "accept_proposal", "P-1", version=1).status == 201
    seen = api("GET", "/projects/P-1", user="exec").json["project"]["version"]
    first = decide(api, "start_project", "P-1", version=seen, reason="同意")
    assert first.json["decisions"][-1]["result"] == "project_started"
    again = decide(api, "start_project", "P-1", version=seen, reason="同意")
    assert again.json["decisions"] == first.json["decisions"], "the answer was lost"
    second = decide(api, "start_project", about, version=seen, reason="我也同意", user="admin")
    assert (second.status, second.json["error"]["code"]) == (409, "cycle.decided")
    assert all(word in second.json["error"]["zh"] for word in ("exec", "同意"))
    now = api("GET", "/projects/P-1", user="exec").json["project"]["version"]
    knowing = decide(api, "start_project", about, version=now, reason="我也同意", user="admin")
    assert knowing.json["decisions"][-1]["result"] == "project_runs"
