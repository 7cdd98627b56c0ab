"""The fast path through jieba's dictionary cuts as jieba does."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.nlp import segment
from chalicelib.nlp.segment import own_words, segmenter


@pytest.fixture(scope="module")
def plain() -> jieba.Tokenizer:
    """jieba itself, with the same dictionary."""
    lines = (line.split(" ") for line in segment._dictionary().decode().splitlines())
    counts = {w: int(n) for w, n, _ in lines if int(n) >= 100 and len(w) <= segment._LONGEST}
    for word in tuple(counts):
        for end in range(1, len(word)):
            counts.setdefault(word[:end], 0)
    jieba_itself = jieba.Tokenizer()
    jieba_itself.FREQ, jieba_itself.total, jieba_itself.initialized = counts, sum(counts.values()), True
    return jieba_itself


@settings(max_examples=300, deadline=None)
@example("多多多1三三前天学")  # as probable in two ways
@given(st.text("快递三天没动静差不多客服也不理人北京大学生前来报到的ABC123，。 \n", max_size=40))
def test_the_same_cuts(plain, text):
    assert segmenter().cut(text) == list(plain.cut(text, HMM=False))


def test_words_of_one_character():
    own = own_words("差不多，真的差")
    assert [own(at) for at in range(7)] == [False, False, False, True, False, False, True]


@settings(max_examples=200, deadline=None)
@example("多多多1三三前天学")  # as probable in two ways
@given(st.text("快递三天没动静差不多客服也不理人北京大学生前来报到的ABC123，。 \n", min_size=1, max_size=30))
def test_a_character_stands_alone_without_a_cut_exactly_where_the_cut_has_it_so(text):
    own, words, at = own_words(text), segmenter().cut(text), 0
    for word in words:
        assert own(at) is (len(word) == 1)
        at += len(word)
    assert at == len(text)
