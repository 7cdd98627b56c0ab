"""Why: the tree of reasons behind a project (5-Why, fishbone). Each because stands on contacts or is an assumption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from chalicelib.model.entity import Entity, Event, Fact
from chalicelib.model.errors import Conflict, Invalid

MOST, DEEPEST, MOST_CITED, LONGEST = 100, 12, 20, 200
"""Reasons of a project, levels, contacts that one cites, characters: all of it fits one stored item."""
KEPT = 200
"""Events of the history, the newest."""
WHOLE = 100
"""Percent."""


class Because(Fact):
    """One reason. `under` is the reason it explains, "" for what explains the project's cause itself."""

    id: str
    under: str = ""
    text: str
    contacts: tuple[str, ...] = ()
    assumption: bool = False
    share: int | None = Field(None, ge=0, le=WHOLE)
    """Percent of the effect of what it explains; None where nobody has said."""
    by: str
    at: datetime

    @model_validator(mode="after")
    def _stands(self) -> Self:
        if not self.contacts and not self.assumption:
            raise ValueError("a reason cites contacts or is an assumption")
        return self


class Why(Entity):
    """The tree of one project; `version` tells two people apart who change it at once."""

    kind = "why"

    project: str
    reasons: tuple[Because, ...] = ()
    history: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """The project."""
        return self.project

    def get(self, reason: str) -> Because | None:
        """One reason."""
        return next((one for one in self.reasons if one.id == reason), None)

    def below(self, reason: str) -> Iterator[Because]:
        """A reason's reasons, and theirs, each after what it explains; "" for all."""
        for one in self.reasons:
            if one.under == reason:
                yield one
                yield from self.below(one.id)

    def depth(self, reason: str) -> int:
        """1 for what explains the cause itself."""
        found = self.get(reason)
        return 1 + self.depth(found.under) if found else 0

    def shared(self, under: str) -> int:
        """Percent of the effect that the reasons of one thing explain together."""
        return sum(one.share or 0 for one in self.reasons if one.under == under)

    def having(self, reason: Because) -> Why:
        """With a reason added, or in the place of its former self. Raises Conflict when shares exceed the whole,
        Invalid when the tree grows too large."""
        others = [one for one in self.reasons if one.id != reason.id]
        known = len(others) < len(self.reasons)
        kept = [reason if one.id == reason.id else one for one in self.reasons]
        after = self.model_copy(update={"reasons": tuple(kept if known else [*others, reason])})
        after._fits(reason)
        return after

    def without(self, gone: Iterable[str]) -> Why:
        """With these reasons taken out."""
        ids = set(gone)
        return self.model_copy(update={"reasons": tuple(one for one in self.reasons if one.id not in ids)})

    def with_event(self, at: datetime, name: str, actor: str, **data: object) -> Why:
        """The same tree with one more event in its history."""
        event = Event(at=at, name=name, actor=actor, data=data)
        return self.model_copy(update={"history": (*self.history, event)[-KEPT:]})

    def _fits(self, reason: Because) -> None:
        shared = self.shared(reason.under)
        if shared > WHOLE:
            rest = WHOLE - shared + (reason.share or 0)
            raise Conflict(
                "why.share",
                f"同一个问题的各个原因合起来会是 {shared} %，不能超过 100 %；还剩 {rest} %",
                f"the reasons of one thing would explain {shared} % together; 100 % is all there is, {rest} % are left",
                "share",
            )
        if len(self.reasons) > MOST or self.depth(reason.id) > DEEPEST:
            raise Invalid(
                "why.large",
                f"最多 {MOST} 个原因、{DEEPEST} 层，请合并",
                f"at most {MOST} reasons and {DEEPEST} levels; join some",
                "text",
            )
