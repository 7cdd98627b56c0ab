"""A file over the web: looked at, its mapping guessed and put right, taken in pieces, nothing lost and nothing twice."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from chalicelib.intake.fields import NAMES
from chalicelib.intake.load import Request, load
from chalicelib.intake.upload import Upload, rows
from chalicelib.model.people import Caller

CONTACTS = (
    "工单号,内容,渠道,来电时间,通话时长\n"
    "G1,快递三天没到,电话,2026-11-17 10:00,3:20\n"
    "G2,退款没到,飞鸽,2026-11-17 10:00,0:30\n"
    "G3,账单看不懂,电话,2026-11-17 10:00,9,多\n"
)
MAPPING = {
    "kind": "contacts",
    "fields": {
        "text": "内容",
        "channel": "渠道",
        "external_id": "工单号",
        "time": "来电时间",
        "seconds": "通话时长",
    },
    "constants": {},
}


def sent(content: str | bytes, name: str = "来电.csv", **more: Any) -> dict[str, Any]:
    raw = content.encode() if isinstance(content, str) else content
    return {"name": name, "content": base64.b64encode(raw).decode(), **more}


@pytest.fixture
def take(api: Any) -> Any:
    """All of a file, in pieces of so many rows; what was answered, put together."""

    def take(
        content: str | bytes, mapping: Any, name: str = "来电.csv", piece: int = 500, user: str = "agent"
    ) -> Any:
        own = api("POST", "/imports/look", sent(content, name), user=user).json["own"]
        said = api("POST", "/imports/rows", sent(content, name, mapping=mapping), user=user).json
        total = {"taken": 0, "known": 0, "refused": said["refused"], "head": said["head"]}
        for at in range(0, len(said["rows"]), piece):
            body = {"mapping": mapping, "own": own, "rows": said["rows"][at : at + piece]}
            answer = api("POST", "/imports/take", body, user=user)
            assert answer.status == 200, answer.text
            total["taken"] += answer.json["taken"]
            total["known"] += answer.json["known"]
            total["refused"] = total["refused"] + answer.json["refused"]
        return total

    return take


def listed(total: Any) -> str:
    return str(
        total["head"] + "".join(r["csv"] for r in sorted(total["refused"], key=lambda row: row["line"]))
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_looked_at_and_its_mapping_guessed(api, encoding):
    said = api("POST", "/imports/look", sent(CONTACTS.encode(encoding)), user="agent").json
    assert said["columns"] == said["own"] == ["工单号", "内容", "渠道", "来电时间", "通话时长"]
    assert (said["mapping"]["kind"], said["mapping"]["fields"]) == ("contacts", MAPPING["fields"])
    assert said["samples"][0]["内容"] == "快递三天没到"
    assert said["problem"] is None
    assert {"name": "text", "needed": True} in said["kinds"]["contacts"]


def test_every_row_is_taken_or_comes_back_with_its_reason_and_can_be_sent_again(api, take):
    first = take(CONTACTS, MAPPING)
    assert (first["taken"], first["known"]) == (1, 0)
    assert [(r["line"], r["code"]) for r in first["refused"]] == [(4, "row.ragged"), (3, "contact.channel")]
    corrected = listed(first).replace("飞鸽", "在线").replace(",多", "")
    again = take(corrected, MAPPING, "来电-refused.csv")
    assert (again["taken"], again["known"], again["refused"]) == (2, 0, [])
    assert take(CONTACTS.replace("飞鸽", "在线"), MAPPING)["known"] == 2


FAULTY = {
    "contacts": (
        "内容,渠道,来电时间,补偿,原因代码,处理秒数\n没到,飞鸽,昨天,1.234,no.such,很久\n",
        {
            "text": "内容",
            "channel": "渠道",
            "time": "来电时间",
            "concession": "补偿",
            "causes": "原因代码",
            "seconds": "处理秒数",
        },
        ["concession", "channel", "time", "seconds", "causes"],
    ),
    "denominators": (
        "分母,周期,数值\n没有的,很久以前,许多\n",
        {"denominator": "分母", "period": "周期", "value": "数值"},
        ["denominator", "period", "value"],
    ),
    "customers": ("客户,邮箱\n匿名,无\n", {"customer": "客户", "email": "邮箱"}, ["customer", "email"]),
    "callbacks": (
        "工单号,接通,满意度\nK-0,大概,还行\n",
        {"case": "工单号", "reached": "接通", "satisfaction": "满意度"},
        ["case", "reached", "satisfaction"],
    ),
    "source_counts": (
        "渠道,日期,条数\n回访,2030-01-01,5\n",
        {"channel": "渠道", "day": "日期", "count": "条数"},
        ["day", "channel"],
    ),
}


@pytest.mark.parametrize("kind", FAULTY)
def test_a_row_is_refused_with_all_that_is_wrong_with_it(take, kind):
    text, fields, wrong = FAULTY[kind]
    total = take(text, {"kind": kind, "fields": fields, "constants": {}}, user="admin")
    (row,) = total["refused"]
    assert [fault["where"] for fault in row["faults"]] == wrong
    assert row["where"] == wrong[0]
    for fault in row["faults"]:
        assert fault["zh"] in row["zh"]
        told = fault["zh"].removeprefix(fault["where"]).strip()
        assert f"{NAMES[fault['where']]} {told}" in row["csv"]


def test_a_list_that_is_refused_again_has_its_own_line_numbers(take):
    text = "内容,渠道\n" + "".join(f"第{n}件,{'飞鸽' if n in (5, 8) else '电话'}\n" for n in range(1, 10))
    mapping = {"kind": "contacts", "fields": {"text": "内容", "channel": "渠道"}, "constants": {}}
    first = take(text, mapping)
    assert [row["line"] for row in first["refused"]] == [6, 9]
    again = take(listed(first), mapping, "来电-refused.csv")
    assert [row["line"] for row in again["refused"]] == [2, 3]
    assert [row["csv"].split(",")[0] for row in again["refused"]] == ["2", "3"]


@pytest.mark.parametrize(("rows", "exact"), [(0, True), (3, True), (1_000, True), (1_001, False)])
def test_rows_of_a_small_file_are_counted_exactly(api, rows, exact):
    said = api(
        "POST", "/imports/look", sent("内容,渠道\n" + "坏了,电话\n" * rows + "\n" * 9), user="agent"
    ).json
    assert said["exact"] is exact
    assert (said["about"] == rows) is exact


def test_the_list_is_the_one_that_the_command_line_writes(take, loop, tmp_path):
    path = tmp_path / "来电.csv"
    path.write_text(CONTACTS, "utf-8")
    caller = Caller("admin", "admin")
    report = load(loop, caller, Request(path))
    assert report.refused_file is not None
    assert listed(take(CONTACTS, MAPPING)) == report.refused_file.read_bytes().decode("utf-8-sig")


@pytest.mark.parametrize("piece", [1, 2, 500])
def test_equal_rows_without_times_are_all_there_whatever_the_pieces_and_the_way(take, loop, tmp_path, piece):
    text = "内容,渠道\n" + "没人接,电话\n" * 5 + "退款慢,电话\n"
    mapping = {"kind": "contacts", "fields": {"text": "内容", "channel": "渠道"}, "constants": {}}
    assert take(text, mapping, piece=piece)["taken"] == 6
    assert take(text, mapping, piece=3)["known"] == 6
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    assert load(loop, Caller("admin", "admin"), Request(path)).known == 6


def test_numbers_keep_their_digits_and_lists_of_turns_their_lines(take, api):
    row = {
        "text": ["客服：您好", "客户：快递没到"],
        "channel": "chat",
        "id": 12345678901234567890,
        "time": "2026-11-17",
    }
    mapping = {
        "kind": "contacts",
        "fields": {"text": "text", "channel": "channel", "external_id": "id", "time": "time"},
    }
    assert take(json.dumps(row) + "\n", mapping, "a.jsonl")["taken"] == 1
    (contact,) = api("POST", "/contacts/search", {"q": "快递没到"}, user="agent").json["hits"]
    assert contact["contact"]["external_id"] == "12345678901234567890"
    assert contact["contact"]["text"].count("\n") == 1


def book(pages: dict[str, list[list[object]]]) -> bytes:
    workbook, out = openpyxl.Workbook(), BytesIO()
    workbook.remove(workbook.active)
    for title, lines in pages.items():
        page = workbook.create_sheet(title)
        for line in lines:
            page.append(line)
    workbook.save(out)
    return out.getvalue()


def test_another_sheet_can_be_meant(api):
    content = book({"说明": [], "数据": [["内容", "渠道"], ["快递慢", "电话"]]})
    said = api("POST", "/imports/look", sent(content, "a.xlsx"), user="agent").json
    assert (said["sheets"], said["mapping"]) == (["说明", "数据"], None)
    assert said["problem"]["code"] == "header.missing"
    said = api("POST", "/imports/look", sent(content, "a.xlsx", sheet="数据"), user="agent").json
    assert said["mapping"]["kind"] == "contacts"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"PK\x03\x04 not a workbook", "file.broken"),
        ("a.csv", b"", "file.empty"),
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1"), "file.old_excel"),
        ("../../etc/passwd", b"%PDF-1.4", "file.kind"),
        ("a.csv", "13800138000,快递慢\n13800138001,退款慢\n".encode(), None),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_personal_is_said(api, name, content, code):
    said = api("POST", "/imports/look", sent(content, name), user="agent")
    if code:
        assert (said.status, said.json["error"]["code"]) == (422, code)
        assert ".." not in said.json["error"]["where"]
    else:
        assert (said.json["mapping"], said.json["problem"]["code"]) == (None, "columns.unknown")
        assert "138" not in json.dumps(said.json["problem"])


def test_content_that_is_no_base64_and_a_mapping_of_unknown_fields_are_refused(api):
    body = {"name": "a.csv", "content": "快递"}
    assert api("POST", "/imports/look", body, user="agent").json["error"]["code"] == "import.content"
    for mapping, code in (
        ({"kind": "contacts", "fields": {"text": "内容", "nothing": "渠道"}}, "columns.map"),
        ({"kind": "contacts", "fields": {}}, "columns.unknown"),
        ({"kind": "planets", "fields": {}}, "columns.kind"),
    ):
        said = api("POST", "/imports/rows", sent(CONTACTS, mapping=mapping), user="agent")
        assert (said.status, said.json["error"]["code"]) == (422, code)


def test_each_kind_is_for_those_who_may_give_it_one_by_one(api):
    text = "分母,周期,数值\nparcels,2026-W46,5\n"
    mapping = {"kind": "denominators", "fields": {"denominator": "分母", "period": "周期", "value": "数值"}}
    assert "denominators" not in api("POST", "/imports/look", sent(text), user="agent").json["kinds"]
    assert set(api("POST", "/imports/look", sent(text), user="exec").json["kinds"]) == {"denominators"}
    refused = api("POST", "/imports/rows", sent(text, mapping=mapping), user="agent")
    assert (refused.status, refused.json["error"]["code"]) == (403, "import.kind")
    row = {"line": 2, "cells": json.dumps({"分母": "parcels", "周期": "2026-W46", "数值": "5"})}
    body = {"mapping": mapping, "own": ["分母", "周期", "数值"], "rows": [row]}
    assert api("POST", "/imports/take", body, user="agent").status == 403
    assert api("POST", "/imports/take", body, user="exec").json["taken"] == 1


def test_rows_that_were_changed_on_the_way_are_refused_not_lost(api):
    texts = ["{", "[]", '{"内容": "\\ud800", "渠道": "电话"}']
    body = {
        "mapping": {"kind": "contacts", "fields": {"text": "内容", "channel": "渠道"}},
        "own": ["内容", "渠道"],
    }
    said = api(
        "POST",
        "/imports/take",
        {**body, "rows": [{"line": n, "cells": t} for n, t in enumerate(texts, 2)]},
        user="agent",
    )
    assert (said.status, [r["line"] for r in said.json["refused"]]) == (200, [2, 3, 4])


@pytest.mark.parametrize("depth", [20, 600, 50_000])
def test_a_row_nested_too_deeply_is_refused_and_the_others_are_taken(api, depth):
    deep = f'{{"内容": {"[" * depth}{"]" * depth}, "渠道": "电话"}}'
    texts = [
        json.dumps({"内容": "快递慢", "渠道": "电话"}),
        deep,
        json.dumps({"内容": "退款慢", "渠道": "电话"}),
    ]
    body = {
        "mapping": {"kind": "contacts", "fields": {"text": "内容", "channel": "渠道"}},
        "own": ["内容", "渠道"],
        "rows": [{"line": n, "cells": text} for n, text in enumerate(texts, 2)],
    }
    said = api("POST", "/imports/take", body, user="agent")
    assert (said.status, said.json["taken"]) == (200, 2)
    assert [(row["line"], row["code"]) for row in said.json["refused"]] == [(3, "row.nested")]


def test_undecodable_bytes_are_refused_by_line_and_can_be_put_right(take):
    content = CONTACTS.encode().replace("退款没到".encode(), b"\xff\xfe\xb0")
    first = take(content, MAPPING)
    assert "row.encoding" in [r["code"] for r in first["refused"]]
    corrected = listed(first).replace("\\udcff\\udcfe\\udcb0", "退款没到").replace("飞鸽", "在线")
    assert take(corrected, MAPPING, "来电-refused.csv")["taken"] == 1


def test_a_large_file_comes_in_several_answers_each_row_once():
    from chalicelib.intake import columns

    lines = [f"第{n}条{'慢' * 800},电话\n" for n in range(3_000)]
    upload = Upload("a.csv", ("内容,渠道\n" + "".join(lines)).encode())
    mapping = columns.told("contacts", {"text": "内容", "channel": "渠道"}, {})
    found, after, answers = [], 0, 0
    while after is not None:
        said = rows(upload, mapping, after)
        found += [row["line"] for row in said["rows"]]
        after, answers = said["next"], answers + 1
        assert len(json.dumps(said, ensure_ascii=False).encode()) < 5_000_000
    assert (found, answers) == (list(range(2, 3_002)), 3)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("denominators", {"denominator": "parcels", "period": "2026-W46", "value": True}),
        ("source_counts", {"channel": "phone", "day": "2026-11-16", "count": True}),
        ("contacts", {"text": "东西坏了", "channel": "phone", "seconds": True}),
    ],
)
def test_a_cell_that_is_true_is_no_number_and_one_of_text_is(api, kind, cells):
    mapping = {"kind": kind, "fields": {name: name for name in cells}}
    told = {name: "1,234" if value is True and kind != "contacts" else value for name, value in cells.items()}
    told |= {"seconds": "12"} if kind == "contacts" else {}
    rows = [{"line": n, "cells": json.dumps(row)} for n, row in enumerate((told, cells), 2)]
    body = {"mapping": mapping, "own": list(cells), "rows": rows}
    said = api("POST", "/imports/take", body).json
    assert (said["taken"], [row["line"] for row in said["refused"]]) == (1, [3])
    assert api("POST", "/imports/take", {**body, "rows": [{**rows[0], "line": True}]}).status == 422
