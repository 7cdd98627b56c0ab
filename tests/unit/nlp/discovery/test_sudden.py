"""Sudden words of known causes: what is new is told, and a quiet week tells nothing."""

from __future__ import annotations

from random import Random

import pytest

from chalicelib.nlp.discovery.sudden import sudden
from tests.unit.nlp.discovery.company import CHAT, LATE, NOISE, OPENINGS


def texts(seed: int, phrases: tuple[str, ...], many: int) -> list[str]:
    rng = Random(seed)
    return [f"{rng.choice(OPENINGS)}，{rng.choice(phrases)}，{rng.choice(CHAT)}" for _ in range(many)]


def test_a_new_product_is_told_of_its_cause_only():
    fresh = ("新款星澜门锁电机声音大", "星澜这把锁噪音吵", "刚装的星澜，关门嗡嗡响")
    now = {"noise": texts(1, NOISE, 40) + texts(2, fresh, 12), "late": texts(3, LATE, 50)}
    before = {"noise": texts(4, NOISE, 320), "late": texts(5, LATE, 400)}
    told = sudden(now, before)
    assert list(told) == ["noise"]
    first = told["noise"][0]
    assert "星澜" in first.word
    assert first.current >= 8
    assert first.baseline == 0
    assert first.z > 2


def test_quiet_weeks_tell_nothing():
    quiet = 0
    for seed in range(12):
        now = {"noise": texts(seed, NOISE, 40), "late": texts(seed + 100, LATE, 50)}
        before = {"noise": texts(seed + 200, NOISE, 320), "late": texts(seed + 300, LATE, 400)}
        quiet += not sudden(now, before)
    assert quiet >= 11  # at a false discovery rate of 5 %


def test_a_word_said_more_often_is_told_only_when_much_more_often():
    said = texts(7, (*NOISE, *LATE), 400)
    assert sudden({"a": said[:60]}, {"a": said[60:]}) == {}


@pytest.mark.parametrize(("now", "before"), [({}, {}), ({"a": ["锁坏"]}, {}), ({"a": []}, {"a": ["锁坏"]})])
def test_without_two_sides_nothing_is_told(now, before):
    assert sudden(now, before) == {}


def test_the_order_of_texts_changes_nothing():
    now = texts(1, NOISE, 40) + texts(2, ("电池仓进水发热",), 12)
    before = texts(4, NOISE, 320)
    told = sudden({"a": now}, {"a": before})
    assert told
    assert sudden({"a": now[::-1]}, {"a": before[::-1]}) == told
