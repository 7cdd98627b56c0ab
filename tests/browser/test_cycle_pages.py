"""The review cycle: decisions on the spot, two people at once, what became of them, closing, minutes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from chalicelib.loop.schedule import tick
from tests.browser.conftest import SignIn, Site, sign_out

WEEK = "2026-W48"
LATE, BROKEN = "东西送得太慢", "东西坏了不能正常用"


@pytest.fixture
def agenda(api: Any, site: Site, clock: Any) -> None:
    """A week later: causes of two departments on the focus list."""
    for cause in ("delivery.late", "product.defect"):
        body = {"text": "坏了", "channel": "phone", "causes": [cause], "contact_kind": "complaint"}
        assert api("POST", "/contacts", {**body, "external_id": cause}, user="agent").status == 201
    site.work()
    tick(site.loop)
    clock.forward(days=7)
    tick(site.loop)


def begin(page: Page, name: str) -> Locator:
    page.get_by_role("button", name=f"对「{name}」作决定").first.click()
    return page.get_by_role("dialog")


def cycle(api: Any) -> Any:
    return api("GET", "/cycles/current", user="exec").json


def test_an_executive_decides_closes_and_sees_what_became_of_it(
    sign_in: SignIn, api: Any, agenda: None
) -> None:
    page = sign_in("exec", "/cycle")
    dialog = begin(page, LATE)
    dialog.get_by_role("button", name="决定").click()
    expect(dialog.get_by_label("理由")).to_be_focused()
    dialog.get_by_label("理由").fill("一直在涨")
    dialog.get_by_role("button", name="决定").click()
    expect(page.get_by_role("status").filter(has_text="已提出项目，待部门接受 P-1")).to_be_visible()
    dialog = begin(page, BROKEN)
    dialog.get_by_text("暂缓", exact=True).click()
    dialog.get_by_label("暂缓到哪一周").select_option("2026-W50")
    dialog.get_by_label("理由").fill("换供应商以后再看")
    dialog.get_by_role("button", name="决定").click()
    expect(page.get_by_role("status").filter(has_text="已暂缓 到 2026-W50")).to_be_visible()
    assert [(d["what"], d["made"], d["until"]) for d in cycle(api)["decisions"]] == [
        ("start_project", "P-1", ""),
        ("snooze", "", "2026-W50"),
    ]
    page.get_by_role("button", name="关闭本期…").click()
    page.get_by_role("dialog").get_by_role("button", name="关闭，不能撤销").click()
    expect(page.get_by_role("status").filter(has_text=f"{WEEK} 已关闭，2026-W49 已打开")).to_be_visible()
    expect(page.get_by_text("exec 在这一周过完之前关闭")).to_be_visible()
    expect(page.get_by_role("button", name="作决定")).to_have_count(0)
    for kind, begins in (("PDF", b"%PDF-"), ("CSV", b"\xef\xbb\xbf")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"纪要 {kind}").click()
        assert waiting.value.suggested_filename == f"minutes-{WEEK}.{kind.lower()}"
        assert waiting.value.path().read_bytes().startswith(begins)
    page.get_by_role("link", name="去本期").click()
    expect(page.get_by_text("议程在周一零点生成")).to_be_visible()
    became = page.get_by_role("region", name="上期的决定，后来怎样")
    expect(became).to_contain_text("项目待接受")
    expect(became).to_contain_text("仍在暂缓")


def test_two_people_decide_at_once(sign_in: SignIn, api: Any, agenda: None) -> None:
    page = sign_in("exec", "/cycle")
    dialog = begin(page, LATE)
    dialog.get_by_text("只记录").click()
    dialog.get_by_label("理由").fill("先看看")
    other = {"what": "start_project", "about": "delivery.late", "reason": "已经有办法"}
    assert api("POST", "/cycles/current/decisions", other, user="lead.logistics").status == 201
    dialog.get_by_role("button", name="决定").click()
    expect(dialog.get_by_role("alert")).to_contain_text("lead.logistics 刚对这一项作了决定：立项")
    expect(dialog.get_by_text("已经有办法 lead.logistics")).to_be_visible()
    expect(dialog.get_by_label("理由")).to_have_value("先看看")
    dialog.get_by_role("button", name="决定").click()
    expect(dialog).to_have_count(0)
    assert [d["by"] for d in cycle(api)["decisions"]] == ["lead.logistics", "exec"]


def test_closed_by_somebody_else_meanwhile(sign_in: SignIn, api: Any, agenda: None) -> None:
    page = sign_in("exec", "/cycle")
    page.get_by_role("button", name="关闭本期…").click()
    api("POST", f"/cycles/{WEEK}/close", user="admin")
    page.get_by_role("dialog").get_by_role("button", name="关闭，不能撤销").click()
    expect(page.get_by_role("status").filter(has_text="admin 已经在")).to_be_visible()


def test_nothing_is_decided_in_a_cycle_that_was_closed_meanwhile(
    sign_in: SignIn, api: Any, agenda: None
) -> None:
    page = sign_in("exec", "/cycle")
    page.get_by_role("button", name="记一项别的决定…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("关于什么").fill("会员日预案")
    dialog.get_by_label("理由").fill("下周加人")
    api("POST", f"/cycles/{WEEK}/close", user="admin")
    dialog.get_by_role("button", name="决定").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"{WEEK} 不是开着的那一期")
    expect(dialog.get_by_label("理由")).to_have_value("下周加人")
    assert api("GET", f"/cycles/{WEEK}", user="exec").json["decisions"] == []
    dialog.get_by_role("button", name="决定").click()
    expect(dialog).to_have_count(0)
    assert [d["about"] for d in cycle(api)["decisions"]] == ["会员日预案"]


def test_a_lead_decides_on_own_matters_and_an_agent_reads(sign_in: SignIn, agenda: None) -> None:
    page = sign_in("lead.logistics", "/cycle")
    expect(page.get_by_role("button", name=f"对「{LATE}」作决定")).to_be_visible()
    expect(page.get_by_text(BROKEN)).to_have_count(0)
    expect(page.get_by_role("button", name="关闭本期…")).to_have_count(0)
    expect(page.get_by_text("由管理层关闭")).to_be_visible()
    sign_out(page)
    page.close()
    page = sign_in("agent", "/cycle")
    expect(page.get_by_text(BROKEN)).to_be_visible()
    expect(page.get_by_text("决定由部门负责人")).to_be_visible()
    for name in ("作决定", "记一项别的决定…", "纪要 PDF"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_the_first_week_of_a_company(sign_in: SignIn) -> None:
    page = sign_in("exec", "/cycle")
    expect(page.get_by_text("议程是空的")).to_be_visible()
    expect(page.get_by_text("每周一零点")).to_be_visible()
    expect(page.get_by_text("上期没有决定")).to_be_visible()
    page.goto(page.url.replace("/cycle", "/cycle/2026-W02"))
    expect(page.get_by_role("alert")).to_contain_text("没有这一期")
