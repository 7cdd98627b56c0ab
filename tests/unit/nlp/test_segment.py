"""The fast path through jieba's dictionary cuts as jieba does."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.nlp import segment
from chalicelib.nlp.segment import edges_of, segmenter


@pytest.fixture(scope="module")
def plain() -> jieba.Tokenizer:
    """jieba itself, with the same dictionary."""
    counts = {word: int(count) for word, count in segment._FREQUENT.findall(segment._dictionary())}
    for word in tuple(counts):
        for end in range(1, len(word)):
            counts.setdefault(word[:end], 0)
    jieba_itself = jieba.Tokenizer()
    jieba_itself.FREQ, jieba_itself.total, jieba_itself.initialized = counts, sum(counts.values()), True
    return jieba_itself


@settings(max_examples=300, deadline=None)
@given(st.text("快递三天没动静差不多客服也不理人北京大学生前来报到的ABC123，。 \n", max_size=40))
def test_the_same_cuts(plain, text):
    assert list(segmenter().cut(text)) == list(plain.cut(text, HMM=False))


def test_edges_are_where_words_begin_and_end():
    edges = edges_of("差不多就这样")()
    assert {0, 3, 6} <= edges
    assert 1 not in edges
    assert edges_of("")() == {0}
