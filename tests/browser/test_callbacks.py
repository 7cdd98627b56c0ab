"""Customers are called back; what they say decides. And the bell tells what happened."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest, SignIn, Site
from tests.browser.test_accessible import faults

LEAD = "lead.logistics"


@pytest.fixture
def resolved(api: Any, site: Site) -> str:
    """A case of logistics whose customer is to be called."""
    body = {
        "text": "快递三天没到",
        "channel": "phone",
        "customer": "13800138000",
        "causes": ["delivery.late"],
    }
    api("POST", "/contacts", {**body, "contact_kind": "complaint"}, user="agent")
    site.work()
    number: str = api("GET", "/cases").json["cases"][0]["id"]
    api("POST", f"/cases/{number}/accept", {}, user=LEAD)
    api("POST", f"/cases/{number}/resolve", {"what": "已补发"}, user=LEAD)
    return number


def _callback(api: Any, number: str) -> dict[str, Any]:
    found: dict[str, Any] = api("GET", f"/cases/{number}").json["callbacks"][-1]
    return found


def _choose(page: Page, group: str, text: str) -> None:
    page.get_by_role("group", name=group).get_by_text(text, exact=True).click()


def test_an_agent_calls_back_and_the_customer_says_it_is_not_solved(
    resolved: str, sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", "/callbacks")
    page.get_by_role("button", name="记回访").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("快递三天没到")
    expect(dialog).to_contain_text("办结时说：已补发")
    dialog.get_by_role("button", name="看是谁").click()
    expect(dialog).to_contain_text("13800138000")
    dialog.get_by_role("button", name="保存回访").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请选是否接通")
    expect(dialog.get_by_label("接通", exact=True)).to_be_focused()
    _choose(page, "接通了吗", "接通")
    _choose(page, "客户说解决了吗", "没解决")
    dialog.get_by_label("满意度").select_option("dissatisfied")
    dialog.get_by_label("客户说了什么").fill("还是没收到")
    dialog.get_by_role("button", name="保存回访").click()
    expect(page.get_by_text("现在没有要回访的客户")).to_be_visible()
    said = _callback(api, resolved)
    assert (said["state"], said["says_resolved"], said["satisfaction"]) == ("reached", False, "dissatisfied")
    assert api("GET", f"/cases/{resolved}").json["case"]["state"] == "came_back"


def test_not_reached_stays_to_be_called_and_what_was_typed_stays_on_closing(
    resolved: str, sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", "/callbacks")
    page.get_by_role("button", name="记回访").click()
    _choose(page, "接通了吗", "接通")
    page.get_by_label("客户说了什么").fill("写到一半")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="记回访")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("客户说了什么")).to_have_value("写到一半")
    _choose(page, "接通了吗", "没接通")
    page.get_by_role("button", name="保存回访").click()
    expect(page.get_by_text("1 次")).to_be_visible()
    assert (_callback(api, resolved)["state"], _callback(api, resolved)["attempts"]) == ("to_call", 1)


def test_the_lead_records_the_answer_on_the_case(resolved: str, sign_in: SignIn, api: Any) -> None:
    page = sign_in(LEAD, f"/cases/{resolved}")
    _choose(page, "接通了吗", "接通")
    _choose(page, "客户说解决了吗", "解决了")
    page.get_by_role("button", name="保存回访").click()
    expect(page.get_by_text("接通 · 解决了")).to_be_visible()
    expect(page.get_by_role("button", name="保存回访")).to_have_count(0)
    assert _callback(api, resolved)["says_resolved"] is True


def test_the_bell_tells_what_happened_and_where(resolved: str, sign_in: SignIn, api: Any) -> None:
    api("POST", f"/cases/{resolved}/comments", {"text": "@agent 请看"}, user=LEAD)
    page = sign_in("agent")
    bell = page.get_by_role("button", name="通知")
    expect(bell).to_contain_text("1 条未读")
    bell.press("Enter")
    told = page.get_by_role("region", name="通知")
    expect(told).to_contain_text("有人提到您")
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    bell.press("Enter")
    told.get_by_role("link", name=resolved).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(resolved)
    expect(bell).not_to_contain_text("未读")
    assert api("GET", "/notices", user="agent").json["notices"][0]["read"]


@pytest.mark.parametrize("theme", ["浅色", "深色"])
def test_what_opens_over_the_pages_can_be_used_by_everybody(
    theme: str, resolved: str, sign_in: SignIn, api: Any
) -> None:
    api("POST", f"/cases/{resolved}/comments", {"text": "@agent 请看"}, user=LEAD)
    page = sign_in("agent", f"/cases/{resolved}")
    if theme == "深色":
        page.get_by_role("button", name=theme).click()
    page.get_by_label("说一句").press_sequentially("@lead")
    expect(page.get_by_role("listbox", name="同事")).to_be_visible()
    _choose(page, "接通了吗", "接通")
    assert not faults(page)
    page.get_by_role("button", name="通知").click()
    expect(page.get_by_role("region", name="通知")).to_contain_text("有人提到您")
    assert not faults(page)
    page.goto(f"{page.url.split('#')[0]}#/callbacks")
    page.get_by_role("button", name="记回访").click()
    expect(page.get_by_role("dialog")).to_contain_text("已补发")
    assert not faults(page)


def test_twice_as_large_everything_is_still_there(resolved: str, sign_in: SignIn, at_rest: AtRest) -> None:
    page = sign_in(LEAD, f"/cases/{resolved}")
    page.set_viewport_size({"width": 640, "height": 450})
    for path in (f"/cases/{resolved}", "/queue?state=unverified", "/callbacks"):
        page.goto(f"{page.url.split('#')[0]}#{path}")
        at_rest(page)
        expect(page.locator("main")).to_contain_text("东西送得太慢")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
