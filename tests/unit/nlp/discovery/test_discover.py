"""A cause nobody has named is found, said in customers' words, and the same in whatever order contacts come."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.nlp.discovery.discover import discover
from chalicelib.nlp.discovery.finding import Document, Known
from chalicelib.nlp.discovery.grow import LEADING_Z
from tests.unit.nlp.discovery.company import BILL, FINGER, LATE, about, contacts

CAUSES = [
    Known("delivery.late", "东西送得太慢", "送达晚于承诺；催单", ("快递", "物流")),
    Known("product.reading", "刷脸指纹识别不灵", "人脸或指纹读不出来"),
    Known("invoice.other", "发票以外的票据", "收据、押金条"),
]


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "every contact carries a known cause"])
def test_a_new_cause_is_found_and_only_that(beside):
    documents = contacts(1, new=[FINGER], beside=beside)
    (found,) = [one for one in discover(documents, CAUSES) if one.new]
    right = about(documents, "指纹")
    assert "指纹" in found.name
    assert {one.key for one in found.members} == right
    assert found.words[0].word in found.name
    assert (found.words[0].current, found.words[0].baseline) == (15, 0)
    assert found.purity == 1
    assert (found.weekly, found.trend) == (15.0, (*((week, 0) for week in range(8)), (8, 15)))
    assert set(found.typical) | set(found.border) <= right
    assert (len(found.typical), len(found.border)) == (5, 3)
    assert not set(found.typical) & set(found.border)


def test_two_new_causes_are_two_findings():
    documents = contacts(2, new=[FINGER, BILL])
    found = [one for one in discover(documents, CAUSES) if one.new]
    for word in ("指纹", "发票"):
        (mine,) = [one for one in found if word in one.name]
        assert {one.key for one in mine.members} == about(documents, word)


def test_the_definition_is_what_customers_say_and_no_number():
    (found,) = [one for one in discover(contacts(1, new=[FINGER])) if one.new]
    said = re.fullmatch(r"客户说：((?:“[^“”]+”){2,3})。", found.definition)
    assert said
    assert all(phrase in FINGER for phrase in re.findall(r"“([^“”]+)”", said[1]))
    assert not re.search(r"[0-9]", found.definition)


def test_what_only_one_person_says_is_in_no_definition():
    own = [f"{name}说指纹修不好" for name in ("甄宓", "毋丘俭", "夏侯霸", "长孙晟", "宇文护")]
    own += ["指纹的事打【手机号】", "指纹单号8812"]
    told = [Document(f"x{at}", text, 8) for at, text in enumerate(own)]
    (found,) = [one for one in discover([*contacts(1, new=[FINGER]), *told]) if one.new]
    assert {one.key for one in told} <= {one.key for one in found.members}
    assert "指纹" in found.definition
    assert not [text for text in own if text in found.definition]


def test_with_nothing_said_in_common_the_words_are_the_definition():
    said = [f"{chr(0x4E00 + 97 * at)}指纹{chr(0x5E00 + 97 * at)}" for at in range(30)]
    told = [Document(f"x{at}", text, 8) for at, text in enumerate(said)]
    (found,) = [one for one in discover([*contacts(1), *told]) if one.new]
    assert found.definition == "客户说：“指纹”。"


@pytest.mark.parametrize("many", [6, 7])
def test_a_rare_cause_is_found_though_its_words_stand_out_little(many):
    rare = ("猫眼黑屏", "猫眼糊了", "猫眼歪了")
    documents = contacts(10, weeks=2, a_week=400, new=[rare], many=many, from_week=1)
    (found,) = [one for one in discover(documents) if one.new]
    assert (found.name, len(found.members), found.purity) == ("猫眼", many, 1)
    assert found.words[0].z < LEADING_Z


@pytest.mark.parametrize(
    ("phrases", "nearest"), [(FINGER, "product.reading"), (BILL, "invoice.other"), (None, None)]
)
def test_the_nearest_cause_shares_words(phrases, nearest):
    strange = ("猫眼的画面全是雪花", "猫眼黑屏看不见人", "晚上猫眼糊成一片", "猫眼连不上手机")
    (found,) = [one for one in discover(contacts(3, new=[phrases or strange]), CAUSES) if one.new]
    assert found.nearest == nearest


def test_what_was_always_there_is_found_without_a_baseline_to_differ_from():
    documents = contacts(4, new=[FINGER], from_week=0)
    found = discover(documents)
    assert not [one for one in found if one.new]
    assert [one for one in found if "指纹" in one.name]


def test_one_week_of_contacts_is_enough_to_look_at_what_is_unexplained():
    documents = contacts(5, weeks=1, a_week=200, new=[FINGER], from_week=0, many=30)
    assert [one for one in discover(documents) if "指纹" in one.name and not one.new]


def test_what_is_explained_is_never_new():
    rng = Random(6)
    documents = contacts(6, new=[LATE], many=40)
    told = [
        Document(one.key, one.text, one.week, ((0, len(one.text)),) if "快递" in one.text else one.explained)
        for one in documents
    ]
    rng.shuffle(told)
    assert not [one for one in discover(told) if one.new and "快递" in one.name]


def test_a_cause_too_rare_for_one_week_is_found_in_more():
    documents = contacts(7, weeks=16, new=[FINGER], many=2, from_week=12)
    (found,) = [one for one in discover(documents) if one.new]
    assert "指纹" in found.name
    assert (len(found.members), found.weekly) == (8, 2.0)


def test_a_quiet_week_has_nothing_new():
    new = [one.name for seed in range(5) for one in discover(contacts(seed)) if one.new]
    assert len(new) <= 1


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_order_gives_the_same_findings(random):
    documents = contacts(8, a_week=30, new=[FINGER, BILL])
    expected = repr(discover(documents, CAUSES))
    random.shuffle(documents)
    causes = random.sample(CAUSES, len(CAUSES))
    assert repr(discover(documents, causes)) == expected


@pytest.mark.parametrize(
    "texts", [(), ("",), ("？！",), ("好",), ("【手机号】",), ("指纹", "指纹", "指纹", "指纹", "指纹")]
)
def test_next_to_nothing_gives_nothing(texts):
    assert discover([Document(str(at), text, at) for at, text in enumerate(texts)]) == []


def test_the_limit_holds():
    assert len(discover(contacts(9, new=[FINGER, BILL], from_week=0), limit=1)) == 1
