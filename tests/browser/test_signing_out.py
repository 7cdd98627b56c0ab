"""What one person typed is not there for the next at the same machine."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, SignIn

PHONE = "13800138000"
WATCH = """new MutationObserver(() => {
  if (document.querySelector('[autocomplete=username]')) sessionStorage.early = 'typed into'
}).observe(document.body, { childList: true, subtree: true })"""
"""Notes whether the form to sign in comes before the page begins anew: what is typed there would be gone with it."""


def test_nothing_of_a_person_stays_behind(sign_in: SignIn) -> None:
    page = sign_in("agent", "/log")
    page.get_by_label("客户", exact=True).fill(PHONE)
    page.get_by_label("客户说了什么").fill(f"邻居 {PHONE} 把快递拿走了")
    page.get_by_role("button", name="退出").click()
    page.get_by_role("dialog").get_by_role("button", name="留下").click()
    expect(page.get_by_label("客户", exact=True)).to_have_value(PHONE)
    page.get_by_role("button", name="退出").click()
    page.evaluate(WATCH)
    page.get_by_role("dialog").get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert page.evaluate("sessionStorage.early") is None
    assert PHONE not in page.evaluate("JSON.stringify(localStorage)")
    assert page.evaluate("localStorage['voc.session']") is None
    page.get_by_label("用户名").fill("lead.logistics")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="登记").click()
    expect(page.get_by_label("客户", exact=True)).to_have_value("")
    expect(page.get_by_label("客户说了什么")).to_have_value("")
