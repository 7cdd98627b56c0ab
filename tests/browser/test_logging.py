"""An agent logs contacts by keyboard alone, and loses nothing to a reload, an expired sign-in or a lost connection."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, SignIn, Site

TEXT = "快递三天还没到，打13800138000没人接"


def _type(page: Page, text: str = TEXT) -> None:
    page.locator("textarea").press_sequentially(text)
    page.get_by_role("button", name="Alt 1").wait_for()


def test_a_routine_contact_takes_at_most_eight_keys_besides_its_text(
    sign_in: SignIn, site: Site, api: Any
) -> None:
    page = sign_in("agent")
    expect(page.locator("textarea")).to_be_focused()
    _type(page)
    keys = ["Alt+Digit1", "Control+Enter"]
    for key in keys:
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("")
    site.work()
    (contact,) = api("GET", "/contacts").json["contacts"]
    assert contact["correction"]["by"] == "agent"
    assert contact["channel"] == "phone"
    assert len(keys) <= 8


def test_what_will_be_masked_is_shown_masked_with_the_words_that_led_to_the_causes(sign_in: SignIn) -> None:
    page = sign_in("agent")
    _type(page)
    expect(page.get_by_text("保存时这样遮掩")).to_be_visible()
    shown = page.locator("p.read")
    expect(shown).not_to_contain_text("13800138000")
    expect(shown.locator("mark").first).to_contain_text("没到")


def test_a_draft_outlives_a_reload(sign_in: SignIn) -> None:
    page = sign_in("agent")
    _type(page)
    page.reload()
    expect(page.locator("textarea")).to_have_value(TEXT)
    expect(page.get_by_role("button", name="Alt 1")).to_be_visible()


def test_an_expired_sign_in_asks_again_and_saves_what_was_typed(
    sign_in: SignIn, site: Site, clock: Any, api: Any
) -> None:
    page = sign_in("agent")
    _type(page)
    clock.forward(days=2)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    assert len(api("GET", "/contacts").json["contacts"]) == 1


def test_while_the_service_cannot_be_reached_nothing_is_lost_and_nothing_is_saved_twice(
    sign_in: SignIn, site: Site, context: BrowserContext, api: Any
) -> None:
    page = sign_in("agent")
    _type(page)
    context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("连不上服务")
    expect(page.locator("textarea")).to_have_value(TEXT)
    context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    assert len(api("GET", "/contacts").json["contacts"]) == 1


def test_the_history_of_a_customer_stands_beside_the_form(sign_in: SignIn, site: Site, api: Any) -> None:
    before = {"text": "快递丢了", "channel": "phone", "customer": "13800138000", "causes": ["delivery.late"]}
    assert api("POST", "/contacts", before, user="agent").status == 201
    site.work()
    page = sign_in("agent")
    page.get_by_label("客户", exact=True).fill("138-0013-8000")
    expect(page.get_by_text("7 天内已来过 1 次")).to_be_visible()
