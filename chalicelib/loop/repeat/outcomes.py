"""What became of a decision: looked up in what it set going, never typed."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.track import verdicts
from chalicelib.model.cycle import Cycle, Decision, Outcome
from chalicelib.model.project import Project, ProjectState
from chalicelib.model.proposal import Proposal, ProposalState
from chalicelib.model.weeks import week_of

STATES = (
    *(f"project_{state}" for state in ProjectState),
    *(f"proposal_{state}" for state in ProposalState),
    "asleep",
    "returned",
    "rebased",
    "still_listed",
    "not_listed",
    "noted",
    "gone",
)
"""All that can have become of a decision."""


def of_cycle(unit: LoopUnit, cycle: Cycle) -> tuple[Outcome, ...]:
    """What became of the decisions of the cycle before: as frozen when this one was closed, until then as of now."""
    if cycle.state == "closed":
        return cycle.outcomes
    return now(unit, cycle)


def now(unit: LoopUnit, cycle: Cycle) -> tuple[Outcome, ...]:
    """What has become of each decision the cycle was handed."""
    listed = {name for item in cycle.agenda for name in (item.id, item.code)}
    return tuple(_became(unit, made, listed if cycle.prepared else None) for made in cycle.carried)


def _became(unit: LoopUnit, made: Decision, listed: Collection[str] | None) -> Outcome:
    if made.result == "snoozed":
        over = made.until <= week_of(unit.now)
        return Outcome(decision=made, state="returned" if over else "asleep", detail=made.until)
    if made.result == "rebased":
        return Outcome(decision=made, state="rebased", detail=made.made)
    if made.result == "proposal_accepted":
        return _of_proposal(unit, made)
    if made.what in ("start_project", "accept_proposal"):
        return _of_project(unit, made)
    if listed is None:
        return Outcome(decision=made, state="noted")
    return Outcome(decision=made, state="still_listed" if made.about in listed else "not_listed")


def _of_proposal(unit: LoopUnit, made: Decision) -> Outcome:
    proposal = unit.get(Proposal, made.about)
    if proposal is None:
        return Outcome(decision=made, state="gone")
    return Outcome(decision=made, state=f"proposal_{proposal.state}", detail=proposal.cause)


def _of_project(unit: LoopUnit, made: Decision) -> Outcome:
    """Of the project it made or moved; of a mere word about a cause, the newest project on it."""
    project = unit.get(Project, made.made) if made.made else None
    if project is None and not made.made:
        newest = unit.find(Project, "project.cause", made.about, newest_first=True, limit=1)
        project = newest[0] if newest else None
    if project is None:
        return Outcome(decision=made, state="gone" if made.made else "noted")
    (row,) = verdicts.views(unit.loop, [project])
    detail = f"{project.id} {row['verdict']['word'] or row['verdict']['state']}"
    return Outcome(decision=made, state=f"project_{project.state}", detail=detail)
