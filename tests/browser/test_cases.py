"""A lead works on cases; two at once lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site

LATE = {
    "channel": "phone",
    "customer": "13800138000",
    "causes": ["delivery.late"],
    "contact_kind": "complaint",
}


@pytest.fixture
def case(api: Any, site: Site) -> Callable[[], dict[str, Any]]:
    """One case of logistics, read anew each time."""
    api("POST", "/contacts", {"text": "快递三天没到", "severity": 1, **LATE}, user="agent")
    site.work()
    (found,) = api("GET", "/cases").json["cases"]
    return lambda: api("GET", f"/cases/{found['id']}").json["case"]


def test_from_the_queue_to_resolved(sign_in: SignIn, case: Callable[[], dict[str, Any]]) -> None:
    page = sign_in("lead.logistics")
    page.get_by_role("link", name="东西送得太慢").click()
    page.get_by_role("button", name="接受").click()
    page.get_by_label("做了什么").fill("已联系中转站，今天送到")
    page.keyboard.press("Enter")
    expect(page.get_by_text("待验证").first).to_be_visible()
    assert case()["state"] == "unverified"


def test_who_comes_second_is_told_and_keeps_the_words(
    sign_in: SignIn, case: Callable[[], dict[str, Any]], api: Any
) -> None:
    number = case()["id"]
    api("POST", f"/cases/{number}/accept", {}, user="lead.logistics")
    page = sign_in("lead.logistics", f"/cases/{number}")
    page.get_by_label("做了什么").fill("已联系中转站")
    api("POST", f"/cases/{number}/comments", {"text": "我在看"}, user="lead.logistics")
    page.get_by_role("button", name="办结并回访客户").click()
    expect(page.get_by_role("alert")).to_contain_text("请刷新后再改")
    expect(page.get_by_label("做了什么")).to_have_value("已联系中转站")
    expect(page.get_by_text("我在看")).to_be_visible()
    page.get_by_role("button", name="办结并回访客户").click()
    expect(page.get_by_text("待验证").first).to_be_visible()


def test_another_department_is_asked_beside_the_first(
    sign_in: SignIn, case: Callable[[], dict[str, Any]]
) -> None:
    number = case()["id"]
    page = sign_in("lead.logistics", f"/cases/{number}")
    page.get_by_label("加一个部门").select_option("quality")
    page.get_by_label("请它做什么").fill("查包装")
    page.get_by_role("button", name="派任务").click()
    expect(page.get_by_role("listitem").filter(has_text="查包装").first).to_be_visible()
    assert [task["department"] for task in case()["tasks"]] == ["quality"]
    assert case()["department"] == "logistics"
