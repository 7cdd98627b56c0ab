"""A lead plans a project on reasons and contacts, an executive starts it, the verdict is shown as it is; two at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.bench import site as bench
from chalicelib.loop.track.verdicts import look_when_due
from chalicelib.model.weeks import week_start
from tests.browser.conftest import PASSWORD, Person, SignIn, Site
from tests.conftest import Clock
from tests.loop.judged import CAUSE, START, at_week, contacts, parcels, write

LEAD = {"user": "lead.logistics"}
WEEKS = range(-26, 14)
WORDS = {"title": "加固包装", "hypothesis": "换箱子", "department": "logistics"}


@pytest.fixture
def as_person(person: Person, site: Site, clock: Clock) -> SignIn:
    """Sign in as somebody in a browser of their own, at the time of the loop."""

    def as_person(name: str, where: str) -> Page:
        context = person()
        context.clock.set_fixed_time(clock.now)
        return bench.sign_in(context, site.address, name, PASSWORD, where)

    return as_person


@pytest.fixture
def history(api: Any, site: Site) -> str:
    """Half a year of damaged parcels, which fall once the project begins; the id of one contact."""
    rates = {CAUSE: lambda n: 100 if n < 0 else 55, "other": lambda n: 20}
    write(site.loop, contacts(rates, WEEKS), parcels(WEEKS))
    body = {
        "text": "箱子压扁了，杯子全碎",
        "channel": "phone",
        "causes": [CAUSE],
        "contact_kind": "complaint",
    }
    posted = api("POST", "/contacts", {**body, "severity": 1}, user="agent")
    site.work()
    return str(posted.json["id"])


@pytest.fixture
def project(api: Any, history: str) -> str:
    """A proposed project."""
    plan = {"metric": "cpx", "cause": CAUSE, "weeks_before": 26, "starts": week_start(START).isoformat()}
    return str(api("POST", "/projects", {**WORDS, "plan": plan}, **LEAD).json["project"]["id"])


def _propose(page: Page) -> None:
    page.get_by_label("名称").fill("加固包装")
    page.get_by_label("假设").fill("换箱子，压坏的就少")
    page.get_by_role("combobox", name="原因", exact=True).select_option(CAUSE)
    page.get_by_label("开始日期").fill("2026-12-07")
    expect(page.get_by_text("每周约 100 次").first).to_be_visible()
    page.get_by_role("button", name="提议").click()
    expect(page.get_by_role("heading", name="加固包装")).to_be_visible()


def _say_why(page: Page, text: str) -> None:
    page.get_by_role("button", name="说一个原因").click()
    page.get_by_label("因为什么").fill(text)


def test_from_the_plan_to_the_verdict(
    as_person: SignIn, site: Site, api: Any, clock: Clock, history: str
) -> None:
    page = as_person("lead.logistics", "/projects/new")
    page.get_by_role("button", name="提议").click()
    expect(page.get_by_label("名称")).to_be_focused()
    _propose(page)
    _say_why(page, "箱子太薄")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("请引用至少一条联络")
    page.get_by_text("从这个原因的联络里选").click()
    page.get_by_role("checkbox", name="箱子压扁了").check()
    page.get_by_label("占多少").fill("60")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("引用 1 条联络")).to_be_visible()
    (thin,) = api("GET", "/projects/P-1/why", **LEAD).json["because"]
    assert (thin["contacts"], thin["share"]) == ([history], 60)
    page.get_by_role("button", name="接受项目").click()
    page.get_by_role("dialog").get_by_role("button", name="接受项目").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert api("GET", "/projects/P-1", **LEAD).json["project"]["state"] == "accepted"

    at_week(clock, 0)
    page = as_person("exec", "/projects/P-1")
    page.get_by_role("button", name="开始并封存约定").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("下降")
    dialog.get_by_label("理由").fill("客户说得最多")
    dialog.get_by_role("button", name="开始并封存约定").click()
    expect(dialog).to_have_count(0)
    seal = api("GET", "/projects/P-1", user="exec").json["project"]["seal"]
    expect(page.get_by_text(seal).first).to_be_visible()
    (decision,) = api("GET", "/cycles/current", user="exec").json["decisions"]
    assert (decision["about"], decision["by"], decision["result"]) == ("P-1", "exec", "project_started")

    at_week(clock, 9)
    look_when_due(site.loop)
    page = as_person("lead.logistics", "/projects")
    found = api("GET", "/projects/P-1", **LEAD).json["verdict"]
    ratio = f"{found['mean_ratio']:.2f} ({found['mean_ci'][0]:.2f}–{found['mean_ci'][1]:.2f})"
    row = page.get_by_role("row").filter(has_text="P-1")
    expect(row).to_contain_text("有改进")
    expect(row).to_contain_text(ratio)
    row.get_by_role("link").first.click()
    panel = page.get_by_role("region", name="结论").first
    expect(panel).to_contain_text("有改进")
    expect(panel).to_contain_text(found["reason"]["zh"])
    expect(page.get_by_text("与约定一致")).to_be_visible()
    expect(page.get_by_role("region", name="联络有没有挪到别处").first).to_contain_text("没有看到上升")
    expect(page.get_by_role("button", name="改约定")).to_have_count(0)
    without = page.get_by_role("region", name="没有这个项目会怎样").first
    expect(without.locator("svg")).to_contain_text("90 % 带")
    without.get_by_role("button", name="表格").click()
    newest = found["live"]["line"][-1]
    cells = without.get_by_role("row").nth(1).get_by_role("cell")
    said = (newest["time"], f"{newest['count']:.0f}", f"{newest['expected']:.0f}")
    for n, words in enumerate(said):
        expect(cells.nth(n)).to_have_text(words)
    chart = page.get_by_role("region", name="每千件联络数").first
    expect(chart.locator("svg")).to_contain_text("项目开始")


def test_two_change_one_reason_at_once_and_nothing_is_lost(as_person: SignIn, api: Any, project: str) -> None:
    path = f"/projects/{project}/why"
    said = api("POST", path, {"text": "箱子太薄", "assumption": True, "share": 40}, **LEAD).json
    reason = said["because"][0]["id"]
    lead, executive = (as_person(name, f"/projects/{project}") for name in ("lead.logistics", "exec"))
    for page, words in ((lead, "箱子薄了一半"), (executive, "换了供应商的箱子")):
        page.get_by_role("button", name="改：箱子太薄").click()
        page.get_by_label("因为什么").fill(words)
    lead.get_by_role("button", name="保存").click()
    expect(lead.get_by_text("箱子薄了一半").first).to_be_visible()
    executive.get_by_role("button", name="保存").click()
    expect(executive.get_by_role("alert")).to_contain_text("lead.logistics 刚把它改成「箱子薄了一半」")
    expect(executive.get_by_label("因为什么")).to_have_value("换了供应商的箱子")
    assert api("GET", path, **LEAD).json["because"][0]["text"] == "箱子薄了一半"
    executive.get_by_role("button", name="仍按我的保存").click()
    expect(executive.get_by_label("因为什么")).to_have_count(0)
    now = api("GET", path, **LEAD).json["because"][0]
    assert (now["id"], now["text"], now["share"]) == (reason, "换了供应商的箱子", 40)


def test_shares_that_two_give_never_exceed_the_whole(as_person: SignIn, api: Any, project: str) -> None:
    page = as_person("lead.logistics", f"/projects/{project}")
    _say_why(page, "分拣摔箱")
    page.get_by_label("这是假设").check()
    page.get_by_label("占多少").fill("60")
    body = {"text": "箱子太薄", "assumption": True, "share": 70}
    assert api("POST", f"/projects/{project}/why", body, user="exec").status == 201
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("还剩 30 %")
    expect(page.get_by_label("因为什么")).to_have_value("分拣摔箱")
    expect(page.get_by_text("因为 箱子太薄")).to_be_visible()
    page.get_by_label("占多少").fill("30")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已解释 100 %")).to_be_visible()


def test_a_plan_that_somebody_else_changed_is_told(as_person: SignIn, api: Any, project: str) -> None:
    path = f"/projects/{project}"
    page = as_person("lead.logistics", path)
    page.get_by_role("button", name="改约定").click()
    page.get_by_label("最小效果").fill("15")
    plan = api("GET", path).json["project"]["plan"]
    assert api("PUT", f"{path}/plan", {"plan": {**plan, "weeks_after": 12}}).status == 200
    page.get_by_role("button", name="保存约定").click()
    expect(page.get_by_role("alert")).to_contain_text("开始后")
    expect(page.get_by_label("最小效果")).to_have_value("15")
    assert api("GET", path).json["project"]["plan"]["minimum_effect"] == 0.1
    page.get_by_role("button", name="仍按我的保存").click()
    expect(page.get_by_text("约定已保存")).to_be_visible()
    now = api("GET", path).json["project"]["plan"]
    assert (now["minimum_effect"], now["weeks_after"]) == (0.15, 8)


def test_what_the_service_refuses_is_said(as_person: SignIn, api: Any, clock: Clock, project: str) -> None:
    api("POST", f"/projects/{project}/move", {"order": "accept"}, **LEAD)
    at_week(clock, 1)
    page = as_person("lead.logistics", f"/projects/{project}")
    page.get_by_role("button", name="开始并封存约定").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="开始并封存约定").click()
    expect(dialog.get_by_role("alert")).to_contain_text("计划的开始早于本周")


def test_a_reason_withdrawn_meanwhile_is_told_and_what_was_typed_is_not_lost(
    as_person: SignIn, api: Any, project: str
) -> None:
    path = f"/projects/{project}/why"
    said = api("POST", path, {"text": "箱子太薄", "assumption": True}, **LEAD).json
    page = as_person("lead.logistics", f"/projects/{project}")
    page.get_by_role("button", name="再问为什么：箱子太薄").click()
    page.get_by_label("因为什么").fill("采购只看价钱")
    page.get_by_label("这是假设").check()
    api("POST", f"{path}/{said['because'][0]['id']}/withdraw", {}, user="exec")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("exec 刚收回了上面的原因")
    expect(page.get_by_label("因为什么")).to_have_value("采购只看价钱")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("因为 采购只看价钱")).to_be_visible()
    page.get_by_role("button", name="收回：采购只看价钱").click()
    page.get_by_role("dialog").get_by_role("button", name="收回").click()
    expect(page.get_by_text("还没有人说为什么")).to_be_visible()
    assert api("GET", path, **LEAD).json["because"] == []
