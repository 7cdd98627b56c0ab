"""A model comes back from its directory as it went in; what is not a model is refused."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from chalicelib.model.errors import Invalid
from chalicelib.nlp.features import digit_keys, gather, lay_out
from chalicelib.nlp.fusion import RULE_FEATURES, Fusion, Thresholds
from chalicelib.nlp.linear import Head, View
from chalicelib.nlp.model_file import Model, load
from chalicelib.nlp.reading import Reader, Reading
from chalicelib.nlp.spans import Wanted

READ = Reader([]).read
TEXTS = ["快递太慢了，客服很好", "客服骂人", "屏幕有坏点"]
LABELS = ("slow", "rude")


def model() -> Model:
    """`slow` by 慢, `rude` by 骂."""
    keys = gather(lay_out([READ(text) for text in TEXTS]), 1, 1)
    weights = np.zeros((len(keys), 2), np.float32)
    weights[keys == ord("慢"), 0] = weights[keys == ord("骂"), 1] = 4.0
    bias, none = np.full(2, -1.0, np.float32), np.zeros(0, np.float32)
    views = (
        View("both", "binary", weights, bias, none),
        View("text", "tfidf", weights, bias, np.ones(len(keys), np.float32)),
    )
    fusion = Fusion(np.ones((3 + RULE_FEATURES, 2), np.float32), np.zeros(2, np.float32))
    head = Head(("a", "b"), weights, np.zeros((1, 2), np.float32), np.zeros(2, np.float32))
    sure = Thresholds(np.full(2, 0.5, np.float32), 0.9)
    return Model(LABELS, keys, views, fusion, sure, {"texts": 3}, {"kind": head})


def readings() -> list[Reading]:
    return [READ(text) for text in TEXTS]


def test_it_comes_back_as_it_went(tmp_path):
    before = model()
    digest = before.save(tmp_path)
    after = load(tmp_path)
    assert (after.labels, after.facts, after.thresholds.sure) == (before.labels, before.facts, 0.9)
    assert np.array_equal(after.probabilities(readings()), before.probabilities(readings()))
    assert after.heads["kind"].classes == ("a", "b")
    assert after.save(tmp_path / "again") == digest
    for name in ("model.json", "arrays.npz"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_what_it_says_of_texts():
    one = model()
    given = one.thresholds.given(one.probabilities(readings()))
    assert given.tolist() == [[True, False], [False, True], [False, False]]
    wanted = [Wanted(0, 0), Wanted(1, 1), Wanted(2, 0)]
    assert one.spans(one.batch(readings()), wanted) == [((0, 5),), ((0, 4),), ()]
    assert one.probabilities([]).shape == (0, 2)


def test_the_number_of_an_order_is_no_evidence():
    loud = model()
    keys = gather(lay_out([READ("单号00，太慢")]), 2, 1)
    speaking = np.isin(keys, [ord("慢"), *digit_keys(2)])
    weights = np.repeat(4.0 * speaking[:, None], 2, axis=1).astype(np.float32)
    views = (loud.views[0]._replace(weights=weights),)
    one = replace(loud, keys=keys, views=views)
    text = "单号10158296，太慢"
    assert [text[a:b] for a, b in one.spans(one.batch([READ(text)]), [Wanted(0, 0)])[0]] == ["太慢"]


def test_one_text_is_tagged_as_in_a_batch():
    one, many = model(), [READ(text) for text in TEXTS * 200]
    alone = np.concatenate([one.probabilities([reading]) for reading in many[:3]])
    assert np.allclose(one.probabilities(many), np.tile(alone, (200, 1)))


@pytest.mark.parametrize("text", ["", "   ", "，。！", "x" * 3000, "😀"])
def test_odd_texts_are_read(text):
    one = model()
    assert one.probabilities([READ(text)]).shape == (1, 2)
    for start, end in one.spans(one.batch([READ(text)]), [Wanted(0, 0)])[0]:
        assert 0 <= start < end <= len(text)


def edit(directory, **changes):
    about = json.loads((directory / "model.json").read_text("utf-8")) | changes
    (directory / "model.json").write_text(json.dumps(about), "utf-8")


@pytest.mark.parametrize(
    ("code", "harm"),
    [
        ("model.missing", lambda d: (d / "model.json").unlink()),
        ("model.missing", lambda d: (d / "arrays.npz").unlink()),
        ("model.missing", lambda d: (d / "model.json").write_text("[]", "utf-8")),
        ("model.missing", lambda d: (d / "model.json").write_text("{", "utf-8")),
        ("model.format", lambda d: edit(d, format="other")),
        ("model.digest", lambda d: (d / "arrays.npz").write_bytes(b"PK")),
        ("model.digest", lambda d: edit(d, digest="0")),
        ("model.arrays", lambda d: edit(d, labels=["slow"])),
        ("model.arrays", lambda d: edit(d, views=[])),
        ("model.arrays", lambda d: edit(d, views=[["text", "other"], ["both", "tfidf"]])),
        ("model.arrays", lambda d: edit(d, heads={"other": ["a"]})),
        ("model.arrays", lambda d: edit(d, sure=None)),
    ],
)
def test_a_broken_directory_is_refused(tmp_path, code, harm):
    model().save(tmp_path)
    harm(tmp_path)
    with pytest.raises(Invalid) as refused:
        load(tmp_path)
    assert refused.value.code == code


def test_how_many_labels_texts_have_is_kept(tmp_path):
    one = model()
    counts = np.array([-3.0, 2.0, 0.0], np.float32)
    known = replace(one, fusion=one.fusion._replace(counts=counts))
    known.save(tmp_path)
    after = load(tmp_path)
    assert np.array_equal(after.fusion.counts, counts)
    assert np.array_equal(after.probabilities(readings()), known.probabilities(readings()))
    assert not np.allclose(after.probabilities(readings()), one.probabilities(readings()), atol=0.01)


@pytest.mark.parametrize(("empty", "packed"), [(0.9, True), (0.0, False)])
def test_what_is_mostly_empty_is_packed(tmp_path, empty, packed):
    one, random = model(), np.random.default_rng(5)
    weights = (random.random((4_000, 2)) * (random.random((4_000, 1)) >= empty)).astype(np.float32)
    wide = one.views[0]._replace(weights=weights)
    replace(one, keys=np.arange(4_000, dtype=np.uint64), views=(wide,), heads={}).save(tmp_path)
    with zipfile.ZipFile(tmp_path / "arrays.npz") as archive:
        file = archive.getinfo("view0.weights.npy")
    assert (file.compress_size < 0.5 * file.file_size) == packed


def test_numbers_that_are_none_are_refused(tmp_path):
    one = model()
    one.keys.setflags(write=True)
    replace(one, fusion=one.fusion._replace(bias=np.array([np.nan, 0], np.float32))).save(tmp_path)
    with pytest.raises(Invalid):
        load(tmp_path)
