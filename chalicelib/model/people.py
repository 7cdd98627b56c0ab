"""Who uses the loop, and what their role lets them do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.model.entity import Entity, Entry, stamp
from chalicelib.model.errors import Forbidden, NotFound, Unauthenticated
from chalicelib.model.weeks import day_start


class Role(StrEnum):
    """The four roles of people, and before them that of a source system, which may only hand contacts in."""

    SOURCE = "source"
    AGENT = "agent"
    LEAD = "lead"
    EXECUTIVE = "executive"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """The person (or part of the system) behind a request."""

    name: str
    role: Role
    departments: tuple[str, ...] = ()

    def sees(self, departments: Iterable[str]) -> bool:
        """Whether work of these departments is this caller's business: a lead's only its own."""
        return self.role is not Role.LEAD or not set(self.departments).isdisjoint(departments)

    @property
    def only(self) -> tuple[str, ...] | None:
        """The departments a lead's lists are made of; None for those who see all."""
        return self.departments if self.role is Role.LEAD else None

    def must_be(self, role: Role) -> None:
        """Forbidden for any other role."""
        if self.role is not role:
            raise Forbidden("role", "您的角色不能这样做", "your role may not do this", "role")

    def must_see(self, departments: Iterable[str], what: str) -> None:
        """NotFound unless `sees`: a lead learns nothing about other departments' work."""
        if not self.sees(departments):
            raise not_found(what)

    def must_lead(self, department: str) -> None:
        """Forbidden unless this caller may act for that department."""
        if self.role is Role.ADMIN or (self.role is Role.LEAD and department in self.departments):
            return
        raise Forbidden(
            "role.department",
            "只有该部门的负责人可以这样做",
            "only a lead of that department may do this",
            "department",
        )


SYSTEM = Caller("system", Role.ADMIN)
"""The loop itself: worker and schedule."""


def bad_token() -> Unauthenticated:
    """The one answer to every token we do not accept, missing ones too; why stays with us."""
    return Unauthenticated(
        "token", "请先登录，或重新登录", "sign in first, or sign in again", "Authorization"
    )


def not_found(what: str) -> NotFound:
    """The one answer for what does not exist and for what the caller may not know of."""
    return NotFound(f"{what}.not_found", f"没有这个{WORDS.get(what, what)}", f"there is no such {what}", what)


WORDS = {
    "contact": "联络记录",
    "case": "工单",
    "cause": "原因",
    "customer": "客户",
    "project": "改进项目",
    "promise": "承诺",
    "callback": "回访",
    "voice": "员工心声",
    "andon": "安灯",
    "task": "任务",
    "user": "用户",
    "key": "密钥",
    "robot": "机器人",
    "metric": "指标",
    "department": "部门",
    "notice": "通知",
    "route": "地址",
    "channel": "渠道",
    "receipt": "回执",
    "why": "原因分析",
    "dispute": "争议",
    "statement": "结算单",
}


class User(Entity):
    """A person who signs in with the built-in issuer."""

    kind = "user"

    name: str
    display: str = ""
    role: Role
    departments: tuple[str, ...] = ()
    password: str = ""
    """Argon2id hash; empty = cannot sign in."""
    disabled: bool = False
    tokens_from: datetime | None = None
    """Tokens issued before this are void (password changed, signed out everywhere)."""
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def key(self) -> str:
        """The sign-in name."""
        return self.name

    @property
    def caller(self) -> Caller:
        """What the routes see of a user."""
        return Caller(self.name, self.role, self.departments)

    def entries(self) -> Iterable[Entry]:
        """All users; by role; the leads of a department."""
        yield Entry("user.all", "all", self.name)
        yield Entry("user.role", self.role, self.name)


About = Literal[
    "case_opened",
    "case_came_back",
    "case_taken_over",
    "owner_asked",
    "task_asked",
    "task_done",
    "mentioned",
    "accept_clock_ran_out",
    "resolve_clock_ran_out",
    "task_clock_ran_out",
    "andon_raised",
    "andon_answered",
    "andon_clock_ran_out",
    "promise_overdue",
    "alarm_raised",
    "contacts_missing",
    "cause_proposed",
    "verdict_reached",
    "project_relapsed",
    "month_closed",
    "dispute_opened",
    "dispute_decided",
    "dispute_clock_ran_out",
]
"""Everything a notice can tell. Whatever shows notices has words for each."""


class Notice(Entity):
    """An in-app notification. One a subject and day for a receiver: repeats count up instead of piling up."""

    kind = "notice"

    to: str
    """user:NAME, department:CODE or role:ROLE."""
    about: str
    """What happened, an `About`; text, so that old notices can still be read."""
    subject: str
    """case:ID, project:ID, andon:ID, or a department for a digest."""
    day: str
    at: datetime
    count: int = 1
    subjects: tuple[str, ...] = ()
    """The latest things a digest speaks of (up to 20)."""
    read_by: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Receiver, matter, subject and day."""
        return f"{self.to}/{self.about}/{self.subject}/{self.day}"

    def entries(self) -> Iterable[Entry]:
        """The receiver's inbox by day, newest last: what is told again on its day stays where it is listed."""
        yield Entry("notice.to", self.to, stamp(day_start(self.at)))
