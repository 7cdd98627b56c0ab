"""Personal data: found where it is, left alone where it only looks like it. All numbers are invented."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.privacy.mask import PLACEHOLDERS, Found, mask, mask_ref, show_ref


def id_card(first17: str) -> str:
    """With the check character by ISO 7064's recurrence, not by the table of weights."""
    product = 0
    for digit in first17:
        product = (product + int(digit)) * 2 % 11
    return first17 + "0123456789X"[(1 - product) % 11]


def card(body: str) -> str:
    """With the Luhn check digit."""
    doubled = [int(c) * (2 if i % 2 == 0 else 1) for i, c in enumerate(reversed(body))]
    return body + str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def wrong(number: str) -> str:
    """With another last digit."""
    return number[:-1] + str((int(number[-1].replace("X", "0")) + 1) % 10)


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def fours(number: str, by: str) -> str:
    return by.join(number[i : i + 4] for i in range(0, len(number), 4))


ID = id_card("37010219850614302")
ID_X = next(n for n in (id_card(f"370102198506143{d:02}") for d in range(99)) if n.endswith("X"))
CARD_16, CARD_19 = card("622200987654321"), card("622848123456789012")

POSITIVE = [
    ("mobile", "13912345678"),
    ("mobile", "139 1234 5678"),
    ("mobile", "139-1234-5678"),
    ("mobile", "139.1234.5678"),
    ("mobile", "+8613912345678"),
    ("mobile", "+86 139-1234-5678"),
    ("mobile", "0086 13912345678"),
    ("mobile", "86-13912345678"),
    ("mobile", "(+86)13912345678"),
    ("mobile", wide("13912345678")),
    ("mobile", "１３９－１２３４－５６７８"),
    ("mobile", "+852 6123 4567"),
    ("mobile", "+85366123456"),
    ("mobile", "00852-61234567"),
    ("mobile", "+886 912 345 678"),
    ("mobile", "+886-0912345678"),
    ("mobile", "一三九一二三四五六七八"),
    ("mobile", "幺三九零〇二三四五六七"),
    ("mobile", "一三九 一二三四 五六七八"),
    ("mobile", "139一二三四5678"),
    ("landline", "0531-81234567"),
    ("landline", "(010)61234567"),
    ("landline", "（０１０）６１２３４５６７"),
    ("landline", "021 6123 4567"),
    ("landline", "0312-7123456转8012"),
    ("landline", "0755-81234567 ext.801"),
    ("landline", "+86 10 6123 4567"),
    ("id_card", ID),
    ("id_card", ID_X),
    ("id_card", ID_X.lower()),
    ("id_card", wide(ID_X)),
    ("id_card", f"{ID[:6]} {ID[6:14]} {ID[14:]}"),
    ("id_card", fours(ID, " ")),
    ("id_card", "370102850614302"),
    ("bank_card", CARD_16),
    ("bank_card", CARD_19),
    ("bank_card", fours(CARD_16, " ")),
    ("bank_card", fours(CARD_19, "-")),
    ("bank_card", wide(CARD_19)),
    ("bank_card", card("400000123456")),
    ("email", "li.ming_88@example.com"),
    ("email", "li＠example.com.cn"),
    ("email", "13912345678@example.com"),
    ("email", "liming@example。com"),
    ("plate", "鲁A12345"),
    ("plate", "鲁A·1B2C3"),
    ("plate", "沪a 12345"),
    ("plate", "粤BD12345"),
    ("plate", "粤Z1234港"),
    ("plate", "京A1234警"),
    ("plate", "川A1234挂"),
]


@pytest.mark.parametrize(("kind", "number"), POSITIVE)
@pytest.mark.parametrize("around", ["{}", "我是老用户{}请尽快联系我，等了3天。", "（{}）", "见：{}。"])
def test_is_masked(kind: str, number: str, around: str):
    text = around.format(number)
    start = around.index("{")
    assert mask(text).found == (Found(kind, start, start + len(number)),)
    assert mask(text).text == around.format(PLACEHOLDERS[kind])


@pytest.mark.parametrize(
    ("kind", "before", "number", "after"),
    [
        ("landline", "请打我家电话", "81234567", "找我"),
        ("landline", "座机：", "7123456", ""),
        ("landline", "有人致电", "8123-4567", "骚扰我"),
        ("landline", "联系电话是", "053181234567", ""),
        ("passport", "护照号", "E12345678", "办不了业务"),
        ("passport", "我的护照号码是：", "ea1234567", ""),
        ("passport", "my passport number is ", "G12345678", ""),
        ("passport", "通行证", "H12345678", "扫不出来"),
        ("mobile", "vx", "13912345678", "加我"),
        ("bank_card", "卡号", fours(CARD_16, " "), " 100元没到"),
        ("email", "邮箱是", "a@example.com", "谢谢"),
    ],
)
def test_is_masked_by_what_stands_around(kind: str, before: str, number: str, after: str):
    assert mask(before + number + after).found == (Found(kind, len(before), len(before + number)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "宽带又断了，三天没人来修",
        "请致电10086或12315投诉",
        "银行客服95588一直占线",
        "电话400-812-3456没人接",
        "电话4008123456没人接",
        "客服电话 800 812 3456",
        "客服电话95105105",
        "电话10106666打不通",
        "电话20250306打过一次",
        "12345热线不管",
        "订单号12912345678没发货",
        "订单202503061234567890",
        "订单139123456789",
        "订单2391234567",
        "流水1391234567",
        "运单SF1234567890123",
        "运单YT8812345678901",
        "运单JD0098123456789",
        "时间戳1741234567890",
        "账单81234567",
        "工单7123456",
        "编号053181234567",
        "2025-03-06 12:30:45扣了两次",
        "2025年3月6日",
        "2025/03/06-2025/04/06",
        "扣了1,299.00元",
        "价格¥12999999.99",
        "话费欠13912345678.50元",
        "比例0.13912345678",
        f"编号{wrong(ID)}",
        f"编号{wrong(ID_X)}",
        f"编号{id_card('37010219851314302')}",
        f"编号{id_card('99010219850614302')}",
        "编号370102851314302",
        f"编号{wrong(CARD_16)}",
        f"编号{wrong(fours(CARD_19, ' '))}",
        f"编号{card('122200987654321')}",
        f"编号{card('62220098765')}",
        "型号E12345678",
        "护照早就寄出去了，可是到今天也没有收到回音E12345678",
        "护照E1234567",
        "新MATE60P一直没货",
        "京A1234",
        "鲁A1234567",
        "鲁I12345",
        "川A123I5",
        "一二三四五六七八九零一",
        "一三九一二三四五六七八九",
        "一百三十九元",
        "@客服小王 在吗",
        "单价5@店里",
        "a@b",
        "IP是192.168.100.200",
        "版本10.15.7.13800",
    ],
)
def test_is_left_alone(text: str):
    assert mask(text).found == ()
    assert mask(text).text == text


@pytest.mark.parametrize("said", ["身份证", "身份证号：", "身份證號碼是", "证件号 "])
def test_a_mistyped_identity_number_is_masked_where_it_is_called_one(said: str):
    assert [f.kind for f in mask(f"{said}{wrong(ID)}").found] == ["id_card"]
    assert mask(mask(f"{said}{wrong(ID)} {wrong(ID)}").text).found == (), "masking again changes nothing"


def test_several_in_one_text():
    text = (
        f"我叫小李，手机１３９１２３４５６７８，身份证{ID}，卡{CARD_19}，"
        "车鲁A12345，邮箱li@example.com，0531-81234567"
    )
    masked = mask(text)
    assert masked.text == (
        "我叫小李，手机【手机号】，身份证【身份证号】，卡【银行卡号】，车【车牌号】，邮箱【邮箱】，【座机号】"
    )
    kinds = ["mobile", "id_card", "bank_card", "plate", "email", "landline"]
    assert [f.kind for f in masked.found] == kinds
    assert text[masked.found[0].start : masked.found[0].end] == "１３９１２３４５６７８"
    assert text[masked.found[1].start : masked.found[1].end] == ID


def test_an_identity_number_that_is_also_a_card_number_is_an_identity_number():
    both = next(
        n
        for n in (id_card(f"370102198506{day}{i:03}") for day in (11, 12) for i in range(999))
        if n[-1] != "X" and card(n[:-1]) == n
    )
    assert [f.kind for f in mask(both).found] == ["id_card"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13912345678/13812345678", "【手机号】/【手机号】"),
        ("1.13912345678 2.13812345678", "1.【手机号】 2.【手机号】"),
        ("+8613912345678+8613812345678", "【手机号】+【手机号】"),
        (f"{ID_X}13912345678", "【身份证号】【手机号】"),
        (f"3{ID}", f"3{ID}"),
        (f"5 {ID}", "5 【身份证号】"),
        ("电话0531-81234567转801", "电话【座机号】"),
        ("护照E12345678、E87654321、G11223344、G99887766", "护照" + "、".join(["【护照号】"] * 4)),
        ("护照 13912345678和E12345678", "护照 【手机号】和【护照号】"),
        ("😀13912345678𠮷", "😀【手机号】𠮷"),
    ],
)
def test_neighbours(text: str, masked: str):
    assert mask(text).text == masked


def test_what_a_later_reading_finds_has_offsets_into_the_input():
    text = "护照 0086-139-1234-5678和E12345678，鲁A12345"
    assert [(f.kind, text[f.start : f.end]) for f in mask(text).found] == [
        ("mobile", "0086-139-1234-5678"),
        ("passport", "E12345678"),
        ("plate", "鲁A12345"),
    ]


PIECES = st.sampled_from(
    [number for _, number in POSITIVE]
    + ["护照", "E12345678", "电话", "座机", "81234567", "86", "139", "1234", "400"]
    + [*"+-. ()（）·，。、】【京A一三零元转01XE@a"]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_masking_twice_changes_nothing(text: str):
    once = mask(text)
    assert mask(once.text).found == ()
    rebuilt, at = "", 0
    for found in once.found:
        assert at <= found.start < found.end <= len(text)
        rebuilt += text[at : found.start] + PLACEHOLDERS[found.kind]
        at = found.end
    assert rebuilt + text[at:] == once.text


LENGTH = 20_000


@pytest.mark.parametrize(
    "unit",
    [
        "1", "6", "1 ", "6666 ", "a", "a.", "@", "a@", "a@a.", "a@b.com", "-", "(", "+86", "0531-", "电话",
        "护照", "一", "京A", "京A1", "1391234", "13912345678.86 ", "E12345678", "护照E12345678",
        "0755-8123456-", "电话1234567 ", "+85261234567", ID_X, f"{wrong(ID)} ", f"{CARD_16} ",
        f"{wrong(CARD_19)} ", "13912345678 ",
    ],
)  # fmt: skip
def test_long_adversarial_text_is_read_in_linear_time(unit: str):
    """Four times the length may cost about four times the time, never sixteen."""
    short, long = ("".join([unit] * (size // len(unit))) for size in (LENGTH // 4, LENGTH))
    assert best_of(2, lambda: mask(long)) < 10 * best_of(2, lambda: mask(short)) + 0.02


def best_of(times: int, call) -> float:
    """Seconds of processor time of the quickest call: other work on the machine counts less."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return min(taken)


def digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()


@pytest.mark.parametrize("value", ["", "DD20250306-0017", "7123456", "P-12"])
def test_an_impersonal_reference_is_stored_as_it_is(value: str):
    assert mask_ref(value, digest) == value


def test_a_personal_reference_is_masked_and_told_apart():
    one, other = mask_ref("13912345678-2", digest), mask_ref("13812345678-2", digest)
    assert one == "【手机号】-2~" + digest("13912345678-2")[:10]
    assert one != other


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13912345678", "139****5678"),
        ("+86 139-1234-5678", "139****5678"),
        ("１３９１２３４５６７８", "139****5678"),
        (" 13912345678 ", "139****5678"),
        ("12912345678", "1****8"),
        ("C-20417", "C****7"),
        ("li@example.com", "l****m"),
        ("王小明", "王****明"),
        ("王明", "****"),
        ("王", "****"),
        ("", ""),
    ],
)
def test_shown_reference(value: str, shown: str):
    assert show_ref(value) == shown
