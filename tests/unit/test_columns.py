"""Column names, as people and systems write them, to fields."""

from __future__ import annotations

import pytest

from chalicelib.intake.columns import Mapping, apply, guess, known_columns, parse_map, require
from chalicelib.intake.fields import KINDS
from chalicelib.model.errors import Invalid


@pytest.mark.parametrize(
    ("headers", "kind", "fields"),
    [
        (["text", "positive"], "contacts", {"text": "text"}),
        (
            ["id", "brand", "model", "text", "codes", "date", "status"],
            "contacts",
            {"external_id": "id", "product": "model", "text": "text", "time": "date"},
        ),
        (["turns"], "contacts", {"text": "turns"}),
        (
            ["工单编号", "来电时间", "来电号码", "诉求内容"],
            "contacts",
            {"external_id": "工单编号", "time": "来电时间", "customer": "来电号码", "text": "诉求内容"},
        ),
        (
            ["日期", "口径", "数值"],
            "denominators",
            {"period": "日期", "denominator": "口径", "value": "数值"},
        ),
        (
            ["会员号", "手机号", "等级"],
            "customers",
            {"customer": "会员号", "phone": "手机号", "tier": "等级"},
        ),
        (
            ["案件号", "是否接通", "是否解决", "满意度"],
            "callbacks",
            {"case": "案件号", "reached": "是否接通", "resolved": "是否解决", "satisfaction": "满意度"},
        ),
        (
            ["工单号", "是否接通", "内容"],
            "callbacks",
            {"case": "工单号", "reached": "是否接通", "text": "内容"},
        ),
        (["姓名", "手机号"], "customers", {"name": "姓名", "customer": "手机号"}),
        (
            ["week", "metric", "value", "segment"],
            "denominators",
            {"period": "week", "denominator": "metric", "value": "value", "segment": "segment"},
        ),
        (
            ["Case ID", "Callback Time", "Notes"],
            "callbacks",
            {"case": "Case ID", "time": "Callback Time", "text": "Notes"},
        ),
        (["日期", "客户", "备注"], "contacts", {"time": "日期", "customer": "客户", "text": "备注"}),
        (
            ["客户编号", "姓名", "电话", "等级", "邮箱", "问题描述"],
            "contacts",
            {"customer": "客户编号", "text": "问题描述"},
        ),
        (
            ["客户编号", "姓名", "电话", "等级", "备注"],
            "customers",
            {"customer": "客户编号", "name": "姓名", "phone": "电话", "tier": "等级"},
        ),
    ],
)
def test_kind_and_fields_are_guessed(headers: list[str], kind: str, fields: dict[str, str]) -> None:
    mapping = guess(headers)
    assert (mapping.kind, mapping.fields, mapping.missing) == (kind, fields, ())
    assert mapping.unused == tuple(header for header in headers if header not in fields.values())


@pytest.mark.parametrize(
    "header",
    [
        "创建时间",
        " 创建 时间 ",
        "创建时间（必填）",
        "*创建时间",
        "创建时间：",
        "created_at",
        "Created At",
        "CREATED-AT",
        "createdAt",
        "ｃｒｅａｔｅｄ＿ａｔ",
        "created_at [required]",
    ],
)
def test_case_width_and_spaces_do_not_matter(header: str) -> None:
    assert guess(["内容", header]).fields == {"text": "内容", "time": header}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("处理时长(秒)", "seconds"),
        ("通话时长（ 秒 ）", "seconds"),
        ("处理时长(分钟)", None),
        ("Handling time (min)", None),
        ("赔付金额(元)", "concession"),
        ("赔付金额(万元)", None),
        ("赔付金额(分)", None),
    ],
)
def test_a_unit_is_part_of_the_name(header: str, field: str | None) -> None:
    assert guess(["内容", header]).fields == {"text": "内容"} | ({field: header} if field else {})


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "columns.unknown"),
        (["甲", "乙"], "columns.unknown"),
        (["日期", "数值"], "columns.unknown"),
        ([""], "columns.unknown"),
        (["#"], "columns.unknown"),
        (["编号"], "columns.ambiguous"),
    ],
)
def test_what_cannot_be_guessed_is_asked(headers: list[str], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        guess(headers)
    assert caught.value.code == code
    assert "callbacks" in caught.value.zh


def test_a_given_kind_is_taken_and_what_is_missing_is_named() -> None:
    assert guess(["编号"], "callbacks").fields == {"case": "编号"}
    assert guess(["日期", "数值"], "denominators").missing == ("denominator",)
    with pytest.raises(Invalid, match="contacts, denominators"):
        guess(["内容"], "complaints")


def test_the_better_name_wins_and_the_other_is_reported() -> None:
    mapping = guess(["手机", "客户编号", "标题", "内容", "内容 "])
    assert mapping.fields == {"customer": "客户编号", "text": "内容"}
    assert mapping.unused == ("手机", "标题", "内容 ")


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_means_two_fields(kind: str) -> None:
    fields = dict(KINDS[kind])
    fields.pop("customer", None)  # its fallbacks are other fields' names, on purpose
    names = [name for known in fields.values() for name in known.names + known.weak]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_of_every_field_is_understood(kind: str) -> None:
    for field, known in KINDS[kind].items():
        for name in known.names:
            assert name in guess([name], kind).fields.values(), (field, name)


HEADERS = ["内容", "来源", "日期", "备,注"]


@pytest.mark.parametrize(
    ("text", "fields", "constants"),
    [
        ("text=内容,channel=来源,time=日期", {"text": "内容", "channel": "来源", "time": "日期"}, {}),
        (" text : 内容 ，channel＝来源", {"text": "内容", "channel": "来源", "time": "日期"}, {}),
        ("channel==phone", {"text": "内容", "time": "日期"}, {"channel": "phone"}),
        ('"text=备,注",TIME=', {"text": "备,注", "channel": "来源"}, {}),
        ("", {"text": "内容", "channel": "来源", "time": "日期"}, {}),
    ],
)
def test_what_map_says_goes_before_the_guess(
    text: str, fields: dict[str, str], constants: dict[str, str]
) -> None:
    mapping = parse_map(text, HEADERS, "contacts")
    assert (mapping.fields, mapping.constants) == (fields, constants)
    assert set(mapping.unused) == set(HEADERS) - set(fields.values())


def test_map_can_settle_the_kind() -> None:
    assert parse_map("case=甲", ["甲", "乙"]) == Mapping("callbacks", {"case": "甲"}, ("乙",), ())
    shared = parse_map("text=甲,time=乙,agent=乙", ["甲", "乙"])
    assert shared.fields == {"text": "甲", "time": "乙", "agent": "乙"}


def test_a_constant_fills_a_required_field_but_leaving_it_out_does_not() -> None:
    headers = ["日期", "数值"]
    assert parse_map("denominator==订单", headers).constants == {"denominator": "订单"}
    assert parse_map("period=", headers, "denominators").missing == ("denominator", "period")


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("texts=内容", "external_id"),
        ("text=正文", "来源"),
        ("text", "field=column"),
        ("=内容", "field=column"),
        ("text=内容,text=来源", "twice"),
        ("text==a,text=来源", "twice"),
        ("case=内容", "legal_basis"),
    ],
)
def test_a_wrong_map_lists_what_is_known(text: str, listed: str) -> None:
    with pytest.raises(Invalid, match=listed) as caught:
        parse_map(text, HEADERS, "contacts")
    assert (caught.value.code, caught.value.where) == ("columns.map", "--map")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("断网", {"text": "断网"}),
        ("", {}),
        (" \n", {}),
        (None, {}),
        ([], {}),
        ({}, {}),
        (0, {"text": 0}),
        (False, {"text": False}),
        ("a|||b", {"text": "a|||b"}),
        (["您好|||请说", "断网"], {"text": "您好\n请说\n断网"}),
        (["", " "], {}),
        ([{"role": "a"}], {"text": [{"role": "a"}]}),
    ],
)
def test_apply_drops_the_empty_and_joins_turns(cell: object, expected: dict[str, object]) -> None:
    mapping = parse_map("channel==phone", ["turns", "标签"])
    assert apply(mapping, {"turns": cell, "other": 1}) == expected | {"channel": "phone"}


def test_apply_leaves_other_lists_alone() -> None:
    row = {"text": "a", "cause codes": ["x|||y"]}
    assert apply(guess(list(row)), row) == {"text": "a", "causes": ["x|||y"]}


def test_a_map_may_be_written_the_other_way_round() -> None:
    assert parse_map("内容=text,渠道=channel", ["内容", "渠道"]).fields == {"text": "内容", "channel": "渠道"}


def test_unknown_columns_are_listed_unless_they_are_somebodys_data() -> None:
    with pytest.raises(Invalid) as caught:
        guess(["甲", "乙"])
    assert "甲, 乙" in caught.value.zh
    assert "甲, 乙" in caught.value.en
    for data in (
        "13800138000",
        "１３８００",
        "wang@example.com",
        "我家的宽带从昨天晚上开始就断断续续一直没有修好请尽快",
    ):
        with pytest.raises(Invalid) as caught:
            guess(["王小明", data])
        assert "王小明" not in str(caught.value) + caught.value.zh
        assert data not in str(caught.value) + caught.value.zh
        assert "像是数据" in caught.value.zh


def test_a_file_of_a_kind_must_have_what_the_kind_needs() -> None:
    headers = ["Case ID", "Callback Time", "Notes"]
    with pytest.raises(Invalid, match="callbacks: case \\+ reached") as caught:
        require(guess(headers), headers)
    assert "Case ID" in caught.value.zh
    fixed = parse_map("reached==是", headers, "callbacks")
    assert require(fixed, headers) == fixed


def test_every_field_is_listed_with_the_names_people_see_first() -> None:
    listed = known_columns()
    assert [(kind, name) for kind, name, *_ in listed] == [(k, name) for k in KINDS for name in KINDS[k]]
    for kind, name, needed, names in listed:
        known = KINDS[kind][name]
        assert needed or not known.required
        assert 0 < len(names) <= 8
        assert set(names) <= {*known.names, *known.weak}
        assert list(names) == sorted(names, key=str.isascii), "Chinese first"
    assert {name for kind, name, needed, _ in listed if needed and kind == "callbacks"} == {"case", "reached"}


@pytest.mark.parametrize("header", ["联系上", "是否联系上", "回访结果"])
def test_call_backs_by_the_names_they_have_in_chinese(header: str) -> None:
    mapping = guess(["工单号", header, "回访时间"])
    fields = {"case": "工单号", "reached": header, "time": "回访时间"}
    assert (mapping.kind, mapping.fields) == ("callbacks", fields)
