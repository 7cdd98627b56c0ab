"""The authored data: well formed, balanced, no text twice or nearly twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from chalicelib.learn.corpus import Contact, read_corpus, read_sayings, unmarked
from chalicelib.learn.default import sources
from chalicelib.model.errors import Invalid
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.nlp.tagger_file import SHIPPED, shipped_model

CAUSES = [cause.code for cause in default_taxonomy().active]
INDUSTRIES = {
    "telecom",
    "bank",
    "ecommerce",
    "takeaway",
    "hotel",
    "car",
    "property",
    "travel",
    "education",
    "appliance",
    "chain",
    "app",
}
STYLES = {"phone", "chat", "email", "review", "weibo"}
NEARLY = 0.6
"""Share of three-character pieces that two texts may have in common."""


@cache
def corpus() -> list[Contact]:
    return read_corpus()


def test_every_cause_has_a_hundred_contacts_and_six_hundred_have_none() -> None:
    count = Counter(code for one in corpus() for code in one.example.causes)
    assert set(count) == set(CAUSES)
    assert min(count.values()) >= 100, count.most_common()[-3:]
    assert sum(not one.example.causes for one in corpus()) >= 600


def test_all_industries_and_styles_have_their_share() -> None:
    """What was heard in the field keeps the mix it was heard in."""
    balanced = [one for one in corpus() if not one.example.id.startswith("heard")]
    assert {one.industry for one in balanced} == INDUSTRIES
    styles = Counter(one.style for one in balanced)
    assert set(styles) == STYLES
    assert min(styles.values()) >= 0.06 * len(balanced)
    for code in CAUSES:
        mine = [one for one in balanced if code in one.example.causes]
        assert len({one.style for one in mine}) == len(STYLES), code
        assert len({one.industry for one in mine}) >= 4, code


def test_no_contact_is_there_twice_or_nearly_twice() -> None:
    seen: list[set[str]] = []
    holders: dict[str, list[int]] = defaultdict(list)
    for one in corpus():
        pieces = _pieces(one.example.text)
        shared = Counter(at for piece in pieces for at in holders[piece])
        for at, many in shared.most_common(3):
            assert len(pieces) < 8 or many / len(pieces | seen[at]) < NEARLY, one.example.id
        for piece in pieces:
            holders[piece].append(len(seen))
        seen.append(pieces)
    texts = Counter(one.example.text for one in corpus())
    assert [text for text, many in texts.items() if many > 1] == []


def _pieces(text: str) -> set[str]:
    bare = re.sub(r"\W", "", text)
    return {bare[at : at + 3] for at in range(len(bare) - 2)} or {bare}


def test_sayings_are_of_known_causes_each_once() -> None:
    sayings = read_sayings()
    count = Counter(code for one in sayings for code in one.causes)
    assert set(count) == set(CAUSES)
    assert min(count.values()) >= 60
    assert 0.1 < sum(not one.causes for one in sayings) / len(sayings) < 0.5
    assert [text for text, many in Counter(one.text for one in sayings).items() if many > 1] == []


def test_marks_become_spans_of_the_plain_text() -> None:
    plain, spans = unmarked(
        "味道好，{delivery.late|等了俩钟头}，{service.attitude|还怼我}，{delivery.late|慢}"
    )
    assert plain == "味道好，等了俩钟头，还怼我，慢"
    assert {code: [plain[a:b] for a, b in some] for code, some in spans.items()} == {
        "delivery.late": ["等了俩钟头", "慢"],
        "service.attitude": ["还怼我"],
    }


@pytest.mark.parametrize(
    "line",
    [
        "complaint\t2\thotel\treview",
        "anger\t2\thotel\treview\t房间脏",
        "complaint\t4\thotel\treview\t房间脏",
        "complaint\t2\thotel\treview\t房间{store.environment|脏",
    ],
)
def test_a_bad_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(f"kind\tseverity\tindustry\tstyle\ttext\n{line}\n", "utf-8")
    with pytest.raises(Invalid) as refused:
        read_corpus(tmp_path)
    assert refused.value.where == "a.tsv:2"


def test_the_shipped_model_is_made_from_these_files() -> None:
    """If this fails: python -m chalicelib.learn.default (two minutes), then look at the figures."""
    assert shipped_model().facts["sources"] == sources()
    assert list(shipped_model().labels) == CAUSES
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 5_000_000
