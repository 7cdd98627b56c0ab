"""Beside the form: causes by pinyin, others with the same cause, the order's contacts, voices and andon by one key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.conftest import project_body
from tests.browser.conftest import AtRest, Form, Site

LATE = {"channel": "phone", "causes": ["delivery.late"], "contact_kind": "complaint", "severity": 1}
Log = Callable[..., str]


@pytest.fixture
def log(api: Any, site: Site) -> Log:
    """Log a contact through the API; its id."""

    def log(text: str, **more: Any) -> str:
        said = api("POST", "/contacts", {**LATE, "text": text, **more}, user="agent")
        site.work()
        return str(said.json["id"])

    return log


def _opened(page: Page, keys: str, title: str) -> Any:
    page.keyboard.press(keys)
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    return dialog


FOUND = {
    "tk": "退款一直没到",
    "tuikuan": "退款一直没到",
    "退款": "退款一直没到",
    "refund": "退款一直没到",
    "fapiao": "发票有问题",
    "hyh": "会员或积分没给到位",
}


def test_a_cause_is_found_by_characters_pinyin_initials_and_english(form: Form) -> None:
    page = form()
    page.keyboard.press("Alt+KeyC")
    box = page.get_by_role("combobox", name="另选原因")
    expect(box).to_be_focused()
    for typed, first in FOUND.items():
        box.fill(typed)
        expect(page.get_by_role("option").first).to_contain_text(first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=first, pressed=True)).to_be_visible()
    expect(box).to_have_value("")


def test_what_an_input_method_composes_is_looked_up_and_its_enter_left_to_it(form: Form) -> None:
    page = form()
    page.keyboard.press("Alt+KeyC")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "tui kuan", "selectionStart": 8, "selectionEnd": 8})
    expect(page.get_by_role("option").first).to_contain_text("退款一直没到")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", pressed=True)).to_have_count(0)


def test_others_with_the_same_cause_and_the_project_on_it_are_told(
    form: Form, log: Log, api: Any, clock: Any, at_rest: AtRest
) -> None:
    for n in range(3):
        log(f"快递没到 {n}", customer=f"1380013800{n % 2}", external_id=f"L-{n}")
    lead = {"user": "lead.logistics"}
    project = api("POST", "/projects", project_body(clock.now), **lead).json["project"]["id"]
    for order in ("accept", "start"):
        api("POST", f"/projects/{project}/move", {"order": order}, **lead)
    page = form()
    page.keyboard.insert_text("快递三天还没到")
    page.get_by_role("button", name="Alt 1").wait_for()
    expect(page.get_by_text("本周有 2 位客户遇到")).to_be_visible()
    expect(page.get_by_text(f"项目 {project}「换承运商」11-25 开始")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "this-week" in r.url else None)
    with page.expect_response("**/suggest"):
        page.keyboard.insert_text("，催了两次")
    at_rest(page)
    assert asked == []


def test_an_order_shows_its_contacts_and_lends_its_customer(
    form: Form, log: Log, api: Any, site: Site
) -> None:
    log("包裹没到", customer="13800138001", order="DD-7788", external_id="1", time="2026-11-17 10:00")
    page = form()
    page.keyboard.press("Alt+KeyO")
    page.keyboard.type("DD-7788")
    expect(page.get_by_text("此订单另有 1 条联络")).to_be_visible()
    expect(page.get_by_role("button", name="客户 138****8001", pressed=True)).to_be_visible()
    expect(page.get_by_role("region", name="此客户最近联络").get_by_text("包裹没到")).to_be_visible()
    page.keyboard.press("Alt+KeyN")
    page.keyboard.insert_text("还是没到")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    site.work()
    new, old = api("GET", "/contacts").json["contacts"]
    assert new["customer"] == old["customer"] != ""


def test_a_voice_is_posted_and_another_supported(form: Form, api: Any) -> None:
    api("POST", "/voices", {"text": "新包装一碰就破"}, user="lead.logistics")
    page = form()
    page.keyboard.insert_text("快递三天还没到")
    dialog = _opened(page, "Alt+KeyV", "心声")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("请写一两句")).to_be_visible()
    page.keyboard.insert_text("中转站总是漏扫，客户 13800138000 说的")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("已发出")).to_be_visible()
    expect(dialog.get_by_role("listitem").filter(has_text="中转站总是漏扫")).not_to_contain_text(
        "13800138000"
    )
    dialog.get_by_role("button", name="我也看到：新包装一碰就破").click()
    expect(dialog.get_by_role("listitem").filter(has_text="新包装")).to_contain_text("1 人支持")
    page.keyboard.press("Escape")
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("快递三天还没到")
    voices = api("GET", "/voices").json["voices"]
    assert {v["author"]: v["supporters"] for v in voices} == {"lead.logistics": ["agent"], "agent": []}
    assert api("GET", "/contacts").json["contacts"] == []


def test_an_andon_takes_two_contacts_as_evidence(form: Form, log: Log, api: Any) -> None:
    ids = {
        log(f"锅漏电 {n}", customer="13800138000", external_id=f"{n}", causes=["product.safety"])
        for n in (1, 2)
    }
    page = form()
    page.keyboard.press("Alt+KeyK")
    page.keyboard.type("13800138000")
    expect(page.get_by_role("region", name="此客户最近联络").get_by_role("listitem")).to_have_count(2)
    dialog = _opened(page, "Alt+KeyA", "安灯")
    page.keyboard.insert_text("A线电饭煲停发")
    dialog.get_by_label("部门").select_option("quality")
    boxes = dialog.get_by_role("checkbox")
    boxes.nth(0).press("Space")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("请勾选至少两条联络")).to_be_visible()
    expect(boxes.nth(0)).to_be_focused()
    boxes.nth(1).press("Space")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("status")).to_contain_text("须在 11-18 12:00 前答复")
    (andon,) = api("GET", "/andons").json["andons"]
    assert (set(andon["evidence"]), andon["department"]) == (ids, "quality")
    _opened(page, "Alt+KeyV", "心声")
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_label("客户", exact=True)).to_be_focused()
