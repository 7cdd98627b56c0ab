"""What an analyser says about one contact: causes with evidence, kind, severity and triggers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ContactKind = Literal["complaint", "inquiry", "request", "suggestion", "praise", "other"]
Span = tuple[int, int]


class _Value(BaseModel):
    """Frozen, and strict about names: a misspelt field is a bug."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tag(_Value):
    """One code with its confidence and its evidence: (start, end) code points, end-exclusive."""

    code: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1)
    evidence: tuple[Span, ...] = ()

    @model_validator(mode="after")
    def _spans_are_not_empty(self) -> Tag:
        if any(not 0 <= start < end for start, end in self.evidence):
            raise ValueError("evidence must be 0 <= start < end")
        return self


class Analysis(_Value):
    """The verdict on one contact; `causes` stand most important first, severity 3 is danger to health."""

    causes: tuple[Tag, ...] = ()
    kind: ContactKind = "other"
    severity: Annotated[int, Field(ge=0, le=3)] = 0
    triggers: tuple[Tag, ...] = ()
    unsure: bool = False
    version: str
