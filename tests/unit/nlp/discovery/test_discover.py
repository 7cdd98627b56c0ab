"""A cause nobody has named is found, said in customers' words, and the same in whatever order contacts come."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.nlp.discovery.discover import discover
from chalicelib.nlp.discovery.finding import Document, Known
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


def test_the_definition_says_what_customers_say_and_how_often():
    (found,) = [one for one in discover(contacts(1, new=[FINGER])) if one.new]
    assert found.name in found.definition
    assert any(phrase in found.definition for phrase in FINGER)
    assert "最近 1 周有 15 条说到“指纹”，此前平均每周 0.0 条" in found.definition


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
    assert "最近 4 周" in found.definition


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
