"""Who may take the table of contacts out, and the log of who did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.contact import Reading
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.people import Caller, Role, not_found
from chalicelib.model.weeks import weeks_between
from chalicelib.privacy.mask import mask

SHORTEST_PURPOSE = 2
USUAL_PURPOSE = "导出 export"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to take out: all contacts of these weeks that the role allows, or one department's;
    `text` with the masked words, which needs a purpose."""

    first: str
    last: str
    department: str = ""
    text: bool = False
    purpose: str = ""

    @property
    def weeks(self) -> list[str]:
        """The weeks, oldest first."""
        return weeks_between(self.first, self.last)


def permit(loop: Loop, caller: Caller, wish: Wish) -> tuple[str, ...] | None:
    """The departments whose contacts the caller gets, None for all. Raises Forbidden, NotFound or Invalid."""
    unit = loop.unit()
    if caller.role is Role.AGENT:
        raise Forbidden(
            "export.role",
            "客服不能导出：逐条处理联络用不着成批的拷贝（最小必要）。请找部门负责人或管理员",
            "agents may not export: handling one contact at a time needs no copy of many (data minimisation). "
            "Ask a lead or an admin",
            "role",
        )
    if wish.text:
        _may_take_texts(unit, caller, wish)
    if not wish.department:
        return caller.only
    if wish.department not in {d.code for d in unit.taxonomy.departments}:
        raise not_found("department")
    caller.must_see([wish.department], "department")
    return (wish.department,)


def _may_take_texts(unit: LoopUnit, caller: Caller, wish: Wish) -> None:
    if caller.role not in unit.settings.originals:
        raise Forbidden(
            "export.text",
            "您的角色不能成批导出内容（设置 originals）；不带内容可以导出",
            "your role may not take texts out (setting originals); without them it may export",
            "text",
        )
    if len(wish.purpose.strip()) < SHORTEST_PURPOSE:
        raise Invalid(
            "export.purpose",
            "导出内容要说明用途，会记入查阅记录",
            "say what the texts are for; it goes into the reading log",
            "purpose",
        )


def log_export(loop: Loop, caller: Caller, wish: Wish, rows: int | None) -> Reading:
    """Store who takes which weeks, how many rows, with texts or without. Before anything is handed out; where
    the rows are not counted yet, None, and `counted` later."""

    def decide(unit: LoopUnit) -> Reading:
        reading = _reading(unit, caller, wish, rows)
        while unit.get(Reading, reading.key) is not None:  # another one in the same millisecond
            reading = reading.model_copy(update={"at": reading.at + timedelta(milliseconds=1)})
        return unit.put(reading)

    return loop.change(decide)


def _reading(unit: LoopUnit, caller: Caller, wish: Wish, rows: int | None) -> Reading:
    return Reading(
        contact="",
        customer="",
        by=caller.name,
        at=unit.now,
        purpose=mask(wish.purpose.strip()).text or USUAL_PURPOSE,
        what="table",
        weeks=f"{wish.first}/{wish.last}",
        department=wish.department,
        rows=rows,
        text=wish.text,
    )


def counted(loop: Loop, reading: Reading, rows: int) -> None:
    """Complete the log of an export that has come to its end."""

    def decide(unit: LoopUnit) -> None:
        if known := unit.get(Reading, reading.key):
            unit.put(known.model_copy(update={"rows": rows}))

    loop.change(decide)
