"""A lead works on cases; two at once lose nothing, nor does a lost sign-in, a restart or a lost answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PASSWORD, AtRest, SignIn, Site, sign_out

LATE = {
    "channel": "phone",
    "customer": "13800138000",
    "causes": ["delivery.late"],
    "contact_kind": "complaint",
}
LEAD = "lead.logistics"
RESOLVE = "办结并回访客户"
Read = Callable[[], dict[str, Any]]


@pytest.fixture
def case(api: Any, site: Site) -> Read:
    """One case of logistics, read anew each time."""
    api("POST", "/contacts", {"text": "快递三天没到", "severity": 1, **LATE}, user="agent")
    site.work()
    (found,) = api("GET", "/cases").json["cases"]
    return lambda: api("GET", f"/cases/{found['id']}").json["case"]


@pytest.fixture
def working(case: Read, api: Any, sign_in: SignIn, at_rest: AtRest) -> Page:
    """The page of the case, accepted, with what was done typed; all of it has been read."""
    api("POST", f"/cases/{case()['id']}/accept", {}, user=LEAD)
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    page.get_by_label("做了什么").fill("已联系中转站")
    at_rest(page)
    return page


def _events(case: Read, name: str) -> list[dict[str, Any]]:
    return [event for event in case()["history"] if event["name"] == name]


def test_from_the_queue_to_resolved(sign_in: SignIn, case: Read) -> None:
    page = sign_in(LEAD)
    page.get_by_role("link", name="东西送得太慢").click()
    page.get_by_role("button", name="接受").click()
    page.get_by_label("做了什么").fill("已联系中转站，今天送到")
    page.keyboard.press("Enter")
    expect(page.get_by_text("待验证").first).to_be_visible()
    assert case()["state"] == "unverified"
    assert _events(case, "CaseResolved")[0]["data"]["what"] == "已联系中转站，今天送到"


def test_who_comes_second_is_told_and_keeps_the_words(working: Page, case: Read, api: Any) -> None:
    working.get_by_label("请它做什么").fill("查包装")
    working.get_by_label("说一句").fill("我也在看")
    path = f"/cases/{case()['id']}"
    api("POST", f"{path}/comments", {"text": "我在看"}, user="admin")
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_role("alert").filter(has_text="有变化（已显示）")).to_be_visible()
    expect(working.get_by_role("alert").filter(has_text="您打开以后")).to_contain_text("admin 评论：我在看")
    for label, typed in (("做了什么", "已联系中转站"), ("请它做什么", "查包装"), ("说一句", "我也在看")):
        expect(working.get_by_label(label)).to_have_value(typed)
    assert case()["state"] == "working"
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_text("待验证").first).to_be_visible()
    expect(working.get_by_label("说一句")).to_have_value("我也在看")


def test_who_resolves_second_learns_what_the_first_did(working: Page, case: Read, api: Any) -> None:
    api("POST", f"/cases/{case()['id']}/resolve", {"what": "已当面送达"}, user="admin")
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_role("alert").filter(has_text="您打开以后")).to_contain_text(
        "admin 办结：已当面送达"
    )
    assert [event["data"]["what"] for event in _events(case, "CaseResolved")] == ["已当面送达"]


def test_tasks_of_two_leads_are_both_asked(working: Page, case: Read, api: Any) -> None:
    working.get_by_label("加一个部门").select_option("quality")
    working.get_by_label("请它做什么").fill("查包装")
    body = {"department": "it", "what": "查日志"}
    api("POST", f"/cases/{case()['id']}/tasks", body, user="admin")
    working.get_by_role("button", name="派任务").click()
    expect(working.get_by_role("alert").filter(has_text="您打开以后")).to_contain_text("查日志")
    expect(working.get_by_label("请它做什么")).to_have_value("查包装")
    working.get_by_role("button", name="派任务").click()
    expect(working.get_by_role("listitem").filter(has_text="查包装").first).to_be_visible()
    assert [task["department"] for task in case()["tasks"]] == ["it", "quality"]
    assert case()["department"] == "logistics"


def test_an_expired_sign_in_in_the_middle_resolves_after_the_password(
    working: Page, case: Read, clock: Any
) -> None:
    clock.forward(days=2)
    working.get_by_role("button", name=RESOLVE).click()
    working.get_by_role("dialog").get_by_label("密码").fill(PASSWORD)
    working.keyboard.press("Enter")
    expect(working.get_by_text("待验证").first).to_be_visible()
    assert len(_events(case, "CaseResolved")) == 1


def test_a_restart_in_the_middle_of_resolving_loses_nothing(working: Page, site: Site, case: Read) -> None:
    site.stop()
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_role("alert")).to_contain_text("连不上服务")
    expect(working.get_by_label("做了什么")).to_have_value("已联系中转站")
    site.start()
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_text("待验证").first).to_be_visible()
    assert len(_events(case, "CaseResolved")) == 1


def test_a_lost_answer_does_not_resolve_twice(working: Page, case: Read, api: Any) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    working.route("**/resolve", lose, times=1)
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_role("alert")).to_contain_text("连不上服务")
    assert case()["state"] == "unverified"
    working.get_by_role("button", name=RESOLVE).click()
    expect(working.get_by_text("待验证").first).to_be_visible()
    expect(working.get_by_role("alert")).to_have_count(0)
    assert len(_events(case, "CaseResolved")) == 1
    assert len(api("GET", "/callbacks").json["callbacks"]) == 1


def test_a_colleague_is_mentioned_by_keys_and_told(sign_in: SignIn, case: Read, api: Any) -> None:
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    area = page.get_by_label("说一句")
    area.press_sequentially("请 @lead")
    expect(page.get_by_role("listbox", name="同事")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(area).to_have_value("请 @lead.quality ")
    area.press_sequentially("看看")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("请 @lead.quality 看看")).to_be_visible()
    expect(area).to_have_value("")
    (told,) = api("GET", "/notices", user="lead.quality").json["notices"]
    assert (told["about"], told["subject"]) == ("mentioned", f"case:{case()['id']}")


def test_another_department_is_asked_to_be_accountable_with_a_reason(
    sign_in: SignIn, case: Read, site: Site
) -> None:
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    page.get_by_text("请别的部门负责").click()
    page.get_by_role("group").get_by_label("部门").select_option("quality")
    page.get_by_label("理由").fill("像是包装问题")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已请 品控部 负责")).to_be_visible()
    assert (case()["department"], case()["asked_department"]) == ("logistics", "quality")
    sign_out(page)
    page = sign_in("lead.quality", f"/cases/{case()['id']}")
    page.get_by_role("button", name="接受").click()
    expect(page.get_by_text("换责任部门")).to_be_visible()
    assert case()["department"] == "quality"


def test_the_customer_is_shown_for_a_purpose_and_that_is_logged(
    sign_in: SignIn, case: Read, api: Any
) -> None:
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    panel = page.get_by_role("region", name="客户", exact=True)
    expect(panel).to_contain_text("138****8000")
    panel.get_by_label("用途").fill("核对地址")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("13800138000")
    (reading,) = api("GET", "/readings").json["readings"]
    assert (reading["by"], reading["purpose"]) == (LEAD, "核对地址")


def test_similar_contacts_lead_to_their_cases(sign_in: SignIn, case: Read, site: Site, api: Any) -> None:
    other = {**LATE, "customer": "C-2", "text": "快递五天没到"}
    api("POST", "/contacts", other, user="agent")
    site.work()
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    panel = page.get_by_role("region", name="类似的联络")
    expect(panel).to_contain_text("快递五天没到")
    panel.get_by_role("link", name="看工单").click()
    expect(page.get_by_role("region", name="客户的话")).to_contain_text("快递五天没到")


def test_what_is_typed_stays_over_a_reload_and_goes_at_sign_out(working: Page) -> None:
    working.get_by_label("请它做什么").fill("查包装")
    working.get_by_label("说一句").fill("等中转站回话")
    working.reload()
    expect(working.get_by_label("做了什么")).to_have_value("已联系中转站")
    expect(working.get_by_label("请它做什么")).to_have_value("查包装")
    expect(working.get_by_label("说一句")).to_have_value("等中转站回话")
    working.get_by_role("button", name="退出").click()
    working.get_by_role("dialog").get_by_role("button", name="退出").click()
    expect(working.get_by_role("heading", name="登录")).to_be_visible()
    assert "中转站" not in working.evaluate("JSON.stringify(localStorage)")


def test_what_the_customer_was_promised_is_seen_with_its_state(
    case: Read, api: Any, clock: Any, sign_in: SignIn
) -> None:
    (contact,) = api("GET", f"/cases/{case()['id']}/contacts").json["contacts"]
    due = (clock.now + timedelta(hours=3)).isoformat()
    given = api(
        "POST", "/promises", {"contact": contact["id"], "what": "回电说清楚", "due": due}, user="agent"
    ).json
    api("POST", f"/promises/{given['id']}/settle", {"outcome": "kept", "note": "已回电"}, user="agent")
    page = sign_in(LEAD, f"/cases/{case()['id']}")
    panel = page.get_by_role("region", name="答应过客户的")
    for words in ("回电说清楚", "做到了", "agent 答应", "已回电"):
        expect(panel).to_contain_text(words)
