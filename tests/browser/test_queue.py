"""The lead's queue: what presses most first, by keys alone, with a thousand cases, and found again on coming back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from chalicelib.loop.own.moves import with_clocks
from chalicelib.model.case import Case, CaseState
from chalicelib.model.settings import Settings
from tests.browser.conftest import AtRest, SignIn, Site, sign_out
from tests.loop.weeks_of import fill, give_x

CASES = [("delivery.late", 0), ("delivery.late", 3), ("delivery.lost", 1), ("delivery.late", 2)]


@pytest.fixture
def told(api: Any, site: Site) -> None:
    """Four cases of logistics; only how bad they are differs, as nothing is known of their cost yet."""
    for n, (cause, severity) in enumerate(CASES):
        body = {
            "text": f"第{n}个包裹 打13800138000",
            "channel": "phone",
            "customer": f"C-{n}",
            "causes": [cause],
        }
        api("POST", "/contacts", {**body, "contact_kind": "complaint", "severity": severity}, user="agent")
    site.work()


def _current(page: Page) -> Locator:
    return page.locator("tbody tr:focus-within")


def test_what_presses_most_comes_first_in_the_customers_masked_words(
    told: None, sign_in: SignIn, clock: Any
) -> None:
    page = sign_in("lead.logistics")
    page.clock.set_fixed_time(clock.now)
    page.reload()
    expect(page.get_by_text("待接受 4")).to_be_visible()
    expect(page.get_by_text("处理中 0")).to_be_visible()
    quotes = [re.compile(f"^第{n}") for n in (1, 3, 2, 0)]
    expect(page.locator("tbody tr p.mute")).to_have_text(quotes)
    expect(page.locator("main")).not_to_contain_text("13800138000")
    expect(page.locator("tbody tr").first).to_contain_text("物流部 · 接受 · 刚刚")
    page.get_by_text("时限", exact=True).first.click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}#/queue?state=to_accept&order=clock")
    expect(page.locator("tbody p.mute").first).to_have_text(re.compile("^第1"))
    page.reload()
    expect(page.get_by_label("时限", exact=True)).to_be_checked()


def test_by_keys_alone_and_back_to_the_same_row(told: None, sign_in: SignIn) -> None:
    page = sign_in("lead.logistics")
    page.locator("tbody tr").nth(3).wait_for()
    for key in ("Alt+ArrowDown", "Alt+j", "Alt+ArrowDown", "Alt+ArrowUp"):
        page.keyboard.press(key)
    expect(_current(page)).to_contain_text("第3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("东西送得太慢")
    page.go_back()
    expect(_current(page)).to_contain_text("第3")


def test_the_clock_shows_its_arithmetic_when_asked(told: None, sign_in: SignIn) -> None:
    page = sign_in("lead.logistics")
    page.locator("tbody button").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("接受 2h → 11-18 12:00")
    expect(dialog).to_contain_text("2026-11-18 10:00 起 2 小时 → 12:00")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_last_weeks_stand_in_the_row_and_lead_to_their_contacts(
    told: None, sign_in: SignIn, site: Site
) -> None:
    fill(site.loop, "delivery.late", [100] * 14 + [180])
    give_x(site.loop, "parcels", [10_000] * 15)
    page = sign_in("lead.logistics")
    chart = page.get_by_role("link", name="每千件 18.00（W46）").first
    expect(chart).to_have_attribute("href", "#/contacts?first=2026-W34&last=2026-W46&cause=delivery.late")
    expect(chart).to_have_attribute("aria-label", re.compile("W46 超出界限"))


def test_without_numbers_it_says_why_there_is_no_chart(
    told: None, sign_in: SignIn, site: Site, api: Any
) -> None:
    page = sign_in("lead.logistics")
    expect(page.locator("tbody tr", has_text="第2")).to_contain_text("尚未可知")
    fill(site.loop, "delivery.late", [100] * 3)
    case = api("GET", "/cases?order=cost").json["cases"][0]["id"]
    api("POST", f"/cases/{case}/tasks", {"department": "quality", "what": "查包装"}, user="lead.logistics")
    page.reload()
    expect(page.locator("tbody tr", has_text="第0")).to_contain_text("无分母")
    sign_out(page)
    page = sign_in("lead.quality")
    expect(page.locator("tbody tr")).to_contain_text("别部门的原因")


def test_executives_choose_a_department_and_empty_lists_say_what_will_come(
    told: None, sign_in: SignIn
) -> None:
    page = sign_in("exec", "/queue")
    page.get_by_label("部门").select_option("quality")
    expect(page.get_by_text("没有等着接受的工单")).to_be_visible()
    page.get_by_label("部门").select_option("logistics")
    expect(page.locator("tbody tr")).to_have_count(4)


def test_a_time_limit_has_a_colour_only_when_it_is_over(told: None, sign_in: SignIn, clock: Any) -> None:
    page = sign_in("lead.logistics")
    for days, words, late in ((0, "后到期", False), (12, "超时", True)):
        page.clock.set_fixed_time(clock.now + timedelta(days=days))
        page.reload()
        limit = page.locator("td.clock").first.get_by_text(words)
        expect(limit).to_have_css("font-weight", "600" if late else "400")
        ink = page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).color")
        assert (limit.evaluate("text => getComputedStyle(text).color") != ink) == late


def _thousand(site: Site, now: datetime) -> None:
    start = now - timedelta(days=3)

    def case(n: int) -> Case:
        one = Case(
            id=f"K-{n:04d}", cause="delivery.late", department="logistics", state=CaseState.WORKING,
            severity=n % 4, contacts=1 + n % 3, opened=start, accept_due=start, resolve_due=start,
        )  # fmt: skip
        return with_clocks(one, start, one.severity, Settings(), tighten=False)

    site.loop.change(lambda unit: [unit.put(case(n)) for n in range(1_000)] and None)


def test_a_thousand_cases_are_all_there_and_the_place_is_found_again(
    site: Site, clock: Any, sign_in: SignIn
) -> None:
    _thousand(site, clock.now)
    page = sign_in("lead.logistics", "/queue?state=working")
    expect(page.locator("tbody tr")).to_have_count(1_000)
    expect(page.get_by_text("共 1,000 个工单")).to_be_visible()
    keys = page.evaluate("[...document.querySelectorAll('tbody tr')].map(row => row.dataset.id)")
    assert len(set(keys)) == 1_000
    page.locator(f"[data-id={keys[700]}] a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(keys[700])
    page.go_back()
    row = page.locator(f"[data-id={keys[700]}]")
    expect(row.locator("a").first).to_be_focused()
    expect(row).to_be_in_viewport()


def test_a_cause_that_is_newer_than_the_open_page_has_its_name(
    api: Any, site: Site, sign_in: SignIn, at_rest: AtRest
) -> None:
    page = sign_in("lead.logistics", "/andons")
    expect(page.get_by_role("heading", name="安灯")).to_be_visible()
    at_rest(page)
    taxonomy = api("GET", "/taxonomy").json["taxonomy"]
    fresh = {"code": "delivery.upstairs", "label_zh": "不肯送上楼", "department": "logistics"}
    body = {key: taxonomy[key] for key in ("departments", "number")} | {
        "causes": [*taxonomy["causes"], fresh]
    }
    assert api("PUT", "/taxonomy", body).status == 200
    said = {"text": "只送到楼下", "channel": "phone", "contact_kind": "complaint", "causes": [fresh["code"]]}
    assert api("POST", "/contacts", said, user="agent").status == 201
    site.work()
    page.get_by_role("link", name="工单").click()
    expect(page.get_by_role("link", name="不肯送上楼")).to_be_visible()
