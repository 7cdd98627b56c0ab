"""The charge-back ledger: a month, disputing what is charged, deciding it, closing for good."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site, sign_out

MONTH = "2026-11"
BORNE = re.compile("(?<!应)由 品控部 承担")


@pytest.fixture
def charged(api: Any, site: Site) -> str:
    """600 fen for late delivery and 600 for a defect; the late contact's number."""
    ids = []
    for n, cause in enumerate(("delivery.late", "product.defect")):
        body = {
            "text": "坏了",
            "channel": "phone",
            "causes": [cause],
            "contact_kind": "complaint",
            "external_id": str(n),
        }
        ids.append(api("POST", "/contacts", body, user="agent").json["id"])
    site.work()
    return str(ids[0])


def test_an_executive_reads_a_month_down_to_its_contacts_and_keeps_it(sign_in: SignIn, charged: str) -> None:
    page = sign_in("exec", "/ledger")
    expect(page.get_by_role("row", name="合计")).to_contain_text("¥12.00")
    facts = page.locator("dl.facts")
    expect(facts).to_contain_text("✓ 相符")
    expect(facts).to_contain_text("记账 ¥12.00，联络的成本 ¥12.00")
    page.get_by_role("button", name="展开 物流部 的原因").press("Enter")
    page.get_by_role("row", name="东西送得太慢").get_by_role("link", name="1").click()
    expect(page.get_by_role("region", name="这一笔后面的联络")).to_contain_text(charged)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    text = waiting.value.path().read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert f"{MONTH},合计,,,12.00".encode() in text


def test_a_lead_disputes_a_line_and_the_department_named_takes_it(
    sign_in: SignIn, api: Any, charged: str
) -> None:
    page = sign_in("lead.logistics", "/ledger")
    page.get_by_role("button", name="争议 东西送得太慢").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="提出争议").click()
    expect(dialog.get_by_label("理由")).to_be_focused()
    expect(dialog.get_by_text("请写理由")).to_be_visible()
    dialog.get_by_label("理由").fill("包装不好，不是物流的事")
    dialog.get_by_label("应由哪个部门承担").select_option("quality")
    dialog.get_by_role("button", name="提出争议").click()
    expect(page.get_by_role("status").filter(has_text="¥6.00 转入暂挂")).to_be_visible()
    expect(page.get_by_text("12-02 10:00 前裁定")).to_be_visible()
    expect(page.get_by_role("button", name="裁定")).to_have_count(0)
    sign_out(page)
    page.close()
    page = sign_in("lead.quality", "/ledger")
    page.get_by_role("button", name="由我们承担").click()
    page.get_by_role("dialog").get_by_label("理由").fill("是包装问题")
    page.get_by_role("dialog").get_by_role("button", name="由我们承担").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(BORNE)).to_be_visible()
    (one,) = api("GET", "/disputes").json["disputes"]
    assert (one["state"], one["to"], one["decided_by"]) == ("upheld", "quality", "lead.quality")
    lines = {row["account"]: row["fen"] for row in api("GET", "/ledger", user="exec").json["lines"]}
    assert lines == {"quality": 1_200}


def test_who_decides_second_is_told_and_keeps_the_words(sign_in: SignIn, api: Any, charged: str) -> None:
    share = {"cause": "delivery.late", "month": MONTH, "to": "quality", "reason": "不是物流的事"}
    made = api("POST", "/disputes", share, user="lead.logistics").json
    page = sign_in("exec", "/ledger")
    page.get_by_role("button", name="裁定").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("不成立，退回原部门").click()
    dialog.get_by_label("理由").fill("就是送慢了")
    api(
        "POST",
        f"/disputes/{made['id']}/decide",
        {"decision": "upheld", "reason": "包装"},
        user="lead.quality",
    )
    dialog.get_by_role("button", name="裁定").click()
    expect(dialog.get_by_role("alert")).to_contain_text("已经裁定过了")
    expect(dialog.get_by_label("理由")).to_have_value("就是送慢了")
    page.keyboard.press("Escape")
    expect(page.get_by_text(BORNE)).to_be_visible()


def test_closing_says_what_cannot_be_undone_and_is_not_for_leads(
    sign_in: SignIn, api: Any, clock: Any, charged: str
) -> None:
    clock.forward(days=14)
    page = sign_in("lead.logistics", f"/ledger?month={MONTH}")
    expect(page.get_by_text("管理层可以提前关")).to_be_visible()
    expect(page.get_by_role("button", name="关账")).to_have_count(0)
    sign_out(page)
    page.close()
    page = sign_in("exec", "/ledger")
    expect(page.get_by_text("月底以后才能关账")).to_be_visible()
    page.get_by_label("月份").select_option(MONTH)
    page.get_by_role("button", name="关账…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("不能再改")
    expect(dialog.get_by_role("button", name="取消")).to_be_focused()
    page.keyboard.press("Escape")
    assert api("GET", f"/ledger?month={MONTH}").json["state"] == "open"
    page.get_by_role("button", name="关账…").click()
    dialog.get_by_role("button", name="关账，不能撤销").click()
    expect(page.get_by_role("status").filter(has_text=f"{MONTH} 已关账")).to_be_visible()
    expect(page.get_by_text("校验码")).to_be_visible()
    assert api("GET", f"/ledger?month={MONTH}").json["state"] == "closed"
    body = {"causes": ["product.defect"], "contact_kind": "complaint", "severity": 1}
    assert api("POST", f"/contacts/{charged}/correction", body).status == 200
    page.get_by_label("月份").select_option("2026-12")
    expect(page.get_by_role("columnheader", name="其中冲正")).to_be_visible()
    expect(page.get_by_role("row", name="物流部")).to_contain_text("−¥6.00")
    expect(page.get_by_role("row", name="合计")).to_contain_text("¥0.00")


def test_a_company_without_contacts_reads_sensibly(sign_in: SignIn) -> None:
    page = sign_in("exec", "/ledger")
    expect(page.get_by_text("这个月还没有记账")).to_be_visible()
    expect(page.get_by_text("没有争议")).to_be_visible()
