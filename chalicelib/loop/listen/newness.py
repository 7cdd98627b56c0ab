"""New words: which pairs of characters recent contacts share, and how much of a contact is new beside them.

Pairs instead of words: a new product or fault shows in them whatever a segmenter makes of its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import stamp
from chalicelib.model.review import RecentWords, as_bits
from chalicelib.model.weeks import local, shift, week_of
from chalicelib.privacy.text import fold

SIZE = 1 << 17
"""Bits: the pairs of some 2,000 contacts set a tenth of them."""
SHARED = 3
"""Contacts that must hold a pair; below, it is rare."""
READ, LEAST = 2_000, 200
"""How many of the newest contacts are read, and how many there must be to say what is usual."""
WEEKS = 4
STEADY = 8
"""A contact counts as if it held so many usual pairs more: a short one is not new by chance."""

_LETTERS = re.compile(r"[^\W\d_]{2,}")


def pairs(text: str) -> set[str]:
    """Neighbouring letters and Chinese characters; numbers are always new and say nothing."""
    return {run[at : at + 2] for run in _LETTERS.findall(fold(text)) for at in range(len(run) - 1)}


def newness(text: str, recent: RecentWords | None) -> float:
    """How much more of it than usual is rare among recent contacts, 0 to 1; 0 where nothing is known of them."""
    if recent is None or recent.usual >= 1:
        return 0.0
    held = pairs(text)
    share = (len(recent.rare(held)) + STEADY * recent.usual) / (len(held) + STEADY)
    return round(max(0.0, (share - recent.usual) / (1 - recent.usual)), 3)


def recent_words(texts: Sequence[str], day: str, demo: bool = False) -> RecentWords:
    """What these texts share. What is usual is counted for each text beside the others."""
    held = [pairs(text) for text in texts]
    counts = Counter(pair for some in held for pair in some)
    shares = [sum(counts[pair] <= SHARED for pair in some) / len(some) for some in held if some]
    known = (pair for pair, n in counts.items() if n >= SHARED)
    usual = sum(shares) / len(shares) if shares else 1.0
    return RecentWords(day=day, contacts=len(held), usual=usual, bits=as_bits(known, SIZE), demo=demo)


def count_words_when_due(loop: Loop) -> RecentWords | None:
    """Once a day; the schedule does this at its looks."""
    unit = loop.unit()
    day = local(unit.now).date().isoformat()
    known = unit.get(RecentWords, "recent")
    if known and known.day == day:
        return None
    contacts = _newest(unit)
    if len(contacts) < LEAST:
        return None
    fresh = recent_words([c.text for c in contacts], day, all(c.demo for c in contacts))

    def keep(unit: LoopUnit) -> RecentWords:
        unit.get(RecentWords, fresh.key)
        return unit.put(fresh)

    return loop.change(keep)


def _newest(unit: LoopUnit) -> list[Contact]:
    """The newest contacts of the last weeks, our own calls and erased ones left out."""
    out: list[Contact] = []
    for back in range(WEEKS):
        week, room = shift(week_of(unit.now), -back), READ - len(out)
        if room <= 0:
            break
        keys = unit.store.find(
            Contact, "contact.week", week, high=stamp(unit.now), limit=room, newest_first=True
        ).keys
        found = unit.store.get(Contact, keys).values()
        out += [c for c in found if not c.erased and c.channel is not Channel.CALLBACK]
    return out
