"""Words of running text, with and without a dictionary."""

from __future__ import annotations

import pytest

from chalicelib.nlp.discovery.odds import z_scores
from chalicelib.nlp.discovery.words import finder, words_of


def test_a_word_no_dictionary_has_is_found_by_its_parts_keeping_together():
    said = [
        ["星澜锁又掉线了"],
        ["装的是星澜锁"],
        ["星澜锁不错"],
        ["星澜锁卡住"],
        ["天上有星"],
        ["门锁坏了"],
    ] * 3
    assert "星澜锁" in words_of(said, 4)


def test_pieces_of_a_longer_word_are_left_out():
    found = words_of([["智能门锁没电"], ["智能门锁很重"], ["换智能门锁"], ["这智能门锁"]], 4)
    assert not [word for word in found if word != max(found, key=len)]


@pytest.mark.parametrize("word", ["因为", "我们", "时候", "可以"])
def test_words_that_name_nothing_are_left_out(word):
    assert word not in words_of([[f"{word}门锁"]] * 9, 2)


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("指纹锁打不开", {"指纹"}),
        ("esp灯亮了", {"esp"}),
        ("espresso很香", set()),
        ("拨打【手机号】", set()),
        ("指，纹", set()),
    ],
)
def test_words_are_found_inside_running_text(clause, found):
    words = ["esp", "手机", "指纹"]
    assert {words[at] for at in finder(words)([clause])} == found


def test_z_grows_with_the_difference_and_is_none_without_one():
    import numpy as np

    here, there = np.array([10.0, 20, 40, 0]), np.array([20.0, 20, 0, 20])
    z = z_scores(here, 100, there, 200, (here + there) / 300)
    assert abs(z[0]) < 0.2
    assert 0 < z[1] < z[2]
    assert z[3] < -2
    assert not z_scores(here, 0, there, 200, (here + there) / 300).any()
