"""Departments score causes blind, by keyboard alone; then everybody sees what the scores come to."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import SignIn


def score(api: Any, user: str, department: str, cause: str, customer: int, company: int) -> None:
    body = {
        "cause": cause,
        "department": department,
        "customer_value": customer,
        "company_value": company,
    }
    assert api("PUT", "/matrix", body, user=user).status == 200


def test_a_ballot_by_keyboard_is_blind_until_it_is_in(sign_in: SignIn, api: Any) -> None:
    score(api, "lead.quality", "quality", "delivery.late", 5, 1)
    page = sign_in("lead.logistics", "/matrix")
    expect(page.get_by_text("您交上分以后，这里显示")).to_be_visible()
    first = page.get_by_role("group", name="对客户：东西送得太慢")
    first.get_by_role("radio").first.focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="交上 1 个原因的分")).to_be_visible()
    page.reload()
    expect(first.get_by_role("radio", name="2")).to_be_checked()
    expect(page.get_by_text("品控部 5/1")).to_have_count(0)
    first.get_by_role("radio", name="2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="交上了 1 个")).to_be_visible()
    expect(page.get_by_text("物流部 2/3 · 品控部 5/1")).to_be_visible()
    expect(page.get_by_text("◆ 分歧大")).to_be_visible()
    expect(first).to_have_count(0)
    (own,) = api("GET", "/matrix", user="lead.logistics").json["own"]
    assert (own["customer_value"], own["company_value"], own["revised"]) == (2, 3, False)


def test_a_change_after_seeing_says_so(sign_in: SignIn, api: Any) -> None:
    score(api, "lead.logistics", "logistics", "delivery.late", 1, 1)
    score(api, "lead.quality", "quality", "delivery.late", 2, 2)
    page = sign_in("lead.logistics", "/matrix")
    page.get_by_role("button", name="改 东西送得太慢 的分").click()
    expect(page.get_by_text("会标明是看过以后改的")).to_be_visible()
    page.keyboard.press("4")
    page.keyboard.press("4")
    page.get_by_role("button", name="交上 1 个原因的分").click()
    expect(page.get_by_text("物流部 4/4 (看过以后改的)")).to_be_visible()
    expect(page.get_by_role("region", name="深化")).to_contain_text("东西送得太慢")


def test_scores_of_the_last_cycle_are_a_start_not_an_answer(sign_in: SignIn, api: Any, clock: Any) -> None:
    score(api, "lead.logistics", "logistics", "delivery.late", 1, 2)
    clock.forward(days=7)
    page = sign_in("lead.logistics", "/matrix")
    page.get_by_role("button", name="填入上期的分（1）").click()
    chosen = page.get_by_role("group", name="对公司：东西送得太慢").get_by_role("radio", name="2")
    expect(chosen).to_be_checked()
    assert api("GET", "/matrix", user="lead.logistics").json["own"] == []


def test_executives_see_who_has_scored(sign_in: SignIn, api: Any) -> None:
    page = sign_in("exec", "/matrix")
    expect(page.get_by_text("这一期还没有部门打分")).to_be_visible()
    expect(page.get_by_text("还没开始").first).to_be_visible()
    score(api, "lead.logistics", "logistics", "delivery.late", 1, 5)
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="物流部")).to_contain_text("1 / ")
    expect(page.get_by_role("radio")).to_have_count(0)


def test_earlier_cycles_stay(sign_in: SignIn, api: Any, clock: Any) -> None:
    score(api, "lead.logistics", "logistics", "delivery.late", 1, 5)
    clock.forward(days=7)
    page = sign_in("lead.quality", "/matrix")
    page.get_by_label("周期").select_option("2026-W47")
    expect(page.get_by_role("region", name="简化")).to_contain_text("东西送得太慢")
    expect(page.get_by_role("radio")).to_have_count(0)
