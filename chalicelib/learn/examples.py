"""What people said of texts, as a learner takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Marks = npt.NDArray[np.bool_]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Example:
    """A text and the causes people gave it; `spans` are where the text says so, in code points."""

    id: str
    text: str
    causes: frozenset[str]
    spans: Mapping[str, Spans] = field(default_factory=dict)
    weight: float = 1.0


def marks(examples: Sequence[Example], labels: Sequence[str]) -> Marks:
    """(examples, labels): which label each example has."""
    return np.array([[label in one.causes for label in labels] for one in examples], bool).reshape(
        -1, len(labels)
    )


def folds(ids: Sequence[str], many: int) -> npt.NDArray[np.int64]:
    """A fold for each id, by its hash alone: the same for life and in any order."""
    return np.array([int(hashlib.sha256(one.encode()).hexdigest()[:8], 16) % many for one in ids], np.int64)
