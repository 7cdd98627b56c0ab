"""What an agent promises: given with the contact by keys, counted down, kept or not, told when its time is over."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.loop.schedule import tick
from tests.browser.conftest import PASSWORD, AtRest, Form, SignIn, Site

TEXT = "快递三天还没到"
GIVEN = {
    "text": TEXT,
    "channel": "phone",
    "customer": "13800138000",
    "causes": ["delivery.late"],
    "promise": {"what": "回电说明进度", "due": "2026-11-19T18:00"},
}


@pytest.fixture
def given(api: Any, site: Site) -> str:
    """The id of a promise that was given with a contact."""
    assert api("POST", "/contacts", GIVEN, user="agent").status == 201
    site.work()
    return str(api("GET", "/promises", user="agent").json["promises"][0]["promise"]["id"])


def _fill(page: Page) -> None:
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Alt+KeyP")
    page.keyboard.insert_text("回电")


def test_a_next_step_is_promised_by_keys_alone(form: Form, api: Any) -> None:
    page = form()
    _fill(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("请填写还没到的时间")).to_be_visible()
    expect(page.get_by_label("答应的时间").first).to_be_focused()
    for until in ("18T12:00", "18T18:00", "19T12:00", "19T18:00"):
        page.keyboard.press("Alt+KeyT")
        expect(page.get_by_label("答应的时间").first).to_have_value(f"2026-11-{until}")
    expect(page.get_by_text("还有 1 天 8 小时")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    expect(page.get_by_label("下一步")).to_have_value("")
    expect(page.get_by_role("region", name="我的承诺").get_by_text("回电")).to_be_visible()
    (row,) = api("GET", "/promises", user="agent").json["promises"]
    assert (row["promise"]["what"], row["promise"]["due"]) == ("回电", "2026-11-19T10:00:00Z")
    assert row["contact"]["text"] == TEXT


def test_a_promise_in_a_draft_outlives_a_reload_and_an_expired_sign_in(
    form: Form, api: Any, clock: Any, at_rest: AtRest
) -> None:
    page = form()
    _fill(page)
    page.get_by_role("button", name="三天后").click()
    page.reload()
    expect(page.get_by_label("下一步")).to_have_value("回电")
    expect(page.get_by_label("答应的时间").first).to_have_value("2026-11-21T18:00")
    expect(page.get_by_role("button", name="Alt 1")).to_be_visible()
    at_rest(page)
    clock.forward(days=1)
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert len(api("GET", "/promises", user="agent").json["promises"]) == 1


def test_a_time_that_is_over_for_the_service_is_told_at_its_field(form: Form, clock: Any, api: Any) -> None:
    page = form()
    _fill(page)
    page.get_by_role("button", name="今天下班前").click()
    clock.forward(hours=9)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("一年之内")
    expect(page.get_by_label("答应的时间").first).to_be_focused()
    expect(page.locator("textarea")).to_have_value(TEXT)
    assert api("GET", "/contacts").json["contacts"] == []


def test_kept_is_said_with_one_press(sign_in: SignIn, given: str, api: Any, clock: Any) -> None:
    page = sign_in("agent", "/promises")
    page.clock.set_fixed_time(clock.now)
    page.reload()
    row = page.get_by_role("listitem").filter(has_text="回电说明进度")
    expect(row).to_contain_text("还有 1 天 8 小时")
    expect(row).to_contain_text("138****8000")
    row.get_by_role("button", name="看联系方式").click()
    expect(row).to_contain_text("13800138000")
    row.get_by_role("button", name="做到了").press("Enter")
    expect(page.get_by_text("没有待兑现的承诺")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="回电说明进度")).to_contain_text("做到了")
    (done,) = api("GET", "/promises?settled=true", user="agent").json["promises"]
    assert (done["promise"]["id"], done["promise"]["state"]) == (given, "kept")
    assert [r["what"] for r in api("GET", "/readings").json["readings"]] == ["reveal"]


def test_one_past_its_time_says_so_everywhere(
    form: Form, given: str, site: Site, api: Any, clock: Any
) -> None:
    clock.forward(days=3)
    tick(site.loop)
    (told,) = api("GET", "/notices", user="agent").json["notices"]
    assert (told["about"], told["subject"]) == ("promise_overdue", f"promise:{given}")
    page = form()
    expect(page.get_by_text("1 个已过时间，请先兑现")).to_be_visible()
    page.get_by_role("link", name="全部 1 个").press("Enter")
    row = page.get_by_role("listitem").filter(has_text="回电说明进度")
    expect(row).to_contain_text("已过 1 天 16 小时")
    row.get_by_role("button", name="没做到").press("Enter")
    expect(row.get_by_label("为什么没做到")).to_be_focused()
    page.keyboard.insert_text("打了三次没人接")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="没做到")).to_contain_text("打了三次没人接")


def test_who_comes_second_is_told(sign_in: SignIn, given: str, api: Any) -> None:
    page = sign_in("agent", "/promises")
    row = page.get_by_role("listitem").filter(has_text="回电说明进度")
    row.get_by_role("button", name="没做到").click()
    row.get_by_label("为什么没做到").fill("没空")
    api("POST", f"/promises/{given}/settle", {"outcome": "kept"})
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="回电说明进度")).to_contain_text("admin")
    expect(page.get_by_role("alert")).to_contain_text("已经有结果")


def test_the_customers_open_promise_stands_beside_the_next_contact(form: Form, given: str) -> None:
    page = form()
    page.keyboard.press("Alt+KeyK")
    page.keyboard.type("13800138000")
    expect(page.get_by_text("agent 答应过：回电说明进度（还有 1 天 8 小时）")).to_be_visible()
