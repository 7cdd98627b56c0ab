"""Texts nobody has labelled: rules label them first, and what people said weighs more."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.learn.ensemble import Shape, shape_for
from chalicelib.learn.examples import Example, folds
from chalicelib.learn.pool import GOLD_WEIGHT, label_pool
from chalicelib.learn.prepared import prepare
from chalicelib.learn.train import train
from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.reading import Reader

LABELS = ("slow", "rude")
WORDS = [CauseWords("slow", "慢", "", ("太慢", "没送到")), CauseWords("rude", "凶", "", ("骂人", "态度"))]
WITH_RULES, WITHOUT = Reader(rules_for(WORDS)), Reader([])
SLOW = ["快递太慢了", "三天没送到", "送餐太慢", "包裹没送到", "物流太慢", "还是没送到"]
RUDE = ["客服骂人", "态度恶劣", "店员骂人", "态度差", "司机骂人", "说话态度不行"]
FINE = ["挺好的", "谢谢", "味道不错", "下次再来", "很满意", "颜色好看"]
START = ["昨天", "唉，", "说实话，", "在这家店，", "朋友说", "买了两次，", "今天", "真是，"]
POOL = [start + text for start in START[2:] for text in SLOW + RUDE + FINE]
EXAMPLES = [
    Example(f"{cause}{n}{m}", start + text, frozenset({cause} - {""}))
    for cause, texts in (("slow", SLOW), ("rude", RUDE), ("", FINE))
    for n, text in enumerate(texts)
    for m, start in enumerate(START[:2])
]


@pytest.mark.parametrize("reader", [WITH_RULES, WITHOUT], ids=["rules", "no rules"])
def test_the_pool_gets_its_labels(reader):
    texts = [*(one.text for one in EXAMPLES), *POOL]
    prepared = prepare([reader.read(text) for text in texts], {"slow": 0, "rude": 1}, 5_000)
    truth = np.array([[label in one.causes for label in LABELS] for one in EXAMPLES])
    fold = folds([*(one.id for one in EXAMPLES), *POOL], 4)
    taught = label_pool(
        prepared, truth, np.ones(len(truth), np.float32), fold, Shape(staged=False, network=False)
    )
    wanted = [[any(text.endswith(one) for one in group) for group in (SLOW, RUDE)] for text in POOL]
    assert (taught.truth[len(truth) :] == np.array(wanted)).mean() > 0.9
    assert np.array_equal(taught.truth[: len(truth)], truth)
    assert set(taught.weight[: len(truth)]) == {GOLD_WEIGHT}
    assert taught.weight[len(truth) :].max() <= 1


def test_training_takes_a_pool_in_any_order():
    one = train(EXAMPLES, LABELS, WITH_RULES.read, POOL)
    two = train(EXAMPLES, LABELS, WITH_RULES.read, [*POOL[::-1], POOL[0], EXAMPLES[0].text])
    assert one.facts["unlabelled"] == len(POOL)
    readings = [WITH_RULES.read(text) for text in ("送货太慢", "客服骂人", "好看")]
    given = one.thresholds.given(one.probabilities(readings))
    assert given.tolist() == [[True, False], [False, True], [False, False]]
    assert np.array_equal(one.probabilities(readings), two.probabilities(readings))


def test_what_is_trained_follows_from_the_labels():
    every, some, none = (np.array([[label]] * 400) for label in (True, False, False))
    some = np.concatenate([some, every[:50]])
    assert shape_for(every, 5_000) == Shape(staged=False, network=True)
    assert shape_for(every, 5_000_000) == Shape(staged=False, network=False)
    assert shape_for(every[:100], 5_000) == Shape(staged=False, network=False)
    assert shape_for(some, 5_000) == Shape(staged=True, network=False)
    assert not shape_for(none, 5_000).staged
