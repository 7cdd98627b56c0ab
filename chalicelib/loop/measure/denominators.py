"""Denominators X: how many parcels, orders, bills ... there were, from the company's own books."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator, Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.checked import Count
from chalicelib.model.cycle import Denominator, DenominatorWeek
from chalicelib.model.entity import REMEMBERED, Given, Told
from chalicelib.model.errors import Conflict, Invalid, LoopError
from chalicelib.model.taxonomy import Code
from chalicelib.model.weeks import local, parse_time, parse_week, week_of

_WORDS = {
    "parcels": "包裹",
    "units": "件数 件",
    "orders": "订单",
    "members": "会员",
    "bills": "账单",
    "refunds": "退款",
    "repairs": "维修",
    "installs": "安装",
    "cases": "工单 案件",
    "contacts": "联络",
    "visits": "到店 客流",
    "sessions": "会话 访问",
    "contracts": "合同",
    "customers": "客户",
}
NAMES = {word: code for code, words in _WORDS.items() for word in words.split()}
_CODE = re.compile(r"[a-z0-9_.]+")


def shown(codes: Iterable[str]) -> tuple[str, str]:
    """Denominators as people know them, in Chinese and in English."""
    ordered = sorted(codes)
    zh = "、".join(f"{_WORDS[c].replace(' ', '/')} {c}" if c in _WORDS else c for c in ordered)
    return zh, ", ".join(ordered)


def _unknown(codes: Iterable[str]) -> Invalid:
    zh, en = shown(codes)
    return Invalid(
        "denominator.unknown",
        f"没有原因用这个分母；可用：{zh}",
        f"no cause uses this denominator; known: {en}",
        "denominator",
    )


def _name(value: object) -> object:
    """A code, or a Chinese name, also with 数, 量 or 数量 after it."""
    if not isinstance(value, str):
        return value
    word = unicodedata.normalize("NFKC", value).strip().lower()
    code = NAMES.get(word) or NAMES.get(re.sub("(数量|数|量)$", "", word), word)
    if not _CODE.fullmatch(code):
        raise _unknown(_WORDS)
    return code


def _period(value: object) -> object:
    """An ISO week stays one; anything else is read as a day."""
    text = str(value).strip()
    try:
        return parse_week(text, where="period")
    except LoopError:
        return f"{local(parse_time(value, where='period')):%Y-%m-%d}"  # type: ignore[arg-type]


class NewDenominator(Given):
    """One value; days add up to their week, a week's own value stands alone."""

    denominator: Annotated[Code, BeforeValidator(_name)] = Field(
        description="A denominator of the taxonomy: parcels, orders, bills ..., or its Chinese name"
    )
    period: Annotated[str, BeforeValidator(_period)] = Field(description="2026-W47 or 2026-11-21")
    value: Count = Field(ge=0, le=10**12)
    segment: str = Field("all", min_length=1, max_length=40)


def save(loop: Loop, new: NewDenominator, by: str = "system") -> tuple[Denominator, bool]:
    """Store or correct a value; False when it was there already. Raises Conflict when a week would be
    counted both by its days and as a whole."""

    def decide(unit: LoopUnit) -> tuple[Denominator, bool]:
        known_names = {c.denominator for c in unit.taxonomy.causes} | {"orders"}
        if new.denominator not in known_names:
            raise _unknown(known_names)
        whole = "W" in new.period
        week = new.period if whole else week_of(parse_time(new.period, where="period"))
        fresh = Denominator(
            name=new.denominator,
            period=new.period,
            week=week,
            segment=new.segment,
            value=new.value,
            by=by,
            at=unit.now,
        )
        of_week = DenominatorWeek(name=fresh.name, week=week, segment=fresh.segment)
        of_week = unit.get(DenominatorWeek, of_week.key) or of_week
        known = unit.get(Denominator, fresh.key)
        if known and known.value == new.value:
            return known, False
        if known is None and _counted_otherwise(unit, fresh, whole):
            raise Conflict(
                "denominator.twice",
                f"{week} 已有{'按日' if whole else '整周'}的数，不能再按{'整周' if whole else '日'}记，以免重复计算",
                f"{week} is already counted {'by day' if whole else 'as a whole'}; counting it both ways would double it",
                "period",
            )
        if known is None:
            unit.put(of_week.model_copy(update={"values": of_week.values + 1}))
        return unit.put(
            known.model_copy(
                update={
                    "value": new.value,
                    "by": by,
                    "at": unit.now,
                    "demo": False,
                    "earlier": (*known.earlier, Told(value=known.value, by=known.by, at=known.at))[
                        -REMEMBERED:
                    ],
                }
            )
            if known
            else fresh
        ), True

    return loop.change(decide)


def _counted_otherwise(unit: LoopUnit, fresh: Denominator, whole: bool) -> bool:
    same = unit.find(Denominator, "denominator.name", fresh.name, low=fresh.week, high=fresh.week)
    return any(("W" in d.period) != whole for d in same if d.segment == fresh.segment)


def listed(loop: Loop, name: str, first: str, last: str) -> list[Denominator]:
    """What was given for those weeks, the newest first, with what was corrected; "" is every denominator."""
    unit = loop.unit()
    known = {c.denominator for c in unit.taxonomy.causes} | {"orders"}
    if name and name not in known:
        raise _unknown(known)
    found = [
        denominator
        for each in ([name] if name else sorted(known))
        for denominator in unit.find(Denominator, "denominator.name", each, low=first, high=last, limit=5_000)
    ]
    return sorted(found, key=lambda d: (d.week, d.period), reverse=True)
