"""Robot: where notices go in a group chat. Its address is sealed; nobody can read it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from chalicelib.model.entity import Entity, Entry, Fact, stamp

A_MINUTE = 18
"""Messages a robot sends in a minute, tests included: the platforms take 20."""
MINUTE = timedelta(minutes=1)


class Platform(StrEnum):
    """Whose group chat."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Trouble(Fact):
    """Why the last message did not go."""

    code: str
    zh: str
    en: str


class Robot(Entity):
    """One robot, who it speaks to, and how far it has told them."""

    kind = "robot"

    id: str
    name: str
    platform: Platform
    receivers: tuple[str, ...]
    """department:CODE or role:ROLE, as notices are addressed."""
    sealed: str
    """Address and secret."""
    active: bool = True
    by: str
    at: datetime
    begins: datetime
    """What happened before is none of its business: when it was made, or switched on again."""
    since: datetime
    """Everything that much older is told."""
    told: dict[str, int] = Field(default_factory=dict)
    """Of recent notices how often each had happened when it was told."""
    sent: tuple[datetime, ...] = ()
    """Messages of the last minute; the platforms count them too."""
    busy_until: datetime | None = None
    """Somebody is sending and will say what became of it before this moment."""
    next_try: datetime | None = None
    """After a failure."""
    failures: int = 0
    trouble: Trouble | None = None
    last: datetime | None = None
    """The last message that went."""

    @property
    def key(self) -> str:
        """Its number."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All robots, oldest first."""
        yield Entry("robot.all", "all", stamp(self.at))

    def room(self, now: datetime) -> int:
        """How many more messages it may send at this moment."""
        return A_MINUTE - len(self.within(now))

    def within(self, now: datetime) -> tuple[datetime, ...]:
        """The messages of the last minute."""
        return tuple(at for at in self.sent if at > now - MINUTE)

    def ready(self, now: datetime) -> bool:
        """Whether it may send now."""
        waits = [until for until in (self.busy_until, self.next_try) if until and until > now]
        return self.active and not waits and self.room(now) > 0
