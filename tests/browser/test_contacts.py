"""From a number to its contacts, to one contact, what is said of it, and its original words; finding by words."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site

PHONE = "13800138000"
LATE = {"causes": ["delivery.late"], "contact_kind": "complaint", "severity": 1}


@pytest.fixture
def told(api: Any, site: Site) -> list[str]:
    """Three contacts of two customers, the last one tagged by the machine alone."""
    bodies = [
        {"text": f"快递三天没到，打{PHONE}没人接", "channel": "phone", "customer": PHONE, **LATE},
        {"text": "退款一直没到账", "channel": "chat", "customer": PHONE, "causes": ["billing.refund_slow"]},
        {"text": "😀快递还没到", "channel": "wechat", "customer": "M-1"},
    ]
    ids = [api("POST", "/contacts", body, user="agent").json["id"] for body in bodies]
    site.work()
    return ids


def _rows(page: Page) -> Any:
    return page.locator("main ol > li")


def test_a_link_says_in_words_which_contacts_it_means_and_each_condition_can_be_dropped(
    told: list[str], sign_in: SignIn
) -> None:
    page = sign_in("exec", "/contacts?cause=delivery.late&channel=phone")
    force = page.get_by_role("list", name="筛选条件")
    expect(force).to_contain_text("原因：东西送得太慢")
    expect(force).to_contain_text("渠道：电话")
    expect(force).to_contain_text("-W")
    expect(_rows(page)).to_have_count(1)
    expect(_rows(page)).to_contain_text("快递三天没到")
    assert PHONE not in page.content()
    page.get_by_role("link", name="去掉：渠道").click()
    expect(_rows(page)).to_have_count(2)
    assert "channel" not in page.url


def test_filters_are_chosen_on_the_page_too(told: list[str], sign_in: SignIn) -> None:
    page = sign_in("agent", "/contacts")
    expect(page.get_by_text("共 3 条")).to_be_visible()
    page.get_by_text("改筛选条件").click()
    page.get_by_label("渠道", exact=True).select_option("chat")
    page.get_by_role("button", name="显示").click()
    expect(_rows(page)).to_have_count(1)
    assert "channel=chat" in page.url
    page.get_by_label("渠道", exact=True).select_option("email")
    page.get_by_role("button", name="显示").click()
    expect(page.get_by_text("这个条件下没有联络")).to_be_visible()


def test_a_contact_shows_the_words_that_led_to_its_causes_and_who_named_them(
    told: list[str], sign_in: SignIn
) -> None:
    page = sign_in("agent", f"/contacts/{told[2]}")
    expect(page.locator("p.said")).to_have_text("😀快递还没到")
    expect(page.locator("p.said mark").first).to_contain_text("没到")
    expect(page.get_by_text("打标器判断，还没有人看过")).to_be_visible()
    page.goto(f"{page.url.split('#')[0]}#/contacts/{told[0]}")
    expect(page.get_by_text("agent 于")).to_be_visible()
    page.get_by_role("link", name="退款一直没到").click()
    expect(page.locator("p.said")).to_have_text("退款一直没到账")


def test_a_correction_is_stored_and_who_comes_second_is_told_and_keeps_the_choice(
    told: list[str], sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", f"/contacts/{told[2]}")
    page.get_by_role("combobox", name="加一个原因").fill("退款")
    expect(page.get_by_role("option").first).to_contain_text("退款")
    page.keyboard.press("Enter")
    chosen = page.get_by_role("button", name="退款", pressed=True)
    expect(chosen).to_be_visible()
    api("POST", f"/contacts/{told[2]}/correction", {**LATE, "severity": 2}, user="lead.logistics")
    page.get_by_role("button", name="保存改正").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("lead.logistics 于")).to_be_visible()
    expect(chosen).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已保存")).to_be_visible()
    stored = api("GET", f"/contacts/{told[2]}").json
    assert stored["correction"]["by"] == "agent"
    assert len(stored["causes"]) == 2
    assert [one["by"] for one in stored["earlier"]] == ["lead.logistics"]


def test_the_original_is_shown_for_a_purpose_only_and_the_reading_is_logged(
    told: list[str], sign_in: SignIn, api: Any
) -> None:
    page = sign_in("lead.logistics", f"/contacts/{told[0]}")
    expect(page.locator("p.said")).to_be_visible()
    assert PHONE not in page.content()
    page.get_by_role("button", name="记录并显示").click()
    expect(page.get_by_label("为什么要看")).to_be_focused()
    assert not api("GET", "/readings").json["readings"]
    page.get_by_label("为什么要看").fill("核对号码")
    page.keyboard.press("Enter")
    expect(page.get_by_text(PHONE)).to_be_visible()
    (reading,) = api("GET", "/readings").json["readings"]
    assert (reading["by"], reading["purpose"], reading["contact"]) == ("lead.logistics", "核对号码", told[0])


def test_who_may_not_read_originals_is_not_offered_them(told: list[str], sign_in: SignIn) -> None:
    page = sign_in("agent", f"/contacts/{told[0]}")
    expect(page.get_by_role("region", name="来源")).to_be_visible()
    expect(page.get_by_role("region", name="看原文")).to_have_count(0)


def test_what_was_said_is_found_and_marked_and_stands_in_no_address(told: list[str], sign_in: SignIn) -> None:
    page = sign_in("agent", "/search")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("快递 沒到")
    page.keyboard.press("Enter")
    expect(_rows(page)).to_have_count(2)
    assert page.locator("main mark").all_inner_texts() == ["快递", "没到", "快递", "没到"]
    for address in (page.url, page.evaluate("JSON.stringify(history.state)")):
        assert "%" not in address
        assert "快递" not in address
    _rows(page).first.get_by_role("link").first.click()
    expect(page.locator("p.said")).to_be_visible()
    page.go_back()
    expect(field).to_have_value("快递 沒到")
    expect(_rows(page)).to_have_count(2)
    field.fill("火星")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有联络里有「火星」")).to_be_visible()


def test_many_finds_come_page_by_page_and_are_there_on_the_way_back(
    site: Site, sign_in: SignIn, api: Any
) -> None:
    rows = [{"text": f"第{n}件快递没到", "channel": "web", "external_id": f"N-{n}"} for n in range(120)]
    assert api("POST", "/contacts/bulk", {"contacts": rows}, user="agent").json["taken"] == 120
    page = sign_in("agent", "/search")
    page.get_by_role("searchbox").fill("快递")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已显示 50 条，还有更多")).to_be_visible()
    page.get_by_role("button", name="再看 50 条").click()
    expect(_rows(page)).to_have_count(100)
    _rows(page).nth(80).get_by_role("link").first.click()
    expect(page.locator("p.said")).to_be_visible()
    page.go_back()
    expect(_rows(page)).to_have_count(100)
    page.get_by_role("button", name="再看 50 条").click()
    expect(page.get_by_text("共 120 条")).to_be_visible()
    assert len(set(_rows(page).locator(".said").all_inner_texts())) == 120
