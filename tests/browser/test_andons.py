"""An andon from the key that raises it to the answer that its agent reads: by keys, over a reload, from the notices."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Form, SignIn, Site, sign_out

LEAD = "lead.quality"
WORDS = "锅漏电，电话 13800138000"


@pytest.fixture
def andon(api: Any, site: Site) -> str:
    """A request to quality, with two contacts in it; its number."""
    evidence = []
    for n in (1, 2):
        body = {
            "text": f"{WORDS} {n}",
            "channel": "phone",
            "external_id": f"E-{n}",
            "causes": ["product.safety"],
        }
        evidence.append(api("POST", "/contacts", body, user="agent").json["id"])
    site.work()
    body = {"subject": "某批次电饭煲", "text": "像同一批次", "department": "quality", "evidence": evidence}
    return str(api("POST", "/andons", body, user="agent").json["id"])


def _told(page: Page, words: str) -> Any:
    page.get_by_role("button", name="通知").click()
    return page.get_by_role("region", name="通知").get_by_role("listitem").filter(has_text=words)


def test_its_owner_answers_from_the_notice_and_the_agent_reads_it(
    andon: str, api: Any, sign_in: SignIn
) -> None:
    assert api("PUT", "/users/agent", {"display": "小李"}).status == 200
    page = sign_in(LEAD)
    notice = _told(page, "有人请求停下来")
    expect(notice).to_contain_text("小李：像同一批次")
    notice.get_by_role("link", name="某批次电饭煲").click()
    expect(page.get_by_role("heading", name="某批次电饭煲")).to_be_visible()
    expect(page.get_by_text("须由品控部")).to_contain_text("小李 ")
    evidence = page.get_by_role("region", name="证据：客户的话").get_by_role("listitem")
    expect(evidence).to_have_count(2)
    expect(evidence.first).to_contain_text("锅漏电")
    expect(page.get_by_text("13800138000")).to_have_count(0)
    page.get_by_label("做了什么，或为什么不停").fill("已停发")
    page.reload()
    expect(page.get_by_label("做了什么，或为什么不停")).to_have_value("已停发")
    page.get_by_label("做了什么，或为什么不停").press("Control+Enter")
    expect(page.get_by_text("请选是否停下")).to_be_visible()
    page.keyboard.press("Space")
    page.get_by_label("做了什么，或为什么不停").press("Control+Enter")
    expect(page.get_by_role("region", name="答复")).to_contain_text("已停发")
    assert api("GET", "/andons?state=answered").json["andons"][0]["answer"] == "stopped"
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('typed'))") == []
    sign_out(page)
    theirs = sign_in("agent")
    expect(theirs.locator("textarea")).to_be_focused()  # the page takes the focus when it comes
    answered = _told(theirs, "您的安灯有答复了")
    expect(answered).to_contain_text(f"{LEAD}：已停，已停发")
    answered.get_by_role("link", name="某批次电饭煲").click()
    expect(theirs.get_by_role("region", name="答复")).to_contain_text("已停发")


def test_who_is_second_to_answer_sees_the_first_answer(andon: str, api: Any, sign_in: SignIn) -> None:
    page = sign_in(LEAD, f"/andons/{andon}")
    page.get_by_text("停", exact=True).click()
    page.get_by_label("做了什么，或为什么不停").fill("我来停")
    api("POST", f"/andons/{andon}/answer", {"answer": "contained", "text": "已逐个检查"}, user="admin")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="答复")).to_contain_text("已逐个检查")


def test_what_was_logged_just_now_is_evidence_with_its_words(form: Form, site: Site) -> None:
    page = form()
    for n in ("一", "二"):
        page.keyboard.insert_text(f"第{n}个漏电，{WORDS}")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
        expect(page.locator("textarea")).to_have_value("")
    site.work()
    page.keyboard.press("Alt+KeyA")
    dialog = page.get_by_role("dialog", name="安灯")
    expect(dialog.get_by_text("第一个漏电")).to_be_visible()
    expect(dialog.get_by_text("第二个漏电")).to_be_visible()
    expect(dialog).not_to_contain_text("13800138000")
