"""Files into the loop by the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.commands import CONTACTS, one_case, table

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
