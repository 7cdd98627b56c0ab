"""The bench of discovery: what it reads, how its tagger gives evidence, what it says without the sets."""

from __future__ import annotations

import json
from random import Random

import pytest

from chalicelib.bench.discovery import Example as Labelled
from chalicelib.bench.discovery import SetsMissing, Tagger, measure, read
from chalicelib.cli.__main__ import main
from chalicelib.cli.bench_discovery import show, summary
from tests.unit.nlp.discovery.company import BILL, CHAT, LATE, NOISE


def labelled(seed: int, many: int) -> list[Labelled]:
    rng = Random(seed)
    kinds = {"late": LATE, "noise": NOISE, "bill": BILL}
    found = []
    for _ in range(many):
        topic = rng.choice([*kinds, ""])
        said = [rng.choice(kinds[topic])] if topic else [rng.choice(CHAT)]
        found.append(Labelled("，".join([*said, rng.choice(CHAT)]), frozenset({topic} - {""})))
    return found


def test_a_set_is_read_folded_with_its_topics_and_words(tmp_path):
    rows = [
        {"text": "價格ＯＫ", "aspects": [["价格", 1, "ＯＫ"], ["整体", 1, "_"]]},
        {"text": "好", "category": "水果"},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "mine.train.jsonl").write_text(lines, encoding="utf-8")
    assert read(tmp_path, "mine") == [
        Labelled("价格ok", frozenset({"价格", "整体"}), (("价格", "ok"),)),
        Labelled("好", frozenset({"水果"})),
    ]


def test_the_tagger_points_at_the_clause_that_speaks_for_a_topic():
    tagger = Tagger(labelled(1, 400))
    seen = labelled(2, 100)
    evidence = tagger.evidence([one.text for one in seen])
    right = sum(
        bool(spans) == bool(one.topics) and all(one.text[start:end] not in CHAT for start, end in spans)
        for one, spans in zip(seen, evidence, strict=True)
    )
    assert right >= 97
    assert tagger.evidence([""]) == [()]


def test_without_the_sets_it_says_so_and_skips(tmp_path, capsys):
    with pytest.raises(SetsMissing, match=r"car_opinions\.train\.jsonl"):
        measure(tmp_path, 1)
    assert main(["bench", "discovery", "--sets", str(tmp_path), "--json"]) == 0
    out = capsys.readouterr().out
    assert "跳过" in out
    assert "skipped" in json.loads(out.splitlines()[-1])


def test_the_report_has_one_number_a_draw(capsys):
    car = {"topic": "空间", "precision": 0.9, "found": True, "name": "空间", "rank": 1, "findings": 2}
    goods = {
        "topics": {"水果": {"purity": 0.9, "name": "苹果", "members": 30}},
        "proposed": 1,
        "seconds": 2.0,
    }
    report = {
        "cars": [{"draw": 0, **car}, {"draw": 1, **car, "precision": 0.4, "found": False, "name": ""}],
        "stream": [{"draw": 0, **goods}, {"draw": 1, **goods, "proposed": 0}],
        "mixed": [{"draw": 0, **goods}, {"draw": 1, **goods}],
        "cosmetics": [{"draw": draw, "topic": "气味", "words": ["香味"], "named": True} for draw in (0, 1)],
    }
    numbers = summary(report)
    assert numbers["cars_found"] == [1, 0]
    assert numbers["cars_precision"] == [0.9, 0.4]
    assert numbers["stream_proposed"] == [1, 0]
    assert numbers["cosmetics_named"] == [1, 1]
    show(report, numbers)
    out = capsys.readouterr().out
    assert "1/2" in out
    assert "cars_precision: 0.9 / 0.4" in out
