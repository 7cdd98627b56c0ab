"""Notices on their way to group chats. The notices themselves are the outbox: what is not told yet stays told-to-be.

A look sends a robot one message at the most, and puts everything that is new into it, so that many are a digest
and none is lost. A message whose sender was killed is sent again: better twice than never.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.robots.robots import MOST, send
from chalicelib.loop.robots.wording import News, text_of, trouble
from chalicelib.model.entity import stamp
from chalicelib.model.people import Notice
from chalicelib.model.robot import Robot
from chalicelib.model.weeks import date_of, day_start
from chalicelib.ports import Sent

OVERLAP = timedelta(minutes=2)
"""A notice may be stored a little later than it says."""
LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(minutes=30)
PATIENCE = {"dingtalk": timedelta(minutes=10)}
"""How long a platform is deaf to who spoke too often; a minute where it is not named."""
AT_ONCE = 100_000
"""Notices of one receiver: what a robot that nobody hears collects in years."""


class Claim(NamedTuple):
    """What one look is about to say."""

    robot: Robot
    news: list[News]
    text: str


def tell_when_due(loop: Loop) -> int:
    """What is done at each look; how many messages went."""
    if loop.messenger is None:
        return 0
    robots = loop.unit().find(Robot, "robot.all", "all", limit=MOST)
    return sum(_tell(loop, robot.id) for robot in robots if robot.ready(loop.clock()))


def _tell(loop: Loop, number: str) -> bool:
    claim = loop.change(lambda unit: _claim(unit, number))
    if claim is None:
        return False
    sent = send(loop, claim.robot, claim.text)
    loop.change(lambda unit: _settle(unit, claim, sent))
    return sent.fine


def _claim(unit: LoopUnit, number: str) -> Claim | None:
    robot = unit.get(Robot, number)
    if robot is None or not robot.ready(unit.now):
        return None
    news = _news(unit, robot)
    if not news:
        return None
    mine = {"busy_until": unit.now + LEASE, "sent": (*robot.within(unit.now), unit.now)}
    text = text_of(news, unit.taxonomy, unit.settings.address)
    return Claim(unit.put(robot.model_copy(update=mine)), news, text)


def _news(unit: LoopUnit, robot: Robot) -> list[News]:
    """What happened since it told last, oldest first."""
    since = robot.since - OVERLAP
    day = stamp(day_start(since))  # notices are listed by day
    found = [n for to in robot.receivers for n in unit.find(Notice, "notice.to", to, low=day, limit=AT_ONCE)]
    begin, end = max(robot.begins, since), unit.now + OVERLAP
    fresh = [News(n, n.count - robot.told.get(n.key, 0)) for n in found if begin <= n.at <= end]
    return sorted((one for one in fresh if one.fresh > 0), key=lambda one: one.notice.at)


def _settle(unit: LoopUnit, claim: Claim, sent: Sent) -> None:
    robot = unit.get(Robot, claim.robot.id)
    if robot is None:  # taken away meanwhile
        return
    unit.put(
        robot.model_copy(
            update=_told(robot, claim, unit.now) if sent.fine else _failed(robot, sent, unit.now)
        )
    )


def _told(robot: Robot, claim: Claim, now: datetime) -> dict[str, object]:
    told = {**robot.told, **{one.notice.key: one.notice.count for one in claim.news}}
    old = date_of(now - timedelta(days=2))
    return {
        "told": {key: n for key, n in told.items() if key.rsplit("/", 1)[-1] > old},
        "since": max(robot.since, *(one.notice.at for one in claim.news)),
        "busy_until": None,
        "next_try": None,
        "failures": 0,
        "trouble": None,
        "last": now,
    }


def _failed(robot: Robot, sent: Sent, now: datetime) -> dict[str, object]:
    pause = min(FIRST_PAUSE * 2**robot.failures, LONGEST_PAUSE) if robot.failures < 10 else LONGEST_PAUSE
    if sent.too_often:
        pause = PATIENCE.get(robot.platform, timedelta(minutes=1))
    return {
        "busy_until": None,
        "next_try": now + pause,
        "failures": robot.failures + 1,
        "trouble": trouble(sent.code),
    }
