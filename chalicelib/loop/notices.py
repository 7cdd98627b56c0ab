"""In-app notifications: one a matter and day, repeats count up, nothing personal in them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.entity import stamp
from chalicelib.model.people import Caller, Notice, Role, not_found
from chalicelib.model.weeks import local

MENTION = re.compile(r"@([A-Za-z0-9._-]{0,63}[A-Za-z0-9_-])")
LATEST = 20


def notify(unit: LoopUnit, to: str, about: str, subject: str, digest: str = "") -> None:
    """Tell `to` (user:, department: or role:) what happened to `subject`.

    With `digest` the notice speaks of that as a whole and lists the latest subjects, so that a thousand
    overdue cases are one line and none is dropped.
    """
    day = f"{local(unit.now):%Y-%m-%d}"
    fresh = Notice(to=to, about=about, subject=digest or subject, day=day, at=unit.now, subjects=(subject,))
    known = unit.get(Notice, fresh.key)
    if known is None:
        unit.put(fresh)
    elif subject not in known.subjects:
        subjects = (*known.subjects, subject)[-LATEST:]
        unit.put(
            known.model_copy(
                update={"count": known.count + 1, "subjects": subjects, "at": unit.now, "read_by": ()}
            )
        )


def mentions(text: str) -> list[str]:
    """The users a comment calls by @name, each once."""
    return list(dict.fromkeys(MENTION.findall(text)))


def _receivers(caller: Caller) -> Iterable[str]:
    yield f"user:{caller.name}"
    yield f"role:{caller.role}"
    if caller.role is Role.LEAD:
        yield from (f"department:{d}" for d in caller.departments)


def inbox(loop: Loop, caller: Caller, limit: int = 100) -> list[Notice]:
    """What the caller has been told, newest first."""
    unit = loop.unit()
    found = [
        notice
        for to in _receivers(caller)
        for notice in unit.find(Notice, "notice.to", to, limit=limit, newest_first=True)
    ]
    return sorted(found, key=lambda n: stamp(n.at), reverse=True)[:limit]


def mark_read(loop: Loop, caller: Caller, key: str) -> Notice:
    """The caller has seen it; safe to repeat."""

    def decide(unit: LoopUnit) -> Notice:
        notice = unit.get(Notice, key)
        if notice is None or notice.to not in set(_receivers(caller)):
            raise not_found("notice")
        if caller.name in notice.read_by:
            return notice
        return unit.put(notice.model_copy(update={"read_by": (*notice.read_by, caller.name)}))

    return loop.change(decide)
