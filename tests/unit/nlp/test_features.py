"""N-grams looked up in bulk are the n-grams of the text, and only those inside a segment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.nlp.clauses import split
from chalicelib.nlp.features import Batch, Vocabulary, gather, grams, lay_out
from chalicelib.nlp.reading import Reading

TEXTS = st.lists(st.text(alphabet="快递慢,。a😀 ", max_size=12), min_size=1, max_size=5)


def reading(text: str) -> Reading:
    return Reading(text, split(text), {}, [])


def key(gram: str) -> int:
    number = 0
    for character in gram:
        number = number << 16 | ord(character) & 0xFFFF
    return number


def plain(text: str, longest: int = 3) -> set[int]:
    return {key(text[at : at + n]) for n in range(1, longest + 1) for at in range(len(text) - n + 1)}


@given(TEXTS)
def test_bags_hold_the_n_grams_of_each_text_and_clause(texts):
    readings = [reading(text) for text in texts]
    layout = lay_out(readings)
    vocabulary = Vocabulary(gather(layout, 3, 1))
    batch = Batch(layout, vocabulary)
    whole, parts = batch.texts, batch.clauses
    assert [set(vocabulary.keys[whole.rows[a:b]].tolist()) for a, b in edges(whole)] == list(
        map(plain, texts)
    )
    clauses = [
        text[start:end]
        for text, one in zip(texts, readings, strict=True)
        for start, end in one.clauses or [(0, len(text))]
    ]
    assert [set(vocabulary.keys[parts.rows[a:b]].tolist()) for a, b in edges(parts)] == list(
        map(plain, clauses)
    )


def edges(found):
    return list(zip(found.edges[:-1].tolist(), found.edges[1:].tolist(), strict=True))


@pytest.mark.parametrize(("least", "kept"), [(1, 5), (2, 1), (3, 0)])
def test_rare_n_grams_are_left_out(least, kept):
    assert len(gather(lay_out([reading("快递"), reading("快餐")]), 2, least)) == kept


@pytest.mark.parametrize(("most", "kept"), [(5, 5), (4, 1), (1, 1), (0, 0)])
def test_the_commonest_n_grams_stay_where_there_is_not_room_for_all(most, kept):
    assert len(gather(lay_out([reading("快递"), reading("快餐")]), 2, 1, most)) == kept


def test_counts_and_digits():
    layout = lay_out([reading("37元37元")])
    vocabulary = Vocabulary(np.array([key("0"), key("00"), key("0元")], np.uint64))
    found = Batch(layout, vocabulary).texts
    assert found.rows.tolist() == [0, 1, 2]
    assert found.counts.tolist() == [4, 2, 2]


def test_every_n_gram_is_found_and_no_other_however_many_there_are():
    text = "".join(map(chr, np.random.default_rng(1).integers(0x4E00, 0x9FA5, 30_000)))
    layout = lay_out([reading(text)])
    every = gather(layout, 2, 1)
    known = every[::2]
    vocabulary = Vocabulary(known)
    for found, wanted in zip(vocabulary.rows(layout), grams(layout.characters, 2), strict=True):
        here = found[: len(wanted)]
        assert np.array_equal(here >= 0, np.isin(wanted, known))
        assert np.array_equal(known[here[here >= 0]], wanted[here >= 0])


def test_a_vocabulary_may_be_empty():
    layout = lay_out([reading("快递")])
    found = Batch(layout, Vocabulary(np.zeros(0, np.uint64))).texts
    assert found.edges.tolist() == [0, 0]
