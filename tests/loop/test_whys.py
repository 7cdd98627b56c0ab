"""5-Why: every because stands on contacts or is an assumption, and shares of one effect never exceed the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.track.whys import correct_why, say_why, shown, tree, withdraw_why
from chalicelib.model.errors import Conflict, Invalid, LoopError, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.why import DEEPEST, KEPT, MOST, Because, Why
from tests.conftest import WEDNESDAY
from tests.loop.judged import LEAD, proposed
from tests.loop.making import AGENT, LATE, done

EXEC = Caller("boss", Role.EXECUTIVE)
QUALITY = Caller("q", Role.LEAD, ("quality",))


@pytest.fixture
def project(loop) -> str:
    return proposed(loop).id


def ids(row) -> dict[str, str]:
    return {one["text"]: one["id"] for one in row["because"]}


def test_a_tree_grows_and_is_shown_with_what_each_reason_stands_on(loop, clock, project):
    cited = done(loop, clock.now, LATE).id
    row = say_why(loop, LEAD, project, text="箱子太薄", contacts=[cited], share=60)
    thin = ids(row)["箱子太薄"]
    row = say_why(loop, AGENT, project, text="采购只看价钱", under=thin, assumption=True, share=100)
    row = say_why(loop, LEAD, project, text="分拣摔箱", assumption=True, share=40)
    assert row == tree(loop, LEAD, project)
    (first, second) = row["because"]
    assert (first["text"], first["contacts"], first["share"], first["explained"]) == (
        "箱子太薄",
        [cited],
        60,
        100,
    )
    assert [one["text"] for one in first["because"]] == ["采购只看价钱"]
    assert (second["because"], row["explained"]) == ([], 100)
    assert [(e["name"], e["actor"]) for e in row["history"]] == [
        ("ReasonGiven", "lead"), ("ReasonGiven", "agent"), ("ReasonGiven", "lead"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "why.unfounded"),
        ({"contacts": ["C-NONE"]}, "why.contact"),
        ({"contacts": ["C-NONE"], "assumption": True}, "why.contact"),
        ({"contacts": [f"C-{n}" for n in range(21)]}, "why.many"),
        ({"under": "Y-NONE", "assumption": True}, "why.not_found"),
    ],
)
def test_a_because_that_stands_on_nothing_is_refused(more, code, loop, project):
    with pytest.raises(LoopError) as refused:
        say_why(loop, LEAD, project, text="箱子太薄", **more)
    assert refused.value.code == code
    assert tree(loop, LEAD, project)["because"] == []


def test_saying_it_again_changes_nothing(loop, project):
    once = say_why(loop, LEAD, project, text="箱子太薄", assumption=True, share=60)
    assert say_why(loop, AGENT, project, text="箱子太薄", assumption=True, share=60) == once


def test_shares_of_one_thing_are_at_most_the_whole_of_another_they_count_apart(loop, project):
    row = say_why(loop, LEAD, project, text="箱子太薄", assumption=True, share=60)
    thin = ids(row)["箱子太薄"]
    with pytest.raises(Conflict, match="40 % are left"):
        say_why(loop, LEAD, project, text="分拣摔箱", assumption=True, share=41)
    row = say_why(loop, LEAD, project, text="分拣摔箱", assumption=True, share=40)
    say_why(loop, LEAD, project, text="采购只看价钱", under=thin, assumption=True, share=100)
    with pytest.raises(Conflict, match=r"why\.share"):
        correct_why(loop, LEAD, project, ids(row)["分拣摔箱"], text="分拣摔箱", assumption=True, share=50)
    correct_why(loop, LEAD, project, thin, text="箱子太薄", assumption=True, share=50)
    row = correct_why(loop, LEAD, project, ids(row)["分拣摔箱"], text="分拣摔箱", assumption=True, share=50)
    assert row["explained"] == 100


def test_two_people_at_once_do_not_share_out_more_than_there_is(loop, project):
    say_why(loop, LEAD, project, text="第一", assumption=True, share=10)
    slow = loop.unit()
    seen = slow.get(Why, project)
    say_why(loop, AGENT, project, text="快的", assumption=True, share=60)
    mine = Because(id="Y-S", text="慢的", assumption=True, share=60, by="lead", at=loop.clock())
    slow.put(seen.having(mine))
    with pytest.raises(Conflict):
        slow.commit()
    with pytest.raises(Conflict, match=r"why\.share"):
        say_why(loop, LEAD, project, text="慢的", assumption=True, share=60)
    with pytest.raises(Conflict, match="version"):
        say_why(loop, LEAD, project, text="也慢", assumption=True, version=1)
    assert tree(loop, LEAD, project)["explained"] == 70


def test_what_is_withdrawn_goes_with_all_beneath_it_and_stays_in_the_history(loop, project):
    row = say_why(loop, LEAD, project, text="箱子太薄", assumption=True, share=60)
    thin = ids(row)["箱子太薄"]
    say_why(loop, LEAD, project, text="采购只看价钱", under=thin, assumption=True)
    say_why(loop, LEAD, project, text="分拣摔箱", assumption=True)
    row = withdraw_why(loop, LEAD, project, thin, None)
    assert list(ids(row)) == ["分拣摔箱"]
    assert row["explained"] == 0
    gone = [e["data"]["text"] for e in row["history"] if e["name"] == "ReasonWithdrawn"]
    assert gone == ["箱子太薄", "采购只看价钱"]
    assert withdraw_why(loop, LEAD, project, thin, None) == row, "safe to repeat"
    with pytest.raises(NotFound):
        withdraw_why(loop, LEAD, project, "Y-NONE", None)


def test_a_lead_cites_and_sees_only_contacts_of_its_departments(loop, clock, project):
    mine, theirs = done(loop, clock.now, LATE).id, done(loop, clock.now, "product.defect", customer="u2").id
    with pytest.raises(Invalid, match=r"why\.contact"):
        say_why(loop, LEAD, project, text="坏机", contacts=[theirs])
    row = say_why(loop, EXEC, project, text="坏机", contacts=[mine, theirs])
    assert row["because"][0]["contacts"] == [mine, theirs]
    (seen,) = tree(loop, LEAD, project)["because"]
    assert (seen["contacts"], seen["hidden"]) == ([mine], 1)
    assert theirs not in str(tree(loop, LEAD, project))
    row = correct_why(loop, LEAD, project, seen["id"], text="坏机多", contacts=[])
    assert (row["because"][0]["contacts"], row["because"][0]["hidden"]) == ([], 1)
    with pytest.raises(NotFound):
        tree(loop, QUALITY, project)
    with pytest.raises(NotFound):
        say_why(loop, QUALITY, project, text="我也说", assumption=True)


def test_words_are_masked(loop, project):
    row = say_why(loop, LEAD, project, text="打 13800138000 问的", assumption=True)
    assert "13800138000" not in str(row)


def because(n: int, under: str = "", share: int | None = None) -> Because:
    return Because(id=f"Y-{n}", under=under, text="为", assumption=True, share=share, by="x", at=WEDNESDAY)


def test_a_tree_stays_small_enough_to_store():
    why = Why(project="P-1")
    for n in range(MOST):
        why = why.having(because(n))
        why = why.with_event(WEDNESDAY, "ReasonGiven", "x", text="为" * 200)
    with pytest.raises(Invalid):
        why.having(because(MOST))
    deep = Why(project="P-1")
    for n in range(DEEPEST):
        deep = deep.having(because(n, f"Y-{n - 1}" if n else ""))
    with pytest.raises(Invalid):
        deep.having(because(DEEPEST, f"Y-{DEEPEST - 1}"))
    for _ in range(KEPT):
        why = why.with_event(WEDNESDAY, "ReasonGiven", "x")
    assert len(why.history) == KEPT


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["have", "have", "have", "drop"]),
            st.integers(0, 8),
            st.integers(-1, 8),
            st.none() | st.integers(0, 100),
        ),
        max_size=25,
    )
)
def test_whatever_is_said_and_withdrawn_no_shares_exceed_the_whole(orders):
    why = Why(project="P-1")
    for order, n, parent, share in orders:
        known = why.get(f"Y-{n}")
        under = known.under if known else f"Y-{parent}" if why.get(f"Y-{parent}") and parent != n else ""
        try:
            if order == "have":
                why = why.having(because(n, under, share))
            elif known:
                why = why.without([known.id, *(one.id for one in why.below(known.id))])
        except Conflict:
            assert share
        things = {"", *(one.id for one in why.reasons)}
        assert all(why.shared(thing) <= 100 for thing in things)
        assert {one.under for one in why.reasons} <= things, "nothing hangs in the air"
        assert {one.id for one in why.below("")} == {one.id for one in why.reasons}


def test_an_empty_tree_reads_sensibly(loop, project):
    row = shown(loop.unit(), LEAD, Why(project=project))
    assert (row["because"], row["explained"], row["history"], row["version"]) == ([], 0, [], 0)
