"""In-app notifications: one a matter and day, repeats count up, nothing personal in them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.entity import stamp
from chalicelib.model.people import About, Caller, Notice, Role, User, not_found
from chalicelib.model.weeks import day_start, local

MENTION = re.compile(r"@([A-Za-z0-9._-]{0,63}[A-Za-z0-9_-])")
LATEST = 20
MOST_A_DAY = 10_000
"""Notices of one day among which a receiver's newest are looked for."""


def notify(
    unit: LoopUnit, to: str, about: About, subject: str, digest: str = "", *, anew: bool = False
) -> None:
    """Tell `to` (user:, department: or role:) what happened to `subject`.

    With `digest` the notice speaks of that as a whole and lists the latest subjects, so that a thousand
    overdue cases are one line and none is dropped. What happens to a subject a second time on one day is told
    `anew` only where that is news.
    """
    day = f"{local(unit.now):%Y-%m-%d}"
    fresh = Notice(to=to, about=about, subject=digest or subject, day=day, at=unit.now, subjects=(subject,))
    known = unit.get(Notice, fresh.key)
    if known is None:
        unit.put(fresh)
    elif anew or subject not in known.subjects:
        subjects = (*(one for one in known.subjects if one != subject), subject)[-LATEST:]
        unit.put(
            known.model_copy(
                update={"count": known.count + 1, "subjects": subjects, "at": unit.now, "read_by": ()}
            )
        )


def mentions(text: str) -> list[str]:
    """The users a comment calls by @name, each once."""
    return list(dict.fromkeys(MENTION.findall(text)))


def colleagues(loop: Loop) -> list[dict[str, Any]]:
    """Everybody with an account: name, how they are shown, role and departments.

    Who is blocked (`disabled`) is not to be called by a comment, but what they did is still shown with their name.
    """
    users = loop.unit().find(User, "user.all", "all")
    wanted = {"name", "display", "role", "departments", "disabled"}
    return [user.model_dump(mode="json", include=wanted) for user in users]


def _receivers(caller: Caller) -> Iterable[str]:
    yield f"user:{caller.name}"
    yield f"role:{caller.role}"
    if caller.role is Role.LEAD:
        yield from (f"department:{d}" for d in caller.departments)


def inbox(loop: Loop, caller: Caller, limit: int = 100) -> list[Notice]:
    """What the caller has been told, newest first; what came by two ways is told once."""
    unit = loop.unit()
    found = [notice for to in _receivers(caller) for notice in _newest(unit, to, limit)]
    return sorted(_once(found), key=lambda n: stamp(n.at), reverse=True)[:limit]


def _newest(unit: LoopUnit, to: str, limit: int) -> list[Notice]:
    """They are listed by day: the last day that is needed is read whole."""
    found = unit.find(Notice, "notice.to", to, limit=limit, newest_first=True)
    if len(found) == limit:
        begin = day_start(found[-1].at)
        end = stamp(begin + timedelta(days=1, milliseconds=-1))
        last = unit.find(Notice, "notice.to", to, low=stamp(begin), high=end, limit=MOST_A_DAY)
        found = [one for one in found if day_start(one.at) != begin] + last
    return sorted(found, key=lambda one: stamp(one.at), reverse=True)[:limit]


def _once(found: Iterable[Notice]) -> Iterable[Notice]:
    """Of notices of one day on one matter those that say something the others do not."""
    kept: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for one in sorted(found, key=lambda n: len(n.subjects), reverse=True):
        same = kept[one.about, one.day]
        if not any(set(one.subjects) <= set(other.subjects) for other in same):
            same.append(one)
            yield one


def mark_read(loop: Loop, caller: Caller, keys: Sequence[str]) -> None:
    """The caller has seen them; safe to repeat."""
    receivers = set(_receivers(caller))

    def decide(unit: LoopUnit, keys: Sequence[str]) -> None:
        found = unit.many(Notice, keys)
        if any(key not in found or found[key].to not in receivers for key in keys):
            raise not_found("notice")
        for notice in found.values():
            if caller.name not in notice.read_by:
                unit.put(notice.model_copy(update={"read_by": (*notice.read_by, caller.name)}))

    loop.in_parts(keys, 1, decide)
