"""What a new version of the taxonomy would do, before anybody saves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.loop.admin import based_on, next_version, warnings
from chalicelib.loop.context import Loop
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.track.owners import handed, running
from chalicelib.loop.track.seams import between
from chalicelib.model.people import Caller, Role
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from chalicelib.model.weeks import shift, week_of

WEEKS = 8
FIELDS = (
    "group", "label_zh", "label_en", "department", "denominator", "definition_zh", "words", "window_days",
)  # fmt: skip
"""What of a cause is told as changed, besides that it is new, retired or active again."""


def foresee(
    loop: Loop,
    caller: Caller,
    departments: Sequence[Department],
    causes: Sequence[Cause],
    number: int | None = None,
) -> dict[str, Any]:
    """The changes cause by cause, the series that are cut, the projects that are measured by those, and what another
    owner of a cause takes over. Nothing is stored. Raises Invalid or Conflict for what could not be saved."""
    caller.must_be(Role.ADMIN)
    unit = loop.unit()
    before = unit.taxonomy
    based_on(before, number)
    after = next_version(unit, caller, departments, causes)
    seam = between(before, after)
    cut = set(seam["causes"])
    projects = running(unit)
    return {
        "number": before.number,
        "changes": _with_contacts(loop, unit.now, _changes(before, after), cut),
        "causes": seam["causes"],
        "departments": seam["departments"],
        "owners": handed(unit, before, after, projects),
        "kept": sorted({d.code for d in after.departments} - {d.code for d in departments}),
        "projects": [
            {"id": p.id, "title": p.title, "cause": p.plan.cause, "state": p.state}
            for p in projects
            if cut & {p.plan.cause, *p.plan.control_causes}
        ],
        "warnings": warnings(loop, after),
    }


def _changes(before: Taxonomy, after: Taxonomy) -> list[dict[str, Any]]:
    rows = [{"cause": c.code, **_what(before.by_code.get(c.code), c)} for c in after.causes]
    return [row for row in rows if row["what"]]


def _what(old: Cause | None, new: Cause) -> dict[str, Any]:
    """The names of what differs, and from what to what: of the words only those that go and come."""
    if old is None:
        return {"what": ["new"], "from": {}, "to": {}}
    switched = ["active" if new.active else "retired"] if new.active != old.active else []
    names = [name for name in FIELDS if getattr(old, name) != getattr(new, name)]
    return {
        "what": switched + names,
        "from": {name: _only(getattr(old, name), getattr(new, name)) for name in names},
        "to": {name: _only(getattr(new, name), getattr(old, name)) for name in names},
    }


def _only(value: Any, other: Any) -> Any:
    return [word for word in value if word not in other] if isinstance(value, tuple) else value


def _with_contacts(loop: Loop, now: Any, rows: list[dict[str, Any]], cut: set[str]) -> list[dict[str, Any]]:
    """Beside each change how many contacts its cause had of late, and whether its series is cut."""
    last = week_of(now)
    weeks = by_week(loop.store, "cause", shift(last, 1 - WEEKS), last) if rows else {}
    return [
        {
            **row,
            "cuts": row["cause"] in cut,
            "contacts": sum(parts[row["cause"]]["n"] for parts in weeks.values() if row["cause"] in parts),
        }
        for row in rows
    ]
