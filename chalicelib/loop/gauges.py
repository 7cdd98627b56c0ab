"""A few counts for whoever operates the loop; of nobody in particular."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.completeness import completeness
from chalicelib.model.weeks import date_of

DAYS = 3
"""Days that are looked at for missing contacts: what is older was told."""
MOST_DEAD = 100


def gauges(loop: Loop) -> dict[str, int]:
    """How many steps are owed, how many were given up (100 at most are counted), and on how many channel's days
    so many contacts are missing that people are told."""
    now = loop.clock()
    rows = completeness(loop, date_of(now - timedelta(days=DAYS)), date_of(now))
    return {
        "StepsOwed": loop.store.waiting(),
        "DeadLetters": len(loop.store.dead(MOST_DEAD)),
        "ChannelDaysMissing": sum(row.alarm for row in rows),
    }
