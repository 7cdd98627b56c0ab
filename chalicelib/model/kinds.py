"""Every kind of entity, whoever asks: a kind is known once its module has been imported, so all are here."""

from __future__ import annotations

from chalicelib.model import (  # noqa: F401
    case,
    contact,
    customer,
    cycle,
    demo,
    intake_key,
    keycheck,
    ledger,
    people,
    project,
    promise,
    proposal,
    reshape,
    review,
    robot,
    sequence,
    settings,
    source_count,
    tagger,
    taxonomy,
    voice,
    watch,
    why,
)
from chalicelib.model.entity import KINDS

__all__ = ["KINDS"]
