"""Looking for new causes: what is read, what is proposed, what is not proposed again, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.focus import discovering
from chalicelib.loop.focus.discovering import alike, discover, latest, sifted, worthwhile
from chalicelib.loop.focus.gathering import Gathered, explained, gather, looked_at
from chalicelib.loop.focus.looking import TRIES, TURN, ask, discover_when_due, owe_discovery
from chalicelib.loop.notices import inbox
from chalicelib.loop.repeat.cycles import close, current
from chalicelib.loop.repeat.proposals import listed, refuse
from chalicelib.loop.schedule import study
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.contact import Contact, Correction
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.proposal import DiscoveryOrder, Proposal, ProposalState
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.ports import Found
from tests.loop.finding import ByWords, WordFinder, a_proposal, finding, say
from tests.loop.making import ADMIN, AGENT, contact, days, numbers

WEEK = "2026-W47"
CODE = "国补的资格码领不到"
SERVICE = Caller("lead.service", Role.LEAD, ("service",))


def quiet(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


@pytest.fixture
def code(loop):
    """A loop that finds 资格码."""
    return finding(loop, WordFinder("资格码"))


# What is read


def test_the_window_and_the_baseline_are_read_and_nothing_else(code, clock):
    keys = {ago: say(code, clock.now, CODE, 1, ago)[0] for ago in range(12)}
    drain(code)
    read = {one.contact: one.week for one in gather(code, WEEK, quiet).documents}
    assert read == {keys[ago]: 9 - ago for ago in range(10)}


def test_what_is_no_customers_word_or_not_tagged_yet_is_left_out(code, clock):
    fine = contact(code, clock.now, text=CODE, customer="u1")
    contact(code, clock.now, text=f"{CODE}，回访", channel="callback")
    drain(code)
    contact(code, clock.now, text=f"{CODE}，还没读", customer="u2")
    contact(code, clock.now, "delivery.late", text=f"{CODE}，客服选了原因，还没读", customer="u4")
    gone = contact(code, clock.now, text=f"{CODE}，删了", customer="u3")
    code.change(
        lambda unit: unit.put(
            unit.get(Contact, gone).model_copy(
                update={"erased": True, "pending": "", "analysis": Analysis(version="x")}
            )
        )
    )
    assert [one.contact for one in gather(code, WEEK, quiet).documents] == [fine]


@pytest.mark.parametrize(
    ("kind", "severity", "cause", "read"),
    [
        ("praise", 0, (), False),
        ("praise", 1, (), False),
        ("praise", 2, (), True),  # as the tagger reads a complaint that begins kindly
        ("praise", 0, ("delivery.late",), True),
        ("inquiry", 0, (), True),
        ("suggestion", 0, (), True),
    ],
)
def test_mere_praise_is_no_cause_to_remove(code, clock, kind, severity, cause, read):
    contact(code, clock.now, *cause, text=CODE, contact_kind=kind, severity=severity)
    drain(code)
    assert bool(gather(code, WEEK, quiet).documents) is read


def read_as(unsure: bool = False, causes: tuple[str, ...] = (), **more: object) -> Contact:
    """A contact the machine read as `causes`, each shown by its first two characters."""
    tags = tuple(Tag(code=c, confidence=0.4 + 0.3 * n, evidence=((n, n + 2),)) for n, c in enumerate(causes))
    now = datetime(2026, 11, 18, tzinfo=UTC)
    return Contact(
        id="c", channel="phone", fingerprint="f", text="一二三四五六", time=now, received=now, taken_by="a",
        analysis=Analysis(causes=tags, unsure=unsure, version="x"), unsure=unsure,
        causes=more.pop("chosen", causes), **more,
    )  # fmt: skip


SAID = Correction(by="agent", at=datetime(2026, 11, 18, tzinfo=UTC), causes=("a.b",))


@pytest.mark.parametrize(
    ("contact", "spans"),
    [
        (read_as(), ()),
        (read_as(chosen=("other",)), ()),
        (read_as(causes=("a.b",)), ((0, 2),)),
        (read_as(causes=("a.b", "c.d")), ((0, 2), (1, 3))),
        (read_as(unsure=True, causes=("a.b", "c.d")), ((1, 3),)),
        (read_as(unsure=True, causes=("a.b",)), ()),
        (read_as(causes=("c.d",), chosen=("a.b",), correction=SAID), ((0, 6),)),
        (read_as(causes=("a.b",), chosen=("a.b",), correction=SAID), ((0, 2),)),
    ],
)
def test_what_known_causes_explain(contact, spans):
    assert explained(contact) == spans


def test_more_contacts_than_a_look_reads_give_the_same_share_and_scaled_numbers(code, clock):
    for ago in range(4):
        say(code, clock.now, CODE, 50, ago)
    drain(code)
    some, again, every = (gather(code, WEEK, quiet, most) for most in (100, 100, 1_000))
    assert some == again
    assert some.share == 0.5
    assert {one.contact for one in some.documents} < {one.contact for one in every.documents}
    assert 70 <= len(some.documents) <= 130


class Backwards(SqliteStore):
    """A store that gives what was asked for in another order, as a batch of DynamoDB may come."""

    def get(self, kind, keys):  # type: ignore[no-untyped-def]
        """The same, the other way round."""
        return dict(reversed(super().get(kind, keys).items()))


def test_contacts_come_in_the_order_of_their_ids_from_any_store(code, clock):
    store = Backwards(":memory:")
    other = replace(code, store=store)
    for loop in (code, other):
        say(loop, clock.now, CODE, 12)
        drain(loop)
    assert gather(other, WEEK, quiet).documents == gather(code, WEEK, quiet).documents
    store.close()


def test_a_share_stands_for_the_whole(clock):
    gathered = Gathered(tuple(looked_at(WEEK)), share=0.25)
    taxonomy = default_taxonomy()
    draft = discovering._draft(gathered, group(30)._replace(trend=((9, 30),)), taxonomy)
    assert (draft.count, draft.weekly, draft.trend) == (120, 4.0, ((WEEK, 120),))


# What is proposed


def test_a_look_proposes_what_it_finds_and_tells_who_would_own_it(code, clock):
    say(code, clock.now, CODE, 24)
    say(code, clock.now, CODE, 3, weeks_ago=5)
    drain(code)
    look = discover(code, "boss")
    (proposal,) = look.fresh
    assert (proposal.name, proposal.week, proposal.count, proposal.weekly) == ("资格码", WEEK, 24, 12.0)
    assert len(proposal.typical) == 5
    assert len(proposal.border) == 3
    assert dict(proposal.trend)["2026-W42"] == 3
    assert (look.discovery.contacts, look.discovery.proposals) == (27, (proposal.id,))
    told = [notice.subjects for notice in inbox(code, SERVICE) if notice.about == "cause_proposed"]
    assert told == [(f"proposal:{proposal.id}",)]


def test_looking_again_changes_nothing(code, clock):
    say(code, clock.now, CODE, 24)
    drain(code)
    first = discover(code, "boss")
    stored = code.store.get(Proposal, [first.fresh[0].id])
    before = numbers(code)
    second = discover(code, "boss")
    assert second.fresh == ()
    assert [one.id for one in second.again] == [first.fresh[0].id]
    assert code.store.get(Proposal, [first.fresh[0].id]) == stored
    assert numbers(code) == before
    assert latest(code).proposals == (first.fresh[0].id,)


def other_loop(clock) -> Loop:
    return finding(Loop(SqliteStore(":memory:"), KeyVault(b"k" * 32), ByWords, clock), WordFinder("资格码"))


@settings(max_examples=6, deadline=None)
@given(order=st.permutations(range(12)), twice=st.sets(st.integers(0, 11)))
def test_the_same_contacts_in_any_order_give_byte_identical_proposals(order, twice):
    found = []
    for numbered in (range(12), [*order, *twice]):
        now = datetime(2026, 11, 18, 2, tzinfo=UTC)
        loop = other_loop(lambda now=now: now)
        for n in numbered:
            contact(loop, now - timedelta(hours=n), text=f"{CODE} {n}", customer=f"u{n}", external_id=f"{n}")
        drain(loop)
        found.append([one.model_dump_json() for one in discover(loop, "boss").fresh])
        loop.store.close()
    assert found[0] == found[1]
    assert len(found[0]) == 1


def test_an_open_proposal_is_not_proposed_again_the_week_after(code, clock):
    say(code, clock.now, CODE, 24)
    drain(code)
    (first,) = discover(code, "boss").fresh
    clock.forward(days=7)
    say(code, clock.now, CODE, 60)
    drain(code)
    look = discover(code, "boss")
    assert (look.fresh, [one.id for one in look.again]) == ((), [first.id])


@pytest.mark.parametrize(("later", "again"), [(12, False), (60, True)])
def test_a_refused_one_is_proposed_again_only_when_it_has_doubled(code, clock, later, again):
    say(code, clock.now, CODE, 24)
    drain(code)
    (first,) = discover(code, "boss").fresh
    refuse(code, ADMIN, first.id, "是活动规则，不是问题")
    clock.forward(days=14)
    say(code, clock.now, CODE, later)
    drain(code)
    look = discover(code, "boss")
    assert [one.earlier for one in look.fresh] == ([first.id] if again else [])
    assert [one.state for one in look.again] == ([] if again else [ProposalState.REFUSED])


PROPOSALS = [
    a_proposal(),
    a_proposal(week="2026-W48"),
    a_proposal(word="充电桩"),
    a_proposal(word="充电桩", members=60),
    a_proposal(word="旧机"),
]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PROPOSALS[0], PROPOSALS[1], True),
        (PROPOSALS[0], PROPOSALS[2], False),
        (a_proposal(), a_proposal(name="领取失败", words=(), week="2026-W48"), True),
        (a_proposal(word="充电"), a_proposal(word="充电桩"), True),
    ],
)
def test_which_proposals_are_the_same(one, other, same):
    assert alike(one, other) is same
    assert alike(other, one) is same


@given(found=st.lists(st.sampled_from(PROPOSALS), max_size=6), known=st.lists(st.sampled_from(PROPOSALS)))
def test_sifting_twice_proposes_nothing_more(found, known):
    fresh, again = sifted(found, known)
    assert not any(alike(one, other) for one, other in combinations(fresh, 2))
    assert not any(alike(one, other) for one in fresh for other in known)
    assert sifted(found, [*known, *fresh])[0] == []
    assert all(one in known for one in again)


def group(members: int, new: bool = True) -> Found:
    keys = tuple(map(str, range(members)))
    return Found("x", "x", new, (), (), (), keys, 1.0, (), "")


@pytest.mark.parametrize(
    ("found", "residue", "worth"),
    [
        (group(9), 9, False),
        (group(10), 0, True),
        (group(10, new=False), 8, True),
        (group(10, new=False), 7, False),
    ],
)
def test_who_is_asked_about_what(found, residue, worth):
    assert worthwhile(found, set(map(str, range(residue)))) is worth


def test_sudden_words_of_known_causes(loop, clock):
    loop = finding(loop, WordFinder(sudden={"delivery.late": "无人机", "no.such": "无人机"}))
    for n in range(4):
        contact(loop, clock.now, "delivery.late", text=f"无人机配送晚了 {n}", customer=f"n{n}")
    contact(loop, clock.now - days(30), "delivery.late", text="无人机试飞", customer="o1")
    drain(loop)
    ((found,),) = [discover(loop, "boss").discovery.sudden]
    assert (found.cause, found.words[0].word) == ("delivery.late", "无人机")
    assert (found.words[0].current, found.words[0].baseline) == (4, 1)
    assert set(loop.finder.current) == {"delivery.late"}


def test_a_week_that_has_not_begun_cannot_be_looked_at(code):
    with pytest.raises(Invalid, match=r"discover.week"):
        discover(code, "boss", "2026-W48")


def test_without_a_finder_nothing_is_promised(loop):
    with pytest.raises(Invalid, match=r"discover.unavailable"):
        discover(loop, "boss")
    with pytest.raises(Invalid, match=r"discover.unavailable"):
        ask(loop, ADMIN)
    assert discover_when_due(loop) is None


# When


def test_a_closed_cycle_owes_a_look_and_the_schedule_does_it_once(code, clock):
    say(code, clock.now, CODE, 24)
    drain(code)
    week = current(code).week
    clock.forward(days=4)
    close(code, ADMIN, week)
    assert listed(code) == []
    study(code)
    (proposal,) = listed(code)
    assert (proposal.week, latest(code, week).by) == (week, ADMIN.name)
    version = latest(code, week).version
    study(code)
    close(code, ADMIN, week)
    study(code)
    assert latest(code, week).version == version, "nothing is owed any more"


def test_only_an_admin_asks_for_a_look(code, clock):
    with pytest.raises(Forbidden):
        ask(code, AGENT)
    assert ask(code, ADMIN).owed == WEEK
    assert discover_when_due(code) is not None
    assert discover_when_due(code) is None


class Broken(WordFinder):
    """A finder that never comes to an end."""

    def discover(self, *given):  # type: ignore[no-untyped-def]
        """Ends the process, as far as the loop can tell."""
        raise MemoryError


def test_a_look_that_was_killed_is_tried_again_later_and_not_for_ever(loop, clock):
    broken = finding(loop, Broken())
    ask(broken, ADMIN)
    for _ in range(TRIES):
        with pytest.raises(MemoryError):
            discover_when_due(broken)
        assert discover_when_due(broken) is None, "somebody else may still be at it"
        clock.forward(seconds=TURN.total_seconds() + 1)
    assert discover_when_due(broken) is None
    assert broken.unit().get(DiscoveryOrder, "discovery").owed == ""


def test_the_newest_week_is_looked_at_when_several_are_owed(code, clock):
    for week in ("2026-W46", "2026-W45"):
        code.change(lambda unit, week=week: owe_discovery(unit, week, "boss"))
    assert discover_when_due(code).discovery.week == "2026-W46"
    assert discover_when_due(code) is None
