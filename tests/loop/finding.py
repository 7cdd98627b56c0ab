"""A finder and an analyser small enough to see through: both go by words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.loop.context import Loop
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.proposal import Evidence, Proposal, proposed
from chalicelib.model.taxonomy import Cause, Taxonomy
from chalicelib.ports import Document, Found
from tests.loop.making import contact, days


class WordFinder:
    """Finds exactly the words it was told of, where nothing explains them; notes what it was given."""

    def __init__(self, *words: str, sudden: Mapping[str, str] | None = None) -> None:
        self.words, self.shifting = words, dict(sudden or {})
        self.given: list[Document] = []
        self.current: dict[str, list[str]] = {}

    def discover(
        self, documents: Sequence[Document], current_weeks: int, causes: Sequence[Cause]
    ) -> list[Found]:
        """One group for each word that occurs in the window."""
        self.given = list(documents)
        return [found for word in self.words if (found := self._found(word, current_weeks, causes))]

    def _found(self, word: str, weeks: int, causes: Sequence[Cause]) -> Found | None:
        holders = [one for one in self.given if word in one.text and not one.explained]
        last = max((one.week for one in self.given), default=0)
        now = [one.contact for one in holders if one.week > last - weeks]
        if not now:
            return None
        counts = {week: sum(one.week == week for one in holders) for week in range(last + 1)}
        nearest = next((c.code for c in causes if word in c.definition_zh), "")
        evidence = Evidence(word=word, current=len(now), baseline=len(holders) - len(now), z=4.0)
        return Found(
            word, f"客户说到“{word}”", True, (evidence,), tuple(now[:5]), tuple(now[5:][-3:]), tuple(now),
            len(now) / weeks, tuple(counts.items()), nearest,
        )  # fmt: skip

    def sudden(
        self, current: Mapping[str, Sequence[str]], baseline: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Evidence, ...]]:
        """The words it was told of, with how often they are said."""
        self.current = {cause: list(texts) for cause, texts in current.items()}
        found = {}
        for cause, word in self.shifting.items():
            now, before = (sum(word in text for text in side.get(cause, ())) for side in (current, baseline))
            if now:
                found[cause] = (Evidence(word=word, current=now, baseline=before, z=3.0),)
        return found


class ByWords:
    """Tags a contact with every active cause one of whose words it holds."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.version, self._causes = f"words-{taxonomy.number}", taxonomy.active

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """One analysis a text."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Analysis:
        tags = []
        for cause in self._causes:
            spans = [(text.find(w), text.find(w) + len(w)) for w in cause.words if w in text]
            if spans:
                tags.append(Tag(code=cause.code, confidence=0.9, evidence=tuple(spans)))
        return Analysis(causes=tuple(tags), kind="complaint", version=self.version)


def finding(loop: Loop, finder: WordFinder) -> Loop:
    """The same loop with a finder, and tags by words."""
    return replace(loop, finder=finder, analyser=ByWords)


def say(loop: Loop, now: datetime, text: str, count: int, weeks_ago: int = 0) -> list[str]:
    """That many contacts with a text, a minute apart, each of a customer of its own; not yet worked on."""
    start = now - days(7 * weeks_ago) - timedelta(hours=count)
    return [
        contact(loop, start + timedelta(minutes=n), text=f"{text} 第{n}位", customer=f"c{weeks_ago}-{n}")
        for n in range(count)
    ]


def a_proposal(week: str = "2026-W47", word: str = "资格码", members: int = 20, **more: object) -> Proposal:
    """An open proposal that stands for itself."""
    keys = tuple(f"{word}{n}" for n in range(members))
    found: dict[str, object] = {
        "name": word,
        "definition": f"客户说到“{word}”",
        "words": (Evidence(word=word, current=members, baseline=0, z=5.0),),
        "typical": keys[:5],
        "border": keys[5:8],
        "members": keys,
        "count": members,
        "weekly": members / 2,
        "trend": ((week, members),),
        **more,
    }
    return proposed(week, **found)
