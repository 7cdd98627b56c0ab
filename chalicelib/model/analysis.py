"""What an analyser says about one contact: causes with evidence, kind, severity and triggers.

Plain data classes: the suggestion path starts without pydantic. A stored contact checks their types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

ContactKind = Literal["complaint", "inquiry", "request", "suggestion", "praise", "other"]
Span = tuple[int, int]
_STRICT = {"extra": "forbid"}
"""A misspelt field is a bug."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One code with its confidence and its evidence: (start, end) code points, end-exclusive."""

    __pydantic_config__: ClassVar[object] = _STRICT

    code: str
    confidence: float
    evidence: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.code or not 0 <= self.confidence <= 1:
            raise ValueError("a tag needs a code and a confidence from 0 to 1")
        if any(not 0 <= start < end for start, end in self.evidence):
            raise ValueError("evidence must be 0 <= start < end")


@dataclass(frozen=True, slots=True)
class Analysis:
    """The verdict on one contact; `causes` stand most important first, severity 3 is danger to health."""

    __pydantic_config__: ClassVar[object] = _STRICT

    version: str
    causes: tuple[Tag, ...] = ()
    kind: ContactKind = "other"
    severity: int = 0
    triggers: tuple[Tag, ...] = ()
    unsure: bool = False
    doubt: float = 0.0
    """How far rules and learner disagree: the largest difference, over all causes, between the chance that the
    phrases alone give a cause and the one it has in the end."""

    def __post_init__(self) -> None:
        if not 0 <= self.severity <= 3:
            raise ValueError("severity must be 0 to 3")
        if not 0 <= self.doubt <= 1:
            raise ValueError("doubt must be 0 to 1")

    @property
    def model(self) -> str:
        """What the version names first, whatever lexicon came with it: the model (`nlp.analyser`)."""
        return self.version.partition("-")[0]
