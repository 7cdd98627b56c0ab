"""Which causes stand beside one another, and what is settled or denied, on made-up scores and short contacts."""

from __future__ import annotations

import pytest

from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.reading import SETTLES, Reader, Reading
from chalicelib.nlp.verdict import ALONE, BESIDE, LAST, LONG, PRAISED, VAGUE, plausible

SHORT, FULL = (Reading("字" * length, (), {}, []) for length in (LONG - 1, LONG))


def test_a_vague_disappointment_beside_a_surer_cause_must_be_sure_itself() -> None:
    found = [(BESIDE - 0.01, VAGUE), (0.8, "product.defect")]
    assert plausible(found, SHORT) == [(0.8, "product.defect")]
    assert plausible([(BESIDE, VAGUE), (0.8, "product.defect")], SHORT) == [
        (0.8, "product.defect"),
        (BESIDE, VAGUE),
    ]
    assert plausible([(0.5, VAGUE)], SHORT) == [(0.5, VAGUE)], "alone it is what there is to say"
    first = [(0.6, VAGUE), (0.55, "product.defect")]
    assert plausible(first, SHORT) == first, "nothing surer stands beside it"


def test_only_the_last_of_four_must_be_sure() -> None:
    sure = [(0.9, "a"), (0.8, "b"), (0.65, "c")]
    assert plausible([*sure, (LAST - 0.01, "d")], SHORT) == sure
    assert plausible([(0.9, "a"), (0.8, "b"), (0.7, "c"), (LAST, "d"), (LAST, "e")], SHORT) == [
        (0.9, "a"),
        (0.8, "b"),
        (0.7, "c"),
        (LAST, "d"),
    ]


def test_the_only_cause_of_a_long_contact_must_be_surer_than_that_of_a_short_one() -> None:
    faint = [(ALONE - 0.01, "a")]
    assert plausible(faint, SHORT) == faint
    assert plausible(faint, FULL) == []
    assert plausible([(ALONE, "a")], FULL) == [(ALONE, "a")]
    assert plausible([*faint, (0.5, "b")], FULL) == [*faint, (0.5, "b")]


def test_a_contact_that_only_praises_needs_a_phrase_or_near_certainty() -> None:
    praise = SHORT._replace(cues={"赞": [(0, 1)]})
    assert plausible([(PRAISED - 0.01, "a")], praise) == []
    assert plausible([(PRAISED, "a")], praise) == [(PRAISED, "a")]
    assert plausible([(0.5, "a")], praise._replace(cues={"赞": [(0, 1)], "恶": [(2, 3)]})) == [(0.5, "a")]


def _codes(text: str) -> set[str]:
    return {
        hit.rule.code
        for hit in Reader(rules_for([CauseWords("smell", "气味", words=("异味",))])).read(text).hits
    }


def test_what_is_settled_is_what_was_said_shortly_before() -> None:
    assert _codes("有异味，现在已经解决了") == set()
    told = "，后来又说了许多别的事"
    assert _codes("有异味" + told + "，现在已经解决了") == set()
    assert _codes("有异味" + told * (SETTLES // len(told) + 1) + "，现在已经解决了") == {"smell"}
    assert _codes("有异味，已经解决了" + told * SETTLES + "，后来那件事也已经解决了") == set(), (
        "each settles its own"
    )
    assert _codes("已经解决了，可是又有异味") == {"smell"}


@pytest.mark.parametrize("text", ["异味几乎没有", "异味几乎为零", "不显得异味", "没有异味"])
def test_denials(text: str) -> None:
    assert _codes(text) == set()


@pytest.mark.parametrize("text", ["异味几乎没有散过", "几乎都有异味"])
def test_no_denials(text: str) -> None:
    assert _codes(text) == {"smell"}
