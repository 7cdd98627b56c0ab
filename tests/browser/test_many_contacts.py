"""Twenty thousand contacts in the store: lists are searched, read page by page, counted and reviewed all the same."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from chalicelib.bench.filling import fill
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.numbers import by_week, total
from chalicelib.model.case import Case, CaseState
from chalicelib.model.contact import Contact
from tests.browser.conftest import SignIn, Site

MANY, STEP, WAITING = 20_000, 50, 100
OWNER = "logistics"
CAUSE, FIRST, LAST = "delivery.late", "2026-W01", "2026-W46"
ELEMENTS = 30
"""Of a row at most."""


@pytest.fixture
def many(loop: Loop, site: Site, api: Any) -> None:
    """The store, filled; some wait for review; one has words of its own."""
    fill(loop, MANY)
    keys = loop.store.find(Contact, "contact.week", "2026-W45", limit=WAITING).keys

    def doubt(unit: LoopUnit) -> None:
        for contact in unit.many(Contact, keys).values():
            unit.put(contact.model_copy(update={"unsure": True}))

    loop.change(doubt)
    api("POST", "/contacts", {"text": "孔明灯点不着", "channel": "web"}, user="agent")
    site.work()


def _rows(page: Page) -> Locator:
    return page.locator("main ol > li")


def _light(page: Page, rows: int) -> bool:
    """Whether the page holds what is shown and no more."""
    elements: int = page.evaluate("document.querySelectorAll('main *').length")
    return elements < rows * ELEMENTS


def _more(page: Page, before: int) -> int:
    page.get_by_role("button", name=f"再看 {STEP} 条").click()
    expect(_rows(page)).not_to_have_count(before)
    return _rows(page).count()


def _find(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")


def test_with_twenty_thousand_contacts_every_list_holds(many: None, sign_in: SignIn, loop: Loop) -> None:
    page = sign_in("admin", "/search")
    _searched(page)
    number = total(by_week(loop.store, "cause", FIRST, LAST), CAUSE)["n"]
    page.goto(f"{page.url.split('#')[0]}#/contacts?cause={CAUSE}&first={FIRST}&last={LAST}")
    _counted(page, number)
    page.get_by_role("link", name="复核").click()
    _reviewed(page)
    waiting = len(loop.store.find(Case, "case.queue", f"{OWNER}/{CaseState.WORKING}", limit=MANY).keys)
    page.goto(f"{page.url.split('#')[0]}#/queue?state=working&department={OWNER}")
    _queued(page, waiting)


def _searched(page: Page) -> None:
    _find(page, "退款 到账")
    expect(_rows(page)).to_have_count(STEP)
    for at in (1, 2, 3):
        assert _more(page, at * STEP) == (at + 1) * STEP
    expect(page.get_by_text("已显示 200 条，还有更多")).to_be_visible()
    links = page.evaluate("[...document.querySelectorAll('main ol > li .said')].map(a => a.href)")
    assert len(set(links)) == 4 * STEP
    assert _rows(page).last.locator("mark").all_inner_texts() == ["退款", "到账"]
    assert _light(page, 4 * STEP)
    _find(page, "孔明灯")
    expect(page.get_by_text("共 1 条")).to_be_visible()
    expect(_rows(page)).to_contain_text("孔明灯点不着")


def _counted(page: Page, number: int) -> None:
    """The list behind a number has as many contacts, and is found again as it was left."""
    expect(page.get_by_role("list", name="筛选条件")).to_contain_text(FIRST)
    expect(_rows(page)).to_have_count(STEP)
    shown = STEP
    while shown < number:
        shown = _more(page, shown)
    assert shown == number > 2 * STEP
    expect(page.get_by_text(f"共 {number} 条")).to_be_visible()
    assert _light(page, number)
    page.locator("main ol .said").last.click()
    expect(page.locator("p.said")).to_be_visible()
    page.go_back()
    expect(_rows(page)).to_have_count(number)


def _reviewed(page: Page) -> None:
    said = page.locator("p.said")
    expect(said).to_be_visible()
    for done in (1, 2, 3):
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text(f"今天已看 {done} 条")).to_be_visible()


def _queued(page: Page, waiting: int) -> None:
    """Every case of a department is in its list, the last one too."""
    assert waiting > 2 * STEP
    expect(page.locator("tbody tr")).to_have_count(waiting)
    expect(page.get_by_text(f"共 {waiting} 个工单")).to_be_visible()
    page.locator("tbody tr").last.locator("a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("K-")
