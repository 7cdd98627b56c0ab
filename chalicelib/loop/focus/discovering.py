"""Causes nobody has named yet, found at the close of a cycle or on demand and put before the leads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.gathering import CURRENT, Gathered, Tell, gather
from chalicelib.loop.notices import notify
from chalicelib.model.errors import Invalid
from chalicelib.model.proposal import (
    MOST_MEMBERS,
    Discovery,
    Proposal,
    ProposalState,
    SuddenWords,
    proposed,
)
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import shift, week_of
from chalicelib.ports import Finder, Found

FEWEST, UNEXPLAINED = 10, 0.75
"""Contacts of a proposal at least; and the share of them that is untagged, unsure or "other" at least where the
group is not new: what many people say beside a known cause (a greeting, a way to write) is no cause."""
MOST = 10
"""Proposals of one look."""
ALIKE = 0.5
"""From this share of common members or words two proposals are one."""
GROWN = 2.0
"""A refused one is proposed again when it has become this many times as large."""
COMPARED = 500
"""Open and refused proposals that a new one is compared with, the newest of each."""
MOST_SUDDEN = 5
"""Sudden words a cause is reported with."""


@dataclass(frozen=True)
class Look:
    """What came of a look: fresh proposals, known ones found once more, sudden words."""

    discovery: Discovery
    fresh: tuple[Proposal, ...]
    again: tuple[Proposal, ...]


def worthwhile(found: Found, residue: Collection[str]) -> bool:
    """Whether a lead should be asked about it; `residue` are the untagged, unsure and "other" contacts."""
    known = sum(key not in residue for key in found.members)
    return len(found.members) >= FEWEST and (found.new or known <= (1 - UNEXPLAINED) * len(found.members))


def alike(one: Proposal, other: Proposal) -> bool:
    """Whether two proposals are about the same: mostly the same contacts, or the same words."""
    mine, theirs = set(one.members), set(other.members)
    if len(mine & theirs) >= ALIKE * max(1, min(len(mine), len(theirs))):
        return True
    words, others = [e.word for e in one.words], [e.word for e in other.words]
    if not words or not others:
        return False
    same = len(set(words) & set(others)) / len({*words, *others})
    return same >= ALIKE or words[0] in others[0] or others[0] in words[0]


def sifted(found: Iterable[Proposal], known: Sequence[Proposal]) -> tuple[list[Proposal], list[Proposal]]:
    """(new proposals, known ones that were found again): nothing is proposed twice while it is open, nor after
    a refusal unless it has grown."""
    fresh: list[Proposal] = []
    again: dict[str, Proposal] = {}
    for one in found:
        before = [other for other in (*known, *fresh) if alike(one, other)]
        refused = [other for other in before if other.state is ProposalState.REFUSED]
        grown = all(one.weekly >= GROWN * other.weekly for other in refused)
        if len(before) == len(refused) and grown:
            fresh.append(one.model_copy(update={"earlier": refused[0].id}) if refused else one)
        else:
            again |= {other.id: other for other in before if other not in fresh}
    return fresh, list(again.values())


def discover(loop: Loop, by: str, week: str = "", tell: Tell = lambda done, total: None) -> Look:
    """Look at the weeks up to `week`, by default the current one, and save what is new. Safe to repeat.

    Raises Invalid for a week that has not begun, or where there is nothing to find with.
    """
    finder = finder_of(loop)
    now = week_of(loop.clock())
    if week > now:
        raise Invalid("discover.week", "这一周还没开始", "this week has not begun", "week")
    week = week or now
    taxonomy = loop.unit().taxonomy
    gathered = gather(loop, week, tell)
    found = finder.discover(gathered.documents, CURRENT, taxonomy.active)
    worth = [one for one in found if worthwhile(one, gathered.residue)][:MOST]
    sudden = _sudden(finder, gathered, taxonomy)
    return loop.change(lambda unit: _save(unit, by, gathered, worth, sudden))


def finder_of(loop: Loop) -> Finder:
    """What causes are found with. Raises Invalid where there is none."""
    if loop.finder is None:
        raise Invalid(
            "discover.unavailable",
            "这里不能找新原因；请用 ./voc discover",
            "nothing can be discovered here; use ./voc discover",
            "discover",
        )
    return loop.finder


def _sudden(finder: Finder, gathered: Gathered, taxonomy: Taxonomy) -> tuple[SuddenWords, ...]:
    found = finder.sudden(gathered.current, gathered.baseline)
    active = {cause.code for cause in taxonomy.active}
    return tuple(
        SuddenWords(cause=cause, words=tuple(words[:MOST_SUDDEN]))
        for cause, words in sorted(found.items())
        if words and cause in active
    )


def _save(
    unit: LoopUnit,
    by: str,
    gathered: Gathered,
    found: Sequence[Found],
    sudden: tuple[SuddenWords, ...],
) -> Look:
    drafts = [_draft(gathered, one, unit.taxonomy) for one in found]
    decided = unit.many(Proposal, (draft.id for draft in drafts))
    fresh, again = sifted((draft for draft in drafts if draft.id not in decided), _known(unit))
    again = list({one.id: one for one in (*decided.values(), *again)}.values())
    for proposal in fresh:
        unit.put(proposal)
        if not proposal.demo:
            to = f"department:{likely_owner(proposal, unit.taxonomy)}"
            notify(unit, to, "cause_proposed", f"proposal:{proposal.id}", digest="proposals")
    discovery = _result(unit, by, gathered, fresh, again, sudden)
    return Look(discovery, tuple(fresh), tuple(again))


def _known(unit: LoopUnit) -> list[Proposal]:
    """What is open, what was refused, and what the past is still to be read with."""
    states = (ProposalState.OPEN, ProposalState.REFUSED)
    places = [("proposal.state", str(state)) for state in states] + [("proposal.back", "all")]
    return [
        proposal
        for index, partition in places
        for proposal in unit.find(Proposal, index, partition, limit=COMPARED, newest_first=True)
    ]


def likely_owner(proposal: Proposal, taxonomy: Taxonomy) -> str:
    """The department that would own it if nobody says otherwise: that of the nearest cause."""
    return taxonomy.department_of(proposal.nearest)


def _draft(gathered: Gathered, found: Found, taxonomy: Taxonomy) -> Proposal:
    """The proposal; where only a share of the contacts was read, its numbers are those of all of them."""
    scale = 1 / gathered.share
    return proposed(
        gathered.weeks[-1],
        name=found.name,
        definition=found.definition,
        new=found.new,
        words=found.words,
        typical=found.typical,
        border=found.border,
        members=found.members[:MOST_MEMBERS],
        count=round(len(found.members) * scale),
        weekly=round(found.weekly * scale, 1),
        trend=tuple((gathered.weeks[week], round(n * scale)) for week, n in found.trend),
        nearest=found.nearest if found.nearest in taxonomy.by_code else "",
        demo=bool(found.members) and gathered.demo.issuperset(found.members),
    )


def _result(
    unit: LoopUnit,
    by: str,
    gathered: Gathered,
    fresh: Sequence[Proposal],
    again: Sequence[Proposal],
    sudden: tuple[SuddenWords, ...],
) -> Discovery:
    week = gathered.weeks[-1]
    before = unit.get(Discovery, week)
    earlier = before.proposals if before else ()
    made = Discovery(
        version=before.version if before else 0,
        week=week,
        at=unit.now,
        by=by,
        contacts=len(gathered.documents),
        share=gathered.share,
        proposals=tuple(dict.fromkeys((*earlier, *(one.id for one in fresh)))),
        again=tuple(one.id for one in again if one.id not in earlier),
        sudden=sudden,
        demo=bool(gathered.demo) and len(gathered.demo) >= len(gathered.documents),
    )
    return unit.put(made)


def latest(loop: Loop, week: str = "") -> Discovery | None:
    """The newest look up to a week."""
    high = week or week_of(loop.clock())
    low = shift(high, -52)
    found = loop.unit().find(
        Discovery, "discovery.all", "all", low=low, high=high, limit=1, newest_first=True
    )
    return found[0] if found else None
