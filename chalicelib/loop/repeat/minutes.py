"""A cycle as one caller may read it: the minutes, frozen once it is closed."""

from __future__ import annotations

from chalicelib.loop.context import Loop
from chalicelib.loop.repeat import outcomes
from chalicelib.loop.repeat.cycles import names_in
from chalicelib.model.cycle import COMPANY, Cycle
from chalicelib.model.people import Caller


def of(loop: Loop, caller: Caller, cycle: Cycle) -> Cycle:
    """The cycle with what became of earlier decisions and all names, a lead's departments only for a lead."""
    unit = loop.unit()
    if cycle.state == "open":
        became = outcomes.now(unit, cycle)
        cycle = cycle.model_copy(update={"outcomes": became, "names": names_in(unit, cycle)})
    return cycle if caller.only is None else seen_by(caller, cycle)


def seen_by(caller: Caller, cycle: Cycle) -> Cycle:
    """Without the rows and decisions of departments that are not the caller's business; one's own words stay."""

    def sees(department: str, by: str = "") -> bool:
        return not department or by == caller.name or caller.sees([department])

    made = {
        name: tuple(d for d in getattr(cycle, name) if sees(d.department, d.by))
        for name in ("decisions", "carried")
    }
    agenda = tuple(item for item in cycle.agenda if sees(item.department))
    rows = (*agenda, *made["decisions"], *made["carried"])
    used = {row.department for row in rows}
    used |= {name for d in (*made["decisions"], *made["carried"]) for name in (d.matter, d.made)}
    used |= {str(item.numbers.get("cause", "")) for item in agenda}
    update = {
        **made,
        "agenda": agenda,
        "outcomes": tuple(o for o in cycle.outcomes if sees(o.decision.department, o.decision.by)),
        "focus": tuple(row for row in cycle.focus if sees(row["department"])),
        "left_out": {},  # counts of rows of all departments
        "snoozed": {},
        "names": {code: name for code, name in cycle.names.items() if code in used | {COMPANY}},
    }
    return cycle.model_copy(update=update)
