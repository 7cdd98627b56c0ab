"""An analyser that is told in the text what to say: "delivery.late:.4 billing.unclear:.9 complaint 2 ~.8" (~ is
how far rules and learner disagree)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis, ContactKind, Tag
from chalicelib.model.contact import Contact
from tests.loop.making import AGENT, stored

SURE = 0.7


class Saying:
    """Says what the text asks for; unsure below SURE, and where a complaint has no cause."""

    version = "saying"

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text."""
        return [self._read(text.split()) for text in texts]

    def _read(self, words: Sequence[str]) -> Analysis:
        tags = [Tag(code=w.split(":")[0], confidence=float(w.split(":")[1])) for w in words if ":" in w]
        kind = next((w for w in words if w in get_args(ContactKind)), "complaint")
        return Analysis(
            causes=tuple(sorted(tags, key=lambda tag: -tag.confidence)),
            kind=kind,
            severity=next((int(w) for w in words if w.isdecimal()), 1),
            unsure=min((t.confidence for t in tags), default=1 - (kind == "complaint")) < SURE,
            doubt=next((float(w[1:]) for w in words if w.startswith("~")), 0.0),
            version=self.version,
        )


def say(loop: Loop, time: datetime, text: str, **more: Any) -> Contact:
    """Take one contact of which the machine says that, with all its steps done."""
    row = {"text": text, "channel": "phone", "customer": f"c{time.isoformat()}", "time": time, **more}
    (outcome,) = take(loop, AGENT, [row])
    assert outcome.error is None, outcome.error
    drain(loop)
    return stored(loop, outcome.id)
