"""Decisions on proposed causes: who may, what follows at once, and the past that is read again."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.focus.discovering import discover
from chalicelib.loop.rebuild import recount
from chalicelib.loop.repeat import backcast
from chalicelib.loop.repeat.backcast import read_back, read_back_when_due
from chalicelib.loop.repeat.cycles import current
from chalicelib.loop.repeat.proposals import (
    NewCause,
    accept,
    by_id,
    examples,
    lexicon_of,
    listed,
    merge,
    refuse,
)
from chalicelib.loop.schedule import tick
from chalicelib.loop.track.seams import seams
from chalicelib.loop.worker import drain
from chalicelib.model.cycle import Decision
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.proposal import MOVES, Evidence, Proposal, ProposalMove, ProposalState
from chalicelib.model.taxonomy import Taxonomy
from tests.conftest import Clock
from tests.loop.finding import ByWords, WordFinder, a_proposal, finding, say
from tests.loop.making import ADMIN, AGENT, contact, stored

MARKETING = Caller("lead.marketing", Role.LEAD, ("marketing",))
LOGISTICS = Caller("lead.logistics", Role.LEAD, ("logistics",))
SERVICE = Caller("lead.service", Role.LEAD, ("service",))
CODE = "国补的资格码领不到"
WEEK = "2026-W47"
NEW = NewCause(code="promo.code", label="资格码领不到", department="marketing")


@pytest.fixture
def code(loop):
    """A loop that finds 资格码 and tags by words."""
    return finding(loop, WordFinder("资格码"))


@pytest.fixture
def proposal(code) -> Proposal:
    """An open proposal, nearest to a cause of marketing."""
    return code.change(lambda unit: unit.put(a_proposal(nearest="promo.not_honoured")))


def found(code, clock, **weeks: int) -> Proposal:
    """A proposal out of contacts: 24 now, and what else was said `w1=3` weeks ago."""
    say(code, clock.now, CODE, 24)
    for name, count in weeks.items():
        say(code, clock.now, CODE, count, int(name[1:]))
    drain(code)
    (proposal,) = discover(code, "boss").fresh
    return proposal


def in_force(loop) -> Taxonomy:
    return loop.unit().taxonomy


# States


def decide(loop, proposal: Proposal, move: ProposalMove, caller: Caller = ADMIN) -> Proposal:
    if move is ProposalMove.ACCEPT:
        return accept(loop, caller, proposal.id, NewCause(code="a.new.one"))
    if move is ProposalMove.MERGE:
        return merge(loop, caller, proposal.id, "promo.not_honoured")
    return refuse(loop, caller, proposal.id, "不是问题")


@pytest.mark.parametrize(("state", "move"), list(product(ProposalState, ProposalMove)))
def test_only_legal_moves_are_made(code, state, move):
    before = code.change(lambda unit: unit.put(a_proposal(state=state, cause="some.cause", reason="以前的")))
    if (state, move) in MOVES:
        assert decide(code, before, move).state is MOVES[state, move]
    else:
        with pytest.raises(Conflict, match=r"proposal.state"):
            decide(code, before, move)
        assert by_id(code.unit(), before.id) == before
        assert in_force(code).number == 1


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(st.sampled_from(list(ProposalMove)), max_size=5))
def test_repeated_and_late_decisions_leave_one_version_of_the_taxonomy(moves):
    loop = Loop(SqliteStore(":memory:"), KeyVault(b"k" * 32), ByWords, Clock())
    proposal = loop.change(lambda unit: unit.put(a_proposal()))
    for move in moves:
        try:
            decide(loop, proposal, move)
        except Conflict:
            continue
    after, taken = by_id(loop.unit(), proposal.id), [m for m in moves if m is not ProposalMove.REFUSE]
    assert in_force(loop).number == (2 if taken else 1)
    assert len({d.id for d in current(loop).decisions}) == len(after.history)
    loop.store.close()


# Accept


def test_accepting_makes_a_cause_a_decision_and_an_event_at_once(code, proposal, clock):
    after = accept(code, MARKETING, proposal.id, NEW)
    taxonomy, cause = in_force(code), in_force(code).by_code["promo.code"]
    assert (taxonomy.number, taxonomy.by, taxonomy.since) == (2, "lead.marketing", clock.now)
    assert (cause.label_zh, cause.department, cause.words) == ("资格码领不到", "marketing", ("资格码",))
    assert len(taxonomy.causes) == 40
    assert (after.state, after.decided_by, after.decided) == ("accepted", "lead.marketing", clock.now)
    assert (after.cause, after.taxonomy, after.back.first) == ("promo.code", 2, "2026-W38")
    (decision,) = current(code).decisions
    assert isinstance(decision, Decision)
    assert (decision.what, decision.about, decision.by) == ("accept_proposal", proposal.id, "lead.marketing")
    assert [(e.name, e.data) for e in after.history] == [
        ("ProposalAccepted", {"cause": "promo.code", "taxonomy": 2})
    ]
    assert listed(code) == []
    assert listed(code, ProposalState.ACCEPTED) == [after]


def test_accepting_twice_is_accepting_once(code, proposal):
    assert accept(code, MARKETING, proposal.id, NEW) == accept(code, MARKETING, proposal.id, NEW)
    assert in_force(code).number == 2
    with pytest.raises(Conflict, match=r"proposal.state"):
        accept(code, MARKETING, proposal.id, NEW.model_copy(update={"code": "promo.other"}))


def test_what_is_left_out_follows_from_the_proposal_and_the_nearest_cause(code, proposal):
    after = accept(code, ADMIN, proposal.id, NewCause())
    near, cause = in_force(code).by_code["promo.not_honoured"], in_force(code).by_code[after.cause]
    assert after.cause == "found." + proposal.id[2:].lower()
    assert (cause.label_zh, cause.definition_zh) == (proposal.name, proposal.definition)
    assert (cause.department, cause.denominator, cause.group) == (
        near.department,
        near.denominator,
        near.group,
    )


def test_a_lead_of_another_department_takes_it_for_its_own(code, proposal):
    after = accept(code, LOGISTICS, proposal.id, NewCause())
    cause = in_force(code).by_code[after.cause]
    assert (cause.department, cause.denominator, cause.group) == ("logistics", "contacts", "")


@pytest.mark.parametrize(
    ("caller", "given", "error"),
    [
        (LOGISTICS, NEW, Forbidden),
        (AGENT, NEW, Forbidden),
        (ADMIN, NewCause(code="promo.not_honoured"), Conflict),
        (ADMIN, NewCause(code="大写"), Invalid),
        (ADMIN, NewCause(department="nowhere"), Invalid),
        (ADMIN, NewCause(denominator="不是代码"), Invalid),
        (ADMIN, NewCause(version=7), Conflict),
    ],
)
def test_what_is_refused_changes_nothing(code, proposal, caller, given, error):
    with pytest.raises(error):
        accept(code, caller, proposal.id, given)
    assert (in_force(code).number, current(code).decisions) == (1, ())
    assert by_id(code.unit(), proposal.id) == proposal


def test_nothing_personal_gets_into_the_taxonomy(code, proposal):
    given = NewCause(label="找13800138000", words=("拨打13800138000",), reason="客户13800138000说的")
    after = accept(code, ADMIN, proposal.id, given)
    assert "13800138000" not in in_force(code).model_dump_json() + after.model_dump_json()
    assert "13800138000" not in current(code).model_dump_json()


@pytest.mark.parametrize(
    ("baseline", "words"),
    [((0, 0), ("资格码", "属地")), ((9, 4), ("资格码", "属地")), ((9, 5), ("资格码",))],
)
def test_the_lexicon_begins_with_words_that_were_hardly_said_before(baseline, words):
    evidence = [
        Evidence(word=word, current=20, baseline=n, z=3.0)
        for word, n in zip(("资格码", "属地"), baseline, strict=True)
    ]
    assert lexicon_of(a_proposal(words=tuple(evidence))) == words


def test_an_unknown_proposal(code):
    for decision in ProposalMove:
        with pytest.raises(NotFound):
            decide(code, a_proposal(), decision)


# Merge and refuse


def test_merging_adds_the_words_to_a_cause_of_the_lead(code, proposal):
    before = in_force(code).by_code["promo.not_honoured"].words
    after = merge(code, MARKETING, proposal.id, "promo.not_honoured", reason="就是优惠没兑现")
    cause = in_force(code).by_code["promo.not_honoured"]
    assert (cause.words, in_force(code).number) == ((*before, "资格码"), 2)
    assert (after.state, after.cause, after.back.words) == ("merged", "promo.not_honoured", ("资格码",))
    assert current(code).decisions[0].reason == "就是优惠没兑现"
    assert merge(code, MARKETING, proposal.id, "promo.not_honoured") == after


def test_merging_what_adds_no_word_makes_no_version(code, proposal):
    merge(code, ADMIN, proposal.id, "promo.not_honoured")
    other = code.change(lambda unit: unit.put(a_proposal(week="2026-W48", nearest="promo.not_honoured")))
    after = merge(code, ADMIN, other.id, "promo.not_honoured")
    assert (in_force(code).number, after.state, after.taxonomy, after.back) == (2, "merged", 0, None)


@pytest.mark.parametrize(
    ("caller", "into", "error"),
    [(LOGISTICS, "promo.not_honoured", Forbidden), (ADMIN, "other", Invalid), (ADMIN, "no.such", Invalid)],
)
def test_what_cannot_be_merged(code, proposal, caller, into, error):
    with pytest.raises(error):
        merge(code, caller, proposal.id, into)
    assert in_force(code).number == 1


def test_refusing_is_for_the_likely_owner_and_says_why(code, proposal):
    with pytest.raises(Forbidden):
        refuse(code, LOGISTICS, proposal.id, "不归我")
    after = refuse(code, MARKETING, proposal.id, "客户13800138000是来问规则的")
    assert (after.state, after.taxonomy, after.back) == ("refused", 0, None)
    assert "13800138000" not in after.reason
    assert refuse(code, MARKETING, proposal.id, "客户13800138000是来问规则的") == after
    assert [(d.what, d.about) for d in current(code).decisions] == [("refuse_proposal", proposal.id)]


def test_a_proposal_without_a_nearest_cause_is_customer_services(code):
    proposal = code.change(lambda unit: unit.put(a_proposal()))
    assert refuse(code, SERVICE, proposal.id, "不是问题").state is ProposalState.REFUSED


# The past


def causes_of(loop, keys) -> set[tuple[str, ...]]:
    return {stored(loop, key).causes for key in keys}


def test_the_past_is_read_again_as_far_back_as_was_looked(code, clock):
    old, inside = say(code, clock.now, CODE, 3, 10), say(code, clock.now, CODE, 3, 9)
    other = contact(code, clock.now, text="快递还没送到", customer="x")
    proposal = found(code, clock)
    untouched = stored(code, other)
    accept(code, ADMIN, proposal.id, NEW)
    assert causes_of(code, proposal.members) == {("other",)}, "owed, not done"
    tick(code)
    assert code.store.waiting() == 27
    drain(code)
    assert causes_of(code, [*proposal.members, *inside]) == {("promo.code",)}
    assert causes_of(code, old) == {("other",)}
    assert stored(code, other) == untouched
    assert by_id(code.unit(), proposal.id).back.owed == 27
    tick(code)
    assert code.store.waiting() == 0, "read again once"
    assert recount(code).differences == 0


def test_new_contacts_get_the_new_cause_at_once_and_a_person_keeps_the_last_word(code, clock):
    proposal = found(code, clock)
    chosen = contact(code, clock.now, "delivery.late", text=f"{CODE}，快递也晚", customer="y")
    drain(code)
    accept(code, ADMIN, proposal.id, NEW)
    later = contact(code, clock.now, text="资格码又没了", customer="z")
    read_back(code, proposal.id)
    drain(code)
    assert stored(code, later).causes == ("promo.code",)
    assert stored(code, chosen).causes == ("delivery.late",)


def test_a_proposal_that_is_being_read_back_is_not_proposed_again(code, clock):
    proposal = found(code, clock)
    accept(code, ADMIN, proposal.id, NEW)
    clock.forward(days=7)
    say(code, clock.now, CODE, 24)  # the worker has not come to these yet
    look = discover(code, "boss")
    assert look.fresh == ()
    tick(code)
    drain(code)
    assert discover(code, "boss").fresh == (), "explained now"


@pytest.mark.parametrize("most", [1, 1_000])
def test_a_long_past_is_read_in_turns(code, clock, most):
    proposal = found(code, clock, w1=200)
    accept(code, ADMIN, proposal.id, NEW.model_copy(update={"words": ("资格码", "国补")}))
    turns = [read_back_when_due(code, most) for _ in range(8)]
    assert sum(turns) == 224
    assert turns[-1] == 0
    assert (turns[0] < 224) is (most < 224)


def test_what_the_new_version_has_read_is_left_alone(code, clock):
    proposal = found(code, clock)
    accept(code, ADMIN, proposal.id, NEW)
    read_back(code, proposal.id)
    drain(code)
    begun = by_id(code.unit(), proposal.id)
    again = begun.model_copy(update={"back": begun.back.model_copy(update={"at": 0, "owed": 0})})
    code.change(
        lambda unit: unit.put(unit.get(Proposal, proposal.id).model_copy(update={"back": again.back}))
    )
    assert read_back(code, proposal.id) == 0


def test_two_who_read_the_past_at_once_owe_nothing_twice(code, clock):
    proposal = found(code, clock, w1=200)
    accept(code, ADMIN, proposal.id, NEW)
    first = by_id(code.unit(), proposal.id)
    backcast._read_page(code, first, first.back)
    backcast._read_page(code, first, first.back)  # has not seen that the other is a page further
    read_back(code, proposal.id)
    assert by_id(code.unit(), proposal.id).back.owed == code.store.waiting() == 224


# What is shown


def test_a_series_shows_its_seams(code, clock):
    assert seams(code, "2026-W01", WEEK) == []
    proposal = found(code, clock)
    accept(code, ADMIN, proposal.id, NEW)
    (seam,) = seams(code, "2026-W40", WEEK)
    assert seam == {
        "week": WEEK,
        "taxonomy": 2,
        "since": clock.now,
        "what": "proposal",
        "cause": "promo.code",
        "reaches": "2026-W38",
        "causes": ["other", "promo.code"],
        "departments": ["marketing"],
    }
    assert seams(code, "2026-W30", "2026-W38") == [seam], "where the past was read again from"
    assert seams(code, "2026-W39", "2026-W46") == []


def test_examples_are_those_the_caller_may_see(code, clock):
    proposal = found(code, clock)
    for caller, seen in ((ADMIN, 5), (AGENT, 5), (SERVICE, 5), (MARKETING, 0)):
        assert len(examples(code.unit(), caller, proposal)["typical"]) == seen
    gone = stored(code, proposal.typical[0])
    code.change(
        lambda unit: unit.put(
            unit.get(type(gone), gone.id).model_copy(update={"erased": True, "text": "【已删除】"})
        )
    )
    assert len(examples(code.unit(), ADMIN, proposal)["typical"]) == 4
