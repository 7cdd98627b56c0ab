"""What one person typed is not there for the next at the same machine."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.conftest import PASSWORD, SignIn, Site

PHONE = "13800138000"


def test_nothing_of_a_person_stays_behind(sign_in: SignIn, site: Site) -> None:
    page = sign_in("agent", "/log")
    page.get_by_label("客户", exact=True).fill(PHONE)
    page.get_by_label("客户说了什么").fill(f"邻居 {PHONE} 把快递拿走了")
    page.get_by_role("button", name="退出").click()
    page.get_by_role("dialog").get_by_role("button", name="留下").click()
    expect(page.get_by_label("客户", exact=True)).to_have_value(PHONE)
    page.get_by_role("button", name="退出").click()
    held: list[Route] = []
    page.route(site.address, lambda route: held.append(route))
    with page.expect_request(site.address):
        page.get_by_role("dialog").get_by_role("button", name="退出").click()
    expect(page.get_by_role("navigation", name="菜单")).to_have_count(0)
    assert page.get_by_label("用户名").count() == 0, "what is typed now is gone when the page begins anew"
    (anew,) = held
    anew.continue_()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert PHONE not in page.evaluate("JSON.stringify(localStorage)")
    assert page.evaluate("localStorage['voc.session']") is None
    page.get_by_label("用户名").fill("lead.logistics")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="登记").click()
    expect(page.get_by_label("客户", exact=True)).to_have_value("")
    expect(page.get_by_label("客户说了什么")).to_have_value("")
