"""What became of a decision: looked up in what it set going, never typed."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chalicelib.loop.context import LoopUnit
from chalicelib.loop.track import verdicts
from chalicelib.model.cycle import AgendaSnooze, Cycle, Decision, Outcome
from chalicelib.model.project import Project, ProjectState
from chalicelib.model.proposal import Proposal, ProposalState
from chalicelib.model.watch import Baseline, series_key
from chalicelib.model.weeks import week_of

STATES = (
    *(f"project_{state}" for state in ProjectState),
    *(f"proposal_{state}" for state in ProposalState),
    "asleep",
    "returned",
    "rebased",
    "rebase_revoked",
    "cause_retired",
    "cause_merged",
    "cause_split",
    "still_listed",
    "not_listed",
    "noted",
    "only_noted",
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
    if made.result in _OF:
        return _OF[made.result](unit, made)
    if made.about.startswith("N-"):
        return _of_proposal(unit, made)
    if made.what in ("start_project", "accept_proposal"):
        return _of_project(unit, made)
    if not made.department or made.matter.startswith("K-"):  # nothing that an agenda could list
        return Outcome(decision=made, state="only_noted")
    if listed is None:
        return Outcome(decision=made, state="noted")
    return Outcome(decision=made, state="still_listed" if made.about in listed else "not_listed")


def _of_snooze(unit: LoopUnit, made: Decision) -> Outcome:
    """The latest word on it holds, whoever said it."""
    latest = unit.get(AgendaSnooze, made.about)
    until = latest.until if latest else made.until
    over = until <= week_of(unit.now)
    return Outcome(decision=made, state="returned" if over else "asleep", detail=until)


def _of_baseline(unit: LoopUnit, made: Decision) -> Outcome:
    known = unit.get(Baseline, series_key("cpx", made.made))
    stands = known is not None and week_of(made.at) in known.weeks
    return Outcome(decision=made, state="rebased" if stands else "rebase_revoked", detail=made.made)


def _of_reshape(unit: LoopUnit, made: Decision) -> Outcome:
    return Outcome(decision=made, state=made.result, detail=made.made)


def _of_proposal(unit: LoopUnit, made: Decision) -> Outcome:
    proposal = unit.get(Proposal, made.about)
    if proposal is None:
        return Outcome(decision=made, state="gone")
    cause = unit.taxonomy.by_code.get(proposal.cause)
    state = "cause_retired" if cause and not cause.active else f"proposal_{proposal.state}"
    return Outcome(decision=made, state=state, detail=proposal.cause)


_OF: dict[str, Callable[[LoopUnit, Decision], Outcome]] = {
    "snoozed": _of_snooze,
    "rebased": _of_baseline,
    "proposal_accepted": _of_proposal,
    "proposal_merged": _of_proposal,
    "proposal_refused": _of_proposal,
    "cause_merged": _of_reshape,
    "cause_split": _of_reshape,
}
"""What tells by the result of a decision what has become of it."""


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
