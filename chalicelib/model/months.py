"""Calendar months in Asia/Shanghai, written "2026-09"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import SHANGHAI

_ZONE = timezone(timedelta(hours=8))  # no summer time since 1992, and no time before 2000 is taken
_MONTH = re.compile(r"(\d{4})(?:-|/|年)(\d{1,2})月?", re.ASCII)


def month_of(t: datetime) -> str:
    """The month of an aware instant in Shanghai."""
    wall = t.astimezone(_ZONE)
    return f"{wall.year:04d}-{wall.month:02d}"


def month_start(month: str) -> datetime:
    """Its first moment, in UTC."""
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=SHANGHAI).astimezone(UTC)


def month_shift(month: str, n: int) -> str:
    """The month n months later (earlier when n is negative)."""
    year, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + n, 12)
    return f"{year:04d}-{index + 1:02d}"


def parse_month(text: str, *, where: str = "month") -> str:
    """A month as people write it ("2026-09", "2026/9", "2026年9月"), in its one canonical form."""
    found = _MONTH.fullmatch(text.strip())
    if found is None or not 2000 <= int(found[1]) < 2100 or not 1 <= int(found[2]) <= 12:
        raise Invalid("bad_month", "月份应写成 2026-09", "Write the month as 2026-09", where)
    return f"{int(found[1]):04d}-{int(found[2]):02d}"
