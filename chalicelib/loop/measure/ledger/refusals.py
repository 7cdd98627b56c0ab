"""Why something about a dispute cannot be done, in words."""

from __future__ import annotations

from chalicelib.model.errors import Conflict, Forbidden, Invalid


def one_of_two() -> Invalid:
    """Neither or both were named."""
    return Invalid(
        "dispute.share",
        "请给出月份或联络编号之一",
        "name either a month or a contact",
        "month",
    )


def nothing() -> Invalid:
    """The department bears none of it."""
    return Invalid(
        "dispute.nothing",
        "您的部门没有承担这一笔，无可争议；本部门的账目见 GET /ledger",
        "your department bears nothing of this; GET /ledger shows what it does",
        "cause",
    )


def which_department() -> Invalid:
    """Several departments could be meant."""
    return Invalid(
        "dispute.department",
        "几个部门都有这一笔，请指明部门",
        "several departments bear some of it; name the department",
        "department",
    )


def same_department() -> Invalid:
    """It would move from a department to itself."""
    return Invalid(
        "dispute.to",
        "不能转给提出争议的部门自己",
        "it cannot go to the department that disputes it",
        "to",
    )


def name_one() -> Invalid:
    """Upheld, but nobody to bear it."""
    return Invalid(
        "dispute.to",
        "争议成立时请指明由哪个部门承担",
        "name the department that bears it when a dispute is upheld",
        "to",
    )


def decided() -> Conflict:
    """It was decided otherwise, or before."""
    return Conflict("dispute.decided", "这一笔已经裁定过了", "this share has been decided already", "state")


def held() -> Conflict:
    """Another dispute is about the same share."""
    return Conflict(
        "dispute.held",
        "这一笔已在另一条争议里，或已裁定",
        "another dispute holds this share, or has decided it",
        "contact",
    )


def changed() -> Conflict:
    """Somebody else was there."""
    return Conflict(
        "version", "这条争议刚被别人改过，请刷新后再试", "somebody else changed it; read it again", "version"
    )


def moving() -> Conflict:
    """Its contacts are still on their way into suspense."""
    return Conflict(
        "dispute.moving",
        "还在转入暂挂账户，请一分钟后再裁定",
        "its shares are still being moved into suspense; decide in a minute",
        "state",
    )


def not_yours() -> Forbidden:
    """Neither an executive nor, in time, the department named."""
    return Forbidden(
        "dispute.decide",
        "只有管理层可以裁定；被指明的部门在时限内可以就自己裁定",
        "only an executive may decide it; the department named may, about itself, until the clock runs out",
        "role",
    )
