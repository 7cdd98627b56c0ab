"""What training promises: it learns, says how sure it is, and is the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chalicelib.learn.examples import Example, folds, marks
from chalicelib.learn.heads import train_head, with_heads_of
from chalicelib.learn.train import train
from chalicelib.model.errors import Invalid
from chalicelib.nlp.features import Batch, Vocabulary, gather, lay_out
from chalicelib.nlp.model_file import load
from chalicelib.nlp.reading import Reader

READ = Reader([]).read
SAID = {
    "slow": ["快递太慢了", "等了三天还没送到", "送货慢", "半个月没收到", "物流龟速", "一直不发货"],
    "rude": ["客服骂人", "态度恶劣", "服务员翻白眼", "说话很凶", "客服不耐烦", "态度差得很"],
    "": ["挺好的", "谢谢", "颜色好看", "味道不错", "下次再来", "很满意"],
}
START = ["昨天", "唉，", "说实话，", "在这家店，", "", "朋友说", "买了两次，"]
EXAMPLES = [
    Example(f"{cause}{n}{m}", start + text, frozenset({cause} - {""}))
    for cause, texts in SAID.items()
    for n, text in enumerate(texts)
    for m, start in enumerate(START)
]
LABELS = ("slow", "rude")


@pytest.fixture(scope="module")
def model():
    return train(EXAMPLES, LABELS, READ, facts={"trained_on": "2026-01-02"})


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("物流慢死了", ["slow"]),
        ("态度太恶劣", ["rude"]),
        ("好看，谢谢", []),
        ("送货慢，客服还骂人", ["slow", "rude"]),
    ],
)
def test_it_learns(model, text, causes):
    given = model.thresholds.given(model.probabilities([READ(text)]))[0]
    assert [label for label, yes in zip(LABELS, given, strict=True) if yes] == causes


def test_it_says_what_it_was_trained_on(model):
    assert model.facts["texts"] == len(EXAMPLES)
    assert model.facts["labels"] == {"slow": 42, "rude": 42}
    assert model.facts["trained_on"] == "2026-01-02"


def test_the_same_input_makes_the_same_files(model, tmp_path):
    again = train(EXAMPLES, LABELS, READ, facts={"trained_on": "2026-01-02"})
    assert model.save(tmp_path / "a") == again.save(tmp_path / "b")
    assert (tmp_path / "a/model.json").read_bytes() == (tmp_path / "b/model.json").read_bytes()


def test_a_saved_model_says_the_same(model, tmp_path):
    model.save(tmp_path)
    readings = [READ(one.text) for one in EXAMPLES]
    assert np.allclose(load(tmp_path).probabilities(readings), model.probabilities(readings), atol=1e-6)


@pytest.mark.parametrize(
    ("code", "examples", "labels"),
    [
        ("learn.labels", EXAMPLES, ()),
        ("learn.labels", EXAMPLES, ("slow", "rude", "slow")),
        ("learn.cause", EXAMPLES, ("slow",)),
        ("learn.few", EXAMPLES[:3], LABELS),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(code, examples, labels):
    with pytest.raises(Invalid) as refused:
        train(examples, labels, READ)
    assert refused.value.code == code


def test_a_label_without_examples_is_never_given():
    one = train(EXAMPLES, (*LABELS, "other"), READ)
    probabilities = one.probabilities([READ(each.text) for each in EXAMPLES])
    assert not one.thresholds.given(probabilities)[:, 2].any()


def test_folds_are_fixed_by_the_id():
    ids = [str(n) for n in range(200)]
    whole = dict(zip(ids, folds(ids, 5), strict=True))
    assert dict(zip(ids[::-3], folds(ids[::-3], 5), strict=True)).items() <= whole.items()
    assert set(whole.values()) == set(range(5))


def test_marks():
    assert marks(EXAMPLES[:1], LABELS).tolist() == [[True, False]]
    assert marks([], LABELS).shape == (0, 2)


@pytest.mark.parametrize("many", [2, 3])
def test_a_head_learns_from_words_and_from_cues(many):
    kinds = ["slow", "rude", ""][:many]
    some = [one for one in EXAMPLES if "".join(one.causes) in kinds]
    y = ["".join(one.causes) for one in some]
    readings = [READ(one.text) for one in some]
    batch, nothing = batch_of(readings), np.zeros((len(y), 1), np.float32)
    head = train_head(batch.vocabulary.keys, readings, nothing, y)
    shares = head.predict_proba(batch, nothing)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert [head.classes[best] for best in shares.argmax(axis=1)] == y
    cue = np.array([[kinds.index(one)] for one in y], np.float32)
    same = batch_of([READ("同一句话")] * 2)
    blind = train_head(same.vocabulary.keys, [READ("同一句话")] * len(y), cue, y)
    best = blind.predict_proba(same, np.array([[0], [many - 1]], np.float32)).argmax(axis=1).tolist()
    assert best == [blind.classes.index(kinds[0]), blind.classes.index(kinds[-1])]


def batch_of(readings):
    layout = lay_out(readings)
    return Batch(layout, Vocabulary(gather(layout, 3, 2)))


def test_the_heads_of_another_model_judge_as_they_did(model):
    readings = [READ(one.text) for one in EXAMPLES] + [READ(text) for text in ("", "谢谢你们", "谢谢你们")]
    other, dense = (
        batch_of([*readings[::2], *readings[-2:]]).vocabulary.keys,
        np.ones((len(readings), 1), np.float32),
    )
    y = ["slow" if "slow" in one.causes else "" for one in EXAMPLES] + [""] * 3
    head = train_head(other, readings, dense, y)
    donor = replace(model, keys=other, views=(), heads={"kind": head})
    both = with_heads_of(model, donor)
    assert len(both.keys) > max(len(model.keys), len(other))
    assert np.allclose(both.probabilities(readings), model.probabilities(readings), atol=1e-6)
    said, before = both.heads["kind"], head.predict_proba(donor.batch(readings), dense)
    assert np.allclose(said.predict_proba(both.batch(readings), dense), before, atol=1e-6)
