"""The past is read again with the words of an accepted cause: every contact that holds one is owed a new tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.contact import Contact, Step
from chalicelib.model.proposal import Proposal, ReadingBack
from chalicelib.model.weeks import week_start

PAGE = 200
WRITES_EACH = 2
MOST = 5_000
"""Contacts a turn of the schedule looks at; the next one goes on there."""
WAITING = 20


def read_back_when_due(loop: Loop, most: int = MOST) -> int:
    """Go on with what accepted proposals owe; returns how many contacts were owed their step. The worker does it."""
    owed, looked = 0, 0
    for proposal in loop.unit().find(Proposal, "proposal.back", "all", limit=WAITING):
        while looked < most and (back := proposal.back) and not back.done:
            proposal, pages = _read_page(loop, proposal, back)
            looked += pages
            owed += (proposal.back.owed if proposal.back else 0) - back.owed
    return owed


def read_back(loop: Loop, proposal_id: str, tell: Callable[[int], None] = lambda owed: None) -> int:
    """All that one proposal owes, for who waits for it; returns how many contacts were owed their step."""
    proposal = loop.unit().get(Proposal, proposal_id)
    while proposal and (back := proposal.back) and not back.done:
        proposal, _ = _read_page(loop, proposal, back)
        tell(proposal.back.owed if proposal.back else 0)
    return proposal.back.owed if proposal and proposal.back else 0


def _read_page(loop: Loop, proposal: Proposal, back: ReadingBack) -> tuple[Proposal, int]:
    """One page of the contacts that hold the word, newest first; (the proposal as it stands then, how many)."""
    page = loop.store.search(Contact, back.words[back.at].split(), limit=PAGE, after=back.after)
    parts = loop.in_parts(
        page.keys, WRITES_EACH, lambda unit, keys: _owe(unit, keys, back.first, proposal.taxonomy)
    )
    owed, past = sum(n for n, _ in parts), any(past for _, past in parts)
    ended = past or not page.next
    update = {"at": back.at + 1, "after": ""} if ended else {"after": page.next}
    further = back.model_copy(update={**update, "owed": back.owed + owed})
    return loop.change(lambda unit: _moved(unit, proposal.id, back, further)), max(1, len(page.keys))


def _owe(unit: LoopUnit, keys: Sequence[str], first: str, taxonomy: int) -> tuple[int, bool]:
    """(how many were owed the step `tag`, whether one is older than the first week). What the new version has
    read already is left alone, so that a repetition does nothing."""
    contacts, since = unit.many(Contact, keys).values(), week_start(first)
    due = [
        c
        for c in contacts
        if c.time >= since and c.tagged and c.taxonomy < taxonomy and c.pending != Step.TAG and not c.erased
    ]
    for contact in due:
        unit.put(contact.model_copy(update={"pending": Step.TAG}))
    return len(due), any(c.time < since for c in contacts)


def _moved(unit: LoopUnit, proposal_id: str, before: ReadingBack, after: ReadingBack) -> Proposal:
    """The proposal a page further, unless somebody else was faster."""
    proposal = unit.get(Proposal, proposal_id)
    assert proposal is not None, "a proposal that was decided stays"
    return unit.put(proposal.model_copy(update={"back": after})) if proposal.back == before else proposal
