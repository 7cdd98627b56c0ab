"""The command line from outside: what goes in, what comes out, which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli.__main__ import main, parser
from chalicelib.cli.finding import in_context
from chalicelib.loop.admin import save_user
from chalicelib.loop.listen.search import Hit
from chalicelib.model.contact import Contact
from chalicelib.model.people import Role
from chalicelib.wiring import build, environment

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "data": [
        "run",
        "import",
        "work",
        "rebuild",
        "retag",
        "demo",
        "status",
        "dead",
        "bench",
        "pictures",
        "package",
        "deploy",
        "e2e",
        "test",
    ],
    "looking": [
        "queue",
        "case",
        "focus",
        "metrics",
        "trend",
        "verdict",
        "contacts",
        "callbacks",
        "projects",
        "project",
        "why",
        "cycle",
        "find",
        "quality",
        "chart",
        "ledger",
        "dispute",
    ],
    "watching": ["overview", "alarms", "skyline", "split", "completeness", "baseline"],
    "tagging": ["tag", "evaluate", "learn", "discover", "proposals"],
    "acting": ["log", "do", "user", "taxonomy", "settings", "customer"],
    "handing on": ["export", "sql"],
}
ALL = [command for group in COMMANDS.values() for command in group]


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    error: str

    @property
    def last(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


Voc = Callable[..., Done]


@pytest.fixture
def voc(tmp_path, capsys, monkeypatch) -> Voc:
    """Runs one command in this process on a data folder of its own."""
    for name in [n for n in os.environ if n.startswith("VOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*words: object, expect: int | None = 0) -> Done:
        capsys.readouterr()
        code = main([str(w) for w in words] + ["--data", str(tmp_path / "data")])
        return checked(Done(code, *capsys.readouterr()), expect)

    return run


def checked(done: Done, expect: int | None) -> Done:
    """The command, if it ended as it should and without a traceback."""
    assert "Traceback" not in done.out + done.error
    assert expect is None or done.code == expect, done.error
    return done


def typed(data: Path, text: str, *words: str, expect: int = 0) -> Done:
    """One command in a process of its own, with something on its standard input."""
    command = [sys.executable, "-m", "chalicelib.cli", *words, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)
    return checked(Done(done.returncode, done.stdout, done.stderr), expect)


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with these lines, in the source code indented."""
    path.write_bytes("\n".join(line.strip() for line in text.strip().splitlines()).encode(encoding))
    return path


CONTACTS = """
    工单编号,内容,渠道,手机号,来电时间,订单号
    G1,快递三天了还没送到,电话,13800138000,2026-03-02 10:00,DD1
    G2,账单看不懂,微信,13800138001,2026-03-02 11:00,
    G3,说好的优惠没给我,邮件,13800138002,2026-03-03 09:30,
"""


USERS = {
    "lead": {"role": Role.LEAD, "departments": ["logistics"]},
    "boss": {"role": Role.ADMIN},
    "anna": {"role": Role.AGENT},
    "exec": {"role": Role.EXECUTIVE},
}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A data folder with three contacts and three users."""
    folder = tmp_path_factory.mktemp("prepared")
    file = table(folder / "contacts.csv", CONTACTS)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert main(["import", str(file), "--data", str(folder / "data")]) == 0
    system = build(environment({}, folder / "data"))
    for name, user in USERS.items():
        save_user(system.loop, name, **user)
    system.close()
    return folder / "data"


@pytest.fixture
def shop(voc, tmp_path, prepared) -> Voc:
    """A small store: three contacts, a lead, an admin, an agent."""
    shutil.copytree(prepared, tmp_path / "data")
    return voc


def one_case(voc: Voc, department: str = "logistics") -> str:
    return str(voc("queue", "--department", department, "--json").last["cases"][0]["id"])


# Help and exit codes


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert [c for c in ALL if not re.search(rf"^ {{4}}{c}\b", out, re.MULTILINE)] == []
    offered = next(a for a in parser()._actions if a.dest == "command").choices
    assert set(offered) == set(ALL), "a new command is to be tested here"


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help_in_both_languages(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in out)
    assert "--data" in out
    assert "--json" in out


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["import"], ["queue", "--limit", "x"], ["queue", "--limit", "0"], ["focus", "--limit", "501"],
     ["run", "--port", "0"], ["run", "--port", "65536"], ["queue", "--state", "gone"], ["user", "add", "x", "--role", "king"]],
)  # fmt: skip
def test_wrong_use_is_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["import", "missing.csv"],
        ["case", "K-NOBODY"],
        ["queue", "--as", "nobody"],
        ["metrics", "--last", "yesterday"],
        ["trend", "nps"],
        ["log", ""],
        ["log", "快递慢", "--channel", "pigeon"],
        ["log", "快递慢", "--cause", "no.such"],
        ["do", "no_such_operation"],
        ["do", "accept_case"],
        ["do", "accept_case", "id=K-NOBODY"],
        ["do", "accept_case", "id"],
        ["do", "accept_case", "id=K-NOBODY", "--body", "{"],
        ["settings", "nonsense=1"],
        ["settings", "task=soon"],
        ["customer", "show", "13900000000"],
        ["customer", "erase", "13800138000"],
        ["user", "add", "no spaces", "--role", "agent"],
        ["user", "block"],
        ["user", "set", "nobody"],
        ["taxonomy", "load"],
        ["taxonomy", "load", "--causes", "missing.csv", "--departments", "missing.csv"],
        ["contacts", "--as", "lead", "--department", "finance"],
    ],
)
def test_wrong_input_is_2_with_both_languages(shop, words):
    done = shop(*words, "--json", expect=2)
    zh, en, *_ = done.error.splitlines()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert en.isascii() or "、" not in en
    assert set(done.last) == {"error"}
    assert {"code", "zh", "en"} <= set(done.last["error"])


def test_a_missing_file_in_a_process_of_its_own(tmp_path):
    words = ["import", "missing.csv", "--data", str(tmp_path / "d")]
    done = subprocess.run(
        [sys.executable, "-m", "chalicelib.cli", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "找不到文件" in done.stderr
    assert "No such file" in done.stderr
    assert "Traceback" not in done.stderr


# Import

IMPORTED = {"taken", "known", "refused", "refused_file"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_contacts_in_any_encoding(voc, tmp_path, encoding):
    path = table(tmp_path / "工单.csv", CONTACTS, encoding)
    done = voc("import", path, "--json")
    assert done.last == {"taken": 3, "known": 0, "refused": 0, "refused_file": None}
    (found,) = voc("contacts", "--cause", "delivery.late", "--last", "2026-W10", "--json").last["contacts"]
    assert (found["channel"], found["text"]) == ("phone", "快递三天了还没送到")
    assert voc("rebuild", "--check", "--json").last["differences"] == 0


def test_the_same_file_again_adds_nothing(voc, tmp_path):
    path = table(tmp_path / "a.csv", CONTACTS)
    voc("import", path)
    before = voc("metrics", "--last", "2026-W10", "--json").last
    assert voc("import", path, "--json").last == {"taken": 0, "known": 3, "refused": 0, "refused_file": None}
    assert voc("metrics", "--last", "2026-W10", "--json").last == before


def _workbook(path: Path, rows: list[list[Any]], sheet: str = "工单") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(path)
    book.close()
    return path


def test_contacts_from_a_sheet_of_a_workbook(voc, tmp_path):
    rows = [["内容", "渠道", "手机号", "来电时间"], ["账单看不懂", "电话", 13800138000, "2026-03-02 10:00"]]
    path = _workbook(tmp_path / "a.xlsx", rows)
    done = voc("import", path, "--sheet", "工单", "--json")
    assert done.last["taken"] == 1
    assert "138****8000" in voc("customer", "show", "13800138000").out
    voc("import", path, "--sheet", "没有这页", expect=2)


def test_contacts_as_json_lines(voc, tmp_path):
    rows = [
        {"text": "快递太慢", "channel": "app", "customer": "M1", "time": "2026-03-02T10:00:00+08:00"},
        {"text": "多收了我的钱", "channel": "chat", "seconds": 90, "causes": "billing.overcharged"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    assert voc("import", path, "--json").last == {"taken": 2, "known": 0, "refused": 0, "refused_file": None}


def test_denominators_customers_and_callbacks(shop, tmp_path):
    x = table(
        tmp_path / "x.csv", 'denominator,period,value\nparcels,2026-W10,2000\nparcels,2026-03-09,"1,500"'
    )
    assert shop("import", x, "--json").last == {"taken": 2, "known": 0, "refused": 0, "refused_file": None}
    assert shop("import", x, "--json").last["known"] == 2
    cpx = shop("metrics", "--cause", "delivery.late", "--first", "2026-W10", "--last", "2026-W10", "--json")
    assert (cpx.last["metrics"]["cpx"]["value"], cpx.last["metrics"]["cpx"]["n"]) == (0.5, 2_000)

    people = table(
        tmp_path / "people.csv", "客户编号,姓名,客群,等级\n13800138000,王小明,vip,金\nM7,李雷,new,银"
    )
    assert shop("import", people, "--json").last["taken"] == 2
    shown = shop("customer", "show", "13800138000")
    assert all(word in shown.out for word in ("客群 segment：vip", "等级 tier：金", "2026-03-02 10:00"))
    assert "王小明" not in shown.out

    case = one_case(shop)
    shop("do", "accept_case", f"id={case}", "--as", "lead")
    shop("do", "resolve_case", f"id={case}", "what=补发了", "--as", "lead")
    (owed,) = shop("callbacks", "--json").last["callbacks"]
    assert owed["case"] == case
    calls = table(
        tmp_path / "calls.csv", f"工单号,是否接通,是否解决,满意度\n{case},是,否,不满意\nK-NOBODY,是,是,满意"
    )
    done = shop("import", calls, "--kind", "callbacks", "--json", expect=1)
    assert (done.last["taken"], done.last["refused"]) == (1, 1)
    assert shop("case", case, "--json").last["case"]["state"] == "came_back"
    assert shop("import", calls, "--kind", "callbacks", "--json", expect=1).last["known"] == 1
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


def test_refused_rows_are_written_down_corrected_and_imported_again(voc, tmp_path):
    bad = "\nG4,,电话,13800138003,2026-03-03 10:00,\nG5,退款没到,电话,13800138004,前天,\nG1,另外的话,电话,1,2026-03-02 10:00,"
    done = voc("import", table(tmp_path / "a.csv", CONTACTS.strip() + bad), "--json", expect=1)
    assert set(done.last) == IMPORTED
    assert (done.last["taken"], done.last["known"], done.last["refused"]) == (3, 0, 3)
    path = Path(done.last["refused_file"])
    assert path.parent == tmp_path / "data" / "refused"
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["行号 line"], r["code"], r["where"]) for r in rows] == [
        ("5", "invalid", "text"), ("6", "bad_time", "time"), ("7", "contact.changed", "external_id"),
    ]  # fmt: skip
    assert all(r["原因 reason (zh)"] and r["reason (en)"] for r in rows)
    assert rows[1]["内容"] == "退款没到"
    assert "13800138004" not in done.out + done.error, "the refused cells are in the file only"

    fixed = tmp_path / "fixed.csv"
    fixed.write_text(path.read_text("utf-8-sig").replace("前天", "2026-03-03 11:00"), "utf-8")
    again = voc("import", fixed, "--json", expect=1)
    assert (again.last["taken"], again.last["refused"]) == (1, 2)


def test_rows_without_times_and_equal_texts_are_told_apart_in_the_file(voc, tmp_path):
    path = table(tmp_path / "a.csv", "内容,客户\n快递慢,u1\n快递慢,u1\n快递慢,u2\n账单看不懂,u1")
    assert voc("import", path, "--channel", "chat", "--json").last["taken"] == 4
    assert voc("import", path, "--channel", "chat", "--json").last["known"] == 4
    assert voc("import", path, "--channel", "phone", "--json").last["taken"] == 4, (
        "another channel, another contact"
    )


def test_a_file_without_channels_is_taken_as_web_and_says_so(voc, tmp_path):
    done = voc("import", table(tmp_path / "a.csv", "内容\n快递慢"))
    assert "web" in done.out
    assert "--channel" in done.out
    assert voc("contacts", "--json").last["contacts"][0]["channel"] == "web"


def test_columns_can_be_named_and_fixed(voc, tmp_path):
    path = table(tmp_path / "a.csv", "甲,乙,丙\n快递三天没到,2026-03-02 10:00,无关")
    voc("import", path, expect=2)
    voc("import", path, "--map", "text=丁", expect=2)
    voc("import", path, "--map", "nonsense=甲", expect=2)
    done = voc("import", path, "--kind", "contacts", "--map", "text=甲,time=乙,channel==store")
    assert "丙" in done.out, "columns that are not used are named"
    (found,) = voc("contacts", "--last", "2026-W10", "--json").last["contacts"]
    assert found["channel"] == "store"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02" * 400, b"PK\x03\x04broken", b'{"a": ', b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(voc, tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert set(voc("import", path, "--json", expect=2).last) == {"error"}
    voc("import", tmp_path, expect=2)


def test_an_import_can_leave_the_steps_to_the_service(voc, tmp_path):
    voc("import", table(tmp_path / "a.csv", CONTACTS), "--no-wait")
    assert voc("status", "--json").last["waiting"] == 3
    assert voc("work", "--json").last["done"] == 3
    assert voc("status", "--json").last["waiting"] == 0


def test_an_agents_import_as_somebody(shop, tmp_path):
    shop("import", table(tmp_path / "b.csv", "内容,客户\n快递慢,u9"), "--as", "lead")
    shop("import", table(tmp_path / "b.csv", "内容,客户\n快递慢,u9"), "--as", "nobody", expect=2)


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
    assert "已提出项目，待部门接受 P-1" in made.out
    assert shop("cycle", "decide", *late, "--json").last == made.last, "safe to repeat"
    pdf, table = tmp_path / "纪要.pdf", tmp_path / "纪要.csv"
    closed = shop("cycle", "close", "--pdf", pdf, "--csv", table, "--json").last["cycle"]
    assert (closed["state"], closed["closed_by"]) == ("closed", "operator")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert table.read_text("utf-8-sig").count("delivery.late") == 1
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
        (["--week", "2026-W02"], "cycle"),
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


def test_contacts_are_found_by_what_was_said(shop):
    done = shop("find", "說好", "优惠", "--json")
    (found,) = done.last["contacts"]
    assert (found["text"], found["spans"]) == ("说好的优惠没给我", [[0, 2], [3, 5]])
    assert "«说好»的«优惠»没给我" in done.out
    assert [c["text"] for c in shop("find", "没", "--json").last["contacts"]] == [
        "说好的优惠没给我",
        "快递三天了还没送到",
    ]
    assert "none yet" in shop("find", "没有的话").out
    assert len(shop("find", "没", "--as", "lead", "--json").last["contacts"]) == 1
    assert "q" in shop("find", " ", expect=2).error


def test_what_was_found_goes_on_with_the_cursor(shop):
    first = shop("find", "没", "--limit", "1", "--json")
    assert "--cursor" in first.out
    rest = shop("find", "没", "--limit", "1", "--cursor", first.last["cursor"], "--json").last
    assert (rest["contacts"][0]["text"], rest["cursor"]) == ("快递三天了还没送到", "")


def test_an_older_store_is_found_in_too(shop, tmp_path):
    store = SqliteStore(str(tmp_path / "data" / "huisheng.db"))
    store._writer.executescript("drop table pairs; drop table texts; pragma user_version = 0")
    store.close()
    assert len(shop("find", "快递", "--json").last["contacts"]) == 1


@pytest.mark.parametrize(
    ("text", "spans", "plain"),
    [
        ("要退款", [(1, 3)], "要«退款»"),
        ("一" * 20 + "退款" + "二" * 60, [(20, 22)], "…" + "一" * 16 + "«退款»" + "二" * 54 + "…"),
        ("退\n款" + "三" * 70 + "退款", [(0, 3), (73, 75)], "«退 款»" + "三" * 69 + "…"),
        ("三" * 71 + "退款", [(0, 1), (71, 73)], "«三»" + "三" * 70 + "«退»…"),
        ("没有", [], "没有"),
    ],
)
def test_a_find_is_shown_in_its_context(text, spans, plain):
    hit = Hit(Contact.model_construct(text=text), spans)
    assert in_context(hit, styled=False).plain == plain
    assert in_context(hit, styled=True).plain == plain.replace("«", "").replace("»", "")
    assert len(in_context(hit, styled=True).spans) == plain.count("«")


def test_contacts_say_how_many_there_are_and_go_on(shop):
    week = ("--first", "2026-W10", "--last", "2026-W10", "--limit", "2", "--json")
    done = shop("contacts", *week)
    assert "共 3 条" in done.out
    assert "显示 2 条" in done.out
    rest = shop("contacts", *week, "--cursor", done.last["cursor"])
    assert (len(rest.last["contacts"]), rest.last["total"], rest.last["cursor"]) == (1, 3, "")
    assert len(shop("contacts", "--last", "2026-W13", "--json").last["contacts"]) == 3, "four weeks"


def _shell(data: Path, line: str, **env: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "VOC": f"{sys.executable} -m chalicelib.cli", "VOC_DATA": str(data)}
    return subprocess.run(["sh", "-c", line], cwd=ROOT, env=known | env, capture_output=True, text=True)


@pytest.mark.parametrize("words", ["queue", "queue --json", "--help", "do accept_case id=K-NOBODY"])
def test_nobody_reading_is_no_error(shop, tmp_path, words):
    code = int(words.startswith("do")) * 2
    done = _shell(tmp_path / "data", f"{{ $VOC {words}; echo $? >{tmp_path}/code; }} 2>&1 | true")
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "code").read_text() == f"{code}\n"


def test_output_that_knows_only_ascii(shop, tmp_path):
    done = _shell(tmp_path / "data", "$VOC queue --json; $VOC case nope", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    causes = {c["cause"] for c in json.loads(done.stdout.splitlines()[-1])["cases"]}
    assert "东西送得太慢" in causes


def test_users(shop, tmp_path):
    data = tmp_path / "data"
    typed(data, "short\n", "user", "add", "carl", "--role", "agent", expect=2)
    typed(data, "long enough\n", "user", "add", "carl", "--role", "agent")
    typed(data, "another long one\n", "user", "password", "carl")
    shop("user", "set", "carl", "--role", "lead", expect=2)
    shop("user", "set", "carl", "--role", "lead", "--departments", "moon", expect=2)
    shop("user", "set", "carl", "--role", "lead", "--departments", "quality,logistics")
    shop("user", "block", "carl")
    rows = {u["name"]: u for u in shop("user", "list", "--json").last["users"]}
    assert (rows["carl"]["role"], rows["carl"]["departments"]) == ("lead", ["quality", "logistics"])
    assert rows["carl"]["disabled"]
    shop("user", "unblock", "carl")
    assert "argon2" not in shop("user", "list").out


def test_nobody_acts_as_a_blocked_user(shop):
    shop("user", "block", "lead")
    assert "已停用" in shop("queue", "--as", "lead", expect=2).error


def test_adding_a_user_twice_does_not_replace_the_first(shop, tmp_path):
    typed(tmp_path / "data", "something else\n", "user", "add", "boss", "--role", "agent", expect=2)
    rows = {u["name"]: u["role"] for u in shop("user", "list", "--json").last["users"]}
    assert rows["boss"] == "admin"


def test_the_taxonomy_to_files_and_back(shop, tmp_path):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    assert shop("taxonomy", "load", *files, "--json").last["number"] == 1, "nothing changed, no new version"
    text = (tmp_path / "c.csv").read_text("utf-8-sig")
    (tmp_path / "c.csv").write_text(text.replace("东西送得太慢", "等太久了"), "utf-8-sig")
    loaded = shop("taxonomy", "load", *files, "--json").last
    assert (loaded["number"], len(loaded["causes"])) == (2, 39)
    assert "等太久了" in shop("taxonomy").out
    (tmp_path / "c.csv").write_text(text.replace("delivery.late", "Delivery Late"), "utf-8-sig")
    error = shop("taxonomy", "load", *files, "--json", expect=2).last["error"]
    assert (error["code"], error["where"]) == ("taxonomy.row", "causes.csv:2:code")


@pytest.mark.parametrize(
    "wrong", [("logistics", "moon"), ("delivery.lost", "delivery.late"), ("service,", "desk,")]
)
def test_files_that_do_not_fit_each_other_are_refused(shop, tmp_path, wrong):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    name = "d.csv" if wrong[0] == "service," else "c.csv"
    (tmp_path / name).write_text((tmp_path / name).read_text("utf-8-sig").replace(*wrong), "utf-8-sig")
    assert set(shop("taxonomy", "load", *files, "--json", expect=2).last) == {"error"}


def test_settings(shop):
    assert shop("settings", "--json").last["settings"]["hours"] == "09:00-18:00"
    shown = shop("settings", "company=青禾", 'task="5d"', "callback_attempts=2", "--json").last["settings"]
    assert (shown["company"], shown["task"], shown["callback_attempts"]) == ("青禾", "5d", 2)
    shop("settings", "callback_attempts=0", expect=2)
    assert shop("settings", "--json").last["settings"]["callback_attempts"] == 2


def test_one_customers_rights(shop, tmp_path):
    assert "快递三天了还没送到" in shop("customer", "show", "+86 138-0013-8000").out
    out = tmp_path / "export.json"
    shop("customer", "export", "13800138000", "--out", out)
    held = json.loads(out.read_text("utf-8"))
    assert (out.stat().st_mode & 0o777, len(held["contacts"]), held["person"]["ref"]) == (
        0o600,
        1,
        "13800138000",
    )
    shop("customer", "export", "13800138000", "--out", out, "--as", "lead", expect=2)
    shop("customer", "erase", "13800138000", expect=2)
    before = shop("metrics", "--last", "2026-W10", "--json").last
    receipt = shop("customer", "erase", "13800138000", "--yes", "--json").last["receipt"]
    assert (receipt["contacts"], receipt["cases"]) == (1, 1)
    shop("customer", "show", "13800138000", expect=2)
    assert shop("metrics", "--last", "2026-W10", "--json").last == before
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


def test_only_an_admin_may_erase(shop):
    shop("customer", "erase", "13800138000", "--yes", "--as", "lead", expect=2)


@pytest.mark.parametrize(
    "words", [("callbacks",), ("customer", "show", "13800138000"), ("log", "快递慢")], ids=lambda w: w[0]
)
def test_the_command_line_opens_no_doors_that_the_api_does_not(shop, words):
    shop(*words)
    assert shop(*words, "--as", "exec", "--json", expect=2).last["error"]["code"] == "role"


def test_only_an_admin_may_change_the_taxonomy(shop, tmp_path):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    shop("taxonomy", "load", *files, "--as", "anna", expect=2)


def test_status_dead_work_and_retag(shop):
    status = shop("status", "--json").last
    assert (status["waiting"], status["dead_letters"]) == (0, 0)
    assert "none yet" in shop("dead").out
    assert shop("dead", "again", "--json").last == {"dead_letters": []}
    assert shop("work", "--json").last["done"] == 0
    before = shop("metrics", "--last", "2026-W10", "--json").last
    assert shop("retag", "--json").last == {"retagged": 3}
    assert shop("metrics", "--last", "2026-W10", "--json").last == before
    assert shop("rebuild", "--json").last["differences"] == 0


def test_a_wrong_number_is_found_and_put_right(shop, tmp_path):
    store = SqliteStore(str(tmp_path / "data" / "huisheng.db"))
    store.save([], {("week", "2026-W10", "n"): 5})
    store.close()
    found = shop("rebuild", "--check", "--json", expect=1)
    assert found.last["differences"] == 1
    assert "differences" in found.out
    shop("rebuild")
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


@pytest.mark.parametrize("command", ["queue", "focus", "metrics", "trend", "contacts", "callbacks", "projects",
                                     "cycle", "do", "taxonomy", "settings", "status", "dead", "work", "retag"])  # fmt: skip
def test_an_empty_store_is_no_error(voc, command):
    done = voc(command, "--json")
    assert isinstance(done.last, dict)
    assert len(done.out.splitlines()) > 1, "people are told something too"


def test_causes_are_merged_and_split(shop, tmp_path):
    words = ("taxonomy", "merge", "--cause", "delivery.late", "--into", "delivery.lost", "--json")
    first = shop(*words).last["change"]
    assert (first["what"], first["into"]) == ("merge", ["delivery.lost"])
    assert first["owed"] > 0
    assert shop(*words).last["change"]["taxonomy"] == first["taxonomy"]
    assert "东西没收到" in shop("queue", "--department", "logistics", "--json").out
    assert "--into" in shop("taxonomy", "merge", "--cause", "delivery.lost", expect=2).error
    assert "--cause" in shop("taxonomy", "split", expect=2).error
    parts = tmp_path / "parts.csv"
    parts.write_text(
        "code,label_zh,lexicon\ndelivery.slow,路上太慢,慢|没送到\ndelivery.gone,找不到了,丢了\n", "utf-8"
    )
    made = shop("taxonomy", "split", "--cause", "delivery.lost", "--causes", parts, "--json").last["change"]
    assert made["into"] == ["delivery.slow", "delivery.gone"]
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    kept = shop("taxonomy", "save", *files, "--json").last
    assert shop("taxonomy", "load", *files, "--json").last == kept  # the files hold all of it
    assert shop("rebuild", "--check", "--json").last["differences"] == 0
