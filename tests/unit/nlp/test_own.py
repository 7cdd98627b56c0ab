"""A company's own phrases: what is looked for where contacts are cut, and what their author is told."""

from __future__ import annotations

import pytest

from chalicelib.nlp.lexicon import CauseWords, fault_of, rules_for
from chalicelib.nlp.reading import Reader
from chalicelib.privacy.text import fold


def found(phrase: str, text: str) -> list[str]:
    """What of a text a phrase is found to be."""
    hits = Reader(rules_for([CauseWords("own.it", "", words=(phrase,))])).read(fold(text)).hits
    return [text[hit.start : hit.end] for hit in hits]


@pytest.mark.parametrize(
    ("phrase", "text", "there"),
    [
        ("价格还有点贵", "就是这里价格还有点贵了", ["价格还有点贵"]),
        ("价格还有点贵", "价格，还有点贵", ["价格，还有点贵"]),
        ("价格还有点贵", "价格不低还有点贵", []),
        ("价格还有点贵", "没有价格还有点贵", []),
        ("点了，没给", "我点了。没给我", ["点了。没给"]),
        ("《手册》看不懂", "《手册》看不懂", ["手册》看不懂"]),
        ("好吃.太慢", "好吃.太慢", ["好吃.太慢"]),
        ("好吃但是慢而且贵", "好吃但是慢而且贵", ["好吃但是慢而且贵"]),
        ("好吃，慢但是贵", "好吃！慢但是贵", ["好吃！慢但是贵"]),
        ("反正就是", "反正就是不发货", ["反正就是"]),
        ("8:30送到", "说好8:30送到的", ["8:30送到"]),
        ("慢" * 80, "慢" * 80, ["慢" * 80]),
        ("价格 , 还有点(贵|高)", "价格还有点高", ["价格还有点高"]),
    ],
)
def test_plain_text_in_which_contacts_are_cut_is_found_over_the_cut(phrase, text, there):
    assert found(phrase, text) == there
    assert fault_of(phrase) is None


@pytest.mark.parametrize(
    ("phrase", "text", "there"),
    [
        ("C++", "C++课程要退款", ["C++"]),
        ("C++", "c语言课程", []),
        ("(没送到", "还没送到", ["没送到"]),
        ("态度[差]+", "态度[差]+了", ["态度[差]+"]),
        ("态度[差]+", "态度[差]了", []),
        ("贵(了||的)", "贵了", []),
        (", 没给", "没给", ["没给"]),
        ("没给 ,", "点了，没给，走了", ["没给"]),
    ],
)
def test_what_cannot_be_read_is_looked_for_with_all_its_signs_and_told(phrase, text, there):
    assert found(phrase, text) == there
    fault = fault_of(phrase)
    assert fault is not None
    assert "按原字去找" in fault.zh
    assert "as it stands" in fault.en
    assert phrase in fault.zh
    assert phrase in fault.en


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("价格还有点(贵|高)", "价格还有点"),
        ("(很|太)?贵,差评", "贵,差评"),
        ("送货 8:30", "8:30"),
        ("慢" * 81, "80"),
        (f"(很|太)?{'慢' * 81}", "断句"),
        ("太慢，差评，再也不来", "三句"),
        ("，", "没有可找的字"),
        ("一 二 三 四 五", "4 段"),
        ("(" * 400, "20 层"),
        ("(" * 400 + "慢" + ")" * 400, "20 层"),
    ],
)
def test_what_can_never_be_found_is_told_with_what_to_do(phrase, why):
    fault = fault_of(phrase)
    assert fault is not None
    assert why in fault.zh
    assert "请" in fault.zh
    assert len(fault.zh) < 200, "a long phrase is told by its beginning"


@pytest.mark.parametrize(
    "phrase", ["太慢", "送 慢|晚", "(很|太)?贵", "@送 慢", "点了 , 没给", "还有异味", "3.5元"]
)
def test_a_sound_phrase_has_no_fault(phrase):
    assert fault_of(phrase) is None


@pytest.mark.parametrize(
    "phrase",
    ["(哈|哈哈)" * 16 + "坏", "哈(哈|(哈哈))*(哈|(哈哈))*坏", "哈" + "哈*" * 6 + "坏", "哈哈* , 哈* 哈*坏"],
)
def test_what_can_be_read_in_too_many_ways_is_not_read_so(phrase):
    fault = fault_of(phrase)
    assert fault is not None
    assert "读法太多" in fault.zh


def test_many_ways_that_differ_where_they_begin_are_one():
    assert fault_of("(很|太|非常)*(慢|晚) (很|太)*差") is None


def test_what_is_said_ten_thousand_times_is_kept_a_hundred_times():
    assert len(found("慢|晚点", "慢，" * 10_000)) == len(found("慢 , 差", "慢，差。" * 5_000)) == 100
