"""What a phrase cannot do without: the more it says, the fewer contacts are searched in vain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.nlp.lexicon import word_classes
from chalicelib.nlp.phrases import MOST_NEEDS, compile_phrase, literals

CLASSES = {"破": ("破", "烂", "裂(了|开)"), "量": ("个", "条")}


@pytest.mark.parametrize(
    ("phrase", "lacking"),
    [
        ("(@破)(@量)洞|坏掉", "一个洞"),  # neither 破 nor 坏掉
        ("(@破)(@量)洞|坏掉", "破洞"),
        ("(说话|语气)(难听|冲)", "说话"),
        ("@破 洞|口子", "破了个"),
    ],
)
def test_each_choice_says_more_than_one_thing_it_needs(phrase, lacking):
    needs = compile_phrase(phrase, CLASSES).needs
    assert not all(any(word in lacking for word in words) for words in needs)


@pytest.mark.parametrize("choice", ["没|没有", "没|没(有)?", "没|没有?", "没|@没", "没|(没|没有)"])
def test_of_alternatives_that_begin_alike_the_longer_one_is_met(choice):
    assert (
        compile_phrase(f"{choice} 收到", {"没": ("没", "没有")}).pattern().search("没有收到货")[1] == "没有"
    )


def test_a_run_can_be_repeated_in_one_way_only():
    pattern = compile_phrase("(就|又|就又|又就又)*便宜", {}).pattern()
    assert pattern.search("第二天就又就便宜")[0] == "就又就便宜"
    assert not pattern.search("就又" * 80)  # with 就又 there are more ways than can be tried


def test_whether_a_word_is_made_of_others_is_seen_at_once():
    source = compile_phrase(f"(就|就就|{'就' * 40}慢)*贵", {}).source
    assert source == f"((?:{'就' * 40}慢|就){{0,6}}贵)"


@pytest.mark.parametrize("phrase", ["(很?很?)*慢", "((很|太)*)*慢", "(很|)*慢"])
def test_what_could_be_read_in_endless_ways_is_refused(phrase):
    with pytest.raises(ValueError, match=r"for ever|empty"):
        compile_phrase(phrase, {})


@pytest.mark.parametrize("phrase", ["贵(了||的)", "太慢|", "太()慢"])
def test_an_empty_alternative_is_refused(phrase):
    with pytest.raises(ValueError, match="empty"):
        compile_phrase(phrase, {})


WORDS = st.sampled_from(["破", "烂", "洞", "坏掉", "(@破)", "(@量)"])
PARTS = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda some: f"({'|'.join(some)})")
        | inner.map(lambda one: f"(太|{one})?{one}")
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=3).map("|".join), min_size=1, max_size=2).map(" ".join),
    st.text("破烂裂了开个条洞坏掉太", max_size=30),
)
def test_what_matches_holds_a_word_of_everything_needed(phrase, text):
    compiled = compile_phrase(phrase, CLASSES)
    assert 1 <= len(compiled.needs) <= MOST_NEEDS
    if found := compiled.pattern().search(text):
        assert all(any(word in found[0] for word in words) for words in compiled.needs)


def test_no_word_of_a_class_stands_for_very_many() -> None:
    most = {word: len(literals([word])) for words in word_classes().values() for word in words}
    assert {word: many for word, many in most.items() if many > 600} == {}, "every process spells them out"
