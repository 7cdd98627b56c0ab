"""What counts as a lesson, and who is held out for life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.learn.examples import folds
from chalicelib.loop.listen.labels import held_out, labels, news, parted
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from tests.teaching import corrected

AT = datetime(2026, 11, 18, tzinfo=UTC)
TAXONOMY = Taxonomy(
    number=3,
    departments=(Department(code="service", name_zh="客服部"),),
    causes=(
        Cause(code="delivery.late", label_zh="晚到", department="service"),
        Cause(code="delivery.lost", label_zh="丢件", department="service"),
        Cause(code="old.one", label_zh="旧的", department="service", active=False),
    ),
)


@pytest.mark.parametrize(
    ("contact", "causes"),
    [
        (corrected(1, AT), {"delivery.late"}),
        (corrected(1, AT, causes=("delivery.late", "old.one")), {"delivery.late"}),
        (corrected(1, AT, causes=()), set()),
        (corrected(1, AT, causes=("old.one",)), None),
        (corrected(1, AT, causes=("never.was",)), None),
        (corrected(1, AT, causes=None), None),
        (corrected(1, AT, by="system"), None),
        (corrected(1, AT, by="intake"), None),
        (corrected(1, AT, text=" "), None),
        (corrected(1, AT).model_copy(update={"correction": None}), None),
        (corrected(1, AT).model_copy(update={"erased": True}), None),
        (corrected(1, AT).model_copy(update={"demo": True}), None),
    ],
    ids=["a cause", "one retired", "a person says none", "all retired", "unknown", "only the kind was said",
         "the loop itself", "another system", "no words", "nobody said anything", "erased", "demo"],
)  # fmt: skip
def test_what_counts_as_a_label(contact, causes):
    found = labels([contact], TAXONOMY)
    assert [set(one.causes) for one in found] == ([] if causes is None else [causes])


CONTACTS = [corrected(n, AT + timedelta(minutes=n), f"第 {n} 条") for n in range(40)]


@given(st.permutations(CONTACTS))
def test_the_order_of_corrections_makes_no_difference(contacts):
    assert labels(contacts, TAXONOMY) == labels(CONTACTS, TAXONOMY)


@given(st.text(min_size=1, max_size=30), st.text(max_size=20), st.booleans())
def test_held_out_for_life_whatever_is_said_of_it(contact, text, late):
    one = corrected(1, AT, text or "x", causes=("delivery.late",) if late else ("delivery.lost",))
    changed = labels([one.model_copy(update={"id": contact})], TAXONOMY)
    assert [held_out(label.contact) for label in changed] in ([held_out(contact)], [])


def test_these_are_held_out_today_and_must_be_for_ever():
    assert [n for n in range(30) if held_out(f"k{n:05d}")] == KNOWN


KNOWN = [4, 6, 13, 14, 16, 20, 22, 28]


def test_one_in_five_is_held_out_independently_of_the_folds_of_training():
    ids = [f"k{n:05d}" for n in range(5_000)]
    held = [one for one in ids if held_out(one)]
    assert len(held) == pytest.approx(1_000, abs=100)
    in_first = sum(int(fold) == 0 for fold in folds(held, 5))
    assert in_first == pytest.approx(len(held) / 5, abs=60)


def test_parting_loses_nothing_and_shares_nothing():
    known = labels(CONTACTS, TAXONOMY)
    taught, held = parted(known)
    assert taught
    assert held
    assert sorted([*taught, *held]) == sorted(known)
    assert all(held_out(one.contact) for one in held)
    assert not any(held_out(one.contact) for one in taught)


@pytest.mark.parametrize(
    ("since", "many"),
    [(None, 40), (AT - timedelta(1), 40), (AT + timedelta(minutes=29), 10), (AT + timedelta(1), 0)],
)
def test_news_is_what_came_after_the_last_try(since, many):
    assert news(labels(CONTACTS, TAXONOMY), since) == many
