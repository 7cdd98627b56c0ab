"""Evidence: the clauses that speak for a label, and in a long one the stretch that does."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.nlp.features import Batch, Vocabulary, gather, lay_out
from chalicelib.nlp.reading import Reader
from chalicelib.nlp.spans import Wanted, spans

READ = Reader([]).read
VOCABULARY = Vocabulary(gather(lay_out([READ("太慢"), READ("态度差")]), 2, 1))
WORDS = {"太慢": 0, "态度": 1}


def batch(*texts: str) -> Batch:
    return Batch(lay_out([READ(text) for text in texts]), VOCABULARY)


def weights() -> np.ndarray:
    """(n-grams, 2): 太慢 speaks for the first label, 态度 for the second."""
    out = np.zeros((len(VOCABULARY), 2), np.float32)
    for word, label in WORDS.items():
        out[batch(word).rows[1][0], label] = 1.0
    return out


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("味道好，送得太慢，态度差", 0, ["送得太慢"]),
        ("味道好，送得太慢，态度差", 1, ["态度差"]),
        ("太慢，态度差，真的太慢", 0, ["太慢", "真的太慢"]),
        ("我从早上一直等到现在这个快递真的是太慢了简直受不了", 0, ["太慢"]),
        ("味道好", 0, []),
        ("慢", 0, []),
        ("", 0, []),
    ],
)
def test_the_loudest_clauses(text: str, label: int, expected: list[str]) -> None:
    (found,) = spans(batch(text), weights(), [Wanted(0, label)])
    assert sorted(text[start:end] for start, end in found) == sorted(expected)


def test_many_at_once_are_as_each_alone() -> None:
    texts = ("送得太慢", "", "态度差，太慢", "好")
    wanted = [Wanted(2, 1), Wanted(0, 0), Wanted(2, 0), Wanted(1, 0), Wanted(3, 1)]
    alone = [spans(batch(texts[at]), weights(), [Wanted(0, label)])[0] for at, label in wanted]
    assert spans(batch(*texts), weights(), wanted) == alone
    assert spans(batch(*texts), weights(), []) == []
