"""The menu leads to every page on every screen, by hand and by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site

PAGES = 15
"""An admin's."""


def _english(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("localStorage['voc.language'] = JSON.stringify('en')")
    page.goto(f"{site.address}?en{width}#/search")
    page.get_by_role("heading", level=1).wait_for()


def test_what_the_line_has_no_room_for_is_behind_a_button(sign_in: SignIn, site: Site) -> None:
    page = sign_in("admin", "/search")
    menu = page.get_by_role("navigation", name="菜单")
    expect(menu.get_by_role("link")).to_have_count(PAGES)
    expect(menu.get_by_role("button")).to_have_count(0)
    for width in (1280, 390):
        _english(page, site, width)
        menu = page.get_by_role("navigation", name="Menu")
        expect(menu.get_by_role("button", name="More")).to_be_visible()
        in_line = menu.get_by_role("link").all()
        assert 3 <= len(in_line) < PAGES
        for link in in_line:  # nothing is cut through
            box = link.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width
        menu.get_by_role("button", name="More").press("Enter")
        expect(menu.get_by_role("link")).to_have_count(PAGES)
        menu.get_by_role("link", name="Matrix").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("matrix", ignore_case=True)
        opened = menu.get_by_role("button", name="Matrix")  # the page that is open is in sight
        expect(opened).to_be_focused()
        expect(menu.get_by_role("link")).to_have_count(len(in_line))
        opened.press("Enter")
        page.keyboard.press("Escape")
        expect(opened).to_be_focused()
        expect(opened).to_have_attribute("aria-expanded", "false")


def test_on_a_phone_what_is_mine_is_behind_my_name(sign_in: SignIn) -> None:
    page = sign_in("agent", "/search")
    page.set_viewport_size({"width": 390, "height": 844})
    mine = page.get_by_role("button", name="agent", exact=True)
    mine.click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_contain_class("dark")
    page.get_by_role("heading", level=1).click()  # a press elsewhere closes it
    expect(page.get_by_role("button", name="退出")).to_be_hidden()
    mine.click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
