"""Discovery behind its port: contacts in, findings out, and no single customer's sentence kept."""

from __future__ import annotations

from random import Random

import pytest

from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.nlp.clauses import split
from chalicelib.nlp.finder import LogOddsFinder, without_quotes
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
    texts = [document.text for document in documents]
    clauses = {text[start:end] for text in texts for start, end in split(text) if end - start > 5}
    for found in LogOddsFinder().discover(documents, 2, []):
        assert not [clause for clause in clauses if clause in found.definition]


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        (
            "客户说到“甲”，常连着说“乙”，例如“我说甲”“她说“乙””；最近 2 周有 9 条说到“甲”，此前平均每周 0.0 条",
            "客户说到“甲”，常连着说“乙”；最近 2 周有 9 条说到“甲”，此前平均每周 0.0 条",
        ),
        ("客户说到“甲”，例如“我说甲”；10 周里一直都有，共 9 条", "客户说到“甲”；10 周里一直都有，共 9 条"),
        ("客户说到“甲”；最近 2 周有 9 条说到“甲”", "客户说到“甲”；最近 2 周有 9 条说到“甲”"),
    ],
)
def test_quotes_are_left_out(definition, kept):
    assert without_quotes(definition) == kept


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
