"""The turn to learn: one at a time, on a short lease that is renewed for as long as the learner lives."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.errors import Conflict
from chalicelib.model.tagger import Learning, Reason

LOG = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
"""How long a learning that was killed keeps others out."""
RENEWED = 30.0
"""Seconds between two renewals."""


class Turn:
    """The turn while it is held. `outcome` is what its end leaves for the admin to read."""

    def __init__(self, loop: Loop, by: str) -> None:
        self.outcome: Reason | None = None
        self._loop, self._by, self._holder = loop, by, secrets.token_hex(8)

    def take(self) -> None:
        """Raises Conflict while somebody else is learning."""
        self._loop.change(self._taken)

    def renew(self) -> bool:
        """Hold it for another lease; False when it has gone to somebody else."""
        return self._loop.change(self._renewed)

    def end(self) -> None:
        """Give it back; it is not touched when it has gone to somebody else."""
        self._loop.change(self._ended)

    def mine(self, unit: LoopUnit) -> Learning:
        """Raises Conflict when it has gone to somebody else: this process stood still for longer than a lease."""
        known = unit.get(Learning, "learning")
        if known is None or known.holder != self._holder:
            raise _lost()
        return known

    def _taken(self, unit: LoopUnit) -> None:
        known = unit.get(Learning, "learning") or Learning()
        if known.busy(unit.now):
            raise busy()
        unit.put(
            known.model_copy(
                update={
                    "busy_until": unit.now + LEASE,
                    "holder": self._holder,
                    "learner": self._by,
                    "killed": known.killed + 1 if known.holder else 0,
                    "asked_by": "",
                }
            )
        )

    def _renewed(self, unit: LoopUnit) -> bool:
        try:
            known = self.mine(unit)
        except Conflict:
            return False
        unit.put(known.model_copy(update={"busy_until": unit.now + LEASE}))
        return True

    def _ended(self, unit: LoopUnit) -> None:
        known = unit.get(Learning, "learning")
        if known and known.holder == self._holder:
            done = {"busy_until": None, "holder": "", "learner": "", "killed": 0}
            unit.put(known.model_copy(update={**done, "outcome": self.outcome or known.outcome}))


@contextmanager
def turn(loop: Loop, by: str, every: float = RENEWED) -> Iterator[Turn]:
    """Hold the turn, renewed every so many seconds by a thread: training asks for minutes at a stretch."""
    held, over = Turn(loop, by), Event()
    held.take()
    thread = Thread(target=_keep, args=(held, over, every), name="turn", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()
        held.end()


def _keep(held: Turn, over: Event, every: float) -> None:
    while not over.wait(every):
        try:
            if not held.renew():
                return
        except Exception as error:  # perhaps the disk is full: the next time may do
            LOG.warning("the turn to learn could not be renewed (%s)", type(error).__name__)


def busy() -> Conflict:
    """The refusal while somebody is learning."""
    return Conflict(
        "learn.busy",
        "另一个学习正在进行，请稍后再试（被中断的学习两分钟后让出）",
        "another learning is under way; try again later (one that was killed gives way after two minutes)",
        "learn",
    )


def _lost() -> Conflict:
    return Conflict(
        "learn.lost",
        "这次学习停顿太久，已由另一个接手；这次什么也没有改变",
        "this learning stood still for too long and another one took over; this one changed nothing",
        "learn",
    )
