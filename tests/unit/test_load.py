"""A whole file into the loop: what people write is understood, what is refused says why and can come back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chalicelib.intake import fields
from chalicelib.intake.load import EXAMPLES, Report, Request, load
from chalicelib.loop.customers import NewCustomer
from chalicelib.loop.listen.arriving import CHANNEL_WORDS, NewContact
from chalicelib.loop.measure.denominators import NAMES, NewDenominator
from chalicelib.loop.repeat.callbacks import Answer
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid

WEEK = "2026-W46"
Importer = Callable[..., Report]


@pytest.fixture
def bring(loop: Any, people: Any, tmp_path: Path) -> Importer:
    """Import a file (its text, or a path) as the administrator; refused rows go into a folder beside it."""

    def bring(content: str | Path, name: str = "来电.csv", **how: Any) -> Report:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str):
            path.write_text(content, "utf-8")
        return load(loop, people["admin"], Request(path, refused=tmp_path / "refused", **how))

    return bring


def lines(path: Path | None) -> list[list[str]]:
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


CONTACTS = (
    "工单号,内容,渠道,来电时间\n"
    "G1,快递慢,飞鸽,2026-11-17 10:00\n"
    "G2,,电话,2026-11-17 10:00\n"
    "G3,退款没到,电话,2026-11-17 10:00,多\n"
    "G4,账单看不懂,电话,前天\n"
    "G5,安装太慢,微信,2026-11-17 10:00\n"
)


def test_refused_rows_stand_in_the_order_of_the_file_under_its_columns(bring: Importer) -> None:
    report = bring(CONTACTS)
    assert (report.taken, report.known, report.refused) == (1, 0, 4)
    head, *rows = lines(report.refused_file)
    assert head[5:] == ["工单号", "内容", "渠道", "来电时间"]
    assert [row[0] for row in rows] == ["2", "3", "4", "5"]
    assert rows[0][5:] == ["G1", "快递慢", "飞鸽", "2026-11-17 10:00"]
    assert all(row[1] and row[2] and row[3] for row in rows)


def test_examples_say_where_and_why_and_never_what(bring: Importer) -> None:
    examples = bring(CONTACTS + "G6,x,飞鸽,2026-11-17\n" * 9).examples
    assert len(examples) == EXAMPLES
    assert examples[0].startswith("第 2 行 渠道：没有")
    assert " / line 2 channel: no such" in examples[0]
    assert "电话、在线、邮件" in examples[0]
    assert examples[2].startswith("第 4 行：应有 4 格")
    assert not [each for each in examples if "飞鸽" in each or "前天" in each or "来电.csv" in each]


def test_the_list_calls_fields_as_the_pages_do(bring: Importer) -> None:
    _, row = lines(bring("内容,渠道,补偿\n快递慢,飞鸽,-3\n").refused_file)
    assert row[1].startswith("渠道 没有这种；可用：电话、")
    assert row[1].endswith("；补偿（元） 应不小于 0")
    assert row[2].startswith("channel: no such value; known: ")
    _, row = lines(bring("内容,渠道\n快递慢,飞鸽\n", "b.csv").refused_file)
    assert (row[1][:8], row[2][:22]) == ("渠道 没有这种；", "channel: no such value")
    shown = (Path(__file__).parents[2] / "web/src/importing/words.ts").read_text("utf-8")
    assert [
        n for n, zh in fields.NAMES.items() if n != "contact_kind" and f"field_{n}: ['{zh}'," not in shown
    ] == []


def test_the_same_reason_does_not_name_the_field_twice(bring: Importer) -> None:
    (example,) = bring("内容,渠道,处理时长\n快递慢,电话,很久\n").examples
    assert example == "第 2 行 处理时长：应为整数 / line 2 seconds: must be a whole number"


def test_the_list_is_corrected_and_imported_again(bring: Importer) -> None:
    first = bring(CONTACTS).refused_file
    assert first is not None
    text = (
        first.read_text("utf-8-sig").replace("飞鸽", "在线").replace("前天", "2026-11-16").replace(",多", "")
    )
    first.write_text(text, "utf-8")
    again = bring(first)
    assert (again.kind, again.taken, again.refused, again.unused) == ("contacts", 3, 1, ())
    assert again.refused_file == first.with_name("来电-refused-2.csv")
    assert lines(again.refused_file)[1][5:] == ["G2", "", "电话", "2026-11-17 10:00"]


def test_the_list_of_a_json_file_is_corrected_and_imported_again(bring: Importer) -> None:
    report = bring('{"text": "快递慢", "channel": "飞鸽", "seconds": 9}\n', "a.jsonl")
    path = report.refused_file
    assert path is not None
    path.write_text(path.read_text("utf-8-sig").replace("飞鸽", "在线"), "utf-8")
    assert bring(path).taken == 1


def book(path: Path, pages: dict[str, list[list[object]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in pages.items():
        page = workbook.create_sheet(title)
        for row in rows:
            page.append(row)
    workbook.save(path)
    return path


CONTACT_ROWS: list[list[object]] = [["内容", "渠道"], ["快递慢", "电话"]]


@pytest.mark.parametrize("first", [[["填表人", "部门"], ["甲", "乙"]], []])
def test_another_sheet_that_fits_is_named(bring: Importer, tmp_path: Path, first: list[list[object]]) -> None:
    pages = {"说明": first, "数据": CONTACT_ROWS, "三 月": CONTACT_ROWS, "空": []}
    path = book(tmp_path / "a.xlsx", pages)
    with pytest.raises(Invalid) as caught:
        bring(path)
    assert caught.value.zh.endswith('合适的工作表：--sheet 数据、--sheet "三 月"')
    assert "--sheet 数据" in caught.value.en
    assert not first or "填表人, 部门" in caught.value.zh
    assert bring(path, sheet="数据").taken == 1


def test_no_sheet_is_named_when_none_fits(bring: Importer, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        bring(book(tmp_path / "a.xlsx", {"说明": [["甲"]], "其他": [["乙"]]}))
    assert "--sheet" not in caught.value.zh


def test_a_needed_column_that_is_not_there_refuses_the_file_at_once(bring: Importer) -> None:
    with pytest.raises(Invalid, match=r"columns\.unknown"):
        bring("日期,数值\n2026-11-16,5\n", kind="denominators")


def contact(**said: object) -> NewContact:
    return checked(NewContact, {"text": "慢", "channel": "电话", **said})


def said(**given: object) -> Answer:
    return checked(Answer, {"reached": "是", **given})


def per(name: object) -> str:
    return checked(NewDenominator, {"denominator": name, "period": WEEK, "value": 1}).denominator


SHOWN = "电话、在线、邮件、网页、微信、企业微信、门店、APP、社交、问卷、12315"


def test_the_channels_an_error_lists_are_understood() -> None:
    with pytest.raises(Invalid) as caught:
        contact(channel="飞鸽传书")
    assert (caught.value.code, caught.value.where) == ("contact.channel", "channel")
    assert SHOWN in caught.value.zh
    assert "飞鸽" not in str(caught.value) + caught.value.zh
    assert {contact(channel=word).channel for word in SHOWN.split("、")} == set(CHANNEL_WORDS) - {"callback"}
    assert contact(channel="ＡＰＰ").channel == "app"


@pytest.mark.parametrize("value", [None, [], {}, 3.5, True, "飞鸽"])
def test_what_is_no_channel_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        contact(channel=value)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        (5, "satisfied"),
        ("4", "basically_satisfied"),
        (3.0, "basically_satisfied"),
        ("2.0", "dissatisfied"),
        (1, "very_dissatisfied"),
        (" 很满意 ", "satisfied"),
        ("较满意", "basically_satisfied"),
        ("很不满意", "very_dissatisfied"),
        ("satisfied", "satisfied"),
        (None, None),
    ],
)
def test_satisfaction_in_words_and_stars(word: object, meant: str | None) -> None:
    assert said(satisfaction=word).satisfaction == meant


@pytest.mark.parametrize("word", [0, 6, "10", True, [], "一般般", 4.5])
def test_what_is_no_satisfaction_is_refused_with_what_is(word: object) -> None:
    with pytest.raises(Invalid, match="known: satisfied") as caught:
        said(satisfaction=word)
    assert "基本满意" in caught.value.zh
    assert "一般般" not in caught.value.zh


@pytest.mark.parametrize(
    ("word", "meant"),
    [("联系上", True), ("未联系上", False), ("接通", True), ("否", False), (1, True), (False, False)],
)
def test_reached_in_words(word: object, meant: bool) -> None:
    assert said(reached=word).reached is meant


@pytest.mark.parametrize("given", [{"reached": "未解决"}, {"reached": None}, {"resolved": "未接通"}])
def test_the_answer_to_another_question_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        said(**given)


@pytest.mark.parametrize(("word", "code"), [*NAMES.items(), ("订单量", "orders"), ("包裹数量", "parcels")])
def test_denominators_by_their_chinese_names(word: str, code: str) -> None:
    assert per(f" {word}") == per(code) == per(code.upper()) == code


@pytest.mark.parametrize("name", ["火箭", "Not A Code", "", "a-b", "数量"])
def test_an_unknown_denominator_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        per(name)
    assert (caught.value.code, caught.value.where) == ("denominator.unknown", "denominator")
    assert "包裹 parcels、" in caught.value.zh
    assert not {"^", "[", "*"} & {*caught.value.zh, *caught.value.en}


def test_a_file_of_denominators_in_chinese(bring: Importer) -> None:
    report = bring(f"期间,分母,数值\n{WEEK},包裹,2000\n{WEEK},rockets,5\n")
    assert (report.kind, report.taken, report.refused) == ("denominators", 1, 1)
    assert "包裹 parcels" in report.examples[0]
    assert "rockets" not in report.examples[0]


@pytest.mark.parametrize("email", ["", "wang@example.com", "ａ@例子.中国", "a.b+c@mail.example.org"])
def test_an_email_address(email: str) -> None:
    assert checked(NewCustomer, {"customer": "M1", "email": email})


@pytest.mark.parametrize("email", ["13800138000", "wang@", "@example.com", "a@b", "a b@c.cn", "a@b..cn"])
def test_what_is_no_email_address_is_refused_and_not_repeated(email: str) -> None:
    with pytest.raises(Invalid, match=r"customer\.email") as caught:
        checked(NewCustomer, {"customer": "M1", "email": email})
    assert email not in str(caught.value) + caught.value.zh
