"""What discovery reads: the contacts of some weeks, and how much of each the known causes explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from chalicelib.loop.context import Loop
from chalicelib.model.analysis import Span
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.taxonomy import OTHER
from chalicelib.model.weeks import shift, week_of, weeks_between
from chalicelib.ports import Document, Store

CURRENT, BASELINE = 2, 8
"""Weeks of the window, and weeks before it that it is held against."""
MOST_READ, MOST_LISTED = 40_000, 200_000
"""Contacts read at most, and contacts of one week that are looked up at most. Where there are more, every
week gives the same share, chosen by the contacts' ids."""
LIKELY = 0.5
"""From this confidence on a cause explains its part of a contact that the tagger is unsure of."""
MILD = 1
"""Praise up to this severity is praise; where it is worse, the tagger contradicts itself."""
AT_ONCE, LISTED_AT_ONCE = 500, 1_000

Tell = Callable[[int, int], None]
"""Told how many contacts have been read, of how many."""


@dataclass
class Gathered:
    """Contacts of the weeks (oldest first) by id, and the texts of those with a cause by cause and time."""

    weeks: tuple[str, ...]
    share: float = 1.0
    documents: list[Document] = field(default_factory=list)
    current: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    baseline: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    residue: set[str] = field(default_factory=set)
    """Untagged, unsure and "other" contacts."""
    demo: set[str] = field(default_factory=set)
    """Contacts of the demo company."""


def looked_at(week: str) -> list[str]:
    """The weeks of a look up to this one, oldest first."""
    return weeks_between(shift(week, 1 - CURRENT - BASELINE), week)


def gather(loop: Loop, week: str, tell: Tell, most: int = MOST_READ) -> Gathered:
    """Read the contacts of the window and of the baseline through the index by week."""
    gathered = Gathered(tuple(looked_at(week)))
    keys = [key for one in gathered.weeks for key in islice(_keys(loop.store, one), MOST_LISTED)]
    gathered.share = min(1.0, most / max(1, len(keys)))
    chosen = sorted(key for key in keys if _place(key) < gathered.share)
    for at in range(0, len(chosen), AT_ONCE):
        for contact in loop.store.get(Contact, chosen[at : at + AT_ONCE]).values():
            _sort_in(gathered, contact)
        tell(min(at + AT_ONCE, len(chosen)), len(chosen))
    gathered.documents.sort(key=lambda one: one.contact)
    return gathered


def _keys(store: Store, week: str) -> Iterator[str]:
    after = ""
    while True:
        page = store.find(Contact, "contact.week", week, limit=LISTED_AT_ONCE, after=after)
        yield from page.keys
        if not (after := page.next):
            return


def _place(key: str) -> float:
    """Where between 0 and 1 a contact stands: by its id alone, so that the same ones are read again."""
    return int.from_bytes(sha256(f"discovery\n{key}".encode()).digest()[:6]) / 2**48


def _sort_in(gathered: Gathered, contact: Contact) -> None:
    if not readable(contact):
        return
    week = gathered.weeks.index(week_of(contact.time))
    document = Document(contact.id, contact.text, week, explained(contact))
    gathered.documents.append(document)
    if contact.demo:
        gathered.demo.add(contact.id)
    if contact.unsure or set(contact.causes) <= {OTHER}:
        gathered.residue.add(contact.id)
    by_cause = gathered.current if week >= BASELINE else gathered.baseline
    for cause in contact.causes:
        if cause != OTHER:
            by_cause[cause].append(contact.text)


def readable(contact: Contact) -> bool:
    """Whether discovery may learn from it: a customer's own words, already tagged, not erased, and not mere praise,
    of which there is no cause to remove."""
    ours = contact.channel is Channel.CALLBACK
    praise = contact.contact_kind == "praise" and not contact.causes and contact.severity <= MILD
    left_out = contact.pending or contact.erased or ours or praise
    return contact.tagged and not left_out and bool(contact.text.strip())


def explained(contact: Contact) -> tuple[Span, ...]:
    """Where known causes have their evidence: nowhere in an untagged or "other" contact, in an unsure one only
    where the cause is likely; throughout where a person named causes of which the tagger shows no evidence."""
    causes = set(contact.causes) - {OTHER}
    tags = contact.analysis.causes if contact.analysis else ()
    least = LIKELY if contact.unsure else 0.0
    right = [tag for tag in tags if tag.code in causes and tag.confidence >= least]
    spans = sorted(span for tag in right for span in tag.evidence)
    if spans or contact.unsure or not causes:
        return tuple(spans)
    return ((0, len(contact.text)),)
