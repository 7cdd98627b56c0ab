"""When to learn without anybody waiting: at night, once there is news enough, or because somebody asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.labels import news
from chalicelib.loop.listen.learning import Lesson, all_labels, busy, learn, shortage, workshop_of
from chalicelib.model.errors import LoopError
from chalicelib.model.people import Caller, Role
from chalicelib.model.tagger import SCHEDULE, Learning
from chalicelib.model.weeks import local

NIGHT = range(2, 5)
"""Hours in Shanghai."""
ONCE_A = timedelta(hours=12)
NEWS = 20
"""New corrections that are worth a try."""


def ask(loop: Loop, caller: Caller) -> Learning:
    """Have the schedule learn at its next look: training takes longer than a request may."""
    caller.must_be(Role.ADMIN)
    workshop_of(loop)

    def decide(unit: LoopUnit) -> Learning:
        known = unit.get(Learning, "learning") or Learning()
        if known.busy(unit.now):
            raise busy()
        return unit.put(known.model_copy(update={"asked_by": known.asked_by or caller.name}))

    return loop.change(decide)


def learn_when_due(loop: Loop) -> Lesson | None:
    """What the schedule does at each look. A refusal is not an error here: it is stored for the admin to read."""
    if loop.workshop is None or loop.workshop.trainer is None:
        return None
    who = loop.change(_who)
    if not who or (who == SCHEDULE and not _worthwhile(loop)):
        return None
    try:
        return learn(loop, who)
    except LoopError:
        return None


def _who(unit: LoopUnit) -> str:
    """Who wants to learn now: whoever asked, or at night, once, the schedule; "" for nobody."""
    known = unit.get(Learning, "learning") or Learning()
    if known.busy(unit.now):
        return ""
    if known.asked_by:
        return known.asked_by
    if not (_night(unit.now, known.looked) and unit.settings.learn_nightly):
        return ""
    unit.put(known.model_copy(update={"looked": unit.now}))
    return SCHEDULE


def _night(now: datetime, looked: datetime | None) -> bool:
    return local(now).hour in NIGHT and (looked is None or now - looked > ONCE_A)


def _worthwhile(loop: Loop) -> bool:
    """Enough to learn from, and enough of it since the last try."""
    unit = loop.unit()
    known = all_labels(loop, unit.taxonomy)
    learning = unit.get(Learning, "learning") or Learning()
    return not shortage(known) and news(known, learning.tried) >= NEWS
