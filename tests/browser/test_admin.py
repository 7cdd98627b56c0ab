"""An admin looks after people, rules and data; what destroys asks first, and who comes second loses nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from chalicelib.adapters.messaging import HttpMessenger
from chalicelib.api.routing import DOOR
from chalicelib.loop.schedule import study
from chalicelib.loop.worker import put_off
from chalicelib.model.demo import DemoMark
from chalicelib.model.people import Role, User
from chalicelib.model.tagger import TaggerVersion
from tests.browser.conftest import PASSWORD, SignIn, Site
from tests.group_chat import group_chat

PHONE = "13800138000"
CONTACT = {
    "text": f"快递没到，电话{PHONE}",
    "channel": "phone",
    "customer": PHONE,
    "causes": ["delivery.late"],
}


def _dialog(page: Page) -> Any:
    return page.get_by_role("dialog")


def _users(api: Any) -> dict[str, Any]:
    return {user["name"]: user for user in api("GET", "/users").json["users"]}


def test_a_user_is_made_gets_a_password_once_and_is_deactivated(
    sign_in: SignIn, site: Site, api: Any, loop: Any
) -> None:
    page = sign_in("admin", "/admin/users")
    page.get_by_role("button", name="新建用户").click()
    dialog = _dialog(page)
    dialog.get_by_label("用户名").fill("lead.store")
    dialog.get_by_label("角色").select_option("lead")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("至少要有一个部门")
    dialog.get_by_role("checkbox", name="物流部").check()
    password = dialog.get_by_label("密码").input_value()
    dialog.get_by_role("button", name="保存").click()
    expect(_dialog(page).locator("code")).to_have_text(password)
    _dialog(page).get_by_role("button", name="关闭").last.click()
    expect(page.get_by_text(password)).to_have_count(0)
    assert _users(api)["lead.store"]["role"] == "lead"
    signed = api("POST", "/session", {"name": "lead.store", "password": password}, user=None)
    assert signed.status == 200
    page.get_by_role("button", name="停用 lead.store").click()
    expect(_dialog(page)).to_contain_text("不能再登录")
    _dialog(page).get_by_role("button", name="停用").click()
    expect(_dialog(page)).to_contain_text("请照样输入")
    assert not _users(api)["lead.store"]["disabled"]
    _dialog(page).get_by_label("输入“lead.store”确认").fill("lead.store")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="lead.store 已停用")).to_be_visible()
    assert _users(api)["lead.store"]["disabled"]
    assert api("POST", "/session", {"name": "lead.store", "password": password}, user=None).status == 401


def test_the_second_of_two_admins_is_told_and_keeps_what_was_typed(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/users")
    page.get_by_role("button", name="修改 agent").click()
    page.get_by_label("姓名").fill("王晓")
    api("PUT", "/users/agent", {"role": "executive"})
    _dialog(page).get_by_role("button", name="保存").click()
    expect(_dialog(page)).to_contain_text("现在是 管理层")
    expect(page.get_by_label("姓名")).to_have_value("王晓")
    _dialog(page).get_by_role("button", name="保存").click()
    expect(_dialog(page)).to_have_count(0)
    assert (_users(api)["agent"]["display"], _users(api)["agent"]["role"]) == ("王晓", "agent")


def test_everybody_changes_their_own_password_and_stays_signed_in(
    sign_in: SignIn, api: Any, clock: Any
) -> None:
    page = sign_in("agent")
    clock.forward(seconds=1)
    page.get_by_role("link", name="agent").click()
    page.get_by_label("现在的密码").fill("not this one")
    page.get_by_label("新密码 *", exact=True).fill("a-new-password")
    page.get_by_label("再输一次新密码").fill("a-new-password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("现在的密码不对")).to_be_visible()
    expect(page.get_by_label("现在的密码")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="密码已改")).to_be_visible()
    page.goto(page.url.split("#")[0] + "#/log")
    expect(page.locator("textarea")).to_be_visible()
    answer = {"name": "agent", "password": "a-new-password"}
    assert api("POST", "/session", answer, user=None).status == 200


def _change_definition(page: Page, text: str) -> None:
    page.get_by_label("查找原因").fill("delivery.late")
    page.get_by_role("button", name="修改 东西送得太慢").click()
    _dialog(page).get_by_label("定义").fill(text)
    _dialog(page).get_by_role("button", name="放进草稿").click()


def test_a_cause_is_changed_after_seeing_what_that_cuts(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/taxonomy")
    _change_definition(page, "超过承诺的时间还没送到")
    expect(page.get_by_text("1 处改动还没保存")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 处改动还没保存")).to_be_visible()
    page.get_by_role("button", name="预览并保存").click()
    expect(_dialog(page)).to_contain_text("东西送得太慢: 定义")
    expect(_dialog(page)).to_contain_text("切开")
    assert api("GET", "/taxonomy").json["taxonomy"]["number"] == 1
    _dialog(page).get_by_role("button", name="保存为第 2 版").click()
    expect(page.get_by_role("status").filter(has_text="已保存为第 2 版")).to_be_visible()
    made = api("GET", "/taxonomy").json["taxonomy"]
    (cause,) = (one for one in made["causes"] if one["code"] == "delivery.late")
    assert (made["number"], cause["definition_zh"]) == (2, "超过承诺的时间还没送到")
    page.get_by_label("历次版本").check(force=True)
    expect(page.get_by_role("cell", name="东西送得太慢")).to_be_visible()


def test_of_two_admins_at_once_neither_loses_a_cause(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/taxonomy")
    _change_definition(page, "我的定义")
    _relabel(api, "billing.invoice", "开发票", number=1)  # before my preview
    page.get_by_role("button", name="预览并保存").click()
    expect(page.get_by_role("status").filter(has_text="刚保存了第 2 版。您的改动都在")).to_be_visible()
    page.get_by_role("button", name="预览并保存").click()
    mine = _dialog(page).get_by_role("button", name="保存为第 3 版")
    expect(mine).to_be_visible()
    _relabel(api, "delivery.lost", "没收到货", number=2)  # between my preview and my save
    mine.click()
    expect(page.get_by_role("status").filter(has_text="刚保存了第 3 版。您的改动都在")).to_be_visible()
    page.get_by_role("button", name="预览并保存").click()
    _dialog(page).get_by_role("button", name="保存为第 4 版").click()
    expect(page.get_by_role("status").filter(has_text="已保存为第 4 版")).to_be_visible()
    made = {one["code"]: one for one in api("GET", "/taxonomy").json["taxonomy"]["causes"]}
    assert made["delivery.late"]["definition_zh"] == "我的定义"
    assert made["billing.invoice"]["label_zh"] == "开发票"
    assert made["delivery.lost"]["label_zh"] == "没收到货"


def _relabel(api: Any, code: str, label: str, number: int) -> None:
    """Somebody else saves the version after `number`."""
    known = api("GET", "/taxonomy").json["taxonomy"]
    causes = [{**c, "label_zh": label} if c["code"] == code else c for c in known["causes"]]
    named = {"departments": known["departments"], "causes": causes, "number": number}
    assert api("PUT", "/taxonomy", named).status == 200


def test_the_taxonomy_leaves_as_a_file_and_comes_back_the_same(sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("admin", "/admin/taxonomy")
    with page.expect_download() as saved:
        page.get_by_role("button", name="导出原因").click()
    file = tmp_path / "causes.csv"
    saved.value.save_as(file)
    page.get_by_label("从文件读入草稿").set_input_files(file)
    expect(page.get_by_role("status").filter(has_text="0 处不同")).to_be_visible()
    file.write_bytes(file.read_text("utf-8-sig").replace("东西送得太慢", "送得太慢").encode("gb18030"))
    page.get_by_label("从文件读入草稿").set_input_files(file)
    expect(page.get_by_text("1 处改动还没保存")).to_be_visible()


def test_a_merge_moves_the_past_shows_how_far_and_leaves_the_draft(
    sign_in: SignIn, site: Site, api: Any, clock: Any
) -> None:
    api("POST", "/contacts", CONTACT, user="agent")
    site.work()
    page = sign_in("admin", "/admin/taxonomy")
    page.get_by_label("查找原因").fill("billing.invoice")
    page.get_by_role("cell").get_by_role("button").click()
    _dialog(page).get_by_label("定义").fill("开不出发票")
    _dialog(page).get_by_role("button", name="放进草稿").click()
    page.get_by_label("并入与拆分").check(force=True)
    page.get_by_label("并掉").select_option("delivery.late")
    page.get_by_label("并入", exact=True).select_option("delivery.lost")
    page.get_by_role("button", name="并入…").click()
    _dialog(page).get_by_label("输入“确定”确认").fill("确定")
    page.keyboard.press("Enter")
    expect(page.get_by_text("进行中")).to_be_visible()
    expect(page.get_by_text("1 处改动还没保存")).to_be_visible()
    known = {c["code"]: c for c in api("GET", "/taxonomy").json["taxonomy"]["causes"]}
    assert known["delivery.late"]["merged_into"] == "delivery.lost"


def test_the_calendar_is_tried_before_it_is_saved(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/calendar")
    expect(page.get_by_text("到期 11-18 18:00")).to_be_visible()
    page.locator("input[type=date]").first.fill("2026-11-18")
    page.get_by_role("button", name="加这一天 · 自家休息日").click()
    expect(page.get_by_text("到期 11-19 17:00")).to_be_visible()
    assert api("GET", "/settings").json["holidays"] == []
    page.get_by_label("下班").fill("08:00")
    page.get_by_role("button", name="保存日历与时限").click()
    expect(page.get_by_label("上班", exact=True)).to_be_focused()
    page.get_by_label("下班").fill("17:30")
    api("PATCH", "/settings", {"settings": {"company": "别人"}})
    page.get_by_role("button", name="保存日历与时限").click()
    expect(page.get_by_role("status").filter(has_text="您填的还在")).to_be_visible()
    page.get_by_role("button", name="保存日历与时限").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    stored = api("GET", "/settings").json
    assert (stored["hours"], stored["holidays"], stored["company"]) == (
        "09:00-17:30",
        ["2026-11-18"],
        "别人",
    )


def test_the_calendar_is_tried_again_when_it_was_changed_meanwhile(sign_in: SignIn, clock: Any) -> None:
    page = sign_in("admin", "/admin/calendar")
    expect(page.get_by_text("到期 11-18 18:00")).to_be_visible()
    page.clock.install(time=clock.now)
    page.clock.pause_at(clock.now + timedelta(minutes=1))
    held: list[Route] = []
    page.route("**/calendar/try", lambda route: held.append(route), times=1)
    page.get_by_label("下班").fill("17:30")
    with page.expect_request("**/calendar/try"):
        page.clock.run_for(1_000)
    page.locator("input[type=date]").first.fill("2026-11-18")
    page.get_by_role("button", name="加这一天 · 自家休息日").click()
    page.clock.run_for(1_000)
    (slow,) = held
    slow.continue_()
    expect(page.get_by_text("到期 11-19 17:00")).to_be_visible()


def test_a_person_is_found_exported_and_erased_with_a_receipt(sign_in: SignIn, site: Site, api: Any) -> None:
    api("POST", "/contacts", CONTACT, user="agent")
    site.work()
    page = sign_in("admin", "/admin/privacy")
    page.get_by_label("手机、会员号或用户号").fill(PHONE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 条联络、1 张工单")).to_be_visible()
    page.get_by_role("button", name="导出全部").click()
    expect(page.get_by_label("用途（记入查阅记录）")).to_be_focused()
    page.get_by_label("用途（记入查阅记录）").fill("本人要求")
    with page.expect_download() as saved:
        page.get_by_role("button", name="导出全部").click()
    assert PHONE in json.loads(Path(saved.value.path()).read_text("utf-8"))["contacts"][0]["text"]
    page.get_by_role("button", name="删除此人").click()
    expect(_dialog(page)).to_contain_text("1 条联络的内容和原文")
    _dialog(page).get_by_label("输入“删除”确认").fill("删除")
    page.keyboard.press("Enter")
    said = page.get_by_role("status").filter(has_text="回执")
    expect(said).to_be_visible()
    expect(said).to_contain_text(api("GET", "/receipts").json["receipts"][0]["id"])
    assert api("POST", "/customers/look-up", {"ref": PHONE}).json == {"customer": None}
    assert PHONE not in page.url


def test_a_dead_letter_says_why_and_is_sent_again(sign_in: SignIn, site: Site, api: Any, loop: Any) -> None:
    api("PATCH", "/settings", {"settings": {"max_tries": 1}})
    api("POST", "/contacts", CONTACT, user="agent")
    (owed,) = loop.store.due(loop.clock(), 1)
    put_off(loop, owed, OSError("disk"))
    page = sign_in("admin", "/admin/dead")
    expect(page.get_by_text("存储写不进去")).to_be_visible()
    page.get_by_role("button", name="再发").click()
    expect(page.get_by_text("没有死信")).to_be_visible()
    site.work()
    assert api("GET", "/contacts").json["contacts"][0]["case"]


def test_the_demo_company_goes_after_a_typed_word_and_leaves_a_receipt(
    sign_in: SignIn, api: Any, loop: Any
) -> None:
    def demo(unit: Any) -> None:
        unit.put(DemoMark(demo=True, complete=True, holds={"user": 1}))
        unit.put(User(name="demo.agent", role=Role.AGENT, demo=True))

    loop.change(demo)
    page = sign_in("admin", "/admin/demo")
    page.get_by_role("button", name="删除演示数据").click()
    expect(_dialog(page)).to_contain_text("用户 1")
    _dialog(page).get_by_role("button", name="删除演示数据").click()
    assert api("GET", "/demo").json["removals"] == []
    _dialog(page).get_by_label("输入“删除演示数据”确认").fill("删除演示数据")
    page.keyboard.press("Enter")
    expect(page.get_by_text("正在删除")).to_be_visible()
    study(loop)
    expect(page.get_by_text("由 admin 要求：用户 1")).to_be_visible()
    assert not api("GET", "/demo").json["there"]
    assert "demo.agent" not in _users(api)


def test_numbers_are_given_and_corrections_keep_who_and_what(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/counts")
    for value in ("1,200", "1,250"):
        page.get_by_label("数值").fill(value)
        page.get_by_label("数值").press("Enter")
        expect(page.get_by_role("status").filter(has_text=value)).to_be_visible()
    expect(page.get_by_role("cell", name="1,200（admin")).to_be_visible()
    rows = api("GET", "/denominators?first=2026-W01&last=2026-W53&name=orders").json["denominators"]
    assert [(row["value"], [e["value"] for e in row["earlier"]]) for row in rows] == [(1250, [1200])]


def test_a_version_of_the_tagger_goes_live(sign_in: SignIn, api: Any, loop: Any) -> None:
    loop.change(lambda unit: unit.put(TaggerVersion(number=1, by="schedule", learnt=40, made=unit.now)))
    page = sign_in("admin", "/admin/tagger")
    expect(page.get_by_text("还没有盲评")).to_be_visible()
    page.get_by_role("button", name="启用 1").click()
    expect(_dialog(page)).to_contain_text("新联络改由第 1 版打标")
    _dialog(page).get_by_role("button", name="启用").click()
    expect(page.get_by_role("status").filter(has_text="第 1 版已启用")).to_be_visible()
    assert api("GET", "/taggers").json["live"] == 1


def test_only_an_admin_gets_in(sign_in: SignIn) -> None:
    page = sign_in("exec", "/admin/users")
    expect(page.get_by_text("没有这个页面")).to_be_visible()
    expect(page.get_by_role("link", name="管理")).to_have_count(0)


def test_a_source_gets_a_key_once_and_loses_it(sign_in: SignIn, api: Any, site: Site) -> None:
    page = sign_in("admin", "/admin/channels")
    page.get_by_label("来源", exact=True).fill("呼叫中心")
    page.keyboard.press("Enter")
    token = _dialog(page).locator("code").inner_text()
    _dialog(page).get_by_role("button", name="关闭").last.click()
    expect(page.get_by_text(token)).to_have_count(0)
    bearer = {"Authorization": f"Bearer {token}"}
    assert api("POST", "/contacts", CONTACT, user=None, headers=bearer).status == 201
    assert api("GET", "/contacts", user=None, headers=bearer).status == 403
    page.reload()
    expect(page.get_by_role("cell", name="2026-11-18")).to_be_visible()
    page.get_by_role("button", name="撤销 呼叫中心").click()
    _dialog(page).get_by_label("输入“呼叫中心”确认").fill("呼叫中心")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已撤销")).to_be_visible()
    assert api("POST", "/contacts", CONTACT, user=None, headers=bearer).status == 401


def test_costs_are_given_in_yuan_and_kept_in_fen(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/channels")
    page.get_by_label("单独设 电话").check()
    page.get_by_label("电话 每条固定（元）").fill("一块")
    page.get_by_role("button", name="保存成本").click()
    expect(page.get_by_label("电话 每条固定（元）")).to_be_focused()
    page.get_by_label("电话 每条固定（元）").fill("1.25")
    page.get_by_role("button", name="保存成本").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert api("GET", "/settings").json["rates"]["phone"]["fixed"] == 125


def test_a_robot_is_added_tested_and_removed_and_its_address_never_comes_back(
    sign_in: SignIn, site: Site, api: Any, loop: Any
) -> None:
    with group_chat() as chat:
        DOOR.loop = lambda: replace(loop, messenger=HttpMessenger())
        page = sign_in("admin", "/admin/robots")
        page.get_by_role("button", name="添加机器人").click()
        _dialog(page).get_by_label("名称").fill("物流群")
        _dialog(page).get_by_label("飞书").check(force=True)
        _dialog(page).get_by_label("Webhook 地址").fill(chat.address)
        _dialog(page).get_by_label("加签的密钥").fill("SECxyz")
        _dialog(page).get_by_role("button", name="保存").click()
        expect(_dialog(page)).to_contain_text("请至少选一个")
        _dialog(page).get_by_role("checkbox", name="物流部").check()
        _dialog(page).get_by_role("button", name="保存").click()
        page.get_by_role("button", name="发测试消息 物流群").click()
        expect(page.get_by_role("status").filter(has_text="测试消息已发到")).to_be_visible()
        assert chat.posts[0][1]["msg_type"] == "text"
        chat.answer = b'{"code": 19021}'
        page.get_by_role("button", name="发测试消息 物流群").click()
        expect(page.get_by_role("status").filter(has_text="签名不符")).to_be_visible()
    page.get_by_role("button", name="修改 物流群").click()
    expect(_dialog(page).get_by_label("Webhook 地址")).to_have_value("")
    page.keyboard.press("Escape")
    assert "very-secret-key" not in page.content()
    page.get_by_role("button", name="删除 物流群").click()
    _dialog(page).get_by_label("输入“物流群”确认").fill("物流群")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已删除")).to_be_visible()
    assert api("GET", "/robots").json["robots"] == []


def test_rules_are_changed_in_one_form_that_says_what_they_mean(sign_in: SignIn, api: Any) -> None:
    page = sign_in("admin", "/admin/rules")
    tries = page.get_by_label("一步失败几次成为死信")
    expect(tries).to_have_value("8")
    expect(tries).to_have_accessible_description(re.compile("1–50，默认 8"))
    tries.fill("51")
    page.get_by_role("button", name="保存规则").click()
    expect(tries).to_be_focused()
    expect(page.get_by_text("要在 1–50 之间")).to_be_visible()
    tries.fill("9")
    page.get_by_label("缺多大份额才通知").fill("2.5")
    page.get_by_role("group", name="谁可看没有遮掩的原文").get_by_label("客服").check()
    api("PATCH", "/settings", {"settings": {"review_daily": 5}})
    page.get_by_role("button", name="保存规则").click()
    expect(page.get_by_text("别人刚改过设置")).to_be_visible()
    page.get_by_role("button", name="保存规则").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    expect(tries).to_have_accessible_description(re.compile("改过"))
    now = api("GET", "/settings").json
    assert [now[name] for name in ("max_tries", "missing_share", "review_daily")] == [9, 0.025, 5]
    assert sorted(now["originals"]) == ["admin", "agent", "lead"]
    assert now["changed"]["max_tries"]["by"] == "admin"
