"""Text from outside: what is kept, what is cleaned away, what is refused; folding keeps offsets."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model.errors import Invalid
from chalicelib.privacy.text import LONGEST, clean_text, fold

QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("快递三天没到", "快递三天没到"),
        ("  两头空白 \n", "两头空白"),
        ("\ufeff带 BOM", "带 BOM"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("零\u200b宽\u200c字\u2060符", "零宽字符"),
        ("方向\u202e标记\u202c", "方向标记"),
        ("制表\t保留", "制表\t保留"),
        ("响铃响铃响铃响铃响铃\x07", "响铃响铃响铃响铃响铃"),
        ("e\u0301te\u0301", "été"),
        ("全角ＡＢＣ①保留", "全角ＡＢＣ①保留"),
        ("一家👨\u200d👩\u200d👧人", "一家👨\u200d👩\u200d👧人"),
        ("不间断\u00a0空格", "不间断\u00a0空格"),
        ("𠮷野家", "𠮷野家"),
        ("半个代理项半个代理项\ud800", "半个代理项半个代理项"),
    ],
)
def test_what_the_customer_wrote_stays(raw, clean):
    assert clean_text(raw) == clean


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "text.type"),
        (5, "text.type"),
        (b"bytes", "text.type"),
        (["a"], "text.type"),
        ("", "text.empty"),
        (" \n\t ", "text.empty"),
        ("\u200b\ufeff", "text.empty"),
        ("\u3000\u00a0", "text.empty"),
        ("\u200d\u200d", "text.empty"),
        ("有\x00空字节的很长很长很长的文字", "text.binary"),
        ("\x01\x02\x03\x04abc", "text.binary"),
        ("字" * (LONGEST + 1), "text.too_long"),
    ],
)
def test_what_is_no_text_is_refused(raw, code):
    with pytest.raises(Invalid) as refused:
        clean_text(raw, where="row 3")
    assert (refused.value.code, refused.value.where) == (code, "row 3")
    assert refused.value.zh
    assert refused.value.en.isascii()


@pytest.mark.parametrize("raw", ["\ufffd" * 40, "\ufffd\ufffd客\ufffd\ufffd"])
def test_lost_characters_are_no_text(raw):
    with pytest.raises(Invalid):
        clean_text(raw)


def test_the_longest_text_fits_and_the_limit_can_be_set():
    assert len(clean_text("字" * LONGEST)) == LONGEST
    assert clean_text(" 字" * 5, limit=9) == "字 字 字 字 字"
    with pytest.raises(Invalid, match="at most 8"):
        clean_text(" 字" * 5, limit=8)


@QUICK
@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(raw):
    try:
        once = clean_text(raw)
    except Invalid:
        return
    assert clean_text(once) == once
    assert once == once.strip() != ""
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(c) == "Cs" for c in once)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣａｂｃ１２３", "abcabc123"),
        ("App 崩溃", "app 崩溃"),
        ("快遞還沒送到，賬單看不懂", "快递还没送到,账单看不懂"),
        ("！？　", "!? "),
        ("发票", "发票"),
    ],
)
def test_words_are_compared_in_one_form(text, folded):
    assert fold(text) == folded


@QUICK
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_folding_keeps_every_offset(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)
