"""Looking at the loop and acting in it by the command line."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.commands import one_case, typed

# Looking and acting


def test_log_shows_at_once_what_the_loop_made_of_it(voc, tmp_path):
    text = "快递三天了还没送到，我的电话13800138000"
    done = voc("log", text, "--customer", "13800138000", "--order", "DD9", "--seconds", "60")
    assert "东西送得太慢" in done.out
    assert "物流部" in done.out
    assert "13800138000" not in done.out
    assert voc("log", "快递慢", "--cause", "billing.unclear", "--json").last["contact"]["causes"] == [
        "billing.unclear"
    ]
    said = typed(tmp_path / "data", "客户说看不懂账单\n", "log", "-", "--json").last
    assert (said["status"], said["contact"]["text"]) == ("taken", "客户说看不懂账单")


def test_a_case_from_queue_to_solved(shop):
    case = one_case(shop)
    shown = shop("case", case)
    assert all(word in shown.out for word in (case, "开单", "快递三天了还没送到", "accept", "工作日"))
    shop("do", "accept_case", f"id={case}", expect=0)
    shop("do", "resolve_case", f"id={case}", 'what="已补发"')
    assert shop("case", case, "--json").last["case"]["state"] == "unverified"
    assert shop("queue", "--state", "unverified", "--json").last["cases"][0]["id"] == case
    answer = ["reached=true", "resolved=true", "satisfaction=satisfied"]
    shop("do", "answer_callback", f"id={case}", *answer, expect=None)


def test_a_lead_sees_its_own_department_only(shop):
    assert {c["department"] for c in shop("queue", "--as", "lead", "--json").last["cases"]} == {"logistics"}
    other = one_case(shop, "finance")
    shop("case", other, "--as", "lead", expect=2)
    assert (
        shop("focus", "--last", "2026-W10", "--as", "lead", "--json").last["causes"][0]["department"]
        == "logistics"
    )


@pytest.mark.parametrize("command", ["metrics", "trend"])
def test_a_lead_may_not_read_another_departments_numbers(shop, command):
    shop(command, "--department", "finance", "--as", "lead", expect=2)


def test_numbers_for_people(shop):
    focus = shop("focus", "--last", "2026-W10")
    assert "东西送得太慢" in focus.out
    metrics = shop("metrics", "--first", "2026-W10", "--last", "2026-W10")
    assert "无分母 no denominator" in metrics.out
    assert "¥18.00" in metrics.out, "three contacts at 6 yuan"
    trend = shop("trend", "cost", "--first", "2026-W09", "--last", "2026-W11")
    assert "█" in trend.out
    assert "无数据 no data" in trend.out
    weeks = shop("trend", "cost", "--first", "2026-W09", "--last", "2026-W11", "--json").last["weeks"]
    assert [w["value"] for w in weeks] == [None, 1800.0, None]


def test_contacts_behind_a_number(shop):
    week = ("--first", "2026-W10", "--last", "2026-W10")
    assert len(shop("contacts", *week, "--json").last["contacts"]) == 3
    assert len(shop("contacts", *week, "--channel", "wechat", "--json").last["contacts"]) == 1
    assert "账单看不懂" in shop("contacts", *week, "--department", "finance").out
    assert "none yet" in shop("contacts", *week, "--segment", "vip").out


def test_projects_and_the_cycle(shop):
    assert "none yet" in shop("projects").out
    plan = {"metric": "cpx", "cause": "delivery.late", "starts": "2026-04-06T00:00:00+08:00"}
    body = {"title": "换承运商", "hypothesis": "换一家更准时的", "department": "logistics", "plan": plan}
    shop("do", "propose_project", "--body", json.dumps(body, ensure_ascii=False))
    shown = shop("projects")
    assert all(word in shown.out for word in ("P-1", "换承运商", "cpx", "未开始"))
    cycle = shop("cycle", "--json")
    assert cycle.last["cycle"]["state"] == "open"
    assert "本期决定" in cycle.out


def test_the_cycle_is_decided_and_closed_from_the_command_line(shop, tmp_path):
    late = ("--what", "start_project", "--about", "delivery.late", "--reason", "一直在涨")
    made = shop("cycle", "decide", *late, "--json")
    assert made.last["cycle"]["decisions"][0]["result"] == "project_proposed"
    assert "已提出项目，待部门接受" in made.out
    again = shop("cycle", "decide", *late, "--json").last["cycle"]
    assert again["decisions"] == made.last["cycle"]["decisions"], "safe to repeat"
    pdf, table = tmp_path / "纪要.pdf", tmp_path / "纪要.csv"
    closed = shop("cycle", "close", "--pdf", pdf, "--csv", table, "--json").last["cycle"]
    assert (closed["state"], closed["closed_by"]) == ("closed", "operator")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert table.read_text("utf-8-sig").count("本期决定 decision") == 1
    following = shop("cycle")
    assert "项目待接受" in following.out
    again = shop("cycle", "--week", closed["week"], "--pdf", tmp_path / "b.pdf", "--json")
    assert (tmp_path / "b.pdf").read_bytes() == pdf.read_bytes()
    assert again.last["cycle"]["state"] == "closed"


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["decide"], "--what"),
        (["decide", "--what", "other", "--about", "x"], "--reason"),
        (["decide", "--what", "other", "--about", "x", "--reason", "试试", "--week", "2026-W10"], "--week"),
        (["--week", "soon"], "--week"),
        (["--week", "2026-W02"], "week"),
        (["close", "--as", "anna"], "role"),
        (["--pdf", "."], "."),
        (["--csv", "no/such/folder/x.csv"], "no/such/folder/x.csv"),
    ],
)
def test_what_the_cycle_command_refuses(words, where, shop):
    assert shop("cycle", *words, "--json", expect=2).last["error"]["where"] == where


def test_do_lists_all_operations_and_keeps_to_roles(shop):
    listed = shop("do", "--json").last["operations"]
    assert len(listed) > 30
    assert all(o["op"] and o["what"] and o["step"] for o in listed)
    refused = shop("do", "save_settings", "company=x", "--as", "anna", "--json", expect=2)
    assert refused.last["error"]["code"] == "role"


def test_do_says_in_words_what_it_did(shop):
    case = one_case(shop)
    done = shop("do", "ask_department", f"id={case}", "department=quality", "what=查包装").out
    assert len(done.splitlines()) == 2
    assert all(word in done for word in (case, "待接受", "物流部", "品控部", "时限"))
    assert shop("do", "accept_case", f"id={case}", "--json").last["case"]["state"] == "working"
    voice = shop("do", "post_voice", "text=新包装一碰就破").out
    assert re.match(r"心声 V-\w+：0 人支持", voice)
    assert json.loads(shop("do", "read_settings").out)["hours"] == "09:00-18:00"


def test_do_names_everything_that_is_missing(shop):
    refused = shop("do", "ask_department", expect=2).error
    assert "缺少 id=…、department=…、what=…" in refused
    plan = '{"metric": "cpx"}'
    wrong = shop(
        "do", "propose_project", "title=换", "hypothesis=换", "department=it", f"plan={plan}", expect=2
    )
    assert all(name in wrong.error for name in ("title", "hypothesis", "plan.cause", "plan.starts"))


def test_a_list_is_given_with_commas(shop):
    ids = [c["id"] for c in shop("contacts", "--last", "2026-W10", "--json").last["contacts"][:2]]
    words = ["subject=包装", "department=quality", f"evidence={','.join(ids)}"]
    raised = shop("do", "raise_andon", *words, "--json").last
    assert raised["evidence"] == sorted(ids)
    assert shop("do", "raise_andon", *words).out.startswith(f"安灯 {raised['id']}：待答复")


def test_the_queue_and_a_case_speak_chinese(shop):
    case = one_case(shop)
    shop("do", "ask_department", f"id={case}", "department=quality", "what=查包装")
    queue = shop("queue", "--as", "lead").out
    assert all(word in queue for word in ("物流部", "待接受", "接受 accept", "我要做"))
    shown = shop("case", case).out
    assert all(word in shown for word in ("开单", "派任务", "品控部", "查包装", "否"))
    assert not re.search(r"\b(True|False|TaskAsked|to_accept|logistics)\b", shown)


def test_callbacks_show_whom_to_call(shop):
    case = one_case(shop)
    shop("do", "accept_case", f"id={case}")
    shop("do", "resolve_case", f"id={case}", "what=补发了")
    done = shop("callbacks", "--json")
    (owed,) = done.last["callbacks"]
    assert (owed["shown"], owed["label"]) == ("138****8000", "东西送得太慢")
    assert all(owed[name] in done.out for name in ("shown", "label", "customer"))
    assert shop("do", "reveal_customer", f"id={owed['customer']}", "purpose=回访", "--json").last
