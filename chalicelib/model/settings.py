"""Settings a company changes while it runs; stored, versioned, edited by an admin."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Self

from pydantic import Field, field_validator, model_validator

from chalicelib.model.contact import Channel
from chalicelib.model.entity import Entity, Given
from chalicelib.model.people import Role
from chalicelib.model.workdays import Hours
from chalicelib.model.worktime import Limit


class Rate(Given):
    """What a contact on a channel costs, in fen."""

    per_hour: int = Field(6_000, ge=0)
    """Loaded labour rate, fen an hour of handling."""
    fixed: int = Field(100, ge=0)
    """Fen a contact: line, postage, platform fee."""
    usual_seconds: int = Field(300, ge=0)
    """Handling seconds assumed when the source gives none."""


class Clocks(Given):
    """Limits by severity class: how long until a department accepts, and until the customer is helped."""

    accept: str
    resolve: str

    @field_validator("accept", "resolve")
    @classmethod
    def _limit(cls, value: str) -> str:
        return str(Limit.parse(value))


SEVERITY_CLASSES = ("complex", "ordinary", "urgent", "danger")
"""Name of the clock class of severity 0, 1, 2 and 3."""


def _default_clocks() -> dict[str, Clocks]:
    return {
        "danger": Clocks(accept="2h", resolve="1d"),
        # 24 hours of working days: the same time on the next one
        "urgent": Clocks(accept="1d", resolve="3d"),
        "ordinary": Clocks(accept="7d", resolve="10d"),
        "complex": Clocks(accept="15d", resolve="20d"),
    }


class Settings(Entity):
    """Everything has a default that works."""

    kind = "settings"

    company: str = Field("", max_length=100)
    address: str = Field("", max_length=200)
    """Where people open the pages: the links in group chats begin with it."""
    hours: str = "09:00-18:00"
    holidays: tuple[date, ...] = ()
    """Own days off besides the national ones."""
    workdays: tuple[date, ...] = ()
    """Own working days besides the national ones."""
    clocks: dict[str, Clocks] = Field(default_factory=_default_clocks)
    task: str = "3d"
    """Limit of a co-working department's task."""
    andon: str = "2h"
    callback: str = "2d"
    """First-response limit: the customer is called back inside it after a resolution."""
    callback_attempts: int = Field(3, ge=1, le=10)
    ledger_days: int = Field(5, ge=1, le=60)
    """Working days after its end until a month of the ledger closes by itself."""
    dispute: str = "10d"
    """Until a disputed share should be decided."""
    rates: dict[Channel, Rate] = Field(default_factory=dict)
    default_rate: Rate = Field(default_factory=Rate)
    originals: tuple[Role, ...] = (Role.LEAD, Role.ADMIN)
    """Roles that may read a contact's unmasked words (a lead: of its own departments)."""
    max_tries: int = Field(8, ge=1, le=50)
    """How often the worker tries a step before it becomes a dead letter."""
    learn_nightly: bool = True
    """Whether the schedule learns from corrections at night."""
    models_kept: int = Field(10, ge=1, le=100)
    """How many of the newest learnt taggers keep their files."""
    models_days: int = Field(30, ge=0, le=3_650)
    """For so many days after it was live a tagger can be gone back to."""
    review_daily: int = Field(20, ge=0, le=500)
    """Contacts a day that one person is asked to look at."""
    missing_share: float = Field(0.02, ge=0, le=1)
    """From this share of a day's contacts missing on a channel on, somebody is told."""
    missing_least: int = Field(3, ge=1)
    """And from this many on."""
    blind_daily: int = Field(10, ge=0, le=500)
    """Contacts a day that are drawn for a blind second look."""

    @property
    def key(self) -> str:
        """There is one."""
        return "settings"

    @field_validator("task", "andon", "callback", "dispute")
    @classmethod
    def _limit(cls, value: str) -> str:
        return str(Limit.parse(value))

    @field_validator("address")
    @classmethod
    def _address(cls, value: str) -> str:
        text = value.strip().rstrip("/")
        if text and not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?", text):
            raise ValueError("应写成 https://huisheng.example.com  write it as https://huisheng.example.com")
        return text

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        Hours.parse(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = set(SEVERITY_CLASSES) - set(self.clocks)
        if missing:
            raise ValueError(f"缺少时限 clocks are missing: {', '.join(sorted(missing))}")
        if set(self.holidays) & set(self.workdays):
            raise ValueError("同一天不能既休息又上班 a day cannot be both off and worked")
        return self

    @cached_property
    def worktime(self) -> Hours:
        """The company's business time."""
        usual = Hours.parse(self.hours)
        return Hours(
            usual.open_minute, usual.close_minute, frozenset(self.holidays), frozenset(self.workdays)
        )

    def clock(self, severity: int) -> Clocks:
        """The limits of a severity 0-3."""
        return self.clocks[SEVERITY_CLASSES[severity]]

    def rate(self, channel: Channel) -> Rate:
        """What a contact on that channel costs."""
        return self.rates.get(channel, self.default_rate)
