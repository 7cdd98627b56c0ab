"""The network learns what no single n-gram says, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.learn.network import train_network
from chalicelib.nlp.features import lay_out
from chalicelib.nlp.network import SILENT, answers
from chalicelib.nlp.reading import Reading


def layout(texts):
    return lay_out([Reading(text, (), {}, []) for text in texts])


def xor(times: int) -> tuple[list[str], np.ndarray]:
    """Two things, good or bad, far apart: the label holds when exactly one of them is bad."""
    pairs = [(a, b) for a in "好坏" for b in "香臭"]
    texts = [f"菜{a}了呀，汤{b}了哦" for a, b in pairs] * times
    return texts, np.array([[(a == "坏") != (b == "臭")] for a, b in pairs] * times)


def test_it_learns_what_no_n_gram_says():
    texts, truth = xor(60)
    network = train_network(layout(texts), truth, np.ones(len(texts), np.float32), np.arange(len(texts)))
    scores = network.scores(layout(texts[:4]))
    assert scores[truth[:4]].min() > scores[~truth[:4]].max()


def test_the_same_seed_gives_the_same_network():
    texts, truth = xor(10)
    chosen, weight = np.arange(20), np.ones(len(texts), np.float32)
    one, two = (train_network(layout(texts), truth, weight, chosen) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_texts_beside_a_text_do_not_change_its_score():
    texts, truth = xor(10)
    network = train_network(layout(texts), truth, np.ones(len(texts), np.float32), np.arange(len(texts)))
    alone = np.concatenate([network.scores(layout([text])) for text in texts[:4]])
    assert np.allclose(network.scores(layout(texts[:4])), alone, atol=1e-5)


@pytest.mark.parametrize("text", ["", "菜", "😀"])
def test_odd_texts_have_scores(text):
    texts, truth = xor(5)
    network = train_network(layout(texts), truth, np.ones(len(texts), np.float32), np.arange(len(texts)))
    assert np.isfinite(network.scores(layout([text, ""]))).all()


def test_filters_see_a_character_and_its_neighbours():
    vectors = np.array([[1], [2], [3], [0]], np.float32)
    filters = np.array([[[100]], [[10]], [[1]]], np.float32)
    texts = np.array([0, 0, 0, -1])
    assert answers(vectors, filters, texts)[:, 0].tolist() == [12, 123, 230, SILENT]
