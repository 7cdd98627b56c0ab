"""Discovery behind its port: contacts in, findings out, and no single customer's sentence kept."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.nlp.clauses import split
from chalicelib.nlp.finder import LogOddsFinder
from chalicelib.ports import Document
from tests.loop.subsidy import CONTACTS

OLD = [
    "快递太慢了",
    "账单看不懂",
    "电话打不通没人接",
    "退款一直没有到",
    "页面打不开",
    "态度太差了",
    "买完就降价",
]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """The new cause in the last two of ten weeks, ordinary contacts in all."""
    new = [Document(f"n{n}", text, 8 + n % 2) for n, text in enumerate(CONTACTS)]
    old = [Document(f"o{n}", f"{OLD[n % len(OLD)]}，{n}号", n % 10) for n in range(300)]
    return new + old


def test_the_new_cause_is_found_whatever_the_order(documents):
    causes = default_taxonomy().active
    found = LogOddsFinder().discover(documents, 2, causes)
    assert "资格" in found[0].words[0].word
    assert sum(key.startswith("n") for key in found[0].members) >= 0.9 * len(found[0].members) >= 45
    shuffled = Random(3).sample(documents, len(documents))
    assert LogOddsFinder().discover(shuffled, 2, causes) == found


def test_no_definition_keeps_a_customers_sentence(documents):
    for found in LogOddsFinder().discover(documents, 2, []):
        assert found.definition.startswith("客户说：“")
        assert not [text for text in CONTACTS if text in found.definition]
        once = [clause for clause in _clauses(documents) if clause in found.definition]
        assert not once


def _clauses(documents: list[Document]) -> list[str]:
    """Clauses with two neighbouring characters that stand in no other contact."""
    pairs = Counter(pair for one in documents for pair in _pairs(one.text))
    every = {one.text[start:end] for one in documents for start, end in split(one.text)}
    return [clause for clause in every if any(pairs[pair] == 1 for pair in _pairs(clause))]


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def test_sudden_words_of_a_cause():
    before = {
        "delivery.late": [f"快递太慢了，等了{n}天" for n in range(200)],
        "billing.unclear": ["账单看不懂"] * 40,
    }
    now = {
        "delivery.late": [f"快递太慢了，無人機又停飛，{n}号" for n in range(20)] + ["快递太慢了"] * 30,
        "billing.unclear": ["账单看不懂"] * 10,
    }
    found = LogOddsFinder().sudden(now, before)
    assert found.keys() == {"delivery.late"}
    (word, *_) = found["delivery.late"]
    assert (word.word in "无人机又停飞", word.current, word.baseline) == (True, 20, 0)


def test_nothing_is_found_in_nothing():
    assert LogOddsFinder().discover([], 2, []) == []
    assert LogOddsFinder().sudden({}, {}) == {}
