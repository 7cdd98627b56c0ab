"""Proposals on both stores: where they are listed, and the way from contacts to a cause and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.focus.discovering import discover, latest
from chalicelib.loop.rebuild import recount
from chalicelib.loop.repeat.proposals import NewCause, accept, by_id, listed, refuse
from chalicelib.loop.schedule import tick
from chalicelib.loop.track.seams import seams
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis
from chalicelib.model.contact import Contact
from chalicelib.model.kinds import KINDS
from chalicelib.model.proposal import Discovery, DiscoveryOrder, Proposal, ProposalState, ReadingBack
from chalicelib.ports import Change
from tests.conftest import Clock
from tests.loop.finding import ByWords, WordFinder, a_proposal, say
from tests.loop.making import ADMIN, stored

WEEK = "2026-W47"


@pytest.fixture
def loop(store) -> Loop:
    """The store with tags and finds by words."""
    return Loop(store, KeyVault(b"k" * 32), ByWords, Clock(), finder=WordFinder("资格码"))


def test_the_kinds_are_known():
    assert {Proposal, Discovery, DiscoveryOrder} <= set(KINDS.values())


def test_where_proposals_are_listed(store):
    back = ReadingBack(first="2026-W38", words=("a",))
    one = a_proposal("2026-W46")
    other = a_proposal(WEEK, "充电桩").model_copy(
        update={"state": ProposalState.ACCEPTED, "taxonomy": 12, "back": back}
    )
    store.save([Change(None, p.model_copy(update={"version": 1})) for p in (one, other)], {})

    def keys(index: str, partition: str) -> list[str]:
        return store.find(Proposal, index, partition).keys

    assert keys("proposal.state", "open") == [one.id]
    assert keys("proposal.state", "accepted") == keys("proposal.back", "all") == [other.id]
    assert store.find(Proposal, "proposal.taxonomy", "all", low="000012", high="000012").keys == [other.id]
    before = store.get(Proposal, [other.id])[other.id]
    done = before.model_copy(update={"version": 2, "back": back.model_copy(update={"at": 1})})
    store.save([Change(before, done)], {})
    assert keys("proposal.back", "all") == []
    assert store.get(Proposal, [other.id])[other.id] == done


def test_the_newest_week_comes_first_and_in_it_the_largest(loop):
    some = [a_proposal("2026-W46", "甲甲", 90), a_proposal(WEEK, "乙乙", 10), a_proposal(WEEK, "丙丙", 30)]
    for proposal in some:
        loop.change(lambda unit, proposal=proposal: unit.put(proposal))
    assert [one.name for one in listed(loop)] == ["丙丙", "乙乙", "甲甲"]
    refuse(loop, ADMIN, some[2].id, "不是问题")
    assert [one.name for one in listed(loop)] == ["乙乙", "甲甲"]


def tagged(n: int, now: datetime) -> Contact:
    """A contact that the machine has read and knows no cause of."""
    when = now - timedelta(minutes=n)
    return Contact(
        id=f"c{n}", version=1, channel="chat", fingerprint="f", text=f"补贴资格码领不到 {n}", time=when,
        received=when, taken_by="agent", analysis=Analysis(version="x"),
    )  # fmt: skip


def test_a_look_reads_and_saves_the_same_on_both_stores(loop):
    loop.store.save([Change(None, tagged(n, loop.clock())) for n in range(12)], {})
    (proposal,) = discover(loop, "boss").fresh
    assert (proposal.id, proposal.count) == ("N-25WUHTNDIC", 12)
    assert latest(loop).proposals == (proposal.id,)
    assert discover(loop, "boss").fresh == ()


def test_the_past_is_read_again_on_both_stores(loop):
    keys = say(loop, loop.clock(), "补贴资格码领不到", 2)
    drain(loop)
    proposal = loop.change(lambda unit: unit.put(a_proposal(WEEK)))
    accept(loop, ADMIN, proposal.id, NewCause(code="promo.code", department="marketing"))
    tick(replace(loop, finder=None))
    drain(loop)
    assert {stored(loop, key).causes for key in keys} == {("promo.code",)}
    assert by_id(loop.unit(), proposal.id).back.done
    assert [seam["cause"] for seam in seams(loop, WEEK, WEEK)] == ["promo.code"]
    assert recount(loop).differences == 0
