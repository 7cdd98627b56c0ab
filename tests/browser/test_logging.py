"""An agent logs contacts by keyboard alone, and loses nothing to a reload, an expired sign-in or a lost connection."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import PASSWORD, AtRest, Form, SignIn, Site

TEXT = "快递三天还没到，打13800138000没人接"


def _type(page: Page, text: str = TEXT) -> None:
    page.locator("textarea").fill(text)
    page.get_by_role("button", name="Alt 1").wait_for()


def _count_keys(page: Page) -> None:
    page.evaluate("{ window.pressed = 0; addEventListener('keydown', () => window.pressed++, true) }")


@pytest.mark.parametrize("customer", ["", "13800138000"])
def test_a_routine_contact_takes_at_most_eight_keys_besides_what_is_told(
    customer: str, sign_in: SignIn, site: Site, api: Any
) -> None:
    page = sign_in("agent")
    expect(page.locator("textarea")).to_be_focused()
    page.get_by_text("微信", exact=True).click()
    page.locator("textarea").focus()
    _count_keys(page)
    if customer:
        page.keyboard.press("Alt+KeyK")
        page.keyboard.type(customer)
        page.keyboard.press("Alt+KeyN")
    page.keyboard.insert_text(TEXT)
    page.get_by_role("button", name="Alt 1").wait_for()
    for key in ("Alt+Digit1", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert page.evaluate("window.pressed") - len(customer) == (8 if customer else 4)
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("")
    expect(page.get_by_label("微信", exact=True)).to_be_checked()
    site.work()
    (contact,) = api("GET", "/contacts").json["contacts"]
    assert contact["correction"]["by"] == "agent"
    assert contact["channel"] == "wechat"
    assert bool(contact["customer"]) == bool(customer)


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
    sign_in: SignIn, site: Site, clock: Any, api: Any, at_rest: AtRest
) -> None:
    page = sign_in("agent")
    _type(page)
    at_rest(page)
    clock.forward(days=2)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    assert len(api("GET", "/contacts").json["contacts"]) == 1


def test_while_the_service_cannot_be_reached_nothing_is_lost_and_nothing_is_saved_twice(
    sign_in: SignIn, site: Site, context: BrowserContext, api: Any, at_rest: AtRest
) -> None:
    page = sign_in("agent")
    _type(page)
    at_rest(page)
    context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("连不上服务")
    expect(page.locator("textarea")).to_have_value(TEXT)
    context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    assert len(api("GET", "/contacts").json["contacts"]) == 1


def test_what_is_typed_on_while_it_is_being_saved_stays(sign_in: SignIn, site: Site, api: Any) -> None:
    page = sign_in("agent")
    _type(page)
    held: list[Route] = []
    page.route("**/api/contacts", lambda route: held.append(route), times=1)
    with page.expect_request("**/api/contacts"):
        page.keyboard.press("Control+Enter")
    page.locator("textarea").press_sequentially("，催了两次")
    (slow,) = held
    slow.continue_()
    expect(page.get_by_role("status").filter(has_text="不含保存期间的改动")).to_be_visible()
    expect(page.locator("textarea")).to_have_value(TEXT + "，催了两次")
    site.work()
    (stored,) = api("GET", "/contacts").json["contacts"]
    assert "催了" not in stored["text"]


def test_a_restart_of_the_service_in_the_middle_of_a_draft_loses_nothing(
    sign_in: SignIn, site: Site, api: Any, at_rest: AtRest
) -> None:
    page = sign_in("agent")
    _type(page)
    page.get_by_label("订单号").fill("DD-7788")
    expect(page.get_by_text("此订单还没有联络过")).to_be_visible()
    at_rest(page)
    site.stop()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("连不上服务")
    expect(page.locator("textarea")).to_have_value(TEXT)
    site.start()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    (contact,) = api("GET", "/contacts").json["contacts"]
    assert contact["order"] == "DD-7788"


def test_keys_belong_to_the_input_method_while_it_composes(
    sign_in: SignIn, context: BrowserContext, site: Site, api: Any
) -> None:
    page = sign_in("agent")
    _type(page)
    cdp = context.new_cdp_session(page)
    page.locator("textarea").focus()
    cdp.send("Input.imeSetComposition", {"text": "kuai di", "selectionStart": 7, "selectionEnd": 7})
    for key in ("Alt+Digit1", "Control+Enter", "Alt+KeyC", "Alt+KeyV"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Alt 1")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("textarea")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    cdp.send("Input.insertText", {"text": "快递"})
    expect(page.locator("textarea")).to_have_value(TEXT + "快递")
    page.keyboard.press("Alt+Digit1")
    expect(page.get_by_role("button", name="Alt 1")).to_have_attribute("aria-pressed", "true")
    assert api("GET", "/contacts").json["contacts"] == []


def test_suggestions_are_asked_for_once_after_the_pause(sign_in: SignIn, clock: Any) -> None:
    page = sign_in("agent")
    expect(page.locator("textarea")).to_be_focused()
    page.clock.install(time=clock.now)
    page.clock.pause_at(clock.forward(minutes=1))  # from here on no time passes but what is told
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/suggest") else None)
    page.locator("textarea").press_sequentially(TEXT)
    assert asked == []
    page.clock.run_for(1_000)
    page.get_by_role("button", name="Alt 1").wait_for()
    assert len(asked) == 1


def test_enter_in_a_field_as_scanners_send_it_saves_nothing(form: Form) -> None:
    page = form()
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Alt+KeyO")
    page.keyboard.type("DD-7788\n")
    expect(page.get_by_label("订单号")).to_have_value("DD-7788")
    expect(page.locator("textarea")).to_have_value(TEXT)


def test_the_history_of_a_customer_stands_beside_the_form(
    sign_in: SignIn, site: Site, api: Any, clock: Any
) -> None:
    before = {"text": "快递丢了", "channel": "phone", "customer": "13800138000", "causes": ["delivery.late"]}
    assert api("POST", "/contacts", before, user="agent").status == 201
    site.work()
    api("POST", "/contacts", {**before, "text": "上个月的", "time": "2026-10-10 10:00"}, user="agent")
    page = sign_in("agent")
    page.clock.set_fixed_time(clock.now)
    page.get_by_label("客户", exact=True).fill("138-0013-8000")
    expect(page.get_by_text("7 天内已来过 1 次")).to_be_visible()
    expect(page.get_by_role("region", name="此客户最近联络").get_by_role("listitem")).to_have_count(2)
