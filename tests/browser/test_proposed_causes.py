"""A lead reads the examples of a proposed cause and decides; who comes second is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from chalicelib.api.routing import DOOR
from chalicelib.loop.admin import save_user
from chalicelib.loop.focus.discovering import discover
from chalicelib.loop.schedule import tick
from chalicelib.loop.worker import drain
from tests.browser.conftest import SignIn, Site
from tests.loop.finding import WordFinder

WORD = "资格码"


@pytest.fixture
def proposal(api: Any, site: Site) -> str:
    """The id of an open proposal that twenty complaints make."""
    found = replace(site.loop, finder=WordFinder(WORD, sudden={"delivery.late": "无人机"}))
    DOOR.loop = lambda: found
    save_user(found, "lead.service", departments=["service", "marketing"])
    for n in range(20):
        body = {"text": f"补贴要的{WORD}领不到，第{n}位", "channel": "chat", "customer": f"C{n}"}
        api(
            "POST",
            "/contacts",
            {**body, "causes": [], "contact_kind": "complaint", "severity": 1},
            user="agent",
        )
    late = {"text": "无人机配送晚了", "channel": "chat", "customer": "D1", "causes": ["delivery.late"]}
    api("POST", "/contacts", late, user="agent")
    drain(found)
    site.loop = found
    (one,) = discover(found, "admin").fresh
    return one.id


def test_reading_the_examples_and_accepting(sign_in: SignIn, api: Any, site: Site, proposal: str) -> None:
    page = sign_in("lead.service", "/proposals")
    page.get_by_role("link", name=WORD).click()
    examples = page.get_by_role("region", name="例子")
    expect(examples.locator("mark").first).to_have_text(WORD)
    page.get_by_label("采纳为新原因").check(force=True)
    page.get_by_label("客户的话").fill("")
    page.get_by_role("button", name="采纳为新原因").click()
    expect(page.get_by_label("客户的话")).to_be_focused()
    page.get_by_label("客户的话").fill("补贴码领不到")
    page.get_by_label("英文名称").fill("No code for the subsidy")
    page.get_by_label("部门").select_option("marketing")
    page.get_by_label("分母 X").select_option("orders")
    page.get_by_label("代码").fill("promo.subsidy_code")
    page.get_by_role("button", name="采纳为新原因").click()
    receipt = page.get_by_role("region", name="回执")
    expect(receipt).to_contain_text("分类第 2 版")
    expect(receipt).to_contain_text("补贴码领不到")
    (made,) = [
        c for c in api("GET", "/taxonomy").json["taxonomy"]["causes"] if c["code"] == "promo.subsidy_code"
    ]
    assert (made["label_en"], made["department"], made["denominator"]) == (
        "No code for the subsidy",
        "marketing",
        "orders",
    )
    tick(site.loop)
    page.reload()
    expect(page.get_by_role("region", name="回执")).to_contain_text("已有 20 条联络要重读")


def test_refusing_needs_a_reason_and_can_be_thought_over(sign_in: SignIn, api: Any, proposal: str) -> None:
    page = sign_in("lead.service", f"/proposals/{proposal}")
    page.get_by_label("否决").check(force=True)
    page.get_by_role("button", name="否决").click()
    expect(page.get_by_label("理由")).to_be_focused()
    page.get_by_label("理由").fill("是来问规则的")
    page.get_by_role("button", name="否决").click()
    expect(page.get_by_role("region", name="回执")).to_contain_text("是来问规则的")
    page.get_by_label("并入已有原因").check(force=True)
    page.get_by_role("combobox", name="并入", exact=True).select_option("promo.not_honoured")
    page.get_by_role("button", name="并入已有原因").click()
    expect(page.get_by_text("已并入").first).to_be_visible()
    shown = api("GET", f"/proposals/{proposal}").json["proposal"]
    assert (shown["state"], shown["cause"]) == ("merged", "promo.not_honoured")


def test_who_decides_second_is_told_and_keeps_the_words(sign_in: SignIn, api: Any, proposal: str) -> None:
    page = sign_in("lead.service", f"/proposals/{proposal}")
    expect(page.get_by_text("先选怎么办")).to_be_visible()
    expect(page.locator("form input:checked")).to_have_count(0)
    page.get_by_label("采纳为新原因").check(force=True)
    page.get_by_label("客户的话").fill("补贴码领不到")
    page.get_by_label("理由").fill("问的人很多")
    assert api("POST", f"/proposals/{proposal}/refuse", {"reason": "先看看"}).status == 200
    page.get_by_role("button", name="采纳为新原因").click()
    expect(page.get_by_role("alert")).to_contain_text("请刷新后再改")
    expect(page.get_by_label("客户的话")).to_have_value("补贴码领不到")
    expect(page.get_by_role("region", name="回执")).to_contain_text("先看看")
    page.get_by_role("button", name="采纳为新原因").click()
    expect(page.get_by_role("region", name="回执")).to_contain_text("问的人很多")


def test_words_that_grew_suddenly_and_looking_again(sign_in: SignIn, api: Any, proposal: str) -> None:
    page = sign_in("admin", "/proposals")
    expect(page.get_by_role("row").filter(has_text="无人机")).to_contain_text("东西送得太慢")
    page.get_by_role("button", name="重新查找").click()
    expect(page.get_by_text("已排上")).to_be_visible()


def test_an_executive_accepts_by_a_decision_of_the_cycle(sign_in: SignIn, api: Any, proposal: str) -> None:
    page = sign_in("exec", f"/proposals/{proposal}")
    page.get_by_label("理由").fill("客户等不了")
    page.get_by_role("button", name="采纳为新原因").click()
    expect(page.get_by_role("region", name="回执")).to_contain_text("客户等不了")
    (decision,) = api("GET", "/cycles/current", user="exec").json["decisions"]
    assert (decision["about"], decision["result"]) == (proposal, "proposal_accepted")
