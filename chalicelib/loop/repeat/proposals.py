"""What a lead makes of a proposed cause: accept it, merge it into a known one, or refuse it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.loop.admin import next_version
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.focus.discovering import likely_owner
from chalicelib.loop.focus.gathering import looked_at
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.repeat.cycles import record
from chalicelib.model.checked import checked, formed
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Recorded
from chalicelib.model.entity import Given
from chalicelib.model.errors import Conflict, Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.proposal import MOVES, Proposal, ProposalMove, ProposalState, ReadingBack
from chalicelib.model.taxonomy import Cause, Taxonomy
from chalicelib.model.weeks import week_of
from chalicelib.privacy.mask import mask

SELDOM = 0.2
"""A word goes into the lexicon when all the weeks before have less than this share of its contacts now."""
LONGEST_PAST = timedelta(weeks=26)
SIGNLESS = r"^[^()|?*@]+$"
Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(
        formed(
            SIGNLESS,
            "只能是客户的原话，不能有 ( ) | ? * @ 这些记号；几种说法请分开各写一条，要用记号请写进分类表的 lexicon 列"
            "（./voc taxonomy load）",
            "may only be what customers say, without the signs ( ) | ? * @; give several sayings one by one, or "
            "write the notation into the taxonomy's column lexicon (./voc taxonomy load)",
        )
    ),
    Field(json_schema_extra={"pattern": SIGNLESS}),
]
"""A word or words that occur together; the notation of patterns is for the taxonomy's own lexicon."""
Words = Annotated[tuple[Word, ...], Field(max_length=50)]


class NewCause(Given):
    """The cause that a proposal becomes; what is left out follows from the proposal."""

    code: str = Field("", max_length=64)
    label: str = Field("", max_length=60, description="As the customer would say it")
    label_en: str = Field("", max_length=60, description="The same in English")
    department: str = Field("", max_length=64, description="Who will own it")
    denominator: str = Field("", max_length=64, description="How many X there were; default contacts")
    definition: str = Field("", max_length=1_000)
    words: Words | None = Field(None, description="How customers say it; default the evidence words")
    reason: str = Field("", max_length=1_000)
    version: int | None = None


def listed(loop: Loop, state: ProposalState = ProposalState.OPEN, limit: int = 100) -> list[Proposal]:
    """Proposals of a state, the newest week first, in it the largest first."""
    found = loop.unit().find(Proposal, "proposal.state", state, limit=limit, newest_first=True)
    by_size = sorted(found, key=lambda one: (-one.weekly, one.id))
    return sorted(by_size, key=lambda one: one.week, reverse=True)


def by_id(unit: LoopUnit, proposal_id: str) -> Proposal:
    """One proposal."""
    proposal = unit.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("proposal.not_found", "没有这个提议", "there is no such proposal", "proposal")
    return proposal


def examples(unit: LoopUnit, caller: Caller, proposal: Proposal) -> dict[str, list[Contact]]:
    """Its typical and border contacts that the caller may see and that were not erased."""
    found = unit.many(Contact, (*proposal.typical, *proposal.border))
    seen = {
        key: contact
        for key, contact in found.items()
        if not contact.erased and caller.sees(contact.departments)
    }
    parts = {"typical": proposal.typical, "border": proposal.border}
    return {name: [seen[key] for key in keys if key in seen] for name, keys in parts.items()}


def accept(loop: Loop, caller: Caller, proposal_id: str, given: NewCause) -> Proposal:
    """Make it a cause: a new version of the taxonomy, a decision of the cycle, and the past owed a new reading,
    all in one save."""
    return loop.change(lambda unit: accept_in(unit, caller, proposal_id, given))


def accept_in(unit: LoopUnit, caller: Caller, proposal_id: str, given: NewCause) -> Proposal:
    """Part of a larger change: the same."""
    proposal = by_id(unit, proposal_id)
    cause = _cause(unit.taxonomy, caller, proposal, given)
    caller.must_lead(cause.department)
    if _is_already(proposal, ProposalState.ACCEPTED, given.code or proposal.cause):
        return proposal
    same_version(proposal, given.version)
    _must_allow(proposal, ProposalMove.ACCEPT)
    _must_be_free(unit.taxonomy, cause)
    taxonomy = next_version(unit, caller, unit.taxonomy.departments, [*unit.taxonomy.causes, cause])
    reason = mask(given.reason).text or f"新原因：{cause.label_zh}"
    return _decided(unit, caller, proposal, ProposalMove.ACCEPT, reason, taxonomy, cause, cause.words)


def merge(
    loop: Loop,
    caller: Caller,
    proposal_id: str,
    into: str,
    words: Sequence[str] | None = None,
    reason: str = "",
    version: int | None = None,
) -> Proposal:
    """Add its words to a cause there is already, with all that follows from accepting."""

    def decide(unit: LoopUnit) -> Proposal:
        proposal, before = by_id(unit, proposal_id), unit.taxonomy
        check_causes(before, [into])
        cause = before.by_code[into]
        caller.must_lead(cause.department)
        if _is_already(proposal, ProposalState.MERGED, into):
            return proposal
        same_version(proposal, version)
        _must_allow(proposal, ProposalMove.MERGE)
        added = [w for w in _masked(words) or lexicon_of(proposal) if w not in cause.words]
        grown = checked(Cause, {**cause.model_dump(), "words": (*cause.words, *added)})
        causes = [grown if one.code == into else one for one in before.causes]
        taxonomy = next_version(unit, caller, before.departments, causes)
        why = mask(reason).text or f"并入原因：{cause.label_zh}"
        return _decided(unit, caller, proposal, ProposalMove.MERGE, why, taxonomy, grown, added)

    return loop.change(decide)


def refuse(loop: Loop, caller: Caller, proposal_id: str, reason: str, version: int | None = None) -> Proposal:
    """Not a cause; it is proposed again only when it has become twice as large."""

    def decide(unit: LoopUnit) -> Proposal:
        proposal = by_id(unit, proposal_id)
        caller.must_lead(likely_owner(proposal, unit.taxonomy))
        why = mask(reason).text
        if proposal.state is ProposalState.REFUSED and proposal.reason == why:
            return proposal
        same_version(proposal, version)
        _must_allow(proposal, ProposalMove.REFUSE)
        return _decided(unit, caller, proposal, ProposalMove.REFUSE, why)

    return loop.change(decide)


def lexicon_of(proposal: Proposal) -> tuple[str, ...]:
    """The evidence words a lexicon can begin with: the leading one, and others that were hardly said before."""
    leading, *others = proposal.words
    fit = [one.word for one in others if one.baseline <= SELDOM * one.current]
    return (leading.word, *fit)


def _cause(taxonomy: Taxonomy, caller: Caller, proposal: Proposal, given: NewCause) -> Cause:
    """What was given, completed from the proposal and, in the same department, from the nearest cause."""
    department = given.department or _own_department(taxonomy, caller, proposal)
    nearest = taxonomy.by_code.get(proposal.nearest)
    like = nearest if nearest and nearest.department == department else None
    return checked(
        Cause,
        {
            "code": given.code or proposal.id.lower().replace("n-", "found.", 1),
            "group": like.group if like else "",
            "label_zh": mask(given.label).text or proposal.name,
            "label_en": mask(given.label_en).text,
            "department": department,
            "denominator": given.denominator or (like.denominator if like else "contacts"),
            "definition_zh": mask(given.definition).text or proposal.definition,
            "words": _masked(given.words) or lexicon_of(proposal),
            "window_days": like.window_days if like else 7,
        },
    )


def _own_department(taxonomy: Taxonomy, caller: Caller, proposal: Proposal) -> str:
    likely = likely_owner(proposal, taxonomy)
    if caller.role is Role.LEAD and likely not in caller.departments and caller.departments:
        return caller.departments[0]
    return likely


def _masked(words: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mask(word).text.strip() for word in words or () if word.strip()))


def _must_be_free(taxonomy: Taxonomy, cause: Cause) -> None:
    if cause.code in taxonomy.by_code:
        raise Conflict(
            "cause.known",
            "已有这个原因代码，请换一个，或并入它",
            "this cause code is taken: choose another, or merge into it",
            "code",
        )
    if cause.department not in {one.code for one in taxonomy.departments}:
        raise Invalid(
            "department.unknown",
            "没有这个部门，可用的见 /taxonomy",
            "there is no such department; /taxonomy lists them",
            "department",
        )


def _is_already(proposal: Proposal, state: ProposalState, cause: str) -> bool:
    return proposal.state is state and proposal.cause == cause


STATE_ZH = {
    ProposalState.OPEN: "待定",
    ProposalState.ACCEPTED: "已采纳",
    ProposalState.MERGED: "已并入",
    ProposalState.REFUSED: "已否决",
}
EVENTS = {
    ProposalMove.ACCEPT: "ProposalAccepted",
    ProposalMove.MERGE: "ProposalMerged",
    ProposalMove.REFUSE: "ProposalRefused",
}

RECORDED: dict[ProposalMove, tuple[Recorded, str]] = {
    ProposalMove.ACCEPT: ("accept_proposal", "proposal_accepted"),
    ProposalMove.MERGE: ("merge_proposal", "proposal_merged"),
    ProposalMove.REFUSE: ("refuse_proposal", "proposal_refused"),
}
"""How the cycle records a move, and what it did."""


def _must_allow(proposal: Proposal, move: ProposalMove) -> None:
    if (proposal.state, move) not in MOVES:
        raise Conflict(
            "proposal.state",
            f"提议现在是「{STATE_ZH[proposal.state]}」，不能这样做",
            f"the proposal is '{proposal.state}'; this cannot be done now",
            "state",
        )


def _decided(
    unit: LoopUnit,
    caller: Caller,
    proposal: Proposal,
    move: ProposalMove,
    reason: str,
    taxonomy: Taxonomy | None = None,
    cause: Cause | None = None,
    words: Sequence[str] = (),
) -> Proposal:
    """The proposal after the decision, which the open cycle records too."""
    code = cause.code if cause else ""
    update: dict[str, Any] = {
        "state": MOVES[proposal.state, move],
        "decided": unit.now,
        "decided_by": caller.name,
        "reason": reason,
        "cause": code,
        "demo": False,
    }
    if taxonomy and words:
        first = _reaches(unit, proposal)
        update |= {"taxonomy": taxonomy.number, "back": ReadingBack(first=first, words=tuple(words))}
    came = {"department": (cause.department if cause else likely_owner(proposal, unit.taxonomy))}
    what, result = RECORDED[move]
    record(unit, caller, what, proposal.id, reason, **came, result=result, made=code)
    data = {"cause": code, "taxonomy": taxonomy.number} if taxonomy else {}
    after = proposal.model_copy(update=update)
    return unit.put(after.with_event(unit.now, EVENTS[move], caller.name, **data))


def _reaches(unit: LoopUnit, proposal: Proposal) -> str:
    """The first week that is read again: that of the look which found it, at most half a year ago."""
    first = looked_at(proposal.week)[0]
    return max(first, week_of(unit.now - LONGEST_PAST))
