"""Which word classes a reader looks for, and what a lexicon row may ask for."""

from __future__ import annotations

import pytest

from chalicelib.model.errors import Invalid
from chalicelib.nlp.lexicon import compile_house_rules, word_classes
from chalicelib.nlp.phrases import compile_phrase
from chalicelib.nlp.reading import ASKED, Reader
from chalicelib.nlp.rule import Rule

HEADER = "code,phrase,weight,needs,not,kind\n"


def rule(needs: str = "", bars: str = "") -> Rule:
    return Rule("own.slow", compile_phrase("太慢", {}), 0.9, tuple(needs.split()), tuple(bars.split()), False)


def test_the_classes_that_the_code_asks_for_exist():
    assert set(ASKED) <= word_classes().keys()


@pytest.mark.parametrize(("needs", "bars", "found"), [("颜色", "", 1), ("", "颜色", 0), ("", "", 1), ("颜色", "颜色", 0)])  # fmt: skip
def test_any_class_of_the_word_list_can_be_asked_for(needs, bars, found):
    text = f"{word_classes()['颜色'][0]}，太慢"
    assert len(Reader([rule(needs, bars)]).read(text).hits) == found


def test_a_contact_holds_every_class_of_a_word_within_a_longer_one():
    # 售后 is a word of both classes, 售后客服 of one.
    assert {"售后", "售后客服"} <= set(word_classes()["客服"])
    assert "售后" in word_classes()["退"]
    for order in ("客服 退", "退 客服"):
        cues = Reader([rule(order)]).read("售后客服太慢").cues
        assert cues["退"] == [(0, 2)]
        assert cues["客服"] == [(0, 4)]


@pytest.mark.parametrize(("weight", "hits"), [(0.7, [0.28, 0.28]), (0.25, [0.1])])
def test_a_phrase_is_faint_by_its_own_weight_and_not_for_being_conceded(weight, hits):
    said = rule()._replace(weight=weight)
    text = "虽然太慢，但是在路上。虽然太慢，但是到家门口"
    assert [hit.weight for hit in Reader([said]).read(text).hits] == pytest.approx(hits)


@pytest.mark.parametrize("row", ["a.b,太慢,.9,没有这类,,", "a.b,太慢,.9,,颜色 没有这类,"])
def test_an_unknown_class_is_refused_with_file_line_and_name(row, tmp_path):
    file = tmp_path / "lexicon.csv"
    file.write_text(f"{HEADER}a.b,太慢,.9,颜色,,\n{row}\n", "utf-8")
    with pytest.raises(Invalid, match="没有这类") as refused:
        compile_house_rules(file)
    assert refused.value.where == "lexicon.csv:3"


@pytest.mark.parametrize(
    "row", ["a.b,太慢", "a.b,(太慢,.9,,,", "a.b,太慢,viel,,,", "a.b,太慢,.9,颜色,颜色 吃,"]
)
def test_a_broken_row_is_refused(row, tmp_path):
    file = tmp_path / "lexicon.csv"
    file.write_text(f"{HEADER}{row}\n", "utf-8")
    with pytest.raises(Invalid) as refused:
        compile_house_rules(file)
    assert refused.value.where == "lexicon.csv:2"
