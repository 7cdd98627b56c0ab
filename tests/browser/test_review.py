"""Uncertain contacts one at a time by keys alone, the last one undone; the blind second look beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.loop.context import Loop
from chalicelib.loop.schedule import tick
from chalicelib.model.people import User
from tests.browser.conftest import SignIn
from tests.conftest import USERS
from tests.loop.saying import Saying, say

LATE, REFUND = "delivery.late", "billing.refund_slow"


@pytest.fixture
def loop(clock: Any, vault: Any, store: Any) -> Loop:
    """A loop whose analyser says what the text asks for."""
    loop = Loop(store, vault, lambda taxonomy: Saying(), clock)
    people = [User(name=name, role=role, departments=own) for name, (role, own) in USERS.items()]
    loop.change(lambda unit: [unit.put(user) for user in people])
    return loop


@pytest.fixture
def unsure(loop: Loop, clock: Any) -> dict[str, str]:
    """Text -> id of three contacts the machine is unsure of."""
    texts = (f"{LATE}:.45", f"{LATE}:.5", f"{REFUND}:.55")
    known = {t: say(loop, clock.now - timedelta(hours=n + 1), t).id for n, t in enumerate(texts)}
    clock.forward(minutes=1)
    return known


def _text(page: Page) -> str:
    return page.locator("p.said").inner_text()


def _wait_for_another(page: Page, before: str) -> str:
    expect(page.locator("p.said")).not_to_have_text(before)
    return _text(page)


def test_uncertain_contacts_are_confirmed_and_corrected_by_keys(
    unsure: dict[str, str], sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", "/review")
    expect(page.get_by_text("今天已看 0 条，还可看 20 条")).to_be_visible()
    first = _text(page)
    sure = f"{round(100 * float(first.split(':')[1]))}%"
    expect(page.get_by_text(f"只有 {sure} 的把握")).to_be_visible()
    expect(page.locator(".chip")).to_contain_text(sure)  # one number for one thing
    page.keyboard.press("Control+Enter")
    second = _wait_for_another(page, first)
    expect(page.get_by_text("今天已看 1 条，还可看 19 条")).to_be_visible()
    assert api("GET", f"/contacts/{unsure[first]}").json["correction"]["causes"] == [first.split(":")[0]]
    page.keyboard.press("Alt+Digit1")
    page.keyboard.press("Alt+KeyC")
    page.keyboard.type("sdshl")
    expect(page.get_by_role("option").first).to_contain_text("送到时坏了")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+KeyK")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+KeyS")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="改正，下一条")).to_be_visible()
    page.keyboard.press("Control+Enter")
    _wait_for_another(page, second)
    said = api("GET", f"/contacts/{unsure[second]}").json["correction"]
    assert (said["causes"], said["by"]) == (["delivery.damaged"], "agent")
    assert (said["contact_kind"], said["severity"]) == ("inquiry", 2)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("现在没有拿不准的联络")).to_be_visible()
    assert api("GET", "/review", user="agent").json["answered"] == 3


def test_the_last_answer_is_undone_with_what_was_chosen(
    unsure: dict[str, str], sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", "/review")
    first = _text(page)
    page.keyboard.press("Alt+Digit1")
    page.keyboard.press("Control+Enter")
    _wait_for_another(page, first)
    page.keyboard.press("Alt+KeyU")
    expect(page.locator("p.said")).to_have_text(first)
    expect(page.get_by_text("已撤回")).to_be_visible()
    contact = api("GET", f"/contacts/{unsure[first]}").json
    assert (contact["causes"], contact["correction"]["causes"]) == ([first.split(":")[0]], None)
    expect(page.get_by_role("button", name="Alt 1", pressed=False)).to_be_visible()
    page.keyboard.press("Alt+Digit1")
    page.keyboard.press("Control+Enter")
    _wait_for_another(page, first)
    assert api("GET", f"/contacts/{unsure[first]}").json["correction"]["causes"] == [first.split(":")[0]]


def test_what_somebody_else_said_meanwhile_is_told_and_the_choice_stays(
    unsure: dict[str, str], sign_in: SignIn, api: Any
) -> None:
    page = sign_in("agent", "/review")
    first = _text(page)
    page.keyboard.press("Alt+Digit1")
    other = {"causes": ["delivery.lost"], "contact_kind": "complaint", "severity": 1}
    api("POST", f"/contacts/{unsure[first]}/correction", other, user="admin")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("请刷新后再改")
    expect(page.get_by_role("button", name="Alt 1", pressed=False)).to_be_visible()
    expect(page.locator("p.said")).to_have_text(first)
    expect(page.get_by_role("button", name="改正，下一条")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    _wait_for_another(page, first)
    assert api("GET", f"/contacts/{unsure[first]}").json["correction"]["by"] == "agent"


def test_a_skipped_one_comes_again_as_it_was_left(unsure: dict[str, str], sign_in: SignIn) -> None:
    page = sign_in("agent", "/review")
    first = _text(page)
    page.keyboard.press("Alt+Digit1")
    for _ in unsure:
        before = _text(page)
        page.keyboard.press("Alt+KeyX")
        _wait_for_another(page, before)
    expect(page.locator("p.said")).to_have_text(first)
    expect(page.get_by_role("button", name="Alt 1", pressed=False)).to_be_visible()


def test_the_blind_look_shows_words_alone_and_takes_a_whole_answer(
    loop: Loop, clock: Any, sign_in: SignIn, api: Any
) -> None:
    key = say(loop, clock.now - timedelta(hours=24), f"{LATE}:.9").id
    tick(loop)
    page = sign_in("agent", "/review")
    page.get_by_text("盲评", exact=True).click()
    expect(page.locator("p.said")).to_have_text(f"{LATE}:.9")
    expect(page.get_by_role("group", name="原因").get_by_role("button")).to_have_count(0)
    assert key not in page.content()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("请选择")).to_be_visible()
    expect(page.locator(":focus")).to_have_attribute("type", "radio")
    page.keyboard.press("Space")
    page.keyboard.press("Alt+KeyS")
    page.keyboard.press("Space")
    page.keyboard.press("Alt+KeyC")
    page.keyboard.type("慢")
    expect(page.get_by_role("option").first).to_contain_text("慢")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("现在没有要盲评的联络")).to_be_visible()
    assert api("GET", "/blind", user="admin").json["contacts"] == []
    assert api("GET", f"/contacts/{key}").json["correction"] is None


def test_a_lead_is_offered_no_blind_look(unsure: dict[str, str], sign_in: SignIn) -> None:
    page = sign_in("lead.logistics", "/review?mode=blind")
    expect(page.locator("p.said")).to_contain_text(LATE)
    expect(page.get_by_text("盲评", exact=True)).to_have_count(0)
