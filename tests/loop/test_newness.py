"""New words: what recent contacts share, what is rare beside it, and that no contact can be read out of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.loop.context import Loop
from chalicelib.loop.listen.newness import LEAST, SHARED, count_words_when_due, newness, pairs, recent_words
from chalicelib.loop.schedule import study
from chalicelib.loop.worker import drain
from chalicelib.model.review import RecentWords
from tests.loop.making import LATE, contact, stored
from tests.loop.saying import Saying, say
from tests.teaching import corrected, teach

BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)


@pytest.fixture
def loop(clock, vault, store) -> Loop:
    return Loop(store, vault, lambda taxonomy: Saying(), clock)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("快递慢", {"快递", "递慢"}),
        ("快递，慢", {"快递"}),
        ("12345 6 元", set()),
        ("ＡＰＰ閃退", {"ap", "pp", "p闪", "闪退"}),
        ("一", set()),
        ("", set()),
    ],
)
def test_pairs_of_a_text(text, found):
    assert pairs(text) == found


WORDS = ["快递三天没到", "账单看不懂", "电饭煲冒烟了", "客服没有人理", "退款一直没到账", "包装破了"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("，".join), max_size=30)


@given(TEXTS, st.randoms(use_true_random=False))
def test_what_several_share_is_known_in_any_order(texts, chance):
    known = recent_words(texts, "2026-11-18")
    assert recent_words(chance.sample(texts, len(texts)), "2026-11-18").bits == known.bits
    held = [pairs(text) for text in texts]
    for pair in set().union(*held):
        if sum(pair in some for some in held) >= SHARED:
            assert known.rare([pair]) == []
    assert 0 <= known.usual <= 1
    assert all(0 <= newness(text, known) <= 1 for text in (*texts, "新词", ""))


USUAL = [f"{a}{b}{c}" for a in ("快递", "包裹", "外卖") for b in ("三天", "一直", "到现在") for c in ("没到", "没有送到", "还没收到")] * 20  # fmt: skip


def test_more_new_words_are_newer_and_a_short_text_is_not_new_by_chance():
    known = recent_words(USUAL, "2026-11-18")
    texts = ["快递三天没到", "充电宝", "快递三天没到，充电宝鼓包", "充电宝鼓包发烫冒烟，吓得我赶紧扔出去"]
    found = [newness(text, known) for text in texts]
    assert found == sorted(found)
    assert found[0] == 0
    assert found[1] < 0.3 < 0.6 < found[3]


def test_where_nothing_is_known_nothing_is_new():
    assert newness("充电宝鼓包", None) == 0
    assert newness("充电宝鼓包", recent_words([], "2026-11-18")) == 0


def test_it_takes_no_time():
    known = recent_words(USUAL, "2026-11-18")
    text = "充电宝鼓包发烫冒烟，吓得我赶紧扔出去，客服说要等三天" * 2
    started = time.thread_time()
    for _ in range(500):
        newness(text, known)
    assert (time.thread_time() - started) / 500 < 0.001


def recent(loop: Loop) -> RecentWords | None:
    return loop.store.get(RecentWords, ["recent"]).get("recent")


def fill(loop: Loop, clock, many: int, text: str = "快递三天没到") -> None:
    made = [corrected(n, clock() - timedelta(minutes=n), f"{LATE}:.6 {text} {n}") for n in range(many)]
    for start in range(0, many, 20):
        teach(loop, made[start : start + 20])


@BOTH
def test_both_stores_keep_what_recent_contacts_share(loop, clock):
    known = recent_words(USUAL, "2026-11-18")
    loop.change(lambda unit: unit.put(known))
    key = contact(loop, clock(), text="充电宝鼓包发烫冒烟漏液")
    drain(loop)
    assert stored(loop, key).new_words == newness("充电宝鼓包发烫冒烟漏液", known) > 0.3


def test_the_words_are_counted_once_a_day_and_used_for_new_contacts(loop, clock):
    fill(loop, clock, LEAST)
    before = contact(loop, clock() - timedelta(hours=9), text=f"{LATE}:.6 充电宝鼓包发烫冒烟漏液")
    drain(loop)
    study(loop)
    first = recent(loop)
    assert first is not None
    assert (first.day, first.contacts, first.demo) == ("2026-11-18", LEAST + 1, False)
    clock.forward(hours=1)
    study(loop)
    assert recent(loop) == first
    old, new = (
        contact(loop, clock(), text=f"{LATE}:.6 {t}") for t in ("快递三天没到", "充电宝鼓包发烫冒烟漏液")
    )
    drain(loop)
    assert stored(loop, before).new_words == 0
    assert stored(loop, old).new_words < 0.3 < stored(loop, new).new_words
    clock.forward(days=1)
    study(loop)
    after = recent(loop)
    assert after is not None
    assert (after.day, after.version) == ("2026-11-19", 2)


def test_too_few_contacts_say_nothing_of_what_is_usual(loop, clock):
    fill(loop, clock, LEAST - 1)
    assert count_words_when_due(loop) is None
    assert recent(loop) is None


def test_no_words_are_stored_and_what_one_contact_alone_said_is_not_known(loop, clock):
    fill(loop, clock, LEAST)
    say(loop, clock() - timedelta(days=2), "独此一家充电宝")
    found = count_words_when_due(loop)
    assert found is not None
    assert found.model_dump_json().isascii()
    assert found.rare(["独此", "此一", "充电", "电宝", "快递"]) == ["独此", "此一", "充电", "电宝"]


def test_what_lies_far_back_is_not_recent(loop, clock):
    fill(loop, clock, LEAST)
    clock.forward(days=40)
    assert count_words_when_due(loop) is None


def test_words_of_the_demo_company_go_with_it(loop, clock):
    made = [corrected(n, clock()).model_copy(update={"demo": True}) for n in range(LEAST)]
    teach(loop, made)
    found = count_words_when_due(loop)
    assert found is not None
    assert found.demo
