"""When to learn without anybody waiting: at night, once there is news enough, or because somebody asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.labels import news
from chalicelib.loop.listen.learning import Lesson, all_labels, learn, shortage, workshop_of
from chalicelib.loop.listen.turn import busy
from chalicelib.model.errors import LoopError
from chalicelib.model.people import Caller, Role
from chalicelib.model.tagger import SCHEDULE, Learning, Reason
from chalicelib.model.weeks import local

NIGHT = range(2, 5)
"""Hours in Shanghai."""
ONCE_A = timedelta(hours=12)
NEWS = 20
"""New corrections that are worth a try."""
MOST_KILLED = 2
"""So often in a row a learning that was killed is begun again."""


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


class _Wish(NamedTuple):
    """Who wants to learn now, "" for nobody; `sure`: whether or not there is news."""

    by: str = ""
    sure: bool = True


def learn_when_due(loop: Loop) -> Lesson | None:
    """What the schedule does at each look. A refusal is not an error here: it is stored for the admin to read."""
    if loop.workshop is None or loop.workshop.trainer is None:
        return None
    wish = loop.change(_wish)
    if not wish.by or not (wish.sure or _worthwhile(loop)):
        return None
    try:
        return learn(loop, wish.by)
    except LoopError:
        return None


def _wish(unit: LoopUnit) -> _Wish:
    """Whoever was learning when the process was killed, or asked; or at night, once, the schedule."""
    known = unit.get(Learning, "learning") or Learning()
    if known.busy(unit.now):
        return _Wish()
    if known.holder and known.killed < MOST_KILLED:
        return _Wish(known.learner)
    if known.holder:
        known = unit.put(
            known.model_copy(update={"holder": "", "learner": "", "killed": 0, "outcome": _given_up()})
        )
    if known.asked_by:
        return _Wish(known.asked_by)
    if not (_night(unit.now, known.looked) and unit.settings.learn_nightly):
        return _Wish()
    unit.put(known.model_copy(update={"looked": unit.now}))
    return _Wish(SCHEDULE, sure=False)


def _given_up() -> Reason:
    return Reason(
        code="learn.killed",
        zh=f"学习接连 {MOST_KILLED + 1} 次被中断（可能内存不够），不再自动重来；现行版本没有变，请查明后再学",
        en=f"learning was killed {MOST_KILLED + 1} times in a row (perhaps for want of memory) and is not begun again "
        "by itself; the live version is as it was: find out why, then learn again",
    )


def _night(now: datetime, looked: datetime | None) -> bool:
    return local(now).hour in NIGHT and (looked is None or now - looked > ONCE_A)


def _worthwhile(loop: Loop) -> bool:
    """Enough to learn from, and enough of it since the last try."""
    unit = loop.unit()
    known = all_labels(loop, unit.taxonomy)
    learning = unit.get(Learning, "learning") or Learning()
    return not shortage(known) and news(known, learning.tried) >= NEWS
